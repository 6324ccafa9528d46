"""What to tell the user when the sound devices change. Pure."""

from dataclasses import dataclass
from typing import Final

from woxly_tui.call.snapshot import DeviceView, Microphone, Notice, Severity
from woxly_tui.types import DeviceKind

CHECK: Final = "check the sound settings if you want another one"


PHONE_REMEDY: Final = (
    "a Bluetooth headset does so while its microphone is in use: with another microphone it "
    "sounds as music does"
)


def phone_words(device: DeviceView) -> str:
    """Why everything sounds so thin."""
    return f"{device.description} works at telephone quality"


def phone_notice(device: DeviceView) -> Notice:
    """The device in use sounds like a telephone."""
    return Notice(Severity.INFO, phone_words(device), PHONE_REMEDY)


def too_loud_notice() -> Notice:
    """The device cuts off what is said."""
    return Notice(
        Severity.WARNING,
        "Your microphone is too loud: it distorts",
        "turn it down in the sound settings, or move away from it",
    )


def muted_notice(mic: Microphone) -> Notice:
    """Speech was heard while nothing is sent."""
    if mic.wanted_deafened:
        return Notice(Severity.INFO, "You are deafened: nobody hears you", "undeafen to be heard")
    return Notice(Severity.INFO, "You are muted: nobody hears you", "unmute to be heard")


def coupled_notice() -> Notice:
    """What the speaker plays would be sent to the others."""
    return Notice(
        Severity.INFO,
        "Your microphone hears your speaker: short sounds are not played while it is open",
        'headphones bring them back, and so does `audio.backend = "mixer"`',
    )


def no_tone_notice() -> Notice:
    """The tone that was asked for was not heard to its end, and nothing took its place."""
    return Notice(
        Severity.WARNING, "That speaker played no tone", "is it plugged in? try another one"
    )


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
    if not new and old in now.descriptions:
        return None  # no stream is on it just now, and the environment says which is next
    if not new:
        return Notice(Severity.WARNING, f"{was} was unplugged: there is no other {kind}", CHECK)
    present = now.descriptions.get(new, new)
    if old not in now.descriptions:
        text = f"{was} was unplugged: the {kind} is now {present}"
        return Notice(Severity.WARNING, text, CHECK)
    if new not in before.descriptions:
        return Notice(Severity.INFO, f"The {kind} is now {present}, which was plugged in")
    return Notice(Severity.INFO, f"The {kind} is now {present}")
