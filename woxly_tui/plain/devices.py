"""Sound devices as lines, and which one a typed name means; read as they are on the wire."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from woxly_tui.call.device_names import devices_called
from woxly_tui.errors import UsageError
from woxly_tui.plain.text import harmless

KINDS: Final = {"mic": "microphone", "speaker": "speaker"}
"""What one types, and what it means."""

DEFAULT: Final = "default"
"""Typed for no choice."""

_NONE: Final = "none is known: devices are listed while a call lasts, on Linux"


def device_lines(devices: Mapping[str, Any]) -> list[str]:
    """All of them, the one in use marked."""
    lines = []
    for kind in ("microphone", "speaker"):
        found = devices[f"{kind}s"]
        chosen = devices[f"chosen_{kind}"]
        lines.append(f"{kind}s" if found else f"{kind}s: {_NONE}")
        for device in found:
            notes = []
            if device["name"] == devices[kind]:
                notes.append("in use")
            if chosen is not None and device["name"] == chosen["name"]:
                notes.append("chosen")
            if device["is_phone_quality"]:
                notes.append("telephone quality")
            note = f" ({', '.join(notes)})" if notes else ""
            mark = "*" if device["name"] == devices[kind] else " "
            lines.append(f" {mark} {_label(device, found)}{note}")
        if chosen is not None and all(device["name"] != chosen["name"] for device in found):
            lines.append(f"   {harmless(chosen['description'])} (chosen, not plugged in)")
    return lines


def xruns_line(xruns: int) -> str:
    """How much sound was lost on the way from and to the devices."""
    if not xruns:
        return "lost: no block of sound"
    blocks = "block" if xruns == 1 else "blocks"
    return f"lost: {xruns} {blocks} of 5 ms; many mean a machine that is too busy"


def chosen_line(kind: str, devices: Mapping[str, Any]) -> str:
    """What is chosen of one kind."""
    chosen = devices[f"chosen_{kind}"]
    return f"{kind}: {harmless(chosen['description']) if chosen else 'as in the sound settings'}"


def find_device(typed: str, kind: str, devices: Mapping[str, Any]) -> str:
    """The server's name of the one device that was meant.

    Raises:
        UsageError: None is called that, or several are.
    """
    found = devices[f"{kind}s"]
    hits = devices_called(typed, [(device["name"], device["description"]) for device in found])
    if len(hits) == 1:
        return hits[0]
    problem = f"{len(hits)} {kind}s are called that" if hits else f"no {kind} is called that"
    there = ", ".join(_label(device, found) for device in found) or _NONE
    raise UsageError(f"{problem}: {typed!a}", f"there are: {there}")


def _label(device: Mapping[str, Any], among: list[Mapping[str, Any]]) -> str:
    """Its description, with the server's name where several are described alike."""
    alike = Counter(one["description"] for one in among)[device["description"]]
    name = f" [{harmless(device['name'])}]" if alike > 1 else ""
    return f"{harmless(device['description'])}{name}"
