"""Looks at a room's statistics again and again: levels, our connection, the audio watchdog."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from livekit import rtc

from woxly_tui.media.backends import AudioBackend
from woxly_tui.media.devices import NOTHING_DELIVERED, silence_cause
from woxly_tui.media.hearing import audio_publications, title_of, voices
from woxly_tui.media.levels import LevelMeter, Pace
from woxly_tui.media.messages import (
    AudioLost,
    CaptureMeasured,
    LevelsMeasured,
    MicrophoneSilent,
    SuppressionLost,
    WorkerEvent,
    XrunsCounted,
)
from woxly_tui.media.microphone import Microphone
from woxly_tui.media.sight import Sight
from woxly_tui.media.stats import OWN_STREAM, StatsReading, read_stats, receiver_id
from woxly_tui.media.strong_suppression import Trouble
from woxly_tui.media.watchdog import AudioWatchdog, SilenceWatch
from woxly_tui.types import Dbfs, Identity, Seconds

NOBODY: Final = ""
"""Whose a stream is that is no voice: what somebody plays into the call."""

STATS_TIMEOUT_S: Final = 3.0
"""A library that gives no statistics for so long hangs, as in a sound server that hangs."""

XRUNS_EVERY_S: Final = 2.0
"""Shortest time between two counts of blocks that were lost or invented."""

_MAP_INTERVAL_S: Final = 0.5
"""Time between attempts to learn whose an unknown stream is."""

_log = logging.getLogger(__name__)


class Monitor:
    """Measures one room until cancelled. Use from the event loop.

    Args:
        session: Number of the session, for the events.
        room: Connected.
        backend: Running.
        microphone: Published; None where there is none.
        pace: How often to look; shared with whoever sets the rate.
        sight: Told what is measured.
        emit: Takes the events.
    """

    def __init__(
        self,
        session: int,
        room: rtc.Room,
        backend: AudioBackend,
        microphone: Microphone | None,
        pace: Pace,
        sight: Sight,
        emit: Callable[[WorkerEvent], None],
    ) -> None:
        self._session = session
        self._room = room
        self._backend = backend
        self.microphone = microphone
        self._pace = pace
        self._sight = sight
        self._emit = emit
        self._identity = Identity(room.local_participant.identity)
        self._meter = LevelMeter()
        self._watchdog = AudioWatchdog()
        self._silence = SilenceWatch()
        self._owners: dict[str, Identity] = {}
        self._mapped_sids: dict[str, str] = {}
        self._map_at = 0.0
        self._captured_s = 0.0
        self._xruns: int | None = None
        self._say_xruns_at = 0.0
        self._told_gate: CaptureMeasured | None = None
        self._told_strong: Trouble | None = None
        self._is_lost = False
        self._wake = asyncio.Event()

    def hurry(self) -> None:
        """The pace changed: look now."""
        self._wake.set()

    def follow(self, backend: AudioBackend, microphone: Microphone | None) -> None:
        """Another backend runs, or another microphone: watch that one."""
        self._backend, self.microphone = backend, microphone
        self._captured_s = 0.0
        self._watchdog.restart()

    def restart(self) -> None:
        """The connection was lost or is back: counters begin anew, and all are silent."""
        self._watchdog.restart()
        self._owners.clear()
        self._mapped_sids.clear()
        if silence := self._meter.restart():
            self._emit(LevelsMeasured(self._session, silence))

    async def run(self) -> None:
        """Look, wait, look again. A failure of this is a loss of the audio: nobody guards it."""
        try:
            await self._run()
        except Exception:  # noqa: BLE001 - whatever it is, nobody would hear of dead meters
            _log.exception("measuring failed")
            self._lose("the sound can no longer be watched over")

    async def _run(self) -> None:
        while not self._is_lost:
            started_at = time.monotonic()
            if self._room.connection_state == rtc.ConnectionState.CONN_CONNECTED:
                await self._look()
            interval_s = self._pace.at_most(self._silence.look_within)
            wait_s = interval_s - (time.monotonic() - started_at)
            self._wake.clear()
            try:
                async with asyncio.timeout(max(wait_s, 0.01)):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _look(self) -> None:
        busy_before_s = time.thread_time()
        try:
            async with asyncio.timeout(STATS_TIMEOUT_S):
                reading = read_stats(await self._room.get_rtc_stats(), self._sight.ignored)
        except TimeoutError:
            if self._room.connection_state == rtc.ConnectionState.CONN_CONNECTED:
                self._lose("the sound library does not answer")
            return
        except RuntimeError as error:
            _log.info("no statistics: %s", error)
            return
        await self._learn_owners(reading)
        self._measure(reading)
        self._guard(reading)
        self._count_xruns()
        self._look_at_suppression()
        self._pace.note_cost(time.thread_time() - busy_before_s)

    def _measure(self, reading: StatsReading) -> None:
        now = Seconds(time.monotonic())
        self._sight.flows.look(reading.flows, self._owners, now, plays=self._backend.plays)
        self._sight.link.note_rtt(reading.rtt_s)
        if (link := self._sight.link.report(now)) is not None:
            self._emit(link)
        if (trim := self._backend.trim) is not None:
            trim.is_wanted = self._sight.is_late_needlessly
        if not self._pace.wants_levels:
            return
        owners = {stream: who for stream, who in self._owners.items() if who != NOBODY}
        owners[OWN_STREAM] = self._identity
        levels = self._meter.update(reading.streams, owners, self._silent())
        if levels:
            self._emit(LevelsMeasured(self._session, levels))
        gate = self._backend.gate
        if gate is not None and gate.is_on:
            level, threshold = Dbfs(round(gate.level)), Dbfs(round(gate.threshold))
            is_open = gate.is_open and self.microphone is not None and self.microphone.is_open
            measured = CaptureMeasured(self._session, level, threshold, is_open)
            if measured != self._told_gate:
                self._told_gate = measured
                self._emit(measured)

    def _silent(self) -> set[Identity]:
        silent = {
            Identity(participant.identity)
            for participant in self._room.remote_participants.values()
            if all(sound.muted for sound in voices(participant))
        }
        if self.microphone is None or not self.microphone.is_open:
            silent.add(self._identity)
        return silent

    def _guard(self, reading: StatsReading) -> None:
        """Watch that sound flows where it should, and that none is captured where it must not."""
        is_open = self.microphone is not None and self.microphone.is_open
        captured_s, before_s = reading.captured_s, self._captured_s
        self._captured_s = captured_s
        if self.microphone is not None and not is_open and captured_s > before_s:
            self._backend.release_capture()
        playout_samples = self._backend.played_samples
        if playout_samples is None:
            playout_samples = reading.playout_samples
        cause = self._backend.failure or self._watchdog.look(
            Seconds(time.monotonic()),
            capture_s=captured_s if is_open else None,
            playout_samples=playout_samples if self._backend.plays else None,
        )
        if cause:
            self._lose(cause)
        self._watch_silence(reading, is_stuck=is_open and captured_s <= before_s)

    def _watch_silence(self, reading: StatsReading, *, is_stuck: bool) -> None:
        own = reading.streams.get(OWN_STREAM)
        energy: float | None = None
        if self.microphone is not None and self.microphone.is_open:
            # What a noise gate holds back is no fault of the device.
            if (peaks := self._backend.peaks) is not None:
                energy = peaks.heard_frames
            elif own is not None:
                energy = own.energy
        if self._silence.look(Seconds(time.monotonic()), energy):
            why = ""
            if self._silence.is_silent:
                why = NOTHING_DELIVERED if is_stuck else silence_cause()
            self._emit(MicrophoneSilent(self._session, why))

    def _count_xruns(self) -> None:
        """Say how many there are, where that changed."""
        now, xruns = time.monotonic(), self._backend.xruns
        if xruns != self._xruns and now >= self._say_xruns_at:
            self._xruns, self._say_xruns_at = xruns, now + XRUNS_EVERY_S
            self._emit(XrunsCounted(self._session, xruns))

    def _look_at_suppression(self) -> None:
        """Say once that what is wanted does not work."""
        strong = self._backend.strong
        trouble = strong.trouble if strong is not None else None
        if trouble is not None and trouble is not self._told_strong:
            self._emit(SuppressionLost(self._session, trouble.cause, trouble.remedy))
        self._told_strong = trouble

    def _lose(self, cause: str) -> None:
        if not self._is_lost:
            _log.error("audio lost: %s", cause)
            self._is_lost = True
            self._emit(AudioLost(self._session, cause))

    async def _learn_owners(self, reading: StatsReading) -> None:
        """Find out whose the streams are, by asking the tracks that are not known yet."""
        for stream in self._owners.keys() - reading.streams.keys():
            del self._owners[stream]
        unknown = reading.streams.keys() - self._owners.keys() - {OWN_STREAM}
        now = time.monotonic()
        if not unknown or now < self._map_at:
            return
        self._map_at = now + _MAP_INTERVAL_S
        try:
            async with asyncio.timeout(STATS_TIMEOUT_S):
                await self._ask_tracks()
        except TimeoutError:
            _log.info("not all streams have an owner yet")

    async def _ask_tracks(self) -> None:
        for participant in list(self._room.remote_participants.values()):
            for sound in list(audio_publications(participant)):
                known = self._mapped_sids.get(sound.sid)
                if sound.track is None or known in self._owners:
                    continue
                receiver = await self._receiver_of(sound.track)
                if receiver is not None:
                    whose = NOBODY if title_of(sound) is not None else participant.identity
                    self._owners[receiver] = Identity(whose)
                    self._mapped_sids[sound.sid] = receiver

    async def _receiver_of(self, track: rtc.RemoteTrack) -> str | None:
        try:
            return receiver_id(await track.get_stats())
        except Exception as error:  # noqa: BLE001 - the SDK raises it bare for a track long gone
            _log.info("a stream has no owner yet: %s", type(error).__name__)
            return None
