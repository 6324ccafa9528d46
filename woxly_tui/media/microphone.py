"""Our microphone track in one room: published muted, opened only when told.

Two traps of the SDK decide the shape of this file (seen with 1.2.1):

- Publishing, and republishing after a full reconnect, ends by *enabling* the native track,
  muted or not: it is announced as muted, yet live sound goes to the server. Muting again does
  nothing, since the flag says muted already. Only unmute-then-mute disables it.
- Each change is told to the server by a task of its own. Two changes within a millisecond or
  so reach it in the wrong order one time in ten, and then everybody sees the wrong state.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from livekit import rtc
from livekit.rtc.participant import PublishTrackError, UnpublishTrackError

from woxly_tui.errors import MediaError
from woxly_tui.media import ffi
from woxly_tui.media.capture_hold import CaptureHold
from woxly_tui.media.failures import safe_detail

BITRATE_BPS: Final = 32_000
"""Opus, mono: transparent for speech."""

_ECHO_WITHIN_S: Final = 2.0
"""How long after a change of ours its event may come in."""

_HOLD_WHILE_S: Final = 25.0
"""Longest that publishing or reconnecting may take with the device held closed."""

_HOLD_AFTER_S: Final = 1.0
"""How long the device is held closed after that; negotiation ends in the background."""

_log = logging.getLogger(__name__)


class OnApplied(Protocol):
    """Told what the track is now; `request` 0 where nobody asked."""

    def __call__(self, request: int, *, is_open: bool) -> None: ...


class Microphone:
    """One published track. Use from the event loop.

    Args:
        track: Not published yet, and not used by anybody else.
        release_capture: Lets go of the recording device until the track is opened; False once
            that is over.
        on_applied: Called when the track has truly changed.
        feed: Where sound is handed to the track by us: told whether to, and not while the track
            is open for a moment only.
    """

    def __init__(
        self,
        track: rtc.LocalAudioTrack,
        release_capture: Callable[[], bool],
        on_applied: OnApplied,
        feed: Callable[[bool], None] = lambda _is_open: None,
    ) -> None:
        self._track = track
        self._feed = feed
        self._hold = CaptureHold(release_capture)
        self._on_applied = on_applied
        self._publication: rtc.LocalTrackPublication | None = None
        self._is_closed = False
        self._is_suspended = False
        self._is_open = False
        self._is_flagged_muted = False
        self._wants_open = False
        self._request: int | None = None
        self._changed_at = 0.0
        self._reconnecting_at = 0.0
        self._echoes: dict[bool, deque[float]] = {
            True: deque(maxlen=32),
            False: deque(maxlen=32),
        }
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether the track sends sound."""
        return self._is_open

    def is_of(self, sid: str) -> bool:
        """Whether this is the publication of that number."""
        return self._publication is not None and self._publication.sid == sid

    async def publish(self, participant: rtc.LocalParticipant) -> None:
        """Publish the track, muted. Must never be cancelled: that wedges the room.

        Raises:
            MediaError: The server or the library refuses it, or does not let us mute it.
        """
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=True, red=True
        )
        options.audio_encoding.max_bitrate = BITRATE_BPS
        self._change(is_open=False)
        self._echoes[True].clear()  # a track that is not published yet causes no event
        self._hold.begin(_HOLD_WHILE_S)
        try:
            self._publication = await participant.publish_track(self._track, options)
        except PublishTrackError as error:
            self._hold.end()
            raise MediaError(
                f"the server takes no microphone from us ({safe_detail(error.message)})"
            ) from None
        if not self._disable():
            await self.unpublish(participant)
            raise MediaError("the library does not confirm that the microphone is muted")
        self._hold.begin(_HOLD_AFTER_S)

    async def unpublish(self, participant: rtc.LocalParticipant) -> None:
        """Withdraw the track. Must never be cancelled."""
        self.close()
        if self._publication is not None:
            try:
                await participant.unpublish_track(self._publication.sid)
            except UnpublishTrackError as error:
                _log.warning("not unpublished: %s", safe_detail(error.message))

    def close(self) -> None:
        """Mute for good; nothing opens the track any more."""
        self._is_closed = True
        self._wants_open = False
        self._request = None
        self._cancel_timer()
        self._hold.end()
        self._change(is_open=False)

    def set_open(self, request: int, is_open: bool) -> None:
        """Open or mute; at once, or ffi.CHANGE_GAP_S after the change before. Newest wins."""
        if self._is_closed:
            return
        self._is_suspended = False
        self._request, self._wants_open = request, is_open
        if self._publication is not None:
            self._apply()

    def suspend(self) -> None:
        """Close an open track for a while, because nobody is there to close it. Not told."""
        if not self._is_suspended:
            self._is_suspended = True
            self._change(is_open=False)

    def resume(self) -> None:
        """Undo suspend."""
        if self._is_suspended:
            self._is_suspended = False
            self._apply()

    @property
    def _should_be_open(self) -> bool:
        return self._wants_open and not self._is_suspended

    def on_reconnecting(self) -> None:
        """The connection is lost; changes from now on may reach no server."""
        self._reconnecting_at = time.monotonic()
        if not self._should_be_open:
            self._hold.begin(_HOLD_WHILE_S)

    def on_republished(self) -> bool:
        """The SDK published the track anew, with its sender enabled whatever the flag says.

        Returns:
            Whether it is now as it should be.
        """
        if not self._should_be_open:
            is_silent = self._disable()
            self._hold.begin(_HOLD_AFTER_S)
            return is_silent
        if self._changed_at >= self._reconnecting_at:
            self._change(is_open=False)
            time.sleep(ffi.CHANGE_GAP_S)
            return self._set(is_open=True)
        return True

    def confirm(self) -> None:
        """Bring the native track in line with what was last asked, as after a reconnect."""
        self._set(is_open=self._should_be_open)
        if not self._should_be_open:
            self._hold.begin(_HOLD_AFTER_S)

    def on_flag_changed(self, is_muted: bool) -> None:
        """The SDK says our track was muted or unmuted, by us or by the server."""
        echoes = self._echoes[is_muted]
        while echoes:
            if time.monotonic() - echoes.popleft() < _ECHO_WITHIN_S:
                return
        self._is_flagged_muted = is_muted
        if is_muted:
            _log.info("muted by the server")
            self._wants_open = False
            self._change(is_open=False)
            self._request = None
            self._on_applied(0, is_open=False)
        elif not self._should_be_open:
            _log.info("the server tried to open the microphone")
            self._change(is_open=False)

    def _apply(self) -> None:
        wait_s = self._changed_at + ffi.CHANGE_GAP_S - time.monotonic()
        if wait_s > 0 and self._should_be_open != self._is_open:
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(wait_s, self._on_timer)
            return
        self._cancel_timer()
        if self._set(is_open=self._should_be_open) and self._request is not None:
            request, self._request = self._request, None
            self._on_applied(request, is_open=self._is_open)

    def _on_timer(self) -> None:
        self._timer = None
        self._apply()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _disable(self) -> bool:
        """Make a track that is flagged as muted truly silent; returns whether it is."""
        self._change(is_open=True)
        # Blocks the loop on purpose: nothing may come between, and nothing flows yet.
        time.sleep(ffi.CHANGE_GAP_S)
        return self._change(is_open=False)

    def _set(self, *, is_open: bool) -> bool:
        if is_open:
            self._hold.end()
        is_applied = self._change(is_open=is_open)
        if is_open and is_applied:
            self._feed(True)
        return is_applied

    def _change(self, *, is_open: bool) -> bool:
        """Change the native track now; returns whether it confirms."""
        if not is_open:
            self._feed(False)
        muted = ffi.set_local_muted(self._track, not is_open)
        if muted is None:
            return False
        if muted != self._is_flagged_muted:
            self._is_flagged_muted = muted
            self._changed_at = time.monotonic()
            self._echoes[muted].append(self._changed_at)
        self._is_open = not muted
        return self._is_open == is_open


def is_allowed(participant: rtc.LocalParticipant) -> bool:
    """Whether our token lets us publish a microphone."""
    permissions = participant.permissions
    sources = list(permissions.can_publish_sources)
    return permissions.can_publish and (not sources or rtc.TrackSource.SOURCE_MICROPHONE in sources)
