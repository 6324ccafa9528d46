"""What front ends ask of how sound is shaped."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetShaping:
    """Gains and cleaning, now and in later calls; what is null stays as it is. What is out of
    range becomes the nearest there is, with a notice."""

    master_percent: int | None = None
    """How loud everybody together is played, 0 to 200."""
    mic_gain_db: float | None = None
    """How much louder our microphone is sent, -20 to 20."""
    echo_cancellation: bool | None = None
    noise_suppression: bool | None = None
    auto_gain: bool | None = None
    high_pass: bool | None = None
    gate: str | None = None
    """`off`, `auto`, or the threshold in dBFS as text, -80 to -10."""
    strong_suppression: bool | None = None
    """Takes keyboards out, too; refused where it is not installed."""
