"""What the system's mixer does with microphone and speaker, as the sound server tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """The device that would be used, and how it is set."""

    shown: str = ""
    """Its name for people; its owner's name may be in it."""
    variable: str = ""
    """What names it: PULSE_SINK or PULSE_SOURCE; empty for the default device."""
    is_there: bool = True
    is_muted: bool = False
    percent: int = 100
    is_monitor: bool = False
    """No microphone: what a speaker plays."""


def settings_of(answer: Mapping[str, Any]) -> dict[str, Setting]:
    """The settings of `microphone` and `speaker`, as far as the sound server told them."""
    return {str(check): Setting(**told) for check, told in answer.get("devices", {}).items()}


def microphone_silencer(setting: Setting) -> tuple[str, str]:
    """Why a microphone would be silent, and the remedy; both empty where the mixer lets it be."""
    if setting.is_monitor:
        return (
            "it is the monitor of a speaker: what is played here, and no voice",
            "choose a microphone as the default source (`pactl list short sources`, `pactl "
            f"set-default-source NAME`){_or_unset(setting)}",
        )
    if setting.is_muted:
        remedy = f"`pactl set-source-mute {_source(setting)} 0`, or its own switch"
        return "the system mutes it", remedy
    if setting.percent == 0:
        return (
            "it is at 0 % in the system's mixer",
            f"`pactl set-source-volume {_source(setting)} 100%`",
        )
    return "", ""


def speaker_silencer(setting: Setting) -> tuple[str, str]:
    """Why a speaker would be silent, and the remedy; both empty where the mixer lets it be."""
    sink = "$PULSE_SINK" if setting.variable else "@DEFAULT_SINK@"
    if setting.is_muted:
        return "the system mutes it", f"`pactl set-sink-mute {sink} 0`, or the system's mixer"
    if setting.percent == 0:
        return "it is at 0 % in the system's mixer", f"`pactl set-sink-volume {sink} 70%`"
    return "", ""


def lack_of(check: str, setting: Setting) -> tuple[str, str]:
    """Which device is not there, and the remedy; both empty where it is."""
    if setting.is_there:
        return "", ""
    if setting.variable:
        kind = "sinks" if check == "speaker" else "sources"
        return (
            f"{setting.variable} names a {check} that is not there",
            f"`unset {setting.variable}`, or name one of `pactl list short {kind}`",
        )
    return f"the sound server knows no {check}", "plug one in, and the sound comes by itself"


def _source(setting: Setting) -> str:
    return "$PULSE_SOURCE" if setting.variable else "@DEFAULT_SOURCE@"


def _or_unset(setting: Setting) -> str:
    return f", or `unset {setting.variable}`" if setting.variable else ""
