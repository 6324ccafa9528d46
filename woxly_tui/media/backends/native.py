"""The platform's own audio path: capture, echo cancelling, mixing and playout in native threads.

    microphone ─► capture ─► AEC, NS, AGC ─► track ─► room ─► mixer ─► playout ─► speaker
                                  └─────────── reference ───────┘

Playout of every subscribed track starts by itself, and lasts until the backend is closed.
"""

import asyncio
import logging
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

OPEN_TIMEOUT_S: Final = 5.0
"""Longest wait for the devices. One that hangs takes the library's own thread along."""

_log = logging.getLogger(__name__)


class NativeBackend(LibraryPlayout):
    """LiveKit's PlatformAudio. Open it with `open`.

    Args:
        audio: The opened devices; this object's from now on.
        has_microphone: Whether there is a device to capture from.
    """

    choice = BackendChoice.NATIVE
    plays = True

    def __init__(self, audio: rtc.PlatformAudio, *, has_microphone: bool) -> None:
        self._audio = audio
        self._has_microphone = has_microphone
        self._is_closed = False
        self._source: rtc.PlatformAudioSource | None = None
        self.tap: Tap | None = None
        self.cause = "" if has_microphone else NO_MICROPHONE

    @classmethod
    async def open(cls) -> "NativeBackend":
        """Open the default devices.

        Raises:
            MediaError: There are none, or the sound server does not answer.
        """
        server = await asyncio.to_thread(probe_sound_server)
        if not server.plays:
            raise MediaError(cause_of(server))
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                return await asyncio.to_thread(cls._open, server)
        except TimeoutError:
            raise MediaError(SoundServer.SILENT.value) from None
        except rtc.PlatformAudioError as error:
            _log.warning("no platform audio: %s", error)
            raise MediaError(NO_DEVICE) from None

    @classmethod
    def _open(cls, server: SoundServer) -> "NativeBackend":
        audio = rtc.PlatformAudio()
        names = [device.name for device in audio.recording_devices()]
        _log.info("recording devices %s", names)
        _log.info("playout devices %s", [device.name for device in audio.playout_devices()])
        is_chosen = server is SoundServer.ANSWERS
        return cls(audio, has_microphone=is_chosen or any(map(is_real_microphone, names)))

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

    async def aclose(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._source is not None:
            self._source.close()
        self._audio.close()
