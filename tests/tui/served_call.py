"""A call that is not one, behind a real control socket: `python -m tests.tui.served_call PATH`.

For front ends in other processes, here or at the far end of ssh. Prints `ready`; ends with its
standard input.
"""

import argparse
import asyncio
import socket
import sys

from tests.tui.fake_engine import FRIENDS, FakeEngine, in_call, person
from tests.tui.scripted_call import talk
from woxly_tui import __version__
from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import SystemClock
from woxly_tui.control import frames
from woxly_tui.control.mailbox import Mailbox
from woxly_tui.control.messages import Command, Reply
from woxly_tui.control.server import ControlServer
from woxly_tui.types import Seconds


class Port:
    """The scripted engine, as the control server wants it."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self._mailboxes: dict[Mailbox, bool] = {}

    async def handle(self, command: Command) -> Reply:
        return await self._engine.send(command)

    def attach(self, mailbox: Mailbox, *, wants_levels: bool) -> None:
        self._mailboxes[mailbox] = wants_levels
        mailbox.put(self._engine.snapshot)

    def watch_levels(self, mailbox: Mailbox, *, is_watching: bool) -> None:
        self._mailboxes[mailbox] = is_watching

    def detach(self, mailbox: Mailbox) -> None:
        self._mailboxes.pop(mailbox, None)

    def abandon_ptt(self, at_ns: int) -> None:
        """There is no push-to-talk."""

    async def pass_on(self) -> None:
        """Send what the engine says to all that are attached."""
        async for update in self._engine.updates():
            for mailbox, wants_levels in self._mailboxes.items():
                if wants_levels or not hasattr(update, "levels"):
                    mailbox.put(update)


async def run(arguments: argparse.Namespace) -> None:
    people = [*FRIENDS[:2], *(person(f"friend {n}") for n in range(arguments.people - 2))]
    now = SystemClock().wall()
    engine = FakeEngine(in_call(people, established_at=Seconds(now - 700)), 0.03)
    port = Port(engine)
    tasks = TaskOwner("served call")
    server = ControlServer(
        port, lambda: frames.Welcome(frames.PROTOCOL, arguments.version or __version__, 1)
    )
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(arguments.path)
    await server.start(listening)
    tasks.start(port.pass_on(), name="pass on")
    if arguments.talkers:
        tasks.start(talk(engine, [p.name for p in people][: arguments.talkers]), name="talk")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await tasks.aclose()
    await server.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--talkers", type=int, default=0)
    parser.add_argument("--version", default="", help="to claim in the greeting")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
