"""How sound is shaped, as lines, and what a typed change of it asks for."""

import math
from collections.abc import Mapping
from typing import Any, Final

from woxly_tui.errors import UsageError

_UNITS: Final = {"master_percent": " %", "mic_gain_db": " dB"}
_GATES: Final = ("off", "auto")
_SWITCHES: Final = {"on": True, "off": False}


def sound_lines(shaping: Mapping[str, Any]) -> list[str]:
    """Every setting with its value; read as it is on the wire."""
    return [f"{key}: {_shown(key, value)}" for key, value in shaping.items()]


def sound_line(key: str, shaping: Mapping[str, Any]) -> str:
    """One of them."""
    return f"{key}: {_shown(key, shaping[key])}"


def changed_sound(typed: str, shaping: Mapping[str, Any]) -> dict[str, Any]:
    """The setting that was typed, with its new value.

    Raises:
        UsageError: There is no such setting, or the value is none of it.
    """
    name, _, value = typed.partition(" ")
    known = [key for key in shaping if key.startswith(name.lower())]
    if name.lower() in shaping:
        known = [name.lower()]
    if len(known) != 1:
        raise UsageError(
            f"there is no sound setting {name[:40]!r}", f"there are: {', '.join(shaping)}"
        )
    (key,) = known
    return {key: _read(key, value.strip().lower(), shaping[key])}


def _read(key: str, value: str, before: Any) -> Any:
    if isinstance(before, bool):
        if value not in _SWITCHES:
            raise UsageError(f"{key} is on or off")
        return _SWITCHES[value]
    if isinstance(before, str):
        return _read_gate(key, value)
    number = value.removesuffix("%").removesuffix("db").strip()
    try:
        read = type(before)(number)
    except ValueError:
        read = math.nan
    if not math.isfinite(read):
        what = "a whole number" if isinstance(before, int) else "a number"
        raise UsageError(f"{key} is {what}")
    return read


def _read_gate(key: str, value: str) -> str:
    threshold = value.removesuffix("dbfs").removesuffix("db").strip()
    if threshold not in _GATES and not threshold.removeprefix("-").isdecimal():
        raise UsageError(f"{key} is off, auto, or the threshold in dBFS")
    return threshold


def _shown(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value if value in _GATES else f"{value} dBFS"
    return f"{value:g}{_UNITS.get(key, '')}"
