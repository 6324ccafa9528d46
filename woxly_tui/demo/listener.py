"""Echo's ears in the room: the microphones of guests as short frames of samples."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.demo.voice import Samples
from woxly_tui.types import Identity

Hear: TypeAlias = Callable[[Identity, Samples], None]
Leave: TypeAlias = Callable[[Identity], None]

MAX_GUESTS: Final = 8
"""Microphones listened to at once; later guests are not echoed until one leaves."""

_FRAMES_AT_ONCE: Final = 3
"""Frames handed over together: a third of the wake-ups, and Echo is in no hurry."""

_QUEUE: Final = 3
"""How many such bundles are kept when we are late; the oldest are dropped."""


class Listener:
    """Subscribes to guests, whoever joins when, and to nobody else.

    Args:
        friends: The bots, who are not listened to.
        hear: Takes each frame, on the event loop.
        leave: Told when a guest's track is gone.
    """

    def __init__(
        self, friends: frozenset[Identity], rate_hz: int, frame_ms: int, hear: Hear, leave: Leave
    ) -> None:
        self._friends = friends
        self._rate_hz = rate_hz
        self._frame_ms = frame_ms
        self._hear = hear
        self._leave = leave
        self._tasks = TaskOwner("listener")
        self._readers: dict[Identity, asyncio.Task[None]] = {}

    def attach(self, room: rtc.Room) -> None:
        """Hang our handlers on a room that is about to connect."""
        room.on("track_published", self._subscribe)
        room.on("track_subscribed", self._on_subscribed)
        room.on("track_unsubscribed", self._on_unsubscribed)

    def catch_up(self, room: rtc.Room) -> None:
        """Subscribe to those who were there before us; no event tells of them."""
        for participant in room.remote_participants.values():
            for publication in participant.track_publications.values():
                self._subscribe(publication, participant)

    async def aclose(self) -> None:
        """Stop listening."""
        await self._tasks.aclose()

    def _subscribe(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        is_voice = (
            publication.kind == rtc.TrackKind.KIND_AUDIO
            and publication.source != rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO
        )
        if is_voice and participant.identity not in self._friends:
            publication.set_subscribed(True)

    def _on_subscribed(
        self,
        track: rtc.RemoteTrack,
        _publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        who = Identity(participant.identity)
        if not isinstance(track, rtc.RemoteAudioTrack):
            return
        if (old := self._readers.pop(who, None)) is not None:
            old.cancel()
        if len(self._readers) < MAX_GUESTS:
            self._readers[who] = self._tasks.start(self._read(who, track), name="read")

    def _on_unsubscribed(
        self,
        _track: rtc.RemoteTrack,
        _publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        if (reader := self._readers.pop(Identity(participant.identity), None)) is not None:
            reader.cancel()

    async def _read(self, who: Identity, track: rtc.RemoteAudioTrack) -> None:
        stream = rtc.AudioStream(
            track,
            capacity=_QUEUE,
            sample_rate=self._rate_hz,
            num_channels=1,
            frame_size_ms=self._frame_ms * _FRAMES_AT_ONCE,
        )
        size = self._rate_hz * self._frame_ms // 1000
        try:
            async for event in stream:
                samples = np.frombuffer(event.frame.data, dtype=np.int16).copy()
                for start in range(0, len(samples), size):
                    self._hear(who, samples[start : start + size])
        finally:
            self._leave(who)
            await stream.aclose()
