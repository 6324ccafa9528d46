"""The call, a person and an event, each as one line."""

from collections.abc import Mapping, Sequence
from typing import Any

from woxly_tui._lib.text import without_capital
from woxly_tui.call.detail_words import detail_words
from woxly_tui.plain.rings import ring_words
from woxly_tui.plain.text import harmless
from woxly_tui.plain.view import CallView, Person


def state_line(call: CallView, now: float | None = None) -> str:
    """The state of the call: `muted in standup, 4 people, 12:41, 38 ms`.

    Args:
        call: The state.
        now: Wall-clock time; without it, duration and delay are left out.
    """
    rings = [words] if (words := ring_words(call.rings)) else []
    if not call.has_call:
        over = f" ({_small(call.trouble)})" if call.trouble and call.ending else ""
        return ", ".join([f"no call{over}", *rings])
    where = {"connecting": "to", "reconnecting": "to"}.get(call.state, "in")
    parts = [f"{state_words(call)} {where} {call.room}".rstrip()]
    if call.people:
        parts.append("1 person" if len(call.people) == 1 else f"{len(call.people)} people")
    if call.recorders:
        parts.append(f"recorded by {names(call.recorders)}")
    if now is not None:
        if call.established_at is not None:
            parts.append(duration(now - call.established_at))
        if call.rtt_ms is not None:
            parts.append(f"{call.rtt_ms} ms")
        if call.trouble:
            parts.append(_small(call.trouble))
    return ", ".join([*parts, *rings])


def state_words(call: CallView) -> str:
    """The state, and what else matters about our microphone."""
    if call.state == "live" and call.is_deafened:
        return "live, hearing nobody,"
    if call.state == "no mic" and call.is_open:
        return "open, but no sound comes from the microphone,"
    if call.state == "no mic":
        return "no microphone" if call.backend != "null" else "no sound"
    if call.is_failing:
        return f"{call.state} (not confirmed)"
    return f"{call.state} (key down)" if call.is_talking else call.state


def person_line(person: Person) -> str:
    """A participant: `bob: muted, volume 50 %`."""
    return f"{person.name}{' (you)' if person.is_you else ''}: {', '.join(person_words(person))}"


def detail_line(person: Person, details: Mapping[str, Any]) -> str:
    """How a participant's sound travels: `bob: loss 0.4 %, jitter 2.1 ms, …`."""
    you = " (you)" if person.is_you else ""
    return f"{person.name}{you}: {harmless(detail_words(details))}"


def person_words(person: Person) -> list[str]:
    """What holds of a participant; never empty."""
    words = []
    if person.is_connecting:
        words.append("connecting")
    elif person.is_deafened:
        words.append("deafened")
    elif not person.has_microphone:
        words.append("no microphone")
    else:
        words.append("muted" if person.is_muted else "open")
    if person.quality == "poor":
        words.append("poor connection")
    elif person.quality == "lost":
        words.append("connection lost")
    if person.volume_percent != 100:
        words.append(f"volume {person.volume_percent} %")
    if person.is_recording:
        words.append("records the call")
    if person.heard:
        words.append(person.heard)
    return words


def recording_line(call: CallView, now: float) -> str:
    """Who records the call, and where our own recording is."""
    others = [person for person in call.recorders if not person.is_you]
    parts = []
    if call.is_recording:
        since = duration(now - call.recording_since) if call.recording_since else ""
        parts.append(f"you record into {call.record_folder}, {since}".rstrip(", "))
    if others:
        verb = "records" if len(others) == 1 else "record"
        parts.append(f"{names(others)} {verb}")
    if not parts:
        parts.append("nobody records")
        if call.record_folder:
            parts.append(f"your last recording is in {call.record_folder}")
    return "; ".join(parts)


def chat_lines(name: str, text: str) -> list[str]:
    """A chat message; what follows its first line is indented."""
    first, *rest = text.split("\n")
    return [f"{name}: {first}", *(f"  {line}" for line in rest)]


def names(people: Sequence[Person]) -> str:
    """Names with commas between."""
    return ", ".join(person.name for person in people)


def duration(seconds: float) -> str:
    """A span as 04:07 or 1:02:33, never negative."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _small(sentence: str) -> str:
    return without_capital(sentence.strip().rstrip("."))
