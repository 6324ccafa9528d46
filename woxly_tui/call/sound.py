"""The truth about our microphone: what is wanted, what is asked for, what is confirmed.

    wanted ──asks()──► outstanding request ──worker confirms──► applied ──view()──► screen

Nothing is shown as muted before the worker confirmed it, and nothing is opened unless the
user's last act allows it.
"""

from dataclasses import dataclass
from typing import Final

from woxly_tui.call.commands import AskDeafen, AskMicrophone
from woxly_tui.call.ptt import PttKey
from woxly_tui.call.snapshot import Microphone, MicState, PttMode
from woxly_tui.types import Seconds

FAILING_AFTER: Final = Seconds(1.0)
"""An unconfirmed request is shown as failing after this long."""

HOPELESS_AFTER: Final = Seconds(3.0)
"""An unconfirmed request costs the worker its life: a fresh one starts muted."""


@dataclass(frozen=True, slots=True)
class _Request:
    number: int
    target: bool
    asked_at: Seconds


class SoundTruth:
    """Mute and deafen of one call, across any number of sessions. Pure; time is passed in.

    Mute is the base; the push-to-talk key lies over it while held, and deafen over both.
    """

    def __init__(self, *, is_muted: bool, ptt_mode: PttMode = PttMode.TALK) -> None:
        self.ptt = PttKey(ptt_mode)
        self.wanted_muted = is_muted
        self.wanted_deafened = False
        self._session: int | None = None
        self._counter = 0
        self._state = MicState.ABSENT
        self._is_deafened = False
        self._is_starting = False
        self._mic_request: _Request | None = None
        self._deafen_request: _Request | None = None
        self._backend = "null"
        self._cause = ""
        self.silence_cause = ""
        """Why the open microphone delivers nothing; empty while it delivers sound."""

    @property
    def wants_open(self) -> bool:
        """Whether the user's last acts allow anything to be sent."""
        return not self.wanted_deafened and self.ptt.opens(is_muted=self.wanted_muted)

    @property
    def rests_muted(self) -> bool:
        """Whether to be muted where nobody knows any more whether the key is held."""
        return self.wanted_muted or not self.ptt.opens(is_muted=False)

    @property
    def is_without_microphone(self) -> bool:
        """Whether the sound runs, and has no microphone."""
        return self._state is MicState.ABSENT and not self._is_starting

    def begin(self, session: int, *, is_deafened: bool) -> None:
        """A session is joined, with nothing published yet."""
        self.end()
        self._session = session
        self._is_deafened = is_deafened
        self._is_starting = True

    def end(self) -> None:
        """The session is gone, and every request with it."""
        self.drop_ptt()
        self._session = None
        self._state = MicState.ABSENT
        self.silence_cause = ""
        self._is_starting = False
        self._mic_request = self._deafen_request = None

    def drop_ptt(self) -> None:
        """The push-to-talk key is held no more, though nobody let go: what it muted stays so."""
        if self.ptt.drop() and self.ptt.mode is PttMode.MUTE:
            self.wanted_muted = True

    def audio_started(self, *, backend: str, has_microphone: bool, cause: str) -> None:
        """The backend runs; a microphone, if any, is published and muted."""
        self._state = MicState.MUTED if has_microphone else MicState.ABSENT
        self._is_starting = False
        self._mic_request = None
        self._backend = backend
        self._cause = cause

    def microphone_applied(self, request: int, *, is_open: bool) -> None:
        """The worker confirmed a request. One that is no longer the newest says nothing."""
        if self._mic_request is None or self._mic_request.number != request:
            return
        self._mic_request = None
        self._state = MicState.OPEN if is_open else MicState.MUTED

    def muted_by_server(self) -> None:
        """A moderator muted our track: that becomes what is wanted, until the next act."""
        self.drop_ptt()
        self.wanted_muted = True
        self._state = MicState.MUTED
        self._forget_microphone()

    def deafen_applied(self, request: int, *, on: bool) -> None:
        """The worker confirmed a deafen request."""
        if self._deafen_request is None or self._deafen_request.number != request:
            return
        self._deafen_request = None
        self._is_deafened = on

    def reassert(self) -> None:
        """Ask again for everything, as after the SDK reconnected."""
        if self._state is not MicState.ABSENT:
            self._forget_microphone()
        self._deafen_request = None

    def _forget_microphone(self) -> None:
        # Until it is confirmed again, the track may be as open as it ever was.
        if self._mic_request is not None and self._mic_request.target:
            self._state = MicState.OPEN
        self._mic_request = None

    def asks(self, now: Seconds, *, everything: bool = False) -> list[AskMicrophone | AskDeafen]:
        """The requests that bring the worker in line with what is wanted.

        Args:
            now: The present, on the monotonic clock.
            everything: Ask even where the confirmed state is the wanted one already.
        """
        if self._session is None:
            return []
        asks: list[AskMicrophone | AskDeafen] = []
        if self._state is not MicState.ABSENT and self._needs_microphone(everything):
            self._forget_microphone()
            self._mic_request = self._next(self.wants_open, now)
            asks.append(
                AskMicrophone(self._session, self._mic_request.number, self._mic_request.target)
            )
        if self._needs_deafen(everything):
            self._deafen_request = self._next(self.wanted_deafened, now)
            asks.append(
                AskDeafen(self._session, self._deafen_request.number, self._deafen_request.target)
            )
        return asks

    def _needs_microphone(self, everything: bool) -> bool:
        if self._mic_request is not None:
            return self._mic_request.target != self.wants_open
        return everything or (self._state is MicState.OPEN) != self.wants_open

    def _needs_deafen(self, everything: bool) -> bool:
        if self._deafen_request is not None:
            return self._deafen_request.target != self.wanted_deafened
        return everything or self._is_deafened != self.wanted_deafened

    def _next(self, target: bool, now: Seconds) -> _Request:
        self._counter += 1
        return _Request(self._counter, target, now)

    def _oldest_request_at(self) -> Seconds | None:
        pending = [r.asked_at for r in (self._mic_request, self._deafen_request) if r is not None]
        return min(pending, default=None)

    def is_hopeless(self, now: Seconds) -> bool:
        """Whether a request has waited so long that only a fresh worker helps."""
        asked_at = self._oldest_request_at()
        return asked_at is not None and now >= asked_at + HOPELESS_AFTER

    def deadlines(self, now: Seconds) -> list[Seconds]:
        """Instants after now at which the view, or hope, changes."""
        due = self.ptt.deadlines()
        if (asked_at := self._oldest_request_at()) is None:
            return due
        instants = (Seconds(asked_at + FAILING_AFTER), Seconds(asked_at + HOPELESS_AFTER))
        return due + [at for at in instants if at > now]

    def view(self, now: Seconds) -> Microphone:
        """What the screen may claim."""
        asked_at = self._oldest_request_at()
        is_silent = bool(self.silence_cause) and self._state is MicState.OPEN
        return Microphone(
            state=self._state,
            is_deafened=self._is_deafened,
            wanted_muted=self.wanted_muted,
            wanted_deafened=self.wanted_deafened,
            is_starting=self._is_starting,
            is_pending=asked_at is not None,
            is_failing=asked_at is not None and now >= asked_at + FAILING_AFTER,
            backend=self._backend,
            cause=(is_silent and self.silence_cause) or self._cause,
            is_silent=is_silent,
            ptt=self.ptt.view(),
        )
