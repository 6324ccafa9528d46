"""Who rings whom, read straight from the wire, and what changed of it.

Quick to load, as `view` is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from woxly_tui._lib.text import clean_name

OUTCOMES: Final[Mapping[str, str]] = {
    "answered": "answered",
    "declined": "declined",
    "busy": "busy",
    "timeout": "no answer",
    "offline": "offline",
    "cancelled": "cancelled",
    "failed": "failed",
    "caller-gone": "the caller is gone",
    "answered-elsewhere": "answered on another device",
    "rejected-elsewhere": "declined on another device",
    "hung-up": "hung up",
    "peer-left": "the other one left",
    "nobody-came": "nobody came",
    "web-only": "the other one has a web page that sends no sound here",
    "joined-elsewhere": "goes on on another device",
}
"""What came of a ring or a call, in words."""

MISSED: Final = ("timeout", "cancelled", "caller-gone")


class Ringer(NamedTuple):
    """Somebody who rings us."""

    user: int
    name: str
    is_group: bool = False


class RingsView(NamedTuple):
    """What the lines are made of; the default is nobody online."""

    link: str = "signed-out"
    detail: str = ""
    """Why not online; cleaned."""
    phase: str = "idle"
    room: int | None = None
    peer: str = ""
    """Whom we ring or talk with; empty in a group or a voice room."""
    rung: Sequence[str] = ()
    """Who has not answered yet."""
    incoming: Sequence[Ringer] = ()
    ending: Mapping[str, Any] = {}
    """The last ring or call that is over, as it is on the wire."""
    ended_with: str = ""
    is_quiet: bool = False
    """We are not to be disturbed: rings come without a sound."""

    @property
    def ending_number(self) -> int:
        """Counts them; 0 where there was none."""
        return int(self.ending.get("number", 0))


def rings_view(state: Mapping[str, Any] | None) -> RingsView:
    """Read a lobby state as it is on the wire."""
    if state is None:
        return RingsView()
    names = {one["user"]: clean_name(one["name"]) for one in state["people"]}
    rings, ending = state["rings"], state["rings"]["ending"] or {}

    def name(user: int | None) -> str:
        return "" if user is None else names.get(user, f"user {user}")

    return RingsView(
        link=state["link"],
        detail=clean_name(state["detail"], fallback=""),
        phase=rings["phase"],
        room=rings["room"],
        peer=name(rings["peer"]),
        rung=[name(one["user"]) for one in rings["ringing"] if one["outcome"] is None],
        incoming=[
            Ringer(ring["caller"], name(ring["caller"]), ring["kind"] != "DM")
            for ring in rings["incoming"]
        ],
        ending=ending,
        ended_with=name(ending.get("user")),
        is_quiet=state["presence"] == "dnd",
    )


def ring_words(view: RingsView) -> str:
    """Who rings whom: `ann rings`, `ringing bob`; empty where nobody does."""
    if view.incoming:
        names = ", ".join(ringer.name for ringer in view.incoming)
        return f"{names} {'rings' if len(view.incoming) == 1 else 'ring'}"
    if view.phase == "outgoing":
        return f"ringing {', '.join(view.rung) or view.peer}"
    return ""


def ending_words(view: RingsView) -> str:
    """What came of the last ring or call: `call with ann: no answer`."""
    outcome = str(view.ending.get("outcome", ""))
    said = OUTCOMES.get(outcome, outcome)
    who = view.ended_with or "the group"
    seconds = view.ending.get("seconds")
    if seconds is None and view.ending.get("is_incoming"):
        return f"{who} rings no more: {said}"
    if seconds is None:
        return f"{who}: {said}"
    minutes, rest = divmod(int(seconds), 60)
    return f"call with {who} is over after {minutes:02}:{rest:02}: {said}"


def news_of_rings(before: RingsView, after: RingsView) -> list[tuple[str, str, dict[str, Any]]]:
    """What changed: kind, line and values of each event."""
    events: list[tuple[str, str, dict[str, Any]]] = []
    known = {ringer.user for ringer in before.incoming}
    for ringer in after.incoming:
        if ringer.user not in known:
            into = " into a group" if ringer.is_group else ""
            values = {"user": ringer.user, "name": ringer.name, "group": ringer.is_group}
            values["silent"] = after.is_quiet
            events.append(("ring", f"{ringer.name} rings{into}", values))
    if after.phase == "outgoing" and before.phase != "outgoing":
        line = f"ringing {', '.join(after.rung) or after.peer}"
        events.append(("ringing", line, {"names": list(after.rung)}))
    if after.ending_number != before.ending_number and after.ending:
        values = {
            "name": after.ended_with,
            "outcome": after.ending["outcome"],
            "seconds": after.ending["seconds"],
            "incoming": after.ending["is_incoming"],
            "missed": after.ending["is_incoming"] and after.ending["outcome"] in MISSED,
        }
        events.append(("call_over", ending_words(after), values))
    return events
