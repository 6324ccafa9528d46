"""The mixer's playout for long, with clocks that differ: depth, clicks, memory.

    python -m bench.soak [--minutes M] [--drift D]

A sender of 10 ms frames whose clock is D faster than the sound server's feeds a playout buffer
that a real device of a real PulseAudio plays, on the threads that a call has. What leaves the
speaker is recorded and searched for clicks; buffer, gaps and memory are noted once a minute.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.rig.analysis import RATE_HZ, tone
from tests.rig.clicks import BOUND_DBFS, find_clicks
from tests.rig.process import LineProcess, python_module
from tests.rig.pulse import SoundServer, clean_env

FRAME: Final = RATE_HZ // 100

BOUND_MS: Final = 60.0
"""Longest that sound may wait in the buffer, but for what a stall of the machine adds."""

GROWTH_MB: Final = 5.0
"""By which memory may grow between the second minute and the last."""

BESIDE_S: Final = 0.3
"""A click so near to a gap is that gap, or the device that was opened anew for it."""

LOOK_S: Final = 20.0
"""Of sound searched at a time."""


def frames() -> Iterator[Any]:
    """An endless tone: whole periods, so that only we can break it."""
    sound = (tone(440, 0.5, -20) * 32767).astype(np.int16).reshape(-1, FRAME)
    while True:
        yield from sound


def resident_mb() -> float:
    """Memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def push(buffer: Any, drift: float) -> None:
    """Give the tone to a buffer, for ever, by a clock that is so much fast."""
    began = time.monotonic()
    for number, frame in enumerate(frames(), start=1):
        time.sleep(max(0.0, began + number * 0.01 / (1 + drift) - time.monotonic()))
        buffer.push(frame)


def inside(drift: float) -> None:
    """Play, and say once in LOOK_S how it goes, until standard input ends."""
    from woxly_tui.media.playout import Playout
    from woxly_tui.media.sound_card import open_playout
    from woxly_tui.media.worker import SWITCH_S

    sys.setswitchinterval(SWITCH_S)
    playout = Playout()
    buffer = playout.add("TR", "ann", 1.0)
    waited: list[float] = []
    gaps: list[float] = []

    def next_part() -> Any:
        waited.append(buffer.depth * 5.0)
        seen = device.xruns + buffer.underruns
        if seen != len(gaps):
            gaps.extend([time.monotonic()] * (seen - len(gaps)))
        return playout.mix()

    device = open_playout(next_part, lambda: playout.is_ready)
    device.start()

    threading.Thread(target=push, args=(buffer, drift), daemon=True).start()

    def tell() -> None:
        while True:
            time.sleep(LOOK_S)
            depths, waited[:] = sorted(waited), []
            state = {
                "depth_ms": [depths[len(depths) // 2], depths[int(0.99 * len(depths))], depths[-1]],
                "dropped": buffer.dropped,
                "stretched": buffer.stretched,
                "underruns": buffer.underruns,
                "overruns": buffer.overruns,
                "device_xruns": device.xruns,
                "gaps_at": gaps[-50:],
                "memory_mb": resident_mb(),
                "failure": device.failure,
            }
            sys.stdout.write(json.dumps({"type": "state", **state}) + "\n")
            sys.stdout.flush()

    threading.Thread(target=tell, daemon=True).start()
    sys.stdin.read()
    device.close()


def main() -> int:
    """Run it; returns 1 where depth or memory left their bounds, or there was a click."""
    parser = argparse.ArgumentParser(description="The mixer's playout with clocks that differ.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--drift", type=float, default=0.02)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        inside(args.drift)
        return 0
    server = SoundServer(["ann"])
    try:
        server.start()
        ann = server.people["ann"]
        command = python_module("bench.soak", "--inside", "--drift", str(args.drift))
        with LineProcess("soak", command, clean_env() | ann.env) as process:
            result = _watch(ann.heard, process, args.minutes)
    finally:
        server.close()
    print(json.dumps({"figure": "soak", "drift": args.drift, **result}, indent=2))
    return 0 if all(result["kept"].values()) else 1


def _watch(heard: Any, process: LineProcess, minutes: float) -> dict[str, Any]:
    time.sleep(1.0)
    began, at_s = time.monotonic(), time.monotonic()
    clicks: list[tuple[float, float]] = []
    states: list[dict[str, Any]] = []
    while time.monotonic() - began < 60 * minutes:
        since = len(process.messages)
        state = process.wait_type("state", 2 * LOOK_S, since)
        states.append(state)
        now = time.monotonic() - 0.5
        found = find_clicks(heard.between(at_s, now))
        gaps_at = state.pop("gaps_at")
        found = [c for c in found if not any(abs(c.at_s - gap) < BESIDE_S for gap in gaps_at)]
        clicks += [(round(c.at_s - began, 1), round(c.level_dbfs, 1)) for c in found]
        at_s = now
        print({k: v for k, v in state.items() if k[0] != "_"}, found, file=sys.stderr)
    memory = [state["memory_mb"] for state in states[min(3, len(states) - 1) :]]
    last = states[-1]
    return {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "depth_ms": {
            "median": states[len(states) // 2]["depth_ms"][0],
            "p99": max(state["depth_ms"][1] for state in states),
            "most": max(state["depth_ms"][2] for state in states),
        },
        "memory_mb": [memory[0], memory[-1]],
        "last": {k: v for k, v in last.items() if k[0] != "_" and k != "type"},
        "clicks": {"bound_dbfs": BOUND_DBFS, "found": clicks},
        "load": [round(value, 2) for value in os.getloadavg()],
        "kept": {
            "depth": max(state["depth_ms"][1] for state in states) <= BOUND_MS,
            "memory": memory[-1] - memory[0] <= GROWTH_MB,
            "clicks": not clicks,
        },
    }


if __name__ == "__main__":
    sys.exit(main())
