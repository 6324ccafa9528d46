"""Which call the engine is in: asked for by a front end, or returned to after a crash."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from woxly_tui._lib.text import clean_name
from woxly_tui.call import events as happened
from woxly_tui.call.commands import Join as Attempt
from woxly_tui.call.sound import SoundTruth
from woxly_tui.control.call_file import CallKeeper, CallRecord
from woxly_tui.control.lobby import LobbyCall
from woxly_tui.control.messages import Join, Leave, Rejoin
from woxly_tui.engine.credentials import CredentialFactory, CredentialSource
from woxly_tui.errors import TokenError, UsageError, WoxlyError
from woxly_tui.media.messages import BackendChoice, Connect
from woxly_tui.types import Identity
from woxly_tui.wire.token import read_token


def _who(join: Join) -> str:
    """Whom others would see: a token says so, and a key leaves it to the name."""
    if not join.token:
        return join.name
    try:
        return read_token(join.token).identity
    except TokenError:
        return join.token


@dataclass(frozen=True, slots=True)
class Joined:
    """The call in progress, or the last one."""

    asked: Join
    credentials: CredentialSource
    backend: BackendChoice


class CallDesk:
    """Decides whether a call may be joined, and remembers the one there is.

    Args:
        credentials: Makes what is asked for a token before every attempt at a call.
        keeper: Remembers the call for the engine after a crash.
    """

    def __init__(self, credentials: CredentialFactory, keeper: CallKeeper) -> None:
        self._make_credentials = credentials
        self._keeper = keeper
        self.joined: Joined | None = None

    @property
    def server(self) -> str:
        """Host and port of the server of the call, for people."""
        return self.joined.asked.server if self.joined is not None else ""

    @property
    def backend(self) -> BackendChoice:
        """Which sound the user asked for."""
        return self.joined.backend if self.joined is not None else BackendChoice.AUTO

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables about sound, of whoever asked for the call."""
        return self.joined.asked.environment if self.joined is not None else {}

    @property
    def lost_room(self) -> str:
        """The room of a call that an engine before this one died in; empty where none did."""
        return self._keeper.lost.join.room if self._keeper.lost is not None else ""

    def take(self, command: Join | Rejoin | Leave, *, is_in_call: bool) -> happened.UserAct | None:
        """What a command means to the call; None where it means nothing.

        Raises:
            WoxlyError: It cannot be done now.
        """
        match command:
            case Join() if is_in_call and self.joined is not None:
                return self._stay(command, self.joined.asked)
            case Join():
                return self._enter(CallRecord(command, command.is_muted, is_deafened=False))
            case Leave():
                self._keeper.give_up_lost()
                return happened.LeaveAsked()
        if self.joined is not None:
            return happened.RetryAsked()
        if self._keeper.lost is not None:
            return self._enter(self._keeper.lost)
        raise WoxlyError("There is no call to return to", "`woxly join ROOM` joins one")

    @property
    def lobby_call(self) -> LobbyCall | None:
        """The call of a room of a Woxly server that was the last one, or that an engine died in."""
        if self.joined is not None:
            return self.joined.asked.lobby
        return self._keeper.lost.join.lobby if self._keeper.lost is not None else None

    def enter_lobby_call(self, join: Join) -> happened.UserAct:
        """Join the call of a room; named and muted as it was, where an engine died in it."""
        lost = self._keeper.lost
        if lost is not None and lost.join.lobby == join.lobby:
            named = replace(join, room=lost.join.room)
            return self._enter(CallRecord(named, lost.is_muted, lost.is_deafened))
        return self._enter(CallRecord(join, join.is_muted, is_deafened=False))

    @staticmethod
    def _stay(asked: Join, present: Join) -> happened.UserAct | None:
        if (asked.url, asked.room, asked.lobby) != (present.url, present.room, present.lobby):
            raise WoxlyError(
                f"You are in a call in {clean_name(present.room)} already",
                "`woxly leave` ends it; `WOXLY_ENGINE=second woxly join ROOM` holds another",
            )
        if _who(asked) != _who(present):
            raise WoxlyError(
                f"You are in the call in {clean_name(present.room)} already, as somebody else",
                "`woxly` shows it; `WOXLY_ENGINE=second woxly join ROOM` joins once more, "
                "as another participant",
            )
        return happened.MuteSet(on=True) if asked.is_muted else None

    def _enter(self, call: CallRecord) -> happened.UserAct:
        join = call.join
        try:
            backend = BackendChoice(join.backend)
        except ValueError:
            raise UsageError(
                f"There is no sound backend called {clean_name(join.backend)!r}"
            ) from None
        self.joined = Joined(join, self._make_credentials(join), backend)
        return happened.JoinAsked(
            join.room, join.server, call.is_muted, call.is_deafened, join.ptt_mode
        )

    async def connect(self, attempt: Attempt, volumes: dict[Identity, int]) -> Connect:
        """What the media worker is told for an attempt at the call.

        Raises:
            WoxlyError: As of `CredentialSource.fetch`.
        """
        joined = self.joined
        assert joined is not None  # noqa: S101 - only a call that was entered is attempted
        found = await joined.credentials.fetch()
        return Connect(
            attempt.session,
            found.url,
            found.token,
            joined.backend,
            attempt.is_deafened,
            volumes,
            attempt.is_silent,
        )

    def note(self, sound: SoundTruth, *, is_in_call: bool) -> None:
        """Write down what holds now, for the engine after a crash."""
        if self.joined is None or not is_in_call:
            self._keeper.forget()
            return
        record = CallRecord(self.joined.asked, sound.rests_muted, sound.wanted_deafened)
        self._keeper.keep(record)
