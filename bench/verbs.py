"""Verbs: how long a command bound to a key takes, from process start to its end.

    python -m bench.verbs [--runs N]

A real engine in a call on a real livekit-server, with a microphone that is a PulseAudio null
sink. `mute toggle` ends when the media worker has confirmed it. In turns with it, and as a
measure of the machine, `python -c pass`.

    mute toggle      the microphone is muted, or opened
    status           the state is printed
    no engine        `mute toggle` where no engine runs
    python           an interpreter that does nothing
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.rig.pulse import SoundServer, clean_env
from tests.rig.sfu import LiveKitServer, find_binary
from tests.rig.woxly import Woxly

PROMISE_MS: Final = 100.0
"""Longest median of `mute toggle`, and of any verb that finds no engine."""

_WARM_UP: Final = 3


def run(words: Sequence[str], env: dict[str, str], codes: Sequence[int]) -> float:
    """Run a command; returns its milliseconds.

    Raises:
        RuntimeError: It ended with another code than one of these.
    """
    start_s = time.perf_counter()
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    took_ms = 1000 * (time.perf_counter() - start_s)
    if done.returncode not in codes:
        raise RuntimeError(f"{words} ended with {done.returncode}: {done.stderr}")
    return took_ms


def summary(times_ms: Sequence[float]) -> dict[str, Any]:
    """Median, 95th percentile, best and worst."""
    ordered = sorted(times_ms)
    return {
        "n": len(ordered),
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
        "best_ms": round(ordered[0], 1),
        "worst_ms": round(ordered[-1], 1),
    }


def measure(env: dict[str, str], empty: str, runs: int) -> dict[str, list[float]]:
    """Run each command in turn, as often as that."""
    woxly = str(Path(sys.executable).with_name("woxly"))
    nowhere = env | {"WOXLY_RUNTIME_DIR": empty}
    subjects: dict[str, tuple[list[str], dict[str, str], tuple[int, ...]]] = {
        "mute toggle": ([woxly, "mute", "toggle"], env, (0,)),
        "status": ([woxly, "status"], env, (0,)),
        "no engine": ([woxly, "mute", "toggle"], nowhere, (10,)),
        "python": ([sys.executable, "-c", "pass"], env, (0,)),
    }
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(runs + _WARM_UP):
        for name, (words, where, codes) in subjects.items():
            took_ms = run(words, where, codes)
            if number >= _WARM_UP:
                times[name].append(took_ms)
    return times


def report(times: dict[str, list[float]], load_before: float) -> dict[str, Any]:
    """Everything as one JSON value."""
    subjects = {name: summary(of) for name, of in times.items()}
    pass_ms = subjects["python"]["median_ms"]
    return {
        "figure": "verbs",
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "load_before": round(load_before, 2),
            "load_after": round(os.getloadavg()[0], 2),
        },
        "subjects": subjects,
        "ratios": {
            f"{name}/python": round(found["median_ms"] / pass_ms, 2)
            for name, found in subjects.items()
            if name != "python"
        },
        "promise_ms": PROMISE_MS,
        "kept": {
            name: subjects[name]["median_ms"] <= PROMISE_MS for name in ("mute toggle", "no engine")
        },
    }


def main() -> int:
    """Run the benchmark; returns 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description="How long verbs take, as whole processes.")
    parser.add_argument("--runs", type=int, default=50)
    args = parser.parse_args()
    load_before = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        sfu, server = LiveKitServer(find_binary()), SoundServer(["ann"])
        stack.callback(server.close)
        server.start()
        stack.callback(sfu.close)
        sfu.start()
        ann = server.people["ann"]
        call = {"WOXLY_RUNTIME_DIR": f"{folder}/run"}
        ours = stack.enter_context(
            Woxly(sfu, "verbs", "ann", ann.env | call, "--backend", "native")
        )
        ours.wait_live()
        times = measure(clean_env() | ann.env | call, f"{folder}/empty", args.runs)
    result = report(times, load_before)
    print(json.dumps(result, indent=2))
    return 0 if all(result["kept"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
