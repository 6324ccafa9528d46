"""The backend without devices: the call keeps its time, sends nothing, and is seen not heard.

The library still decodes what others send, so their levels show, and they can be recorded.
"""

import logging

from livekit import rtc

from woxly_tui.errors import MediaError
from woxly_tui.media.backends.base import LibraryPlayout, Tap
from woxly_tui.media.messages import BackendChoice
from woxly_tui.media.playout_buffer import Samples
from woxly_tui.media.sound_taps import SoundTaps

_log = logging.getLogger(__name__)


class NullBackend(LibraryPlayout):
    """Stands in where no sound device can be used.

    Args:
        cause: Why it is needed, in words for people; empty where it was asked for.
    """

    choice = BackendChoice.NULL
    plays = False

    def __init__(self, cause: str = "") -> None:
        self.cause = cause
        self._tracks: dict[str, tuple[str, rtc.Track]] = {}
        self._taps: SoundTaps | None = None
        self._tap: Tap | None = None

    def create_track(self) -> rtc.LocalAudioTrack | None:
        return None

    def release_capture(self) -> bool:
        return False

    def play(self, sid: str, identity: str, track: rtc.Track, percent: int) -> None:  # noqa: ARG002 - not heard at any volume
        self._tracks[sid] = (identity, track)
        self._listen(sid)

    def stop_playing(self, sid: str) -> None:
        self._tracks.pop(sid, None)
        if self._taps is not None:
            self._taps.close(sid)

    @property
    def tap(self) -> Tap | None:
        """Who records; sound is decoded for it only while there is one."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        if tap == self._tap:
            return
        self._tap = tap
        if tap is None:
            self._stop_listening()
            return
        try:
            self._taps = self._taps or SoundTaps()
        except MediaError as error:
            _log.warning("not recorded: %s", error)
        for sid in self._tracks:
            self._listen(sid)

    def _listen(self, sid: str) -> None:
        if self._taps is None:
            return
        identity, track = self._tracks[sid]

        def hear(frame: Samples) -> None:
            if (tap := self._tap) is not None:
                tap(sid, identity, frame)

        self._taps.open(sid, track, hear)

    def _stop_listening(self) -> None:
        if self._taps is not None:
            self._taps.aclose()
            self._taps = None

    async def aclose(self) -> None:
        self._stop_listening()
