"""What the settings say about gains, cleaning and devices."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from woxly_tui.config import Loaded
    from woxly_tui.config.settings import Value
    from woxly_tui.control.messages import DeviceWishes, SetShaping


def shaping_of(loaded: "Loaded") -> "SetShaping":
    """What somebody wrote; the rest is as it was left in the last call.

    Raises:
        UsageError: There is no such voice gate.
    """
    from woxly_tui.call.shaping import LOUDEST_GATE_DBFS, SOFTEST_GATE_DBFS, nearest_gate
    from woxly_tui.config import Secret
    from woxly_tui.control.messages import SetShaping
    from woxly_tui.errors import UsageError

    master, gain = _written(loaded, "master_percent"), _written(loaded, "mic_gain_db")

    gate = _written(loaded, "gate")

    def switch(key: str) -> bool | None:
        value = _written(loaded, key)
        return None if value is None else bool(value)

    if gate is not None and nearest_gate(str(gate)) != str(gate):
        raise UsageError(
            f"{loaded.found('audio.gate').where}: audio.gate must be off, auto, or a whole number "
            f"from {SOFTEST_GATE_DBFS} to {LOUDEST_GATE_DBFS}, not {str(gate)[:40]!r}"
        )
    return SetShaping(
        master_percent=None if master is None or isinstance(master, Secret) else int(master),
        mic_gain_db=None if gain is None or isinstance(gain, Secret) else float(gain),
        echo_cancellation=switch("echo_cancellation"),
        noise_suppression=switch("noise_suppression"),
        auto_gain=switch("auto_gain"),
        high_pass=switch("high_pass"),
        gate=None if gate is None else str(gate),
        strong_suppression=switch("strong_suppression"),
    )


def _written(loaded: "Loaded", key: str) -> "Value | None":
    """A value that somebody chose. The example file shows every key, with its default."""
    from woxly_tui.config import Source

    found, default = loaded.offers[f"audio.{key}"][0], loaded.offers[f"audio.{key}"][-1]
    if found.source is Source.DEFAULT:
        return None
    if found.source is Source.FILE and found.value == default.value:
        return None
    return found.value


def device_wishes(loaded: "Loaded") -> "DeviceWishes":
    """Which devices the settings name."""
    from woxly_tui.control.messages import DeviceWishes

    audio = loaded.config.audio
    return DeviceWishes(audio.microphone, audio.speaker, audio.muted_hint)
