"""Our own mixer: a volume for each person, on whatever PortAudio can open.

    microphone ─► CaptureDevice ─► AEC, NS, AGC ─► gain, fade ─► FrameSender ─► track ─► room
                                       ▲ reference
    speaker ◄── PlayoutDevice ◄────────┴── Playout.mix ◄── buffers, gains ◄── SoundTaps

The library's own playout is closed meanwhile; it goes on decoding, to nowhere but here.
"""

import asyncio
import logging
import sys
from typing import Final

from livekit import rtc

from woxly_tui.errors import MediaError
from woxly_tui.media.backends.base import Tap
from woxly_tui.media.cleaner import Cleaner
from woxly_tui.media.cue_messages import CueCommand
from woxly_tui.media.devices import NO_MICROPHONE, SoundServer, probe_sound_server
from woxly_tui.media.messages import BackendChoice, Shaping
from woxly_tui.media.pause_trim import PauseTrim
from woxly_tui.media.peaks import PeakMeter
from woxly_tui.media.playout import Playout
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples
from woxly_tui.media.pulse_config import cause_of
from woxly_tui.media.send_fade import SendFade
from woxly_tui.media.sound_card import (
    CaptureDevice,
    PlayoutDevice,
    load_portaudio,
    open_capture,
    open_playout,
)
from woxly_tui.media.sound_taps import FrameSender, SoundTaps

OPEN_TIMEOUT_S: Final = 5.0
"""Longest wait for the devices."""

HUSH_S: Final = 0.08
"""What the speaker may still hold of what was mixed: its cushion, and a little more."""

_log = logging.getLogger(__name__)


class MixerBackend:
    """sounddevice, numpy, and the SDK's AudioProcessingModule. Open it with `open`; it is silent
    until told to `begin`.
    """

    choice = BackendChoice.MIXER
    plays = True

    def __init__(self) -> None:
        self._playout = Playout()
        self._cleaner = Cleaner(self._echo_delay_s)
        self.gate = self._cleaner.gate
        self.strong = self._cleaner.strong
        self._taps = SoundTaps()
        self._capture: CaptureDevice | None = None
        self._speaker: PlayoutDevice | None = None
        self._source: rtc.AudioSource | None = None
        self._sender: FrameSender | None = None
        self.peaks = PeakMeter()
        self._fade = SendFade()
        self.trim = PauseTrim()
        self.tap: Tap | None = None
        """Read by the threads that bring sound."""
        self._is_closed = False
        self._is_heard = False
        self._master = 1.0
        self.cause = ""
        self._playout.master = 0.0

    @classmethod
    async def open(cls) -> "MixerBackend":
        """Open the default devices.

        Raises:
            MediaError: There is no speaker, or no PortAudio.
        """
        server = await asyncio.to_thread(probe_sound_server)
        if server in (SoundServer.SILENT, SoundServer.NO_SPEAKER):
            raise MediaError(cause_of(server))
        backend = cls()
        opening = asyncio.get_running_loop().run_in_executor(None, backend._open, server)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await asyncio.shield(opening)
        except TimeoutError:
            backend._taps.aclose()
            opening.add_done_callback(backend._close_late)
            raise MediaError(SoundServer.SILENT.value) from None
        except MediaError:
            await backend.aclose()
            raise
        return backend

    def _close_late(self, opening: asyncio.Future[None]) -> None:
        """The devices have opened after all, or not; nobody waits for them any more."""
        if not opening.cancelled() and (error := opening.exception()) is not None:
            _log.info("no mixer, late: %s", error)
        opening.get_loop().run_in_executor(None, self._close)

    def _open(self, server: SoundServer) -> None:
        load_portaudio()
        self._speaker = open_playout(
            self._next_part, lambda: self._playout.is_ready, lambda: self._taps.is_crowded
        )
        try:
            if server is SoundServer.NO_MICROPHONE and sys.platform.startswith("linux"):
                raise MediaError(NO_MICROPHONE)
            self._capture = open_capture(self._on_captured)
            self._capture.start()
        except MediaError:
            if self._capture is not None:
                self._capture.close()
            self._capture = None
            self.cause = NO_MICROPHONE
        self._speaker.start()

    # Threads of the devices

    def _next_part(self) -> Samples:
        mixed = self._playout.mix()
        if self._capture is not None:
            self._cleaner.played(mixed)
        return mixed

    def _on_captured(self, samples: Samples) -> None:
        clean = self._cleaner.clean(samples)
        self.peaks.note(samples, clean)
        sent = self._fade.process(clean)
        sender = self._sender
        trimmed = sent
        if sent is clean:
            trimmed = self.trim.process(clean)
        else:
            self.trim.interrupt()
        if sent is not None and sender is not None:
            if trimmed is not None:
                sender.send(trimmed)
            if (tap := self.tap) is not None:
                tap(f"own {id(sender)}", None, sent)
        self._fade.handed_over()

    def _echo_delay_s(self) -> float:
        devices = (self._speaker, self._capture)
        return sum(device.latency_s for device in devices if device is not None)

    # The microphone

    def create_track(self) -> rtc.LocalAudioTrack | None:
        if self._capture is None:
            return None
        self._source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=0)
        self._sender = FrameSender(self._taps, self._source)
        return rtc.LocalAudioTrack.create_audio_track("microphone", self._source)

    def release_capture(self) -> bool:
        # What is captured goes nowhere unless fed; the canceller learns from it all the same.
        return False

    def feed(self, is_open: bool) -> None:
        self._fade.set(is_open=is_open)

    # The others

    def play(self, sid: str, identity: str, track: rtc.Track, percent: int) -> None:
        buffer = self._playout.add(sid, identity, percent / 100)

        def hear(frame: Samples) -> None:
            buffer.push(frame)
            if (tap := self.tap) is not None:
                for start in range(0, len(frame), FRAME_SAMPLES):
                    tap(sid, identity, frame[start : start + FRAME_SAMPLES])

        self._taps.open(sid, track, hear)

    def stop_playing(self, sid: str) -> None:
        self._taps.close(sid)
        self._playout.remove(sid)

    def set_volume(self, identity: str, percent: int) -> None:
        self._playout.set_gain(identity, percent / 100)

    def shape(self, shaping: Shaping) -> None:
        self._cleaner.shape(shaping)
        self._master = shaping.master_percent / 100
        self._apply_master()

    def cue(self, command: CueCommand) -> None:
        self._playout.cues.take(command)

    async def begin(self) -> None:
        self._is_heard = True
        self._apply_master()

    async def hush(self) -> None:
        self._is_heard = False
        self._apply_master()
        await asyncio.sleep(HUSH_S)

    def _apply_master(self) -> None:
        self._playout.master = self._master if self._is_heard else 0.0

    @property
    def played_samples(self) -> int | None:
        return self._speaker.played if self._speaker is not None else 0

    @property
    def failure(self) -> str:
        devices = (self._capture, self._speaker)
        return next((d.failure for d in devices if d is not None and d.failure), "")

    @property
    def xruns(self) -> int:
        """Blocks lost or invented so far, in devices and buffers."""
        devices = sum(d.xruns for d in (self._capture, self._speaker) if d is not None)
        return devices + self._playout.xruns + (self._sender.dropped if self._sender else 0)

    async def aclose(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._fade.set(is_open=False)
        await asyncio.to_thread(self._close)
        self._taps.aclose()
        if self._source is not None:
            await self._source.aclose()
        _log.info("mixer closed after %d xruns", self.xruns)

    def _close(self) -> None:
        for device in (self._capture, self._speaker):
            if device is not None:
                device.close()
