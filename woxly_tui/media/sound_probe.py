"""What microphone and speaker really do: `python -P -m woxly_tui.media.sound_probe`.

    silence ─ chirps ──► speaker ~ ~ ~ microphone ──► level, zeros, chirps heard

Reads one JSON line, {"tone": bool}. Says one JSON line, {"type": "sound", …}, in which `speaker`
and `microphone` are null or say what they did, and `causes` why not. The devices are those the
`mixer` backend opens: the defaults of the sound server, by PortAudio.
"""

import logging
import os
import statistics
import threading
import time
from typing import Any, Final

import numpy as np

from woxly_tui.errors import MediaError
from woxly_tui.media.chirps import FRAME_SAMPLES, RATE_HZ, Samples, dbfs, find, train
from woxly_tui.media.probe_pipe import ProbePipe
from woxly_tui.media.pulse_config import find_sound
from woxly_tui.media.sound_card import CaptureDevice, PlayoutDevice, open_capture, open_playout

LIMIT_S: Final = 20.0
"""How long this process may live, whatever hangs."""

LEAD_S: Final = 1.2
"""Listening only: the level of the room."""

CHIRPS: Final = 4
EVERY_S: Final = 0.5
TONE_DBFS: Final = -14.0
"""Peak of a chirp: to be heard across a desk, and not to startle."""

_TAIL_S: Final = 0.6
_NEEDED: Final = 2
"""Chirps that must come back to believe it."""


class Loop:
    """What was played and what was recorded, with the times of both."""

    def __init__(self, sound: Samples) -> None:
        self._sound = sound
        self._lock = threading.Lock()
        self.played_at: list[float] = []
        """When each frame was asked for. Written by the speaker's thread."""
        self.heard: list[Samples] = []
        self.heard_at: list[float] = []
        """Both written by the microphone's thread."""

    def next_frame(self) -> Samples:
        """For the speaker's thread."""
        start = len(self.played_at) * FRAME_SAMPLES
        self.played_at.append(time.monotonic())
        frame = self._sound[start : start + FRAME_SAMPLES]
        return np.pad(frame, (0, FRAME_SAMPLES - len(frame)))

    def hear(self, frame: Samples) -> None:
        """For the microphone's thread."""
        with self._lock:
            self.heard.append(frame.copy())
            self.heard_at.append(time.monotonic())

    def recorded(self) -> tuple[list[Samples], list[float]]:
        """What was recorded so far."""
        with self._lock:
            return list(self.heard), list(self.heard_at)


def listen_s(is_toned: bool) -> float:
    """How long it takes."""
    return LEAD_S + (CHIRPS * EVERY_S + _TAIL_S if is_toned else 0.0)


def measure(*, is_toned: bool) -> dict[str, Any]:
    """Open both devices, listen, play, and free them again. Blocks."""
    lead = np.zeros(int(LEAD_S * RATE_HZ), dtype=np.int16)
    loop = Loop(np.concatenate((lead, train(CHIRPS, EVERY_S, TONE_DBFS))))
    causes: dict[str, str] = {}
    microphone: CaptureDevice | None = None
    speaker: PlayoutDevice | None = None
    began = time.monotonic()
    try:
        try:
            microphone = open_capture(loop.hear)
            microphone.start()
        except MediaError as error:
            causes["microphone"] = error.message
        try:
            speaker = open_playout(loop.next_frame) if is_toned else None
            if speaker is not None:
                speaker.start()
        except MediaError as error:
            causes["speaker"] = error.message
        time.sleep(listen_s(is_toned))
        return {
            "microphone": _judge_microphone(loop, began, microphone),
            "speaker": _judge_speaker(loop, speaker),
            "causes": causes,
        } | heard_back(loop)
    finally:
        for device in (speaker, microphone):
            if device is not None:
                device.close()


def _judge_microphone(
    loop: Loop, began: float, device: CaptureDevice | None
) -> dict[str, Any] | None:
    if device is None:
        return None
    frames, times = loop.recorded()
    room = [frame for frame, at in zip(frames, times, strict=True) if at < began + LEAD_S]
    sound = np.concatenate(frames) if frames else np.zeros(0, dtype=np.int16)
    return {
        "seconds": round(len(sound) / RATE_HZ, 2),
        "level_dbfs": round(dbfs(np.concatenate(room) if room else sound)),
        "is_zeros": not bool(sound.any()),
        "is_clipped": bool(len(sound)) and int(np.abs(sound.astype(np.int32)).max()) >= 32766,
        "latency_ms": round(1000 * device.latency_s),
        "failure": device.failure,
    }


def _judge_speaker(loop: Loop, device: PlayoutDevice | None) -> dict[str, Any] | None:
    if device is None:
        return None
    return {
        "seconds": round(len(loop.played_at) / 100, 2),
        "latency_ms": round(1000 * device.latency_s),
        "failure": device.failure,
    }


def heard_back(loop: Loop) -> dict[str, Any]:
    """The chirps that the microphone heard: how many, how late, how much quieter."""
    frames, times = loop.recorded()
    first, step = int(LEAD_S * 100), int(EVERY_S * 100)
    delays, levels = [], []
    for number in range(CHIRPS):
        at = first + number * step
        if at >= len(loop.played_at):
            break
        at_s = loop.played_at[at]
        begin, end = np.searchsorted(times, (at_s, at_s + EVERY_S + 0.1))
        stretch = frames[begin:end]
        arrival = find(np.concatenate(stretch)) if stretch else None
        if arrival is not None:
            frame, rest = divmod(arrival.at, FRAME_SAMPLES)
            delays.append(1000 * (times[begin + frame] - at_s + rest / RATE_HZ))
            heard = np.concatenate(stretch)[arrival.at : arrival.at + RATE_HZ // 10]
            levels.append(dbfs(heard))
    if len(delays) < _NEEDED:
        return {"heard": 0}
    return {
        "heard": len(delays),
        "loop_ms": round(statistics.median(delays)),
        "heard_dbfs": round(statistics.median(levels)),
    }


def main() -> None:
    """Measure, say, end."""
    os.environ.pop("DISPLAY", None)
    pipe = ProbePipe(LIMIT_S)
    logging.basicConfig(level=logging.INFO)
    task = pipe.read_task()
    find_sound()
    pipe.say({"type": "sound"} | measure(is_toned=bool(task.get("tone", True))))
    pipe.finish()


if __name__ == "__main__":
    main()
