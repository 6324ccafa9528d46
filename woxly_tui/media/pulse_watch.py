"""A lasting connection to the sound server, which tells what changes there.

    server ──events──► thread: read the World ──► DeviceKeeper ──► moves of our streams
                                             └──► on_news, when it looks other than before

It plays and records nothing. Where there is no server it knocks again and again, so that one
that comes back is noticed within RETRY_S.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from woxly_tui.media import libpulse
from woxly_tui.media.device_world import DeviceKeeper, DeviceNews, Found, Move, Stream, World
from woxly_tui.media.devices import PROBE_TIMEOUT_S, SoundServer, judge
from woxly_tui.media.pulse_context import PulseContext
from woxly_tui.media.pulse_fade import FADING, PulseFade, is_ours
from woxly_tui.types import DeviceKind

RETRY_S: Final = 0.5
"""Time between knocks at a door where nobody answers."""

READ_GAP_S: Final = 0.05
"""Shortest time between two looks, however much happens there."""

WAKE_S: Final = 0.5
"""Longest wait for an event: libpulse forgets a wake-up that comes just before it waits."""

END_LIMIT_S: Final = 0.5

_log = logging.getLogger(__name__)


class PulseWatch:
    """The connection and its thread. Linux only.

    Args:
        keeper: Used on that thread only, from now on.
        on_news: Called on that thread whenever they differ from those before.
    """

    def __init__(self, keeper: DeviceKeeper, on_news: Callable[[DeviceNews], None]) -> None:
        self._keeper = keeper
        self._on_news = on_news
        self._choices: queue.SimpleQueue[tuple[DeviceKind, str]] = queue.SimpleQueue()
        self._is_ending = threading.Event()
        self._pulse: Any = None
        self._context: PulseContext | None = None
        """Written by the thread of the watch."""
        self._generation = 0
        self._told: DeviceNews | None = None
        self._thread = threading.Thread(target=self._run, name="pulse watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def choose(self, kind: DeviceKind, name: str) -> None:
        """Want another device. From any thread."""
        self._choices.put((kind, name))
        self._wake()

    def close(self) -> None:
        """End the thread. Blocks for END_LIMIT_S at most."""
        self._is_ending.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(END_LIMIT_S)

    def _wake(self) -> None:
        if (context := self._context) is not None:
            context.wake()

    def _run(self) -> None:
        try:
            self._pulse = libpulse.load()
        except OSError:
            _log.info("no libpulse: devices are not watched")
            return
        try:
            while not self._is_ending.is_set():
                server = self._live()
                self._take_choices()
                self._tell(World(server, self._generation))
                self._is_ending.wait(RETRY_S)
        except Exception:  # noqa: BLE001 - without the watch a call goes on as it is
            _log.exception("devices are no longer watched")

    def _live(self) -> SoundServer:
        """One connection, from its beginning to its end; returns why it ended."""
        context = self._context = PulseContext(self._pulse, b"woxly devices")
        try:
            ended = context.connect(PROBE_TIMEOUT_S)
            if ended is not None:
                return ended
            self._generation += 1
            self._follow(_Link(self._pulse, context))
            return SoundServer.ABSENT
        finally:
            self._context = None
            context.close()

    def _follow(self, link: "_Link") -> None:
        link.subscribe()
        while not self._is_ending.is_set():
            is_chosen = self._take_choices()
            if link.is_stale or is_chosen:
                world = link.read()
                if world is None:
                    return
                world = replace(world, generation=self._generation)
                link.move(self._keeper.look(world))
                link.heal()
                self._tell(world)
                link.rest(READ_GAP_S)
            is_busy = link.is_stale or not self._choices.empty()
            if not link.turn(0.0 if is_busy else WAKE_S):
                return

    def _take_choices(self) -> bool:
        is_any = False
        while not self._choices.empty():
            self._keeper.choose(*self._choices.get())
            is_any = True
        return is_any

    def _tell(self, world: World) -> None:
        news = self._keeper.news(world)
        if news != self._told and not self._is_ending.is_set():
            self._told = news
            self._on_news(news)


def look_once() -> World:
    """What the sound server that the environment leads to has now. Blocks. Linux only."""
    try:
        pulse = libpulse.load()
    except OSError:
        return World(SoundServer.NO_LIBRARY)
    context = PulseContext(pulse, b"woxly doctor")
    try:
        ended = context.connect(PROBE_TIMEOUT_S)
        return World(ended) if ended is not None else _Link(pulse, context).read() or World()
    finally:
        context.close()


class _Link:
    """One context. Every method is called on the thread of the watch."""

    def __init__(self, pulse: Any, context: PulseContext) -> None:
        self._pulse = pulse
        self._link = context
        self._context = context.raw
        self._fade = PulseFade(pulse, context)
        self._known: set[int] = set()
        """Streams that were looked at before."""
        self.is_stale = True
        """Something changed at the server since the last look."""
        self._world = World()
        # Kept alive for as long as libpulse may call them.
        self._on_event = libpulse.OnEvent(self._changed)
        self._on_done = libpulse.OnSuccess(lambda *_: None)
        self._on_server = libpulse.OnServerInfo(self._take_server)
        self._on_speaker = libpulse.OnDevice(self._take_speaker)
        self._on_microphone = libpulse.OnDevice(self._take_microphone)
        self._on_playing = libpulse.OnPlaying(self._take_playing)
        self._on_recording = libpulse.OnRecording(self._take_recording)

    def subscribe(self) -> None:
        pulse, context = self._pulse, self._context
        pulse.pa_context_set_subscribe_callback(context, self._on_event, None)
        operation = pulse.pa_context_subscribe(context, libpulse.EVENTS, self._on_done, None)
        if operation:
            pulse.pa_operation_unref(operation)

    def turn(self, wait_s: float) -> bool:
        """Let things happen, for so long at most; False once the server is gone."""
        return self._link.turn(wait_s)

    def rest(self, seconds: float) -> None:
        """Let a bunch of changes come to its end."""
        time.sleep(seconds)

    def read(self) -> World | None:
        """Look at everything; None once the server is gone, or says nothing."""
        pulse, context = self._pulse, self._context
        self.is_stale = False
        self._world = World(SoundServer.SILENT)
        operations = [
            pulse.pa_context_get_server_info(context, self._on_server, None),
            pulse.pa_context_get_sink_info_list(context, self._on_speaker, None),
            pulse.pa_context_get_source_info_list(context, self._on_microphone, None),
            pulse.pa_context_get_sink_input_info_list(context, self._on_playing, None),
            pulse.pa_context_get_source_output_info_list(context, self._on_recording, None),
        ]
        deadline = time.monotonic() + PROBE_TIMEOUT_S
        is_whole = all(operations)
        while is_whole and any(pulse.pa_operation_get_state(one) == 0 for one in operations):
            left_s = deadline - time.monotonic()
            is_whole = left_s > 0 and self.turn(left_s)
        for operation in filter(None, operations):
            pulse.pa_operation_cancel(operation)
            pulse.pa_operation_unref(operation)
        return self._world if is_whole else None

    def move(self, moves: list[Move]) -> None:
        """Move streams; what is heard of it is a gap, and no click."""
        for move in moves:
            _log.info("a %s stream is moved to %s", move.stream.kind, move.device)
        if moves:
            self._fade.move([(m.stream.kind, m.stream.index, m.device) for m in moves])

    def heal(self) -> None:
        """Bring back what a process that died had turned down."""
        known, self._known = self._known, {s.index for s in self._world.streams}
        if self._known <= known or not FADING.acquire(blocking=False):
            return
        try:
            self._fade.heal()
        finally:
            FADING.release()

    # Called by libpulse, on this thread

    def _changed(self, *_: object) -> None:
        self.is_stale = True

    def _take_server(self, _context: int, info: Any, _data: int) -> None:
        if not info:
            return
        found = info.contents
        defaults = {
            DeviceKind.SPEAKER: _text(found.default_sink_name),
            DeviceKind.MICROPHONE: _text(found.default_source_name),
        }
        self._world = replace(self._world, server=judge(found).server, defaults=defaults)

    def _take_speaker(self, _context: int, info: Any, end: int, _data: int) -> None:
        if not end and info:
            self._add(self._device(DeviceKind.SPEAKER, info.contents))

    def _take_microphone(self, _context: int, info: Any, end: int, _data: int) -> None:
        if not end and info:
            found = self._device(DeviceKind.MICROPHONE, info.contents)
            self._add(replace(found, is_monitor=info.contents.monitor != libpulse.NO_INDEX))

    def _device(self, kind: DeviceKind, info: Any) -> Found:
        gets = self._pulse.pa_proplist_gets
        protocol = gets(info.proplist, libpulse.PROTOCOL) or gets(
            info.proplist, libpulse.PIPEWIRE_PROFILE
        )
        is_hands_free = (protocol or b"").replace(b"-", b"_").startswith((b"headset", b"handsfree"))
        port = info.active_port.contents.name if info.active_port else None
        name = _text(info.name)
        return Found(
            kind,
            info.index,
            name,
            _text(info.description) or name,
            info.sample_spec.rate,
            is_hands_free=is_hands_free,
            is_muted=bool(info.mute),
            percent=info.volume.percent,
            is_worn=is_worn(port, gets(info.proplist, libpulse.FORM_FACTOR)),
        )

    def _add(self, found: Found) -> None:
        self._world = replace(self._world, devices=(*self._world.devices, found))

    def _take_playing(self, _context: int, info: Any, end: int, _data: int) -> None:
        if not end and info:
            played = info.contents
            is_silent = bool(played.mute) or played.volume.percent == 0
            self._take_stream(DeviceKind.SPEAKER, played, is_silent=is_silent)

    def _take_recording(self, _context: int, info: Any, end: int, _data: int) -> None:
        if not end and info:
            self._take_stream(DeviceKind.MICROPHONE, info.contents)

    def _take_stream(self, kind: DeviceKind, info: Any, *, is_silent: bool = False) -> None:
        if is_ours(self._pulse, info):
            stream = Stream(kind, info.index, info.device, is_silent)
            self._world = replace(self._world, streams=(*self._world.streams, stream))


def is_worn(port: bytes | None, form_factor: bytes | None) -> bool:
    """Whether a device is on somebody's ears.

    Args:
        port: Name of the socket in use, as `analog-output-headphones`.
        form_factor: What the device itself says it is.
    """
    named = (port or b"").lower()
    if b"headphone" in named or b"headset" in named:
        return True
    return b"speaker" not in named and (form_factor or b"") in (b"headset", b"headphone")


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode(errors="replace")
