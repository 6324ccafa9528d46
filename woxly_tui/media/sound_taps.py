"""Decoded sound in, captured sound out, past the event loop: on the native library's threads.

The SDK hands each 10 ms of each track through a queue, a wake-up of the event loop and two
tasks. Twenty talkers are two thousand of those a second, each as late as the loop is busy. Here
the event is taken where it arrives. The private hooks this needs are in `ffi`.
"""

import ctypes
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from livekit import rtc

from woxly_tui.errors import MediaError
from woxly_tui.media import ffi
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples

ANSWER_LIMIT_S: Final = 0.02
"""Longest wait for the frame before to be taken; a later one is dropped instead."""

CROWD: Final = 6
"""More tracks than this come in frames of CROWD_FRAME_MS: they cost less then, and come 10 ms
later."""

CROWD_FRAME_MS: Final = 20

SMALL: Final = 4
"""So few come in frames of 10 ms again."""

Sink = Callable[[Samples], None]

_log = logging.getLogger(__name__)


class SoundTaps:
    """The tracks that are listened to. Open and close from the event loop.

    Raises:
        MediaError: The SDK does not let us.
    """

    def __init__(self) -> None:
        self._sinks: dict[int, Sink] = {}
        self._handles: dict[str, Any] = {}
        self._tracks: dict[str, tuple[rtc.Track, Sink]] = {}
        self._frame_ms = 10
        self._captured: dict[int, Callable[[], None]] = {}
        self._intercept = ffi.intercept_events(self._take)
        if self._intercept is None:
            raise MediaError("this version of livekit does not let the mixer listen")

    def open(self, sid: str, track: rtc.Track, sink: Sink) -> None:
        """Give a track to a sink in frames of 10 ms, or more, on a thread of the library."""
        self.close(sid)
        self._tracks[sid] = (track, sink)
        self._listen(sid)
        if len(self._tracks) > CROWD and self._frame_ms != CROWD_FRAME_MS:
            self._change_frames(CROWD_FRAME_MS)

    @property
    def is_crowded(self) -> bool:
        """Whether there are so many tracks that each is to cost less, and may come later."""
        return self._frame_ms == CROWD_FRAME_MS

    def close(self, sid: str) -> None:
        """Listen to a track no more."""
        self._tracks.pop(sid, None)
        self._stop(sid)
        if len(self._tracks) <= SMALL and self._frame_ms == CROWD_FRAME_MS:
            self._change_frames(10)

    def _listen(self, sid: str) -> None:
        track, sink = self._tracks[sid]
        handle = ffi.new_audio_stream(track, RATE_HZ, self._frame_ms)
        if handle is not None:
            self._handles[sid] = handle
            self._sinks[handle.handle] = sink

    def _stop(self, sid: str) -> None:
        if (handle := self._handles.pop(sid, None)) is not None:
            self._sinks.pop(handle.handle, None)
            handle.dispose()

    def _change_frames(self, frame_ms: int) -> None:
        """Have all in other frames. The playout buffers fade over what is missed."""
        self._frame_ms = frame_ms
        for sid in self._tracks:
            self._stop(sid)
            self._listen(sid)

    def aclose(self) -> None:
        """Listen to nothing any more, and let events go their usual way."""
        for sid in self._tracks:
            self._stop(sid)
        self._tracks.clear()
        if self._intercept is not None:
            self._intercept()
            self._intercept = None

    def on_captured(self, capture: int, done: Callable[[], None]) -> None:
        """Who is told that a frame was taken, by its `ffi.capture_id`. The SDK hears of others,
        such as those of a file that is played."""
        self._captured[capture] = done

    def _take(self, event: Any) -> bool:
        """Take an event of the library; False for one that is not ours. On its thread."""
        which = event.WhichOneof("message")
        if which == "audio_stream_event":
            self._take_sound(event.audio_stream_event)
            return True
        if which == "capture_audio_frame":
            done = self._captured.get(event.capture_audio_frame.async_id)
            if done is not None:
                done()
                return True
        return False

    def _take_sound(self, event: Any) -> None:
        if not event.HasField("frame_received"):
            return
        owned = event.frame_received.frame
        try:
            sink = self._sinks.get(event.stream_handle)
            samples = owned.info.samples_per_channel
            if sink is not None and not samples % FRAME_SAMPLES:
                data = ctypes.string_at(owned.info.data_ptr, 2 * samples)
                sink(np.frombuffer(data, dtype=np.int16))
        finally:
            ffi.drop_handle(owned.handle.id)


class FrameSender:
    """Hands captured frames to a source, one in flight. `send` from one thread.

    Args:
        taps: Hears that a frame was taken.
        source: Made with `queue_size_ms=0`: a frame goes to the encoder at once.
    """

    def __init__(self, taps: SoundTaps, source: rtc.AudioSource) -> None:
        self._is_busy = threading.Lock()
        """Held while a frame is in flight. The library's thread lets go of it."""
        self._held: Samples = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        """The library may read it until it answers."""
        self._source = source
        address = self._held.ctypes.data
        self._request = ffi.capture_request(source, address, RATE_HZ, FRAME_SAMPLES)
        self.dropped = 0
        """Frames the library did not take in time. Written by the sender."""
        taps.on_captured(ffi.capture_id(source), self._let_go)

    def send(self, frame: Samples) -> None:
        """Send 10 ms."""
        if not self._is_busy.acquire(timeout=ANSWER_LIMIT_S):
            self.dropped += 1
            if self.dropped % 100:
                return
            _log.warning("no answer to captured frames: going on without")
        self._held[:] = frame
        if self._request is None or not self._request.send():
            self._let_go()
            self.dropped += 1

    def _let_go(self) -> None:
        # An answer may come after it was given up.
        if self._is_busy.locked():
            self._is_busy.release()
