"""A lobby without a server, on a real terminal: `python -m tests.tui.scripted_lobby --help`.

For looking at the screen, and for the tests that count what it writes. Friends answer after
three seconds; `--ring` has one of them ring.
"""

import argparse
import asyncio
import itertools
from dataclasses import replace

from tests.tui.lobby_engine import ANN, CALLS, FRIENDS, ONLINE, ROOMS, LobbyEngine
from woxly_tui._lib.clock import SystemClock
from woxly_tui.cli.call_session import show_call
from woxly_tui.control.lobby import CallFriend, FriendsListed, GoOnline
from woxly_tui.control.messages import Command, Reply
from woxly_tui.notify.notifier import Notifier
from woxly_tui.notify.terminal import Dialect, Outside, TerminalSurface, Wrapping
from woxly_tui.social.model import Friend, Person, Presence
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.types import RoomId, Seconds, UserId

ANSWERS_AFTER_S = 3.0

_OUTSIDE = Outside(Dialect.OSC9, Wrapping.TMUX)


def crowd(count: int) -> tuple[Friend, ...]:
    """So many friends, every fourth of them online."""
    ways = itertools.cycle((Presence.ONLINE, Presence.OFFLINE, Presence.AWAY, Presence.OFFLINE))
    return tuple(
        Friend(Person(UserId(100 + number), f"friend {number:04}", f"id-{number}"), way)
        for number, way in zip(range(count), ways, strict=False)
    )


class AnsweringEngine(LobbyEngine):
    """Whoever is rung accepts after a while."""

    async def send(self, command: Command) -> Reply:
        reply = await super().send(command)
        if isinstance(command, CallFriend):
            loop = asyncio.get_running_loop()
            loop.call_later(ANSWERS_AFTER_S, self.talk, command.user, RoomId(10))
        return reply


async def flicker(engine: LobbyEngine, every_s: float) -> None:
    """The last friend comes and goes."""
    while True:
        for presence in (Presence.AWAY, Presence.OFFLINE):
            await asyncio.sleep(every_s)
            *others, last = engine.friends.friends
            engine.friends = FriendsListed((*others, replace(last, presence=presence)))
            engine.tell(engine.friends)


async def run(arguments: argparse.Namespace) -> None:
    now = SystemClock().wall()
    friends = crowd(arguments.friends) if arguments.friends else FRIENDS
    calls = tuple(replace(one, began_at=Seconds(now - 3600 * at)) for at, one in enumerate(CALLS))
    state = replace(ONLINE, as_of=now)
    engine = AnsweringEngine(state, friends=friends, rooms=ROOMS, calls=calls)
    tasks = []
    if arguments.flicker:
        tasks.append(asyncio.get_running_loop().create_task(flicker(engine, arguments.flicker)))
    alerts = Notifier([TerminalSurface(lambda text: app.pass_on(text), _OUTSIDE, has_bell=False)])
    app = WoxlyApp(engine, lobby=GoOnline(), alerts=alerts)
    if arguments.ring:
        asyncio.get_running_loop().call_later(arguments.ring, engine.ring, ANN)
    try:
        await show_call(app)
    finally:
        for task in tasks:
            task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--friends", type=int, default=0, help="so many in place of four")
    parser.add_argument("--flicker", type=float, default=0.0, help="seconds between changes")
    parser.add_argument("--ring", type=float, default=0.0, help="seconds until a friend rings")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
