"""`woxly call`, `woxly hangup` and `woxly calls`."""

import argparse
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from woxly_tui.errors import ExitCode, NoCall, UsageError

if TYPE_CHECKING:
    from woxly_tui.cli.lobby_link import Callee, LobbyLink

RING_WITHIN_S: Final = 12.0
"""How long it may take until it rings there."""

GRACE_S: Final = 0.5
"""How soon a server that knows it says that somebody is busy or offline."""

_CODES: Final[Mapping[str, ExitCode]] = {
    "answered": ExitCode.OK,
    "declined": ExitCode.DECLINED,
    "busy": ExitCode.BUSY,
    "timeout": ExitCode.NO_ANSWER,
    "nobody-came": ExitCode.NO_ANSWER,
    "offline": ExitCode.OFFLINE,
}


def add_parser(subparsers: Any) -> None:
    """Add `call`, `hangup` and `calls` to the command line."""
    from woxly_tui.cli.verb import add_verb

    call = add_verb(
        subparsers,
        "call",
        "ring a friend, or enter the call of a room",
        "Ring a friend; several names make a group and ring them all. The name of a voice room "
        "enters it, that of a group enters it and rings who is not there. It needs no screen: "
        "the call is held by the engine, which is started where none runs.",
    )
    call.add_argument("names", metavar="NAME", nargs="+", help="friends, or a room")
    call.add_argument(
        "--wait", action="store_true", help="until they answer, or do not; the exit code tells"
    )
    call.add_argument("--account", default="", metavar="ACCOUNT", help="of several, which one")
    call.set_defaults(run=run_call)
    add_verb(subparsers, "hangup", "leave the call, or ring no more").set_defaults(run=run_hangup)
    calls = add_verb(subparsers, "calls", "recent and missed calls, the newest first")
    calls.add_argument("--missed", action="store_true", help="only those you missed")
    calls.add_argument("--json", action="store_true", help="print a JSON array of objects")
    calls.add_argument("--account", default="", metavar="ACCOUNT", help="of several, which one")
    calls.set_defaults(run=run_calls)


def run_call(args: argparse.Namespace) -> int:
    """Ring; returns as soon as it rings there, or with --wait when that is over."""
    from woxly_tui.cli.lobby_link import LobbyLink, pick

    with LobbyLink(args, starts=True) as lobby:
        lobby.go_online(args.account)
        known = lobby.callees()
        meant = [pick(name, known) for name in args.names]
        before = lobby.rings.ending_number
        if len(meant) == 1 and meant[0].kind:
            return _enter(lobby, meant[0])
        if any(one.kind for one in meant):
            raise UsageError("a room cannot be called together with others", "call one of them")
        users = list(dict.fromkeys(one.id for one in meant))
        if len(users) == 1:
            lobby.ask({"type": "call_friend", "user": users[0]})
        else:
            lobby.ask({"type": "call_group", "members": users})
        try:
            return _follow(lobby, before, waits=args.wait)
        except KeyboardInterrupt:
            lobby.ask({"type": "hang_up"})
            raise


def _enter(lobby: "LobbyLink", room: "Callee") -> int:
    from woxly_tui.cli.lobby_link import say
    from woxly_tui.plain.text import harmless

    lobby.ask({"type": "enter_room", "room": room.id})
    if room.kind == "GROUP":
        for member in room.members:
            lobby.ask({"type": "add_to_call", "user": member})
    say(f"entering {harmless(room.name)}")
    return ExitCode.OK


def _follow(lobby: "LobbyLink", before: int, *, waits: bool) -> int:
    from woxly_tui.cli.lobby_link import say
    from woxly_tui.plain.rings import ending_words, ring_words

    def is_over() -> bool:
        return lobby.rings.ending_number != before or lobby.rings.phase == "talking"

    def rings() -> bool:
        return is_over() or (lobby.rings.phase == "outgoing" and lobby.rings.room is not None)

    lobby.until(rings, RING_WITHIN_S)
    if not is_over():
        if waits:
            say(ring_words(lobby.rings))
        lobby.until(is_over, None if waits else GRACE_S)
    if lobby.rings.phase == "talking":
        who = lobby.rings.peer or "the group"
        say(f"answered: in a call with {who}")
        return ExitCode.OK
    if lobby.rings.ending_number != before:
        say(ending_words(lobby.rings))
        return _CODES.get(str(lobby.rings.ending["outcome"]), ExitCode.FAILED)
    say(ring_words(lobby.rings))
    return ExitCode.OK


def run_hangup(args: argparse.Namespace) -> int:
    """Leave the call, whichever it is, or ring no more.

    Raises:
        NoCall: There is neither.
    """
    from woxly_tui.cli.lobby_link import LobbyLink, say
    from woxly_tui.plain.rings import ending_words

    with LobbyLink(args) as lobby:
        lobby.ask({"type": "get_snapshot"})
        room, rings = lobby.call_room, lobby.rings
        if not room and rings.phase == "idle":
            raise NoCall("no call", "`woxly call NAME` begins one")
        lobby.ask({"type": "hang_up"})
        is_ours = lobby.rings.ending_number != rings.ending_number
        say(ending_words(lobby.rings) if is_ours else f"left {room}")
    return ExitCode.OK


def run_calls(args: argparse.Namespace) -> int:
    """List calls; missed ones count as seen from then on."""
    from woxly_tui.cli.lobby_link import LobbyLink, say

    with LobbyLink(args, starts=True) as lobby:
        lobby.go_online(args.account)
        lobby.until(lambda: bool(lobby.calls), 2.0)
        calls = [one for one in lobby.calls if one["is_missed"] or not args.missed]
        if args.json:
            say(json.dumps(calls))
        else:
            for call in calls:
                say(_line(call))
            if not calls:
                say("no missed calls" if args.missed else "no calls yet")
        if any(not call["is_seen"] for call in calls):
            lobby.ask({"type": "mark_calls_seen"})
    return ExitCode.OK


def _line(call: Mapping[str, Any]) -> str:
    from woxly_tui.plain.lines import duration
    from woxly_tui.plain.rings import OUTCOMES
    from woxly_tui.plain.text import harmless

    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(call["began_at"]))
    if call["is_missed"]:
        what = "missed" if call["is_seen"] else "missed, new"
    else:
        what = "from" if call["is_incoming"] else "to"
    outcome = OUTCOMES.get(call["outcome"], call["outcome"])
    how = duration(call["seconds"]) if call["seconds"] is not None else outcome
    return harmless(f"{at}  {what}  {call['with_whom']}  {how}".rstrip())
