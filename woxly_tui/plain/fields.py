"""The fields of `woxly status`: what `--format` may name, and `--json` prints."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from woxly_tui.errors import UsageError
from woxly_tui.plain.lines import duration, names
from woxly_tui.plain.text import harmless
from woxly_tui.plain.view import CallView, Person


def _own(call: CallView) -> Person:
    return call.you or Person("", "")


_FIELDS: Final[Mapping[str, tuple[str, Callable[[CallView, float], Any]]]] = {
    "state": (
        "`live`, `muted`, `deafened`, `no mic`, `connecting`, `reconnecting` or `no call`",
        lambda call, _: call.state,
    ),
    "word": ("the same in capitals, as on the screen", lambda call, _: call.state.upper()),
    "muted": ("whether nobody can hear you", lambda call, _: not call.is_open),
    "deafened": ("whether you hear nobody", lambda call, _: call.is_deafened),
    "talking": ("whether the push-to-talk key is down", lambda call, _: call.is_talking),
    "room": ("the room *", lambda call, _: call.room if call.has_call else ""),
    "server": ("host and port of the server", lambda call, _: call.server if call.has_call else ""),
    "count": ("how many are in the call, with you", lambda call, _: len(call.people)),
    "names": ("the others' names, with commas between *", lambda call, _: names(call.others)),
    "name": ("your own name *", lambda call, _: _own(call).name),
    "identity": ("your own identity *", lambda call, _: _own(call).identity),
    "duration": ("since you joined, as 12:41", lambda call, now: _since(call, now)[1]),
    "duration_s": ("the same in seconds", lambda call, now: _since(call, now)[0]),
    "rtt_ms": (
        "milliseconds to the server and back",
        lambda call, _: call.rtt_ms if call.has_call else None,
    ),
    "quality": (
        "of the connection: `unknown`, `lost`, `poor`, `good`, `excellent`",
        lambda call, _: call.quality,
    ),
    "heard_by": (
        "how many tell that they hear you, while you are live",
        lambda call, _: call.hearers.heard,
    ),
    "heard_of": ("out of how many who tell it", lambda call, _: call.hearers.known),
    "not_heard_by": (
        "names of those who do not hear you, with commas *",
        lambda call, _: ", ".join(call.hearers.deaf),
    ),
    "heard_unknown": (
        "how many do not tell, as a browser does not",
        lambda call, _: call.hearers.unknown,
    ),
    "recording": ("whether you record the call", lambda call, _: call.is_recording),
    "recorded_by": (
        "names of all who record it, with commas *",
        lambda call, _: names(call.recorders),
    ),
    "record_folder": (
        "where you record, or did last",
        lambda call, _: call.record_folder,
    ),
    "backend": ("sound in use: `native`, `mixer` or `null`", lambda call, _: call.backend),
    "online": (
        "the link to the Woxly server: `online`, `connecting`, `offline` or `signed-out`",
        lambda call, _: call.rings.link,
    ),
    "rings": (
        "who rings you, with commas between *",
        lambda call, _: ", ".join(one.name for one in call.rings.incoming),
    ),
    "ringing": (
        "whom you ring, with commas between *",
        lambda call, _: ", ".join(call.rings.rung),
    ),
    "xruns": (
        "moments of 5 ms in which the mixer lost or made up sound, one however many speak; "
        "empty where it is not used",
        lambda call, _: call.xruns,
    ),
    "trouble": (
        "why it reconnects, has no microphone, or ended",
        lambda call, _: call.trouble,
    ),
}
"""Name to what it is and how it is made; * is text that somebody chose."""


def _since(call: CallView, now: float) -> tuple[int | None, str]:
    if not call.has_call or call.established_at is None:
        return None, ""
    return max(0, int(now - call.established_at)), duration(now - call.established_at)


def field_names() -> list[str]:
    """All fields, in the order they are documented in."""
    return list(_FIELDS)


def fields_markdown() -> str:
    """The table of fields for README."""
    rows = [f"| `{{{name}}}` | {what} |" for name, (what, _) in _FIELDS.items()]
    return "\n".join(["| Field | What it is |", "|---|---|", *rows]) + "\n"


def values(call: CallView, now: float) -> dict[str, Any]:
    """Every field, as JSON values."""
    return {name: value(call, now) for name, (_, value) in _FIELDS.items()}


def formatted(template: str, call: CallView, now: float) -> str:
    """A template with its `{fields}` filled in; `{{` and `}}` are braces.

    Raises:
        UsageError: A field is not known, or a brace stands alone.
    """
    made = []
    rest = template
    while rest:
        opening, closing = rest.find("{"), rest.find("}")
        if opening < 0 and closing < 0:
            made.append(rest)
            break
        at = min(place for place in (opening, closing) if place >= 0)
        made.append(rest[:at])
        brace, rest = rest[at], rest[at:]
        if rest.startswith(brace * 2):
            made.append(brace)
            rest = rest[2:]
            continue
        end = rest.find("}")
        if brace == "}" or end < 0:
            raise UsageError(f"a single {brace!r} in --format", f"write {brace * 2!r} for a brace")
        made.append(_text(rest[1:end], call, now))
        rest = rest[end + 1 :]
    return "".join(made)


def _text(name: str, call: CallView, now: float) -> str:
    known = _FIELDS.get(name)
    if known is None:
        shown = repr(name) if name.isprintable() else ascii(name)
        raise UsageError(
            f"--format knows no field {shown}", f"known fields are {', '.join(_FIELDS)}"
        )
    value = known[1](call, now)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(str(value))
