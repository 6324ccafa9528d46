"""What engine and media worker say to each other about how sound is shaped; see `messages`."""

from dataclasses import dataclass


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

    @property
    def needs_mixer(self) -> bool:
        """Whether the native backend cannot do it."""
        return self != Shaping()


@dataclass(frozen=True, slots=True)
class SetShaping:
    """Shape sound like this from now on, and in every session."""

    shaping: Shaping


@dataclass(frozen=True, slots=True)
class XrunsCounted:
    """Blocks lost or invented since the sound began, in devices and buffers; said when it
    grew, once in a while."""

    session: int
    count: int | None
    """None where the backend does not count."""
