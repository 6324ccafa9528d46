"""Where the milliseconds of the mixer are: each stage from a microphone to the other's speaker.

    python -m bench.stages [--rounds N] [--seconds S]

Two real mixers in rooms of a real livekit-server, with an ear between any two stages:

    said ─► captured ─► cleaned ─► decoded ─► mixed ─► heard
          device    echo, noise   Opus, SFU,  playout  device
                                  NetEq       buffer

A stage's figure is the median difference of the arrivals of chirps on its two sides. Blocks count
as arrived when their last sample has, so a stage that makes 10 ms blocks has those in it.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import statistics
import sys
import time
from contextlib import ExitStack
from typing import Any, Final

from livekit import rtc

from bench.latency import DOWN, LONGEST_S, UP, script
from tests.rig.analysis import find_chirps
from tests.rig.process import LineProcess, python_module
from tests.rig.pulse import Devices, SoundServer, clean_env
from tests.rig.recording import Recording
from tests.rig.sfu import LiveKitServer, find_binary
from woxly_tui.media import ffi
from woxly_tui.media.backends.mixer import MixerBackend
from woxly_tui.media.microphone import Microphone
from woxly_tui.media.priority import ask_for_process
from woxly_tui.media.worker import SWITCH_S

STAGES: Final = ("captured", "cleaned", "decoded", "mixed", "heard")

WHAT: Final = {
    "captured": "recording device, sound server included",
    "cleaned": "echo, noise, gain",
    "decoded": "Opus, server, network, NetEq",
    "mixed": "playout buffer",
    "heard": "playout device, sound server included",
}

SETTLE_S: Final = 2.0


class Ears:
    """Records what passes between the stages of one mixer."""

    def __init__(self, backend: MixerBackend) -> None:
        self._heard = {name: Recording() for name in STAGES[:-1]}
        # The seams of the mixer are its own; nobody but a benchmark listens there.
        cleaner: Any = backend._cleaner  # noqa: SLF001
        playout: Any = backend._playout  # noqa: SLF001
        clean, mix, add = cleaner.clean, playout.mix, playout.add

        def add_heard(*args: Any) -> Any:
            buffer = add(*args)
            push = buffer.push
            buffer.push = lambda frame: push(self._note("decoded", frame))
            return buffer

        cleaner.clean = lambda frame: self._note("cleaned", clean(self._note("captured", frame)))
        playout.mix = lambda: self._note("mixed", mix())
        playout.add = add_heard

    def _note(self, stage: str, frame: Any) -> Any:
        self._heard[stage].append(frame, time.monotonic())
        return frame

    def arrivals(self, start_s: float, end_s: float) -> dict[str, list[float]]:
        """When each chirp passed, by stage."""
        found = {}
        for stage, recording in self._heard.items():
            if recording.reached_s() >= start_s:
                found[stage] = chirps_in(recording, start_s, end_s)
        return found


def chirps_in(recording: Recording, start_s: float, end_s: float) -> list[float]:
    """When each chirp of either kind came."""
    clip = recording.between(start_s, end_s)
    return sorted(a.at_s for kind in (UP, DOWN) for a in find_chirps(clip, kind, least=0.6))


async def inside(url: str, token: str) -> None:
    """One participant: says when it is there, and on each line read what passed since."""
    ask_for_process()
    sys.setswitchinterval(SWITCH_S)
    ffi.quiet_native_logs()
    room, loop = rtc.Room(), asyncio.get_running_loop()
    backend = await MixerBackend.open()
    ears = Ears(backend)

    @room.on("track_subscribed")
    def _(track: rtc.Track, publication: Any, participant: Any) -> None:
        backend.play(publication.sid, participant.identity, track, 100)

    await room.connect(url, token)
    track = backend.create_track()
    if track is None:
        raise RuntimeError(backend.cause)
    microphone = Microphone(track, backend.release_capture, lambda *_, **__: None, backend.feed)
    await microphone.publish(room.local_participant)
    await asyncio.sleep(0.1)
    microphone.set_open(1, is_open=True)
    await backend.begin()
    _say({"type": "joined"})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        state = {"xruns": backend.xruns, "neteq_ms": await _neteq_ms(room)}
        stages = ears.arrivals(asked["start_s"], asked["end_s"])
        _say({"type": "passed", "stages": stages, **state})
    await room.disconnect()
    await backend.aclose()


async def _neteq_ms(room: rtc.Room) -> float | None:
    """Mean time in the jitter buffer of the library, in milliseconds."""
    stats = await room.get_rtc_stats()
    for row in (*stats.publisher_stats, *stats.subscriber_stats):
        if row.WhichOneof("stats") == "inbound_rtp":
            inbound = row.inbound_rtp.inbound
            if inbound.jitter_buffer_emitted_count:
                return 1000 * inbound.jitter_buffer_delay / inbound.jitter_buffer_emitted_count
    return None


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def measure(sfu: LiveKitServer, server: SoundServer, sound: Any) -> dict[str, Any]:
    """One round: the time that each stage took, for each chirp."""
    with ExitStack() as stack:
        room = f"stages-{time.monotonic_ns()}"
        pair = {}
        for person in server.people.values():
            token = sfu.token(room, person.name)
            command = python_module("bench.stages", "--inside", sfu.url, token)
            env = clean_env() | person.env
            pair[person.name] = stack.enter_context(LineProcess(person.name, command, env))
        for process in pair.values():
            process.wait_type("joined", 20)
        time.sleep(SETTLE_S)
        ann, bob = server.people["ann"], server.people["bob"]
        start_s = time.monotonic() - 0.05
        ann.say(sound).wait()
        end_s = time.monotonic() + 0.2
        times = _device_arrivals(ann, bob, start_s, end_s)
        for process, stages in ((pair["ann"], STAGES[:2]), (pair["bob"], STAGES[2:4])):
            process.send({"start_s": start_s, "end_s": end_s + LONGEST_S})
            told = process.wait_type("passed", 20)
            print(
                f"{process.label}: {told['xruns']} xruns, NetEq {told['neteq_ms']}", file=sys.stderr
            )
            times |= {stage: told["stages"].get(stage, []) for stage in stages}
        return _differences(times)


def _device_arrivals(
    ann: Devices, bob: Devices, start_s: float, end_s: float
) -> dict[str, list[float]]:
    return {
        "said": chirps_in(ann.said, start_s, end_s),
        "heard": chirps_in(bob.heard, start_s, end_s + LONGEST_S),
    }


def _differences(times: dict[str, list[float]]) -> dict[str, Any]:
    counts = {stage: len(found) for stage, found in times.items()}
    if len(set(counts.values())) != 1:
        return {"unequal": counts}
    order = ["said", *STAGES]
    return {
        after: [1000 * (b - a) for a, b in zip(times[before], times[after], strict=True)]
        for before, after in itertools.pairwise(order)
    }


def main() -> int:
    """Print the stages as JSON."""
    parser = argparse.ArgumentParser(description="The stages of the mixer.")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--inside", nargs=2, metavar=("URL", "TOKEN"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        asyncio.run(inside(*args.inside))
        return 0
    dice, rounds = random.Random(1), []
    sfu, server = LiveKitServer(find_binary()), SoundServer(["ann", "bob"])
    try:
        server.start()
        sfu.start()
        for _ in range(args.rounds):
            found = measure(sfu, server, script(args.seconds, dice))
            print(
                {
                    k: round(statistics.median(v), 1) if isinstance(v, list) else v
                    for k, v in found.items()
                },
                file=sys.stderr,
            )
            if "unequal" not in found:
                rounds.append(found)
    finally:
        sfu.close()
        server.close()
    stages = {
        stage: {
            "what": WHAT[stage],
            "median_ms": round(statistics.median(ms for r in rounds for ms in r[stage]), 1),
            "round_medians_ms": [round(statistics.median(r[stage]), 1) for r in rounds],
        }
        for stage in STAGES
    }
    total = round(sum(stage["median_ms"] for stage in stages.values()), 1)
    load = [round(value, 2) for value in os.getloadavg()]
    print(
        json.dumps(
            {"figure": "stages of the mixer", "stages": stages, "sum_ms": total, "load": load},
            indent=2,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
