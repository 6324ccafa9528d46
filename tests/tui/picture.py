"""Writes README's picture of the screen: `python -m tests.tui.picture docs/screen.svg`."""

import asyncio
import html
import re
import sys
from pathlib import Path
from typing import Final

from tests.tui.fake_engine import FRIENDS, YOU, in_call, person
from tests.tui.still import Scene, build

SIZE: Final = (92, 28)
_CHAT: Final = (
    ("ann", "can you push that branch?"),
    ("Ines", "on its way: https://git.example.org/voice/-/merge_requests/812"),
    ("mei-lin", "clean once before you build: the old object files are not built again"),
    ("Ines", "thanks, that was it"),
)
_BLOCK_RUN: Final = re.compile(
    r'<text class="(?P<style>[^"]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" '
    r'textLength="(?P<width>[\d.]+)" (?P<clip>clip-path="[^"]+")>(?P<text>[^<]*█[^<]*)</text>'
)
_EIGHTHS: Final = "▏▎▍▌▋▊▉█"


def _as_rectangle(match: re.Match[str]) -> str:
    """Block characters as one rectangle: fonts leave seams between them."""
    text = html.unescape(match["text"])
    cell = float(match["width"]) / len(text)
    bar = re.match(r"█+[▏▎▍▌▋▊▉]?", text)
    if bar is None:
        return match.group()
    eighths = sum(_EIGHTHS.index(char) + 1 for char in bar.group())
    x, y = float(match["x"]), float(match["y"])
    rectangle = (
        f'<rect class="{match["style"]}" x="{x:g}" y="{y - 17.5:g}" '
        f'width="{cell * eighths / 8:.1f}" height="22" shape-rendering="crispEdges"/>'
    )
    rest = text[len(bar.group()) :].rstrip("\xa0 ")
    if not rest.strip("\xa0 "):
        return rectangle
    start = x + cell * len(bar.group())
    return (
        f'{rectangle}<text class="{match["style"]}" x="{start:.1f}" y="{y:g}" '
        f'textLength="{cell * len(rest):.1f}" {match["clip"]}>{rest}</text>'
    )


async def draw() -> str:
    """The picture as SVG."""
    people = (YOU, *FRIENDS[1:3], person("mei-lin"), FRIENDS[3])
    levels = {"Ines": -34.0, "ann": -17.0, "mei-lin": -58.0, "Echo": -90.0}
    app, prepare = build(Scene(in_call(people), levels, ("c",), chat=_CHAT))
    async with app.run_test(size=SIZE) as pilot:
        done = prepare(pilot)
        assert asyncio.iscoroutine(done)
        await done
        svg = app.export_screenshot(title="woxly", simplify=True)
    svg = _BLOCK_RUN.sub(_as_rectangle, svg)
    return svg.replace("Fira Code", "ui-monospace, Menlo, 'DejaVu Sans Mono'")


def main() -> None:
    Path(sys.argv[1]).write_text(asyncio.run(draw()), encoding="utf-8")


if __name__ == "__main__":
    main()
