"""Writes a recording on a thread of its own; whoever has sound never waits for it.

Recorder.push ─► Timeline ─► five times a second ─► RecordFolder
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples
from woxly_tui.media.record_files import MAX_SECONDS, STOP_FREE_BYTES, RecordFolder
from woxly_tui.media.record_timeline import Timeline
from woxly_tui.types import Seconds

EVERY_S: Final = 0.2

LOOK_EVERY_S: Final = 1.0
"""Time between looks at the free space."""

CLOSE_LIMIT_S: Final = 1.0
"""Longest wait for the last sound to be written; a disk that hangs must not hold up a call."""

DISK_FULL: Final = "the disk is full; what was recorded until now is kept"

TOO_LONG: Final = "it has reached 12 hours; begin another one"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a recording."""

    folder: str
    length_s: float
    lost_s: float
    cause: str
    """Why it ended by itself; empty where it was ended."""


class Recorder:
    """One recording, from its making to `close`. `push` from any thread, else from one.

    Args:
        folder: This object's from now on.
        names: What the files are called, by identity; asked on the recorder's thread.
        ended: Told when it ends by itself, on the recorder's thread.
    """

    def __init__(
        self,
        folder: RecordFolder,
        names: Callable[[], Mapping[str, str]],
        ended: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._names = names
        self._ended = ended
        self._timeline = Timeline(Seconds(time.monotonic()))
        self._stop = threading.Event()
        self._rests: dict[str, Samples] = {}
        """What is left of `push_ahead`: less than a frame of each."""
        self._cause = ""
        """Written by the thread, before it ends."""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def push(self, key: str, identity: str, frame: Samples) -> None:
        """Take 10 ms of one track that came just now. Never waits."""
        self._timeline.push(key, identity, frame, Seconds(time.monotonic()))

    def push_ahead(self, key: str, identity: str, samples: Samples, wait_s: float) -> None:
        """Take sound of any length that is sent in so many seconds; of one key, from one thread."""
        rest = self._rests.pop(key, samples[:0])
        whole = np.concatenate([rest, samples])
        began = time.monotonic() + wait_s - len(rest) / RATE_HZ
        end = len(whole) // FRAME_SAMPLES * FRAME_SAMPLES
        for at in range(0, end, FRAME_SAMPLES):
            due = Seconds(began + (at + FRAME_SAMPLES) / RATE_HZ)
            self._timeline.push(key, identity, whole[at : at + FRAME_SAMPLES], due)
        self._rests[key] = whole[end:]

    @property
    def lost_s(self) -> float:
        """Sound that was lost so far."""
        return self._timeline.lost_s

    def close(self) -> Written:
        """Write what there is, and complete the files. Blocks for CLOSE_LIMIT_S at the most."""
        self._stop.set()
        self._thread.join(CLOSE_LIMIT_S)
        if self._thread.is_alive():
            _log.warning("the disk does not take the end of the recording")
        folder = self._folder
        return Written(str(folder.path), folder.length_s, self.lost_s, self._cause)

    def _run(self) -> None:
        looked_at = time.monotonic()
        try:
            while not self._stop.wait(EVERY_S):
                self._write(is_over=False)
                if (now := time.monotonic()) - looked_at > LOOK_EVERY_S:
                    looked_at = now
                    if self._folder.free_bytes() < STOP_FREE_BYTES:
                        self._cause = DISK_FULL
                        break
                    if self._folder.length_s > MAX_SECONDS:
                        self._cause = TOO_LONG
                        break
            else:
                self._write(is_over=True)
        except OSError as error:
            _log.warning("recording: %s", error.strerror or type(error).__name__)
            self._cause = f"nothing more can be written ({error.strerror or error}); " + (
                "what was recorded until now is kept"
            )
        except Exception:  # noqa: BLE001 - else it would end without a word
            _log.exception("recording")
            self._cause = "it failed; what was recorded until now is kept"
        finally:
            self._folder.close()
            if self._cause:
                self._ended()

    def _write(self, *, is_over: bool) -> None:
        blocks, mix = self._timeline.render(Seconds(time.monotonic()), is_over=is_over)
        self._folder.write(blocks, mix, self._names())
