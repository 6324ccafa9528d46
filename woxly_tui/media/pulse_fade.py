"""Turns our own streams down and up again at the sound server, in steps too small to be heard.

    down ─► what clicks: a move, an end, a beginning ─► up

For sound that is not shaped by us, or is cut off by the server: the volume of a stream follows
within its device's smallest buffer. The server may keep the volume of a stream for the next one of
its kind, so a stream that is found at LOW was left there by a process that died: it is
brought back.
"""

import ctypes
import logging
import os
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from woxly_tui.media import libpulse
from woxly_tui.media.pulse_context import PulseContext
from woxly_tui.types import DeviceKind

STEPS: Final = 16
STEP_S: Final = 0.003

LOW: Final = 1311
"""2 %, which is -102 dB: silent, and set by nobody."""

ASIDE: Final = b"woxly meter"
"""Name of our streams that are no part of the call, and are left as they are."""

READ_LIMIT_S: Final = 0.5

CONNECT_LIMIT_S: Final = 0.5

HOLD_LIMIT_S: Final = 0.3
"""Longest wait for another fade to end."""

FADING: Final = threading.Lock()
"""Held while a stream of ours is meant to be low."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loudness:
    """One of our streams, and the volume it is to have."""

    kind: DeviceKind
    index: int
    values: tuple[int, ...] = ()
    """Of each channel; none where it is not to be touched."""

    @property
    def was_left_low(self) -> bool:
        """Whether its volume is ours rather than anybody's."""
        return bool(self.values) and all(abs(value - LOW) <= 1 for value in self.values)


@dataclass(slots=True)
class _Reading:
    streams: list[Loudness] = field(default_factory=list)
    left_low: list[int] = field(default_factory=list)
    is_flat: bool = False


class PulseFade:
    """One connection's hand on our streams. For the thread of that connection.

    Args:
        pulse: What `libpulse.load` gave.
        context: Connected.
    """

    def __init__(self, pulse: Any, context: PulseContext) -> None:
        self._pulse = pulse
        self._context = context
        self._reading = _Reading()
        # Kept alive for as long as libpulse may call them.
        self._on_done = libpulse.OnSuccess(lambda *_: None)
        self._on_speaker = libpulse.OnDevice(
            lambda _c, info, end, _d: self._take_device(info, end, libpulse.SINK_FLAT_VOLUME)
        )
        self._on_microphone = libpulse.OnDevice(
            lambda _c, info, end, _d: self._take_device(info, end, libpulse.SOURCE_FLAT_VOLUME)
        )
        self._on_playing = libpulse.OnPlaying(
            lambda _c, info, end, _d: self._take_stream(info, end, DeviceKind.SPEAKER)
        )
        self._on_recording = libpulse.OnRecording(
            lambda _c, info, end, _d: self._take_stream(info, end, DeviceKind.MICROPHONE)
        )

    def find(self, *kinds: DeviceKind) -> list[Loudness]:
        """Our streams of these kinds; none where their volumes are those of the devices."""
        pulse, raw = self._pulse, self._context.raw
        self._reading = reading = _Reading()
        asked = []
        if DeviceKind.SPEAKER in kinds:
            asked += [
                pulse.pa_context_get_sink_info_list(raw, self._on_speaker, None),
                pulse.pa_context_get_sink_input_info_list(raw, self._on_playing, None),
            ]
        if DeviceKind.MICROPHONE in kinds:
            asked += [
                pulse.pa_context_get_source_info_list(raw, self._on_microphone, None),
                pulse.pa_context_get_source_output_info_list(raw, self._on_recording, None),
            ]
        is_whole = self._await(asked)
        return reading.streams if is_whole and not reading.is_flat else []

    def down(self, streams: list[Loudness]) -> None:
        """Turn them down until they are silent. Takes STEPS times STEP_S."""
        self._ramp(streams, range(STEPS - 1, -1, -1))

    def up(self, streams: list[Loudness]) -> None:
        """Turn them up to what they were. Takes as long."""
        self._ramp(streams, range(1, STEPS + 1))

    def set(self, streams: list[Loudness], *, is_low: bool) -> None:
        """Have them silent, or as they were, at once."""
        self._ramp(streams, [0 if is_low else STEPS])

    def move(self, moves: list[tuple[DeviceKind, int, str]]) -> None:
        """Move streams, by kind and number, to the device of that name: silent here before that,
        and there.
        """
        with FADING:
            found = {(s.kind, s.index): s for s in self.find(*DeviceKind)}
            streams = [found.get((kind, index), Loudness(kind, index)) for kind, index, _ in moves]
            self.down(streams)
            devices = [device for _, _, device in moves]
            self._await([self._move(s, d) for s, d in zip(streams, devices, strict=True)])
            self.up(streams)

    def _move(self, stream: Loudness, device: str) -> Any:
        pulse = self._pulse
        is_played = stream.kind is DeviceKind.SPEAKER
        move = (
            pulse.pa_context_move_sink_input_by_name
            if is_played
            else pulse.pa_context_move_source_output_by_name
        )
        return move(self._context.raw, stream.index, device.encode(), self._on_done, None)

    def heal(self) -> None:
        """Bring back what a process that died had turned down."""
        found = self.find(*DeviceKind)
        left = [stream for stream in found if stream.index in self._reading.left_low]
        if left:
            _log.warning("%d streams were left silent; they are heard again", len(left))
            self.up(left)

    def _ramp(self, streams: list[Loudness], steps: "range | list[int]") -> None:
        streams = [stream for stream in streams if any(stream.values)]
        for step in steps if streams else ():
            share = float((step / STEPS) ** (1 / 3))  # the server's volumes are cubes
            asked = [self._set(stream, share) for stream in streams]
            until = time.monotonic() + STEP_S
            self._await(asked)
            self.rest(until - time.monotonic())

    def _set(self, stream: Loudness, share: float) -> Any:
        values = [max(LOW, round(value * share)) if value else 0 for value in stream.values]
        volume = libpulse.Volume(len(values), (ctypes.c_uint32 * libpulse.CHANNELS_MAX)(*values))
        is_played = stream.kind is DeviceKind.SPEAKER
        pulse = self._pulse
        change = (
            pulse.pa_context_set_sink_input_volume
            if is_played
            else pulse.pa_context_set_source_output_volume
        )
        return change(self._context.raw, stream.index, ctypes.byref(volume), None, None)

    def rest(self, seconds: float) -> None:
        """Let time pass without losing what the server says."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0 and self._context.turn(left_s):
            pass

    def _await(self, operations: list[Any]) -> bool:
        """Wait for the server's answers; returns whether all came."""
        pulse = self._pulse
        deadline = time.monotonic() + READ_LIMIT_S
        is_whole = all(operations)
        while is_whole and any(pulse.pa_operation_get_state(one) == 0 for one in operations):
            left_s = deadline - time.monotonic()
            is_whole = left_s > 0 and self._context.turn(left_s)
        for operation in filter(None, operations):
            pulse.pa_operation_cancel(operation)
            pulse.pa_operation_unref(operation)
        return is_whole

    # Called by libpulse, on this thread

    def _take_device(self, info: Any, end: int, flat: int) -> None:
        if not end and info and info.contents.flags & flat:
            self._reading.is_flat = True

    def _take_stream(self, info: Any, end: int, kind: DeviceKind) -> None:
        if end or not info:
            return
        found = info.contents
        if not is_ours(self._pulse, found):
            return
        values = tuple(found.volume.values[: found.volume.channels])
        stream = Loudness(kind, found.index, values)
        if stream.was_left_low:
            self._reading.left_low.append(stream.index)
            stream = Loudness(kind, found.index, (libpulse.NORMAL_VOLUME,) * len(values))
        self._reading.streams.append(stream)


def is_ours(pulse: Any, info: Any) -> bool:
    """Whether a stream, as libpulse tells of it, is this process's own and part of the call."""
    gets = pulse.pa_proplist_gets
    owner = (gets(info.proplist, libpulse.PID), gets(info.proplist, libpulse.HOST))
    own = (str(os.getpid()).encode(), socket.gethostname().encode())
    return owner == own and info.name != ASIDE


class OwnFade:
    """Turns what we play down and up once, over a connection of its own. Blocks; for threads, one
    after the other. Does nothing where the server has no volumes for us.
    """

    def __init__(self) -> None:
        self._is_held = False
        self._context: PulseContext | None = None
        self._fade: PulseFade | None = None
        self._streams: list[Loudness] = []

    def down(self) -> None:
        """Turn down, and stay so until `release`."""
        if (fade := self._open()) is not None:
            fade.down(self._streams)

    def hold(self) -> None:
        """Be low at once, where nothing is heard yet, until `up`."""
        if (fade := self._open()) is not None:
            fade.set(self._streams, is_low=True)

    def up(self) -> None:
        """Turn up to what it was."""
        if self._fade is not None:
            self._fade.up(self._streams)

    def release(self) -> None:
        """Be as loud as before at once, where nothing is heard any more."""
        if self._fade is not None:
            self._fade.set(self._streams, is_low=False)

    def _open(self) -> PulseFade | None:
        self._is_held = FADING.acquire(timeout=HOLD_LIMIT_S)
        try:
            pulse = libpulse.load()
        except OSError:
            return None
        context = self._context = PulseContext(pulse, b"woxly fade")
        if not self._is_held or context.connect(CONNECT_LIMIT_S) is not None:
            return None
        self._fade = PulseFade(pulse, context)
        self._streams = self._fade.find(DeviceKind.SPEAKER)
        return self._fade

    def close(self) -> None:
        """Hang up. Once, whatever happened."""
        if self._context is not None:
            self._context.close()
        if self._is_held:
            FADING.release()
