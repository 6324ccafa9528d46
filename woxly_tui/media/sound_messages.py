"""What engine and media worker say to each other about how sound is shaped; see `messages`."""

from dataclasses import dataclass

from woxly_tui.types import Dbfs


@dataclass(frozen=True, slots=True)
class Shaping:
    """Gains for all, and what the microphone is cleaned by.

    The defaults are what the native backend does; whatever else needs the mixer.
    """

    master_percent: int = 100
    """How loud everybody together is played, 0 to 200."""
    mic_gain_db: float = 0.0
    """How much louder our microphone is sent, -20 to 20."""
    echo_cancellation: bool = True
    noise_suppression: bool = True
    auto_gain: bool = True
    high_pass: bool = True
    gate: str = "off"
    """Send nothing softer than a voice: `off`, `auto`, or the threshold in dBFS as text."""
    strong_suppression: bool = False
    """Take keyboards and other sudden noise out of the microphone, too."""

    @property
    def needs_mixer(self) -> bool:
        """Whether the native backend cannot do it."""
        return self != Shaping()


@dataclass(frozen=True, slots=True)
class SetShaping:
    """Shape sound like this from now on, and in every session."""

    shaping: Shaping


@dataclass(frozen=True, slots=True)
class CaptureMeasured:
    """Our microphone as it comes to the voice gate; at the rate of levels, while one is set."""

    session: int
    level_dbfs: Dbfs
    threshold_dbfs: Dbfs
    is_open: bool


@dataclass(frozen=True, slots=True)
class SuppressionLost:
    """Strong noise suppression was wanted and does not work; the microphone is sent without."""

    session: int
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class XrunsCounted:
    """Blocks lost or invented since the sound began, in devices and buffers; said when it
    grew, once in a while."""

    session: int
    count: int | None
    """None where the backend does not count."""
