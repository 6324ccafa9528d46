"""One bot as a real participant: its room, its track, and the way back after a loss."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from typing import Final, TypeAlias

from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.demo.mouth import FRAME_MS, Mouth

OnRoom: TypeAlias = Callable[[rtc.Room], None]
"""Called with each new room: once before it connects, to hang handlers on it, once after."""

_FRAME_S: Final = FRAME_MS / 1000.0

_QUEUE_MS: Final = 400
"""Size of the source's own queue. While that is empty the source sends silence by itself,
which costs us nothing; a track that sends nothing at all is taken for a bad connection."""

_LEAD_S: Final = 0.28
"""How much is queued ahead: we may be late by that much before anybody hears it."""

_LOOK_EVERY_S: Final = 0.12

_RETRY_S: Final = (0.3, 0.6, 1.2, 2.5, 5.0)
_LEAVE_WITHIN_S: Final = 0.6

_BITRATE: Final = 64_000
"""Enough for Opus to leave its speech mode, which takes 2.5 times the CPU; 48 kbit/s are not."""

_log = logging.getLogger(__name__)


class Friend:
    """Stays in the room until `aclose`, and sends what its mouth says.

    Subscribes to nothing by itself. Use from one event loop.
    """

    def __init__(
        self,
        url: str,
        token: str,
        mouth: Mouth,
        before_room: OnRoom | None = None,
        after_room: OnRoom | None = None,
    ) -> None:
        self._url = url
        self._token = token
        self._mouth = mouth
        self._before_room = before_room
        self._after_room = after_room
        self._tasks = TaskOwner("friend")
        self._track: rtc.LocalAudioTrack | None = None
        self._is_muted = False

    def start(self) -> None:
        """Join the room, and keep joining it."""
        self._tasks.start(self._stay(), name="stay")

    def set_mute(self, on: bool) -> None:
        """Mute or open the track; also the one published after a reconnect."""
        self._is_muted = on
        if self._track is not None:
            if on:
                self._track.mute()
            else:
                self._track.unmute()

    async def aclose(self) -> None:
        """Leave the room."""
        await self._tasks.aclose()

    async def _stay(self) -> None:
        failures = 0
        while True:
            try:
                await self._visit()
                failures = 0
            except Exception as error:  # noqa: BLE001 - the SDK raises bare ones; we try again
                _log.warning("lost the room: %s", error)
                failures += 1
            wait = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))  # noqa: S311 - only jitter

    async def _visit(self) -> None:
        """One stay in the room: from connecting to the loss of it."""
        room = rtc.Room()
        lost = asyncio.Event()
        room.on("disconnected", lambda _reason: lost.set())
        source = rtc.AudioSource(self._mouth.rate_hz, 1, queue_size_ms=_QUEUE_MS)
        speaking = TaskOwner("friend-visit")
        try:
            await self._join(room, source)
            speaking.start(self._speak(source), name="speak")
            await lost.wait()
            _log.info("the room is gone; joining anew")
        finally:
            self._track = None
            await speaking.aclose()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LEAVE_WITHIN_S):
                    await room.disconnect()
            await source.aclose()

    async def _join(self, room: rtc.Room, source: rtc.AudioSource) -> None:
        if self._before_room is not None:
            self._before_room(room)
        await room.connect(self._url, self._token, rtc.RoomOptions(auto_subscribe=False))
        if self._after_room is not None:
            self._after_room(room)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        options.red = False
        options.audio_encoding.max_bitrate = _BITRATE
        await room.local_participant.publish_track(track, options)
        self._track = track
        if self._is_muted:
            track.mute()

    async def _speak(self, source: rtc.AudioSource) -> None:
        loop = asyncio.get_running_loop()
        rate_hz, size = self._mouth.rate_hz, self._mouth.frame_samples
        queued_until = 0.0
        while True:
            now = loop.time()
            queued_until = max(queued_until, now)
            while queued_until - now < _LEAD_S:
                if (samples := self._mouth.next_frame()) is None:
                    break
                queued_until += _FRAME_S
                if not self._is_muted:
                    await _send(source, rtc.AudioFrame(samples.tobytes(), rate_hz, 1, size))
            await asyncio.sleep(_LOOK_EVERY_S)


async def _send(source: rtc.AudioSource, frame: rtc.AudioFrame) -> None:
    try:
        await source.capture_frame(frame)
    except Exception as error:  # noqa: BLE001 - the SDK raises a bare one; a frame is lost
        _log.debug("frame dropped: %s", error)
