"""What a call with many talkers costs: the processor time of everything one listener runs.

    python -m bench.talkers [--talkers 2,10,30] [--rounds N] [--seconds S] [--subjects ...]

All talk at once, none ever pauses, and the listener's own microphone is open. The subjects are in
one room at the same time, so that whatever else the machine does is the same for each. Their
processor time is read from the kernel, children included, as a share of a core; the ratio is the
median of the rounds' ratios. `recording` is `mixer`, and records all of it as WAV files: what it
costs beyond `mixer` is what recording costs.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
from livekit import rtc

from bench.latency import join
from tests.rig.analysis import syllables
from tests.rig.process import LineProcess, descendants, engines, python_module
from tests.rig.pulse import SoundServer, clean_env
from tests.rig.sfu import LiveKitServer, find_binary
from tests.rig.woxly import Woxly

SUBJECTS: Final = ("woxly", "mixer", "platform", "media-devices")

RECORDING: Final = "recording"

PROMISED: Final = ("mixer/media-devices", 10, 0.8)
"""Ratio, at how many talkers, at most."""

SETTLE_S: Final = 4.0

RATE_HZ: Final = 48_000
FRAME: Final = RATE_HZ // 100


async def talk(url: str, tokens: Sequence[str]) -> None:
    """Everybody says the same syllables, each from another place."""
    sound = (syllables(10.0, -20) * 32767).astype(np.int16)
    sources = []
    for token in tokens:
        room = rtc.Room()
        await room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))
        source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=0)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        await room.local_participant.publish_track(track, options)
        sources.append((room, source))
    sys.stdout.write(json.dumps({"type": "joined"}) + "\n")
    sys.stdout.flush()
    began, number = time.monotonic(), 0
    while True:
        for place, (_, source) in enumerate(sources):
            at = (number + 37 * place) % (len(sound) // FRAME - 1) * FRAME
            frame = rtc.AudioFrame(sound[at : at + FRAME].tobytes(), RATE_HZ, 1, FRAME)
            await source.capture_frame(frame)
        number += 1
        await asyncio.sleep(max(0.0, began + number / 100 - time.monotonic()))


def processor_s(pids: Sequence[int]) -> float:
    """Processor time used so far, by processes that still run."""
    ticks = 0
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        fields = stat.rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def everything(process: LineProcess) -> list[int]:
    """All processes of a subject."""
    roots = [process.pid, *(engines(process.folder) if isinstance(process, Woxly) else ())]
    return sorted({pid for root in roots for pid in (root, *descendants(root))})


def measure(
    subjects: Sequence[str], talkers: int, sfu: LiveKitServer, server: SoundServer, seconds: float
) -> dict[str, float]:
    """Share of a core that each listener uses among so many talkers, all at the same time."""
    room = f"talkers-{time.monotonic_ns()}"
    tokens = [sfu.token(room, f"talker-{n}") for n in range(talkers)]
    with ExitStack() as stack:
        command = python_module("bench.talkers", "--inside", sfu.url, *tokens)
        crowd = stack.enter_context(LineProcess("crowd", command, clean_env()))
        crowd.wait_type("joined", 60)
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        listeners: dict[str, LineProcess] = {}
        for subject in subjects:
            kind = "mixer" if subject == RECORDING else subject
            listener = stack.enter_context(join(kind, sfu, room, server.people[subject]))
            if not isinstance(listener, LineProcess):
                raise TypeError(f"{subject} has no processes to be measured")
            listeners[subject] = listener
        for listener in listeners.values():
            if isinstance(listener, Woxly):
                listener.wait_live()
                if listener.label == RECORDING:
                    listener.verb("record", "on", "--to", folder)
            else:
                listener.wait_type("joined", 20)
        time.sleep(SETTLE_S)
        pids = {subject: everything(listener) for subject, listener in listeners.items()}
        before = {subject: processor_s(found) for subject, found in pids.items()}
        began = time.monotonic()
        time.sleep(seconds)
        spent_s = time.monotonic() - began
        return {s: (processor_s(found) - before[s]) / spent_s for s, found in pids.items()}


def main() -> int:
    """Run the benchmark; returns 1 where the promise is broken."""
    parser = argparse.ArgumentParser(description="Processor time of a call with many talkers.")
    parser.add_argument("--talkers", default="2,10,30")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--subjects", default=",".join(SUBJECTS))
    parser.add_argument("--inside", nargs="+", metavar="URL", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        asyncio.run(talk(args.inside[0], args.inside[1:]))
        return 0
    subjects = args.subjects.split(",")
    counts = [int(word) for word in args.talkers.split(",")]
    shares: dict[int, dict[str, list[float]]] = {n: {s: [] for s in subjects} for n in counts}
    sfu, server = LiveKitServer(find_binary()), SoundServer(subjects)
    try:
        server.start()
        sfu.start()
        for _ in range(args.rounds):
            for count in counts:
                found = measure(subjects, count, sfu, server, args.seconds)
                for name, share in found.items():
                    shares[count][name].append(share)
                print(f"{count} talkers: {found}", file=sys.stderr)
    finally:
        sfu.close()
        server.close()
    result = report(shares)
    print(json.dumps(result, indent=2))
    return 0 if result["kept"] in (True, None) else 1


def report(shares: dict[int, dict[str, list[float]]]) -> dict[str, Any]:
    """Everything as one JSON value."""
    medians = {
        count: {name: round(statistics.median(found), 3) for name, found in of.items()}
        for count, of in shares.items()
    }
    name, count, most = PROMISED
    ours, theirs = name.split("/")
    ratio = None
    if {ours, theirs} <= medians.get(count, {}).keys():
        pairs = zip(shares[count][ours], shares[count][theirs], strict=True)
        ratio = round(statistics.median(a / b for a, b in pairs), 3)
    return {
        "figure": "processor time of a listener, of a core",
        "cores": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "medians": medians,
        "rounds": {
            n: {s: [round(x, 3) for x in f] for s, f in of.items()} for n, of in shares.items()
        },
        "recording_adds": _recording_adds(shares),
        "ratio": {name: ratio, "talkers": count, "promise": most},
        "kept": None if ratio is None else ratio <= most,
    }


def _recording_adds(shares: dict[int, dict[str, list[float]]]) -> dict[int, float]:
    """Share of a core that recording costs on top of the same call, by the number of talkers."""
    return {
        count: round(
            statistics.median(a - b for a, b in zip(of[RECORDING], of["mixer"], strict=True)), 3
        )
        for count, of in shares.items()
        if {RECORDING, "mixer"} <= of.keys()
    }


if __name__ == "__main__":
    sys.exit(main())
