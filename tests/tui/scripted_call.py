"""A call that is not one, on a real terminal: `python -m tests.tui.scripted_call --help`.

For looking at the screen, and for the tests that count what it writes.
"""

import argparse
import asyncio
import math
import random
import select
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.tui.fake_engine import FRIENDS, FakeEngine, in_call, person
from woxly_tui._lib.clock import SystemClock
from woxly_tui.call.snapshot import Microphone, MicState, Notice, Severity, Snapshot
from woxly_tui.cli.call_session import show_call
from woxly_tui.control.messages import Command, Reply, SetPtt
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.types import Seconds

LEVELS_HZ = 15

WIDE = ("漢字の名前", "👩\u200d🚀 rocket 🚀", "e\u0301clair", "🇩🇪 flag")
"""Names that terminals are known to measure each in its own way."""


def speech(rng: random.Random, at: float, who: int) -> float:
    """A level that moves as speech does: syllables, words and pauses."""
    syllables = math.sin(at * 25 + who) + 0.6 * math.sin(at * 11.3 + who * 2)
    level = -24 + 7 * syllables + rng.gauss(0, 2)
    is_pause = math.sin(at * 1.3 + who * 1.7) < -0.75
    return -90.0 if is_pause else max(-58.0, min(-3.0, round(level)))


async def talk(engine: FakeEngine, talkers: Sequence[str]) -> None:
    """Levels of all talkers, for ever."""
    rng = random.Random(7)
    start = asyncio.get_running_loop().time()
    while True:
        at = asyncio.get_running_loop().time() - start
        engine.say({name: speech(rng, at, who) for who, name in enumerate(talkers)})
        await asyncio.sleep(1 / LEVELS_HZ)


class LoggedEngine(FakeEngine):
    """Writes down what it is asked for, a word a line."""

    def __init__(self, snapshot: Snapshot, confirm_after_s: float, log: Path | None) -> None:
        super().__init__(snapshot, confirm_after_s)
        self._log = log

    async def send(self, command: Command) -> Reply:
        word = type(command).__name__
        if isinstance(command, SetPtt):
            word = "down" if command.is_down else "up"
        if self._log is not None:
            with self._log.open("a") as log:
                log.write(f"{word}\n")
        return await super().send(command)


async def run(arguments: argparse.Namespace) -> None:
    people = [*FRIENDS]
    if arguments.people > len(people):
        more = range(arguments.people - len(people))
        people += [person(f"friend {number}") for number in more]
    else:
        people = people[: arguments.people]
    if arguments.wide:
        people += [person(name) for name in WIDE]
    names = [p.name for p in people if not p.is_muted][: arguments.talkers]
    now = SystemClock().wall()
    state = in_call(people, established_at=Seconds(now - 700))
    if arguments.muted:
        state = replace(state, microphone=Microphone(state=MicState.MUTED, backend="native"))
    engine = LoggedEngine(state, arguments.answer, arguments.log)
    app = WoxlyApp(engine, theme=arguments.theme)
    talking = asyncio.get_running_loop().create_task(talk(engine, names))
    if arguments.notice:
        engine.note(Notice(Severity.WARNING, "bob cannot be heard", "his microphone is gone"))
    try:
        ending = await show_call(app)
    finally:
        talking.cancel()
    if select.select([], [sys.stdout], [], 0)[1]:
        sys.stdout.write(f"ended: {ending.reason if ending else None}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--talkers", type=int, default=2)
    parser.add_argument("--answer", type=float, default=0.03, help="seconds until confirmed")
    parser.add_argument("--theme", default=None)
    parser.add_argument("--notice", action="store_true")
    parser.add_argument("--wide", action="store_true", help="names of wide characters, emoji")
    parser.add_argument("--muted", action="store_true")
    parser.add_argument("--log", type=Path, default=None, help="where to write what is asked for")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
