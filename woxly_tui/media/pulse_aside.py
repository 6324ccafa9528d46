"""Streams beside the call: how loud a device is, and a tone. Nothing of them is sent.

    wishes, from any thread ──► thread: one context ──► streams that the server finds peaks of
                                                   └──► a stream that plays the tone

The server finds the peaks by itself, as desktop mixers ask it to: a few numbers a second come here.
It is connected to only while something is wished for. Linux only.
"""

import ctypes
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from woxly_tui.media import libpulse
from woxly_tui.media.devices import PROBE_TIMEOUT_S
from woxly_tui.media.pulse_context import PulseContext
from woxly_tui.media.pulse_fade import ASIDE

PEAKS_HZ: Final = 10
TONE_RATE_HZ: Final = 48_000

RETRY_S: Final = 1.0
"""Time between knocks at a door where nobody answers."""

TURN_S: Final = 0.2
"""Longest wait for anything: libpulse forgets a wake-up that comes just before it waits."""

OPEN_LIMIT_S: Final = 3.0
"""How long a device may take to deliver its first peak."""

TONE_LIMIT_S: Final = 4.0
"""How long a tone may take to be over, whatever its length."""

END_LIMIT_S: Final = 0.5

_PEAK_BYTES: Final = 4
_log = logging.getLogger(__name__)


class Told(Protocol):
    """Who hears of it, on the thread of `PulseAside`; must not block."""

    def on_peak(self, slot: str, peak: float) -> None:
        """The loudest sample since the peak before, 0 to 1."""

    def on_deaf(self, slot: str) -> None:
        """That device delivers nothing: it is gone, cannot be opened, or nobody answers."""

    def on_tone_over(self, *, was_played: bool) -> None:
        """The tone has ended, or never was."""


@dataclass(slots=True)
class _Ear:
    stream: int
    wish: tuple[str, int]
    opened_at: float
    has_heard: bool = False


class PulseAside:
    """The thread and what is wished of it.

    Args:
        told: Who hears of it.
    """

    def __init__(self, told: Told) -> None:
        self._told = told
        self._wishes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._has_wish = threading.Event()
        self._is_ending = threading.Event()
        self._pulse: Any = None
        self._context: PulseContext | None = None
        """Written by the thread."""
        self._wanted: dict[str, tuple[str, int]] = {}
        """The device of each slot, and its peaks a second. The thread's."""
        self._ears: dict[str, _Ear] = {}
        self._deaf: dict[str, tuple[str, int]] = {}
        """What was told to deliver nothing, and is not tried again."""
        self._tone: tuple[str, bytes] | None = None
        self._playing: int | None = None
        self._is_drained = False
        self._tone_until = 0.0
        # Kept alive for as long as libpulse may call it.
        self._on_drained = libpulse.OnSuccess(self._drained)
        self._thread = threading.Thread(target=self._run, name="pulse aside", daemon=True)

    def listen(self, slot: str, device: str | None, rate_hz: int = PEAKS_HZ) -> None:
        """Measure that device for this slot, "" being the default; None measures none."""
        self._wish(lambda: self._want(slot, device, rate_hz))

    def play(self, device: str, samples: bytes) -> None:
        """Play 16-bit mono at TONE_RATE_HZ, in place of what is played."""
        self._wish(lambda: self._want_tone((device, samples)))

    def hush(self) -> None:
        """Stop what is played; `on_tone_over` follows."""
        self._wish(lambda: self._want_tone(None))

    def close(self) -> None:
        """End the thread. Blocks for END_LIMIT_S at most."""
        self._is_ending.set()
        self._has_wish.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(END_LIMIT_S)

    def _wish(self, wish: Callable[[], None]) -> None:
        self._wishes.put(wish)
        if not self._thread.is_alive() and not self._is_ending.is_set():
            self._thread.start()
        self._has_wish.set()
        self._wake()

    def _wake(self) -> None:
        if (context := self._context) is not None:
            context.wake()

    # On the thread

    def _want(self, slot: str, device: str | None, rate_hz: int) -> None:
        self._deaf.pop(slot, None)
        if device is None:
            self._wanted.pop(slot, None)
        else:
            self._wanted[slot] = device, rate_hz

    def _want_tone(self, tone: tuple[str, bytes] | None) -> None:
        if self._playing is not None or self._tone is not None:
            self._end_tone(was_played=False)
        self._tone = tone

    def _take_wishes(self) -> None:
        while not self._wishes.empty():
            self._wishes.get()()

    def _run(self) -> None:
        try:
            self._pulse = libpulse.load()
        except OSError:
            _log.info("no libpulse: no device is measured")
        try:
            while not self._is_ending.is_set():
                self._has_wish.wait()
                self._has_wish.clear()
                self._take_wishes()
                while (self._wanted or self._tone) and not self._is_ending.is_set():
                    self._live()
        except Exception:  # noqa: BLE001 - a call goes on without meters
            _log.exception("devices are no longer measured")

    def _live(self) -> None:
        """One connection, for as long as anything is wished for."""
        context = self._connected()
        if context is None:
            self._give_up()
            self._is_ending.wait(RETRY_S)
            self._take_wishes()
            return
        try:
            while not self._is_ending.is_set() and (self._wanted or self._tone or self._playing):
                self._arrange(context)
                if not context.turn(TURN_S):
                    break
                self._hear()
                self._take_wishes()
        finally:
            for slot in list(self._ears):
                self._close_ear(slot)
            self._end_tone(was_played=False)
            self._context = None
            context.close()

    def _connected(self) -> PulseContext | None:
        if self._pulse is None:
            return None
        context = PulseContext(self._pulse, ASIDE)
        if context.connect(PROBE_TIMEOUT_S) is not None:
            context.close()
            return None
        self._context = context
        return context

    def _give_up(self) -> None:
        for slot, wish in self._wanted.items():
            if self._deaf.get(slot) != wish:
                self._tell_deaf(slot, wish)
        self._end_tone(was_played=False)

    def _arrange(self, context: PulseContext) -> None:
        """Open and close streams until they are those wished for."""
        for slot, ear in list(self._ears.items()):
            if self._wanted.get(slot) != ear.wish:
                self._close_ear(slot)
        for slot, wish in self._wanted.items():
            if slot not in self._ears and self._deaf.get(slot) != wish:
                self._open_ear(context, slot, wish)
        if self._tone is not None and self._playing is None:
            self._open_tone(context, self._tone[0])

    def _open_ear(self, context: PulseContext, slot: str, wish: tuple[str, int]) -> None:
        pulse = self._pulse
        device, rate_hz = wish
        spec = libpulse.SampleSpec(libpulse.FLOAT32LE, rate_hz, 1)
        stream = pulse.pa_stream_new(context.raw, ASIDE, ctypes.byref(spec), None)
        like_server = libpulse.LIKE_SERVER
        attr = libpulse.BufferAttr(like_server, like_server, like_server, like_server, _PEAK_BYTES)
        flags = libpulse.PEAK_DETECT | libpulse.ADJUST_LATENCY
        flags |= libpulse.DONT_MOVE if device else 0
        if not stream or pulse.pa_stream_connect_record(
            stream, _name(device), ctypes.byref(attr), flags
        ):
            self._tell_deaf(slot, wish)
            return
        self._ears[slot] = _Ear(stream, wish, time.monotonic())

    def _close_ear(self, slot: str) -> None:
        ear = self._ears.pop(slot)
        self._pulse.pa_stream_disconnect(ear.stream)
        self._pulse.pa_stream_unref(ear.stream)

    def _tell_deaf(self, slot: str, wish: tuple[str, int]) -> None:
        self._deaf[slot] = wish
        self._told.on_deaf(slot)

    def _hear(self) -> None:
        for slot, ear in list(self._ears.items()):
            state = self._pulse.pa_stream_get_state(ear.stream)
            is_late = not ear.has_heard and time.monotonic() > ear.opened_at + OPEN_LIMIT_S
            if state > libpulse.STREAM_READY or is_late:
                self._close_ear(slot)
                self._tell_deaf(slot, ear.wish)
            elif state == libpulse.STREAM_READY:
                for peak in self._peaks(ear.stream):
                    ear.has_heard = True
                    self._told.on_peak(slot, peak)
        if self._playing is not None:
            self._follow_tone(self._playing)

    def _peaks(self, stream: int) -> list[float]:
        pulse = self._pulse
        peaks: list[float] = []
        while 0 < pulse.pa_stream_readable_size(stream) < libpulse.SIZE_ERROR:
            data, size = ctypes.c_void_p(), ctypes.c_size_t()
            if pulse.pa_stream_peek(stream, ctypes.byref(data), ctypes.byref(size)):
                break
            if data.value is not None:
                values = ctypes.cast(data, ctypes.POINTER(ctypes.c_float))
                peaks += [min(1.0, abs(values[i])) for i in range(size.value // _PEAK_BYTES)]
            if not size.value or pulse.pa_stream_drop(stream):
                break
        return peaks

    # The tone

    def _open_tone(self, context: PulseContext, device: str) -> None:
        pulse = self._pulse
        spec = libpulse.SampleSpec(libpulse.S16LE, TONE_RATE_HZ, 1)
        stream = pulse.pa_stream_new(context.raw, ASIDE, ctypes.byref(spec), None)
        flags = libpulse.DONT_MOVE if device else 0
        if not stream or pulse.pa_stream_connect_playback(
            stream, _name(device), None, flags, None, None
        ):
            self._end_tone(was_played=False)
            return
        self._playing, self._is_drained = stream, False
        self._tone_until = time.monotonic() + TONE_LIMIT_S

    def _follow_tone(self, stream: int) -> None:
        pulse = self._pulse
        state = pulse.pa_stream_get_state(stream)
        if self._is_drained or state > libpulse.STREAM_READY:
            self._end_tone(was_played=self._is_drained)
        elif time.monotonic() > self._tone_until:
            self._end_tone(was_played=False)
        elif state == libpulse.STREAM_READY and self._tone is not None:
            _, samples = self._tone
            self._tone = None
            pulse.pa_stream_write(stream, samples, len(samples), None, 0, 0)
            operation = pulse.pa_stream_drain(stream, self._on_drained, None)
            if operation:
                pulse.pa_operation_unref(operation)

    def _drained(self, *_: object) -> None:
        self._is_drained = True

    def _end_tone(self, *, was_played: bool) -> None:
        stream, tone = self._playing, self._tone
        self._playing = self._tone = None
        if stream is not None:
            self._pulse.pa_stream_disconnect(stream)
            self._pulse.pa_stream_unref(stream)
        if stream is not None or tone is not None:
            self._told.on_tone_over(was_played=was_played)


def _name(device: str) -> bytes | None:
    return device.encode() if device else None
