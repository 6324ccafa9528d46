"""What `call`, `answer`, `reject`, `hangup` and `calls` share: the lobby of an engine, followed.

No asyncio, no httpx: the engine talks to the server, and these may be bound to keys.
"""

import argparse
import sys
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from woxly_tui.errors import EngineLost, NoEngine, SignInNeeded, UsageError, WoxlyError
from woxly_tui.plain.rings import RingsView, rings_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from woxly_tui.control.direct import DirectLink

ONLINE_WITHIN_S: Final = 15.0
"""How long a server may take until we are online."""

LISTS_WITHIN_S: Final = 8.0
"""And then until it has said who our friends are."""

_LOOK_EVERY_S: Final = 0.1


class Callee(NamedTuple):
    """Somebody, or a room, that can be called."""

    id: int
    name: str
    woxly_id: str = ""
    kind: str = ""
    """Of a room: DM, GROUP or VOICE; empty for a friend."""
    members: Sequence[int] = ()

    @property
    def shown(self) -> str:
        """Name and id, for people."""
        if self.kind:
            return f"{self.name} (room {self.id})"
        return f"{self.name} ({self.woxly_id})" if self.woxly_id else self.name


class LobbyLink:
    """Two connections to an engine: one asks, one listens. Use in `with`.

    Args:
        args: The flags that say which engine.
        starts: Start one where none runs.

    Raises:
        NoEngine: None runs, and none is to be started.
    """

    def __init__(self, args: argparse.Namespace, *, starts: bool = False) -> None:
        from woxly_tui.cli.verb import connect

        try:
            self._ask = connect(args)
        except NoEngine:
            if not starts or args.socket:
                raise
            from woxly_tui.cli.leave import start_engine

            start_engine(args)
            self._ask = connect(args)
        self._listen: DirectLink = connect(args)
        self._updates: Iterator[dict[str, Any] | None] = self._listen.updates(_LOOK_EVERY_S)
        self.rings = RingsView()
        self.me = 0
        self.friends: Sequence[Mapping[str, Any]] | None = None
        self.rooms: Sequence[Mapping[str, Any]] | None = None
        self.calls: Sequence[Mapping[str, Any]] = ()
        self.call_room = ""
        """The room of the call the engine is in; empty where it is in none."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ask.close()
        self._listen.close()

    def ask(self, command: Mapping[str, Any]) -> None:
        """Have something done.

        Raises:
            WoxlyError: The engine refuses, in its own words.
        """
        reply = self._ask.ask(command)
        self._take_call(reply["snapshot"])
        if reply["lobby"] is not None:
            self._take(reply["lobby"])
        if not reply["ok"]:
            raise WoxlyError(reply["error"], reply["remedy"])

    def until(self, is_there: Callable[[], bool], within_s: float | None) -> bool:
        """Listen until something holds; False where it does not in time.

        Raises:
            EngineLost: The engine ended.
        """
        limit = None if within_s is None else time.monotonic() + within_s
        while not is_there():
            if limit is not None and time.monotonic() > limit:
                return False
            try:
                update = next(self._updates)
            except StopIteration:
                raise EngineLost("the engine ended", "`woxly status` shows what there is") from None
            if update is not None:
                self._take(update)
        return True

    def go_online(self, account: str = "") -> None:
        """Be online, and know friends and rooms.

        Raises:
            SignInNeeded: There is no account.
            WoxlyError: The server cannot be reached.
        """
        from os import environ

        from woxly_tui._lib.env import sound_env

        self.ask({"type": "get_snapshot"})
        if self.rings.link != "online" or account:
            environment = sound_env(environ)
            try:
                self.ask({"type": "go_online", "account": account, "environment": environment})
            except WoxlyError as error:
                if self.rings.link == "signed-out":
                    raise SignInNeeded(error.message, error.remedy) from None
                raise
        self.until(lambda: self.rings.link in ("online", "signed-out"), ONLINE_WITHIN_S)
        if self.rings.link == "signed-out":
            raise SignInNeeded(
                self.rings.detail or "you are not signed in", "`woxly login https://HOST` signs in"
            )
        if self.rings.link != "online":
            from woxly_tui.errors import ServerUnreachable

            raise ServerUnreachable(
                self.rings.detail or "the server does not answer", "try again later"
            )
        self.until(lambda: self.friends is not None and self.rooms is not None, LISTS_WITHIN_S)

    def _take(self, update: Mapping[str, Any]) -> None:
        match update.get("type", "lobby_state"):
            case "lobby_state":
                self.rings = rings_view(update)
                self.me = (update["me"] or {}).get("user", 0)
            case "friends_listed":
                self.friends = update["friends"]
            case "rooms_listed":
                self.rooms = update["rooms"]
            case "calls_listed":
                self.calls = update["calls"]
            case "snapshot":
                self._take_call(update)

    def _take_call(self, snapshot: Mapping[str, Any]) -> None:
        from woxly_tui.plain.text import harmless

        is_over = snapshot["phase"] in ("idle", "ended")
        self.call_room = "" if is_over else harmless(snapshot["room"])

    def callees(self) -> list[Callee]:
        """Everybody and every room that can be called, friends first."""
        people = [one["person"] for one in self.friends or ()]
        found = [Callee(one["user"], one["name"], one["woxly_id"]) for one in people]
        for room in self.rooms or ():
            if room["kind"] != "DM":
                members = [one["user"] for one in room["members"] if one["user"] != self.me]
                found.append(Callee(room["room"], room["name"], "", room["kind"], members))
        return found


def pick(typed: str, known: Sequence[Callee]) -> Callee:
    """The one that is meant: by Woxly id, by name, or by enough of its beginning.

    Raises:
        UsageError: Nobody is, or several are.
    """
    from woxly_tui.plain.text import harmless

    word = _folded(typed)
    for fits in (
        [one for one in known if one.woxly_id and _folded(one.woxly_id) == word],
        [one for one in known if _folded(one.name) == word],
        [one for one in known if word and _folded(one.name).startswith(word)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            several = ", ".join(harmless(one.shown) for one in fits[:8])
            raise UsageError(
                f"the name {harmless(typed)} is that of several: {several}", "give the id"
            )
    raise UsageError(
        f"no friend and no room of yours is called {harmless(typed)[:40]}",
        "`woxly friends` and `woxly rooms` list them",
    )


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.strip()).casefold()
    return unicodedata.normalize("NFKC", plain)


def say(line: str) -> None:
    """Print a line, now."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
