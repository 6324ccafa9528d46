"""Mouth-to-ear: how long a sound takes from one person's microphone to the other's speaker.

    python -m bench.latency [--rounds N] [--seconds S] [--subjects woxly,platform,...]

Pairs take turns in one rig: real livekit-server, PulseAudio null sinks, one machine.

    woxly            two `woxly join --headless --backend native`
    mixer            two `woxly join --headless --backend mixer`
    web              two headless Chromiums with livekit-client
    platform         two bare scripts on the SDK's PlatformAudio
    media-devices    two bare scripts on the SDK's MediaDevices
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.rig.analysis import RATE_HZ, Arrival, Samples, chirp, find_chirps
from tests.rig.process import LineProcess, python_module
from tests.rig.pulse import Devices, SoundServer, clean_env
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.sfu import LiveKitServer, find_binary
from tests.rig.web.participant import WebParticipant, fetch_client
from tests.rig.woxly import Woxly

SUBJECTS: Final = ("woxly", "mixer", "web", "platform", "media-devices")

PROMISES: Final = {
    "woxly/media-devices": 0.2,
    "woxly/platform": 1.1,
    "woxly/web": 0.65,
    "mixer/web": 0.85,
    "mixer/media-devices": 0.2,
}
"""Largest ratios of medians that we promise."""

SETTLE_S: Final = 2.0
"""From both being in the call to the first chirp."""

LONGEST_S: Final = 1.4
"""A chirp later than this is lost; the next one like it comes later still."""

_SHORTEST_GAP_S: Final = 0.65
_LONGEST_GAP_S: Final = 0.85

UP: Final = chirp(low_hz=600, high_hz=4000)
DOWN: Final = chirp(low_hz=4000, high_hz=600)


def script(seconds: float, dice: random.Random) -> Samples:
    """Chirps, up and down in turns, at uneven distances."""
    parts: list[Samples] = []
    length_s, kinds = 0.0, [UP, DOWN]
    while length_s < seconds:
        gap_s = dice.uniform(_SHORTEST_GAP_S, _LONGEST_GAP_S)
        parts += [kinds[0], np.zeros(int(RATE_HZ * gap_s), dtype=np.float32)]
        length_s += len(kinds[0]) / RATE_HZ + gap_s
        kinds.reverse()
    return np.concatenate(parts)


def delays_ms(
    said: Recording, heard: Recording, start_s: float, end_s: float
) -> list[float | None]:
    """The delay of each chirp said, None where it was not heard."""
    delays: list[float | None] = []
    for kind in (UP, DOWN):
        arrivals = find_chirps(heard.between(start_s, end_s + LONGEST_S), kind, least=0.6)
        delays += [
            _delay_ms(one, arrivals) for one in find_chirps(said.between(start_s, end_s), kind)
        ]
    return delays


def _delay_ms(said: Arrival, heard: Sequence[Arrival]) -> float | None:
    # The recorders' clocks agree to a few milliseconds.
    later = [h.at_s - said.at_s for h in heard if -0.01 <= h.at_s - said.at_s <= LONGEST_S]
    return 1000 * later[0] if later else None


def measure(
    said: Recording, heard: Recording, mouth: Devices, sound: Samples
) -> list[float | None]:
    """Say the chirps; returns the delay of each."""
    start_s = time.monotonic()
    mouth.say(sound).wait()
    end_s = time.monotonic() + 0.2
    return delays_ms(said, heard, start_s - 0.05, end_s)


def measure_pair(
    subject: str, sfu: LiveKitServer, server: SoundServer, sound: Samples
) -> list[float | None]:
    """Put two of a kind into a room of their own, and measure from one to the other."""
    ann, bob = server.people["ann"], server.people["bob"]
    room = f"{subject}-{time.monotonic_ns()}"
    with ExitStack() as stack:
        pair = [stack.enter_context(join(subject, sfu, room, person)) for person in (ann, bob)]
        for process in pair:
            match process:
                case Woxly():
                    process.wait_live()
                case WebParticipant():
                    process.wait_for("join", lambda r: r["type"] == "joined", 40)
                case LineProcess():
                    process.wait_type("joined", 20)
        time.sleep(SETTLE_S)
        return measure(ann.said, bob.heard, ann, sound)


def join(
    subject: str, sfu: LiveKitServer, room: str, person: Devices
) -> LineProcess | WebParticipant:
    """Start one participant."""
    if subject in ("woxly", "mixer"):
        backend = "native" if subject == "woxly" else "mixer"
        return Woxly(sfu, room, person.name, person.env, "--backend", backend)
    if subject == "web":
        client = fetch_client(Path(tempfile.gettempdir()) / f"woxly-bench-{os.getuid()}")
        return WebParticipant(sfu, room, person.name, person.env, hz=0, script=client)
    token = sfu.token(room, person.name)
    command = python_module("tests.rig.subjects", subject, sfu.url, token)
    return LineProcess(person.name, command, clean_env() | person.env)


def measure_loop(server: SoundServer, sound: Samples) -> list[float | None]:
    """What the rig itself adds: the same chirps as a program reads them from the microphone."""
    ann = server.people["ann"]
    microphone = Recording()
    reader = Recorder({f"{ann.name}_mic": microphone}, clean_env() | server.env)
    try:
        microphone.wait_until(time.monotonic() + 1)
        return measure(ann.said, microphone, ann, sound)
    finally:
        reader.close()


def summary(delays: Sequence[float | None]) -> dict[str, Any]:
    """Median, 95th percentile, how many, how many lost."""
    heard = sorted(delay for delay in delays if delay is not None)
    result: dict[str, Any] = {"n": len(heard), "lost": len(delays) - len(heard)}
    if heard:
        rank = min(len(heard) - 1, int(0.95 * len(heard)))
        result |= {"median_ms": round(statistics.median(heard), 1), "p95_ms": round(heard[rank], 1)}
    return result


def report(
    loop: Sequence[float | None],
    rounds: dict[str, list[list[float | None]]],
    load_before: float,
) -> dict[str, Any]:
    """Everything as one JSON value."""
    subjects = {
        name: summary([d for delays in of_rounds for d in delays])
        | {"round_medians_ms": [summary(delays).get("median_ms") for delays in of_rounds]}
        for name, of_rounds in rounds.items()
    }
    ratios = {
        name: round(subjects[ours]["median_ms"] / subjects[other]["median_ms"], 3)
        for name in PROMISES
        for ours, other in [name.split("/")]
        if "median_ms" in subjects.get(ours, {}) and "median_ms" in subjects.get(other, {})
    }
    return {
        "figure": "mouth-to-ear",
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "load_before": round(load_before, 2),
            "load_after": round(os.getloadavg()[0], 2),
        },
        "loop": summary(loop),
        "subjects": subjects,
        "ratios": ratios,
        "promises": PROMISES,
        "kept": {name: ratio <= PROMISES[name] for name, ratio in ratios.items()},
    }


def main() -> int:
    """Run the benchmark; returns 1 where a promise is broken or a figure is missing."""
    parser = argparse.ArgumentParser(description="Mouth-to-ear of woxly and the SDK's own helpers.")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=8.0, help="of chirps, a round and pair")
    parser.add_argument("--subjects", default=",".join(SUBJECTS))
    args = parser.parse_args()
    subjects: list[str] = args.subjects.split(",")
    if unknown := set(subjects) - set(SUBJECTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(SUBJECTS)}")
    load_before = os.getloadavg()[0]
    sfu, server, dice = LiveKitServer(find_binary()), SoundServer(["ann", "bob"]), random.Random(1)
    rounds: dict[str, list[list[float | None]]] = {name: [] for name in subjects}
    try:
        server.start()
        sfu.start()
        loop = measure_loop(server, script(5.0, dice))
        for number in range(args.rounds):
            # Each is first in turn, so that none always meets the rig as the others left it.
            turn = number % len(subjects)
            for name in subjects[turn:] + subjects[:turn]:
                delays = measure_pair(name, sfu, server, script(args.seconds, dice))
                rounds[name].append(delays)
                print(f"round {number + 1} {name}: {summary(delays)}", file=sys.stderr)
    finally:
        sfu.close()
        server.close()
    result = report(loop, rounds, load_before)
    print(json.dumps(result, indent=2))
    is_complete = set(result["ratios"]) == set(PROMISES) or len(subjects) < len(SUBJECTS)
    return 0 if is_complete and all(result["kept"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
