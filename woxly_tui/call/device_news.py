"""What to tell the user when the sound devices change. Pure."""

from dataclasses import dataclass
from typing import Final

from woxly_tui.call.snapshot import Notice, Severity
from woxly_tui.types import DeviceKind

CHECK: Final = "check the sound settings if you want another one"


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices of one kind there are, by name, and the one in use."""

    descriptions: dict[str, str]
    """In words for people, cleaned."""
    in_use: str = ""


def device_notice(kind: DeviceKind, before: Devices, now: Devices) -> Notice | None:
    """What to say of a change; None where another device is in use than before by no change of
    theirs, or where nothing is known of one of them.

    Args:
        kind: Which kind both are about.
        before: What was told last.
        now: What is told now.
    """
    old, new = before.in_use, now.in_use
    if old == new or not old:
        return None
    was = before.descriptions.get(old, old)
    if not new:
        return Notice(Severity.WARNING, f"{was} was unplugged: there is no other {kind}", CHECK)
    present = now.descriptions.get(new, new)
    if old not in now.descriptions:
        text = f"{was} was unplugged: the {kind} is now {present}"
        return Notice(Severity.WARNING, text, CHECK)
    if new not in before.descriptions:
        return Notice(Severity.INFO, f"The {kind} is now {present}, which was plugged in")
    return Notice(Severity.INFO, f"The {kind} is now {present}")
