"""How sound is shaped on its way: gains for all, and what the microphone is cleaned by."""

from dataclasses import dataclass, replace
from typing import Final

LOUDEST_MASTER: Final = 200
"""Percent."""

GATE_OFF: Final = "off"
GATE_AUTO: Final = "auto"
SOFTEST_GATE_DBFS: Final = -80
LOUDEST_GATE_DBFS: Final = -10

SOFTEST_MIC_DB: Final = -20.0
LOUDEST_MIC_DB: Final = 20.0


@dataclass(frozen=True, slots=True)
class Shaping:
    """What is wanted; the defaults are what every backend with devices does."""

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
        """Whether native sound cannot do it: it cleans as it does, and plays as it comes."""
        return self != Shaping()


def nearest(wanted: Shaping) -> Shaping:
    """The same, with what is out of range at the nearest there is."""
    gain_db = wanted.mic_gain_db if wanted.mic_gain_db == wanted.mic_gain_db else 0.0  # NaN
    return replace(
        wanted,
        master_percent=min(max(wanted.master_percent, 0), LOUDEST_MASTER),
        gate=nearest_gate(wanted.gate),
        mic_gain_db=min(max(gain_db, SOFTEST_MIC_DB), LOUDEST_MIC_DB),
    )


def nearest_gate(wish: str) -> str:
    """`off`, `auto`, or a threshold that there is; what is none of these is `off`."""
    word = wish.strip().lower()
    if word in (GATE_OFF, GATE_AUTO):
        return word
    try:
        dbfs = round(float(word))
    except (ValueError, OverflowError):
        return GATE_OFF
    return str(min(max(dbfs, SOFTEST_GATE_DBFS), LOUDEST_GATE_DBFS))
