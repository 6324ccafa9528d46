"""The rival of `bench.bytes`: the same call as a first Textual program would draw it.

One Static per row, updated with its whole text ten times a second.
"""

import argparse
import asyncio
import random

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Static

from tests.tui.scripted_call import speech

FRAME_S = 0.1
WIDTH = 40


class NaiveCall(App[None]):
    """A header, a row per person, a footer."""

    TITLE = "standup"

    def __init__(self, people: int, talkers: int) -> None:
        super().__init__()
        self._names = [f"friend {number}" for number in range(people)]
        self._talkers = talkers
        self._rng = random.Random(7)

    def compose(self) -> ComposeResult:
        yield Header(show_clock=True)
        yield Static("[b]LIVE[/b]  Everyone here can hear you.")
        for number in range(len(self._names)):
            yield Static(id=f"row{number}")
        yield Footer()

    def on_mount(self) -> None:
        self.set_interval(FRAME_S, self._update_rows)

    def _update_rows(self) -> None:
        at = asyncio.get_running_loop().time()
        for number, name in enumerate(self._names):
            level = speech(self._rng, at, number) if number < self._talkers else -90.0
            cells = max(0, round((level + 60) / 60 * WIDTH))
            state = "[green]speaking[/green]" if level > -50 else "listening"
            bar = f"[cyan]{'█' * cells}[/cyan]{' ' * (WIDTH - cells)}"
            self.query_one(f"#row{number}", Static).update(f"{name:<20} {bar} {level:4.0f} {state}")


def main() -> None:
    """Show it until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--talkers", type=int, default=5)
    args = parser.parse_args()
    NaiveCall(args.people, args.talkers).run()


if __name__ == "__main__":
    main()
