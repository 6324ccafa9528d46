"""What changed between two states of the call, one event each."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from woxly_tui._lib.text import clean_name
from woxly_tui.call.hearers import some_names
from woxly_tui.plain.lines import chat_lines, names, person_words, state_line, state_words
from woxly_tui.plain.rings import RingsView, news_of_rings, rings_view
from woxly_tui.plain.text import harmless
from woxly_tui.plain.view import CallView, Person, call_view


class Event(NamedTuple):
    """Something to be told."""

    kind: str
    lines: Sequence[str]
    """For people; cleaned."""
    values: Mapping[str, Any]
    """For programs."""

    def as_json(self) -> dict[str, Any]:
        """The event as one JSON object."""
        return {"type": self.kind, **self.values}


class Reporter:
    """Makes events of the updates of an engine, and of those that follow it."""

    def __init__(self) -> None:
        self._call: CallView | None = None
        self._engine_pid = 0
        self._last_chat = 0
        self._rings = RingsView()

    @property
    def call(self) -> CallView:
        """The state as it was last told."""
        return (self._call or CallView())._replace(rings=self._rings)

    def take(self, update: Mapping[str, Any], engine_pid: int = 0) -> list[Event]:
        """The events in an update as it is on the wire."""
        if engine_pid != self._engine_pid:
            self._engine_pid, self._last_chat = engine_pid, 0
        match update["type"]:
            case "snapshot":
                return self._move_to(call_view(update))
            case "lobby_state":
                before, self._rings = self._rings, rings_view(update)
                return [ring_event(*event) for event in news_of_rings(before, self._rings)]
            case "notice":
                return [notice_event(update)]
            case "chat_message" if update["number"] > self._last_chat:
                self._last_chat = update["number"]
                return [chat_event(update)]
        return []

    def engine_gone(self) -> list[Event]:
        """The events in the end of an engine, or in there being none."""
        self._rings = RingsView()
        return self._move_to(CallView())

    def _move_to(self, call: CallView) -> list[Event]:
        before, self._call = self._call, call
        return [state_event(call)] if before is None else news(before, call)


def news(before: CallView, after: CallView) -> list[Event]:
    """The events that lead from one state to another, our own state first."""
    events = []
    if _told(before) != _told(after):
        events.append(state_event(after))
    if not (before.has_call and after.has_call) or before.state == "connecting":
        return events
    changes = (_heard(before, after), _recorded(before, after))
    events += [event for event in changes if event is not None]
    old = {person.identity: person for person in before.others}
    new = {person.identity: person for person in after.others}
    events += [_left(person) for identity, person in old.items() if identity not in new]
    for identity, person in new.items():
        was = old.get(identity)
        if was is None:
            events.append(_joined(person))
        elif (was.name, person_words(was)) != (person.name, person_words(person)):
            events.append(_changed(person))
    return events


def _told(call: CallView) -> tuple[str, ...]:
    """What of a state is worth a line when it changes."""
    return (state_words(call), call.room, call.ending)


def _heard(before: CallView, after: CallView) -> Event | None:
    """Somebody who is there does not hear us, or all do again; that all do is nothing new."""
    deaf = after.hearers.deaf
    if not (before.is_open and after.is_open) or set(before.hearers.deaf) == set(deaf):
        return None
    line = f"not heard by {some_names(deaf, 3)}" if deaf else "heard by everyone who tells"
    values = heard_values(after)
    return Event("heard", [line], values)


def _recorded(before: CallView, after: CallView) -> Event | None:
    """Somebody begins to record, or ends; who joins while that goes on is told as well."""
    old, new = ({p.identity: p.name for p in c.recorders} for c in (before, after))
    if old.keys() == new.keys():
        return None
    line = f"recorded by {names(after.recorders)}" if new else "nobody records any more"
    return Event("recording", [line], {"recorded_by": list(new.values())})


def heard_values(call: CallView) -> dict[str, Any]:
    """Who hears us as JSON values."""
    heard = call.hearers
    return {
        "heard_by": heard.heard,
        "heard_of": heard.known,
        "not_heard_by": list(heard.deaf),
        "heard_unknown": heard.unknown,
    }


def state_event(call: CallView) -> Event:
    """The state as it is now."""
    return Event(
        "state",
        [state_line(call)],
        {
            "state": call.state,
            "room": call.room,
            "muted": not call.is_open,
            "deafened": call.is_deafened,
            "talking": call.is_talking,
            "count": len(call.people),
            "trouble": call.trouble,
        },
    )


def chat_event(message: Mapping[str, Any]) -> Event:
    """A chat message as it is on the wire."""
    name = clean_name(message["name"], fallback=clean_name(message["identity"]))
    return Event(
        "chat",
        [harmless(line) for line in chat_lines(name, message["text"])],
        {
            "number": message["number"],
            "identity": message["identity"],
            "name": name,
            "text": message["text"],
            "sent_at": message["sent_at"],
            "you": message["is_local"],
        },
    )


def ring_event(kind: str, line: str, values: Mapping[str, Any]) -> Event:
    """Something about a ring or a call."""
    return Event(kind, [harmless(line)], values)


def notice_event(notice: Mapping[str, Any]) -> Event:
    """A notice as it is on the wire."""
    parts = [notice["text"].rstrip("."), notice["remedy"]]
    return Event(
        "notice",
        [harmless(": ".join(part for part in parts if part))],
        {name: notice[name] for name in ("severity", "text", "remedy")},
    )


def trouble_event(message: str, remedy: str) -> Event:
    """What keeps us from an engine, as a notice."""
    return notice_event({"severity": "error", "text": message, "remedy": remedy})


def person_values(person: Person) -> dict[str, Any]:
    """A participant as JSON values."""
    return {
        "identity": person.identity,
        "name": person.name,
        "you": person.is_you,
        "muted": person.is_muted,
        "deafened": person.is_deafened,
        "microphone": person.has_microphone,
        "connecting": person.is_connecting,
        "quality": person.quality,
        "volume_percent": person.volume_percent,
        "hears_you": person.hears_us,
        "recording": person.is_recording,
    }


def _joined(person: Person) -> Event:
    return Event("joined", [f"{person.name} joined"], person_values(person))


def _left(person: Person) -> Event:
    return Event("left", [f"{person.name} left"], person_values(person))


def _changed(person: Person) -> Event:
    line = f"{person.name}: {', '.join(person_words(person))}"
    return Event("person", [line], person_values(person))
