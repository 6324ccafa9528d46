"""The platform's own audio path: capture, echo cancelling, mixing and playout in native threads.

    microphone ─► capture ─► AEC, NS, AGC ─► track ─► room ─► mixer ─► playout ─► speaker
                                  └─────────── reference ───────┘

Playout of every subscribed track starts by itself, and lasts until the backend is closed. Where
another backend is heard before or after it, the sound server turns it up and down; while it is
not to be heard, the library is told to play silence.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from livekit import rtc

from woxly_tui.errors import MediaError
from woxly_tui.media import ffi
from woxly_tui.media.backends.base import LibraryPlayout, Tap
from woxly_tui.media.devices import (
    NO_DEVICE,
    NO_MICROPHONE,
    SoundServer,
    is_real_microphone,
    probe_sound_server,
)
from woxly_tui.media.messages import BackendChoice
from woxly_tui.media.pulse_config import cause_of
from woxly_tui.media.pulse_fade import OwnFade

OPEN_TIMEOUT_S: Final = 5.0
"""Longest wait for the devices. One that hangs takes the library's own thread along."""

HUSH_S: Final = 0.06
"""What the speaker may still hold of what the library mixed."""

_log = logging.getLogger(__name__)


class NativeBackend(LibraryPlayout):
    """LiveKit's PlatformAudio. Open it with `open`.

    Args:
        audio: The opened devices; this object's from now on.
        has_microphone: Whether there is a device to capture from.
        is_hushed: Whether it is heard from `begin` on only.
    """

    choice = BackendChoice.NATIVE
    plays = True

    def __init__(
        self, audio: rtc.PlatformAudio, *, has_microphone: bool, is_hushed: bool = False
    ) -> None:
        self._audio = audio
        self._tracks: dict[str, tuple[str, rtc.Track]] = {}
        """By sid, with whose it is."""
        self._percents: dict[str, int] = {}
        self._is_hushed = is_hushed
        self._has_microphone = has_microphone
        self._is_closed = False
        self._source: rtc.PlatformAudioSource | None = None
        self.tap: Tap | None = None
        self.cause = "" if has_microphone else NO_MICROPHONE

    @classmethod
    async def open(cls, tracks: Iterable[rtc.Track] | None = None) -> "NativeBackend":
        """Open the default devices.

        Args:
            tracks: Not to be heard before `begin`; None where it is to be heard at once.

        Raises:
            MediaError: There are none, or the sound server does not answer.
        """
        server = await asyncio.to_thread(probe_sound_server)
        if not server.plays:
            raise MediaError(cause_of(server))
        for track in tracks or ():
            ffi.set_track_audible(track, False)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                return await asyncio.to_thread(cls._open, server, is_hushed=tracks is not None)
        except TimeoutError:
            raise MediaError(SoundServer.SILENT.value) from None
        except rtc.PlatformAudioError as error:
            _log.warning("no platform audio: %s", error)
            raise MediaError(NO_DEVICE) from None

    @classmethod
    def _open(cls, server: SoundServer, *, is_hushed: bool) -> "NativeBackend":
        audio = rtc.PlatformAudio()
        names = [device.name for device in audio.recording_devices()]
        _log.info("recording devices %s", names)
        _log.info("playout devices %s", [device.name for device in audio.playout_devices()])
        is_chosen = server is SoundServer.ANSWERS
        has_microphone = is_chosen or any(map(is_real_microphone, names))
        return cls(audio, has_microphone=has_microphone, is_hushed=is_hushed)

    def create_track(self) -> rtc.LocalAudioTrack | None:
        if not self._has_microphone:
            return None
        try:
            self._source = self._audio.create_audio_source()
        except rtc.PlatformAudioError as error:
            raise MediaError(NO_MICROPHONE) from error
        return rtc.LocalAudioTrack.create_audio_track("microphone", self._source)

    def release_capture(self) -> bool:
        return not self._is_closed and ffi.stop_capture(self._audio)

    # The others

    def play(self, sid: str, identity: str, track: rtc.Track, percent: int) -> None:
        self._tracks[sid] = identity, track
        self._percents[identity] = percent
        if self._is_hushed:
            ffi.set_track_audible(track, False)

    def stop_playing(self, sid: str) -> None:
        self._tracks.pop(sid, None)

    def set_volume(self, identity: str, percent: int) -> None:
        self._percents[identity] = percent

    async def begin(self) -> None:
        if not self._is_hushed:
            return
        fade = OwnFade()
        try:
            await asyncio.to_thread(fade.hold)
            self._set_hushed(is_hushed=False)
            await asyncio.to_thread(fade.up)
        finally:
            fade.close()

    async def hush(self) -> None:
        fade = OwnFade()
        try:
            await asyncio.to_thread(fade.down)
            self._set_hushed(is_hushed=True)
            await asyncio.sleep(HUSH_S)
            await asyncio.to_thread(fade.release)
        finally:
            fade.close()

    def _set_hushed(self, *, is_hushed: bool) -> None:
        self._is_hushed = is_hushed
        for identity, track in self._tracks.values():
            if self._percents[identity] > 0:
                ffi.set_track_audible(track, not is_hushed)

    async def aclose(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        await asyncio.to_thread(self._close)
        if self._is_hushed:
            self._set_hushed(is_hushed=False)

    def _close(self) -> None:
        if self._source is not None:
            self._source.close()
        self._audio.close()
