"""What the settings say about gains, cleaning and devices."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from woxly_tui.config import Loaded
    from woxly_tui.config.settings import Value
    from woxly_tui.control.messages import DeviceWishes, SetShaping


def shaping_of(loaded: "Loaded") -> "SetShaping":
    """What somebody wrote; the rest is as it was left in the last call."""
    from woxly_tui.config import Secret
    from woxly_tui.control.messages import SetShaping

    master, gain = _written(loaded, "master_percent"), _written(loaded, "mic_gain_db")

    def switch(key: str) -> bool | None:
        value = _written(loaded, key)
        return None if value is None else bool(value)

    return SetShaping(
        master_percent=None if master is None or isinstance(master, Secret) else int(master),
        mic_gain_db=None if gain is None or isinstance(gain, Secret) else float(gain),
        echo_cancellation=switch("echo_cancellation"),
        noise_suppression=switch("noise_suppression"),
        auto_gain=switch("auto_gain"),
        high_pass=switch("high_pass"),
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
