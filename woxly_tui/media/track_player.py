"""A file played into the call: a second track of ours, beside the microphone.

    PlayPcm ─► buffer, a second at most ─► to 48 kHz ─► gain ─► AudioSource ─► track ─► room

The source takes sound in real time, and so does whoever sends it: PlayTaken is said only while
there is room. Mute and deafen do not touch it; the end of the session does.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from livekit import rtc
from livekit.rtc.participant import PublishTrackError, UnpublishTrackError

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.media.failures import safe_detail
from woxly_tui.media.messages import WorkerEvent
from woxly_tui.media.play_messages import (
    TRACK_PREFIX,
    PlayBegin,
    PlayBegun,
    PlayEnd,
    PlayEnded,
    PlayPcm,
    PlayTaken,
)
from woxly_tui.media.playout_buffer import RATE_HZ

ENOUGH_S: Final = 0.6
"""With more than this waiting, no more is asked for."""

MOST_S: Final = 2.0
"""What is sent without being asked for is dropped beyond."""

PIECE_S: Final = 0.05
"""Handed to the source at a time."""

QUEUE_MS: Final = 200
"""What the source holds: it must not run dry while the event loop is busy."""

BITRATE_BPS: Final = 64_000
"""Opus, mono: music needs more than speech."""

_log = logging.getLogger(__name__)


class TrackPlayer:
    """Plays one thing at a time into one room. Use from the event loop.

    Args:
        room: Where to.
        ignored: Told the stream that is no voice of ours; the meters leave it out.
        emit: Takes the events.
    """

    def __init__(
        self, room: rtc.Room, ignored: set[str], emit: Callable[[WorkerEvent], None]
    ) -> None:
        self._room = room
        self._ignored = ignored
        self._emit = emit
        self._tasks = TaskOwner("track player")
        self._running: asyncio.Task[None] | None = None
        self._wanted = ""
        """The newest that was begun, unless it was ended since."""
        self._play = ""
        """What takes sound now."""
        self._buffer = bytearray()
        self._rate_hz = RATE_HZ
        self._gain = 1.0
        self._has_more = asyncio.Event()
        self._is_ending = False
        self._is_asked = False
        """The sender waits for PlayTaken."""
        self.tap: Callable[[rtc.AudioFrame, float], None] | None = None
        """Who records is given each frame, and in how many seconds it is sent."""

    def begin(self, command: PlayBegin) -> None:
        """Publish a track, and play what comes."""
        self._wanted = command.play
        self._running = self._tasks.start(self._follow(command, self._running), name="play")

    def feed(self, command: PlayPcm) -> None:
        """Take more sound."""
        if command.play != self._play:
            self._emit(PlayEnded(command.play, "it is not being played any more"))
            return
        try:
            self._buffer += base64.b64decode(command.data, validate=True)
        except (binascii.Error, ValueError):
            _log.warning("sound that is not base64 was dropped")
        del self._buffer[int(MOST_S * self._rate_hz) * 2 :]
        self._is_asked = True
        self._has_more.set()
        self._ask_for_more()

    def end(self, command: PlayEnd) -> None:
        """There is no more."""
        if command.play == self._wanted:
            self._wanted = ""
        if command.play != self._play:
            return
        if command.is_now:
            self._buffer.clear()
        self._is_ending = True
        self._has_more.set()

    async def aclose(self) -> None:
        """The session ends, and the track with it."""
        self._is_ending = True
        self._buffer.clear()
        await self._tasks.aclose()

    def _ask_for_more(self) -> None:
        if self._is_asked and len(self._buffer) / 2 < ENOUGH_S * self._rate_hz:
            self._is_asked = False
            self._emit(PlayTaken(self._play))

    async def _follow(self, command: PlayBegin, before: asyncio.Task[None] | None) -> None:
        """Play it once what was played before is withdrawn."""
        if before is not None:
            await asyncio.wait([before])
        if self._wanted != command.play:
            self._emit(PlayEnded(command.play))
            return
        self._play = command.play
        self._buffer.clear()
        self._rate_hz, self._gain = command.rate_hz, command.percent / 100
        self._is_ending = self._is_asked = False
        self._has_more.clear()
        await self._run(command)

    async def _run(self, command: PlayBegin) -> None:
        source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=QUEUE_MS)
        track = rtc.LocalAudioTrack.create_audio_track(TRACK_PREFIX + command.title, source)
        cause = ""
        publication: rtc.LocalTrackPublication | None = None
        stream = ""
        try:
            # A task of its own, since publishing must never be cancelled.
            publication = await asyncio.shield(self._publish(track))
            stream = await _stream_of(track)
            if stream:
                self._ignored.add(stream)
            self._emit(PlayBegun(command.play))
            await self._pump(source)
        except PublishTrackError as error:
            cause = f"the server takes no second track from us ({safe_detail(error.message)})"
        except RuntimeError as error:
            _log.exception("playing failed")
            cause = f"the sound library refuses it ({type(error).__name__})"
        finally:
            self._play = ""
            if publication is not None:
                await self._withdraw(publication.sid)
            await source.aclose()
            self._ignored.discard(stream)
        self._emit(PlayEnded(command.play, cause))

    def _publish(self, track: rtc.LocalAudioTrack) -> Any:
        # Tokens often allow a microphone and nothing else.
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False, red=True
        )
        options.audio_encoding.max_bitrate = BITRATE_BPS
        return self._tasks.start(
            self._room.local_participant.publish_track(track, options), name="publish"
        )

    async def _withdraw(self, sid: str) -> None:
        try:
            await self._room.local_participant.unpublish_track(sid)
        except UnpublishTrackError as error:
            _log.info("not unpublished: %s", safe_detail(error.message))

    async def _pump(self, source: rtc.AudioSource) -> None:
        resampler = None
        if self._rate_hz != RATE_HZ:
            resampler = rtc.AudioResampler(self._rate_hz, RATE_HZ)
        size = 2 * round(PIECE_S * self._rate_hz)
        while True:
            if not self._buffer:
                if self._is_ending:
                    await source.wait_for_playout()
                    return
                self._has_more.clear()
                await self._has_more.wait()
                continue
            piece = bytes(self._buffer[:size])
            del self._buffer[:size]
            self._ask_for_more()
            for frame in self._frames(piece[: len(piece) // 2 * 2], resampler):
                if self.tap is not None:
                    self.tap(frame, source.queued_duration)
                await source.capture_frame(frame)

    def _frames(self, piece: bytes, resampler: rtc.AudioResampler | None) -> list[rtc.AudioFrame]:
        samples = np.frombuffer(piece, dtype=np.int16)
        if self._gain != 1.0:
            louder = np.clip(samples * np.float32(self._gain), -32768, 32767)
            samples = louder.astype(np.int16)
        if not len(samples):
            return []
        frame = rtc.AudioFrame(samples.tobytes(), self._rate_hz, 1, len(samples))
        return [frame] if resampler is None else resampler.push(frame)


async def _stream_of(track: rtc.LocalAudioTrack) -> str:
    """By which name a track of ours stands in the room's statistics; empty where it does not."""
    for row in await track.get_stats():
        if row.WhichOneof("stats") == "media_source":
            return str(row.media_source.source.track_identifier)
    return ""
