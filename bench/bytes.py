"""What a call costs on a line: bytes a second to the terminal, and over a forwarded socket.

python -m bench.bytes [--seconds S]

woxly       the call screen, on a pseudo-terminal
naive       the same call with one Static per row, updated ten times a second
attach      engine here, screen there: what `woxly attach` gets over its forwarded socket
"""

import argparse
import contextlib
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.rig import ROOT
from tests.tui.pseudo_terminal import Terminal
from tests.tui.slow_terminal import SlowLink
from woxly_tui import __version__
from woxly_tui.control import frames
from woxly_tui.control.link import FORWARDED_LEVELS_HZ

SIZES: Final = ((80, 24), (160, 50), (60, 15))

PROMISES: Final = {"talking": 2000.0, "silent": 50.0}
"""Most bytes a second that woxly writes to a terminal of 80x24."""

PEOPLE: Final = 6
TALKERS: Final = 5

SCREENS: Final = {"woxly": "tests.tui.scripted_call", "naive": "bench.naive_screen"}

_FAST_BYTES_PER_S: Final = 1_000_000

START_S: Final = 3.0
"""Until the first rush is over."""


def terminal_bytes(module: str, talkers: int, size: tuple[int, int], seconds: float) -> float:
    """Bytes a second that a screen writes once it stands."""
    people = ["--people", str(PEOPLE), "--talkers", str(talkers)]
    with Terminal("-m", module, *people, size=size) as terminal:
        link = SlowLink(terminal, _FAST_BYTES_PER_S)
        link.run(START_S)
        before = len(link.seen)
        link.run(seconds)
        return (len(link.seen) - before) / seconds


def socket_bytes(talkers: int, seconds: float) -> float:
    """Bytes a second that an engine sends to a front end over a forwarded socket."""
    with tempfile.TemporaryDirectory(prefix="woxly-") as folder:
        path = Path(folder) / "s"
        command = [sys.executable, "-m", "tests.tui.served_call", str(path)]
        command += ["--people", str(PEOPLE), "--talkers", str(talkers)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as served:
            try:
                while not path.exists():
                    time.sleep(0.05)
                return _attached_bytes(path, seconds)
            finally:
                served.kill()


def _attached_bytes(path: Path, seconds: float) -> float:
    """What comes to a front end that asked for it as `woxly attach` does over ssh."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(path))
        link.settimeout(0.1)
        for frame in (
            frames.Hello(frames.PROTOCOL, __version__),
            frames.Attach(FORWARDED_LEVELS_HZ, is_compact=True),
        ):
            link.sendall(frames.FRONT_END_FRAMES.encode(frame))
        _received(link, 1.0)
        return _received(link, seconds) / seconds


def _received(link: socket.socket, seconds: float) -> int:
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        with contextlib.suppress(TimeoutError):
            count += len(link.recv(65536))
    return count


def main() -> int:
    """Run the benchmark; returns 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description="Bytes a second of a call on a line.")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    args = parser.parse_args()
    calls = {"talking": TALKERS, "silent": 0}
    figures: dict[str, Any] = {}
    for width, height in SIZES:
        of_size: dict[str, dict[str, float]] = {name: {} for name in SCREENS}
        for call, talkers in calls.items():
            for name, module in SCREENS.items():
                found = terminal_bytes(module, talkers, (width, height), args.seconds)
                of_size[name][call] = round(found, 1)
        ratios = {call: of_size["woxly"][call] / of_size["naive"][call] for call in calls}
        figures[f"{width}x{height}"] = of_size | {
            "ratios": {call: round(ratio, 3) for call, ratio in ratios.items()}
        }
    attach = {call: round(socket_bytes(talkers, args.seconds)) for call, talkers in calls.items()}
    kept = {call: figures["80x24"]["woxly"][call] <= most for call, most in PROMISES.items()}
    result = {
        "figure": "bytes a second",
        "machine": {"system": platform.platform(), "cores": os.cpu_count()},
        "people": PEOPLE,
        "talking": TALKERS,
        "terminal": figures,
        "attach": attach | {"levels_hz": FORWARDED_LEVELS_HZ},
        "promises": PROMISES,
        "kept": kept,
    }
    print(json.dumps(result, indent=2))
    return 0 if all(kept.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
