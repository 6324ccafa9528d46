"""The lobby of the engine: who is signed in, how the link stands, rings, lists and messages.

    front ends ──LobbyCommand──► LobbyDesk ──► RingDesk ──► the call
        ▲                            │    ──► LobbySession ──► the Woxly server
        └──────LobbyUpdate───────────┘ ◄──────────┘

What loads httpx is in `lobby_session`, which is imported when somebody goes online.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, get_args

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.view import RingView
from woxly_tui.call.snapshot import Notice, Severity, Snapshot
from woxly_tui.control import lobby as ask
from woxly_tui.control.messages import Update
from woxly_tui.engine.call_acts import CALL_COMMANDS, CallActs, EngineCall
from woxly_tui.engine.credentials import Credentials
from woxly_tui.engine.lobby_board import LobbyBoard, RoomListener
from woxly_tui.engine.lobby_doors import find_account, list_accounts
from woxly_tui.engine.lobby_join import join_of
from woxly_tui.engine.past_calls import past_calls
from woxly_tui.engine.ring_desk import RingDesk
from woxly_tui.engine.ring_notes import RingNotes
from woxly_tui.errors import ServerUnreachable, UsageError, WoxlyError
from woxly_tui.lobby.link import Link
from woxly_tui.social.model import LinkState, Presence
from woxly_tui.types import RoomId, RoomKind, UserId

if TYPE_CHECKING:
    from woxly_tui.control.mailbox import Mailbox
    from woxly_tui.engine.lobby_accounts import Opened
    from woxly_tui.engine.lobby_session import LobbySession
    from woxly_tui.engine.presence_store import PresenceStore
    from woxly_tui.social.model import RoomMessage

ACT_LIMIT_S: Final = 4.0
"""How long a reply waits for the server; what takes longer goes on, and a notice tells of it."""

OPEN_LIMIT_S: Final = 1.0
"""How long a reply waits for the account to be found."""

MEDIA_LIMIT_S: Final = 12.0
"""How long an attempt to join waits for an account that is just being opened."""

_NOT_ONLINE: Final = do.Refuse("You are not online", "`woxly login https://HOST` signs in")

_AboutAccounts = ask.GoOnline | ask.GoOffline | ask.UseAccount | ask.ListAccounts
_ABOUT_ACCOUNTS: Final = get_args(_AboutAccounts)

_log = logging.getLogger(__name__)


class LobbyDesk:
    """Use from one event loop.

    Args:
        call: The engine's call.
        put: Tells every front end.
        clock: Where the time comes from.
        on_message: Told of each message in the room of the call.
        on_rings: Told how rings stand, whenever that may have changed.
    """

    def __init__(
        self,
        call: EngineCall,
        put: Callable[[Update], None],
        clock: Clock,
        *,
        on_message: RoomListener,
        on_rings: Callable[[RingView, Presence], None],
    ) -> None:
        self._call = call
        self._put = put
        self._clock = clock
        self._on_message = on_message
        self._on_rings = on_rings
        self._tasks = TaskOwner("lobby")
        self._notes = RingNotes()
        self._board = LobbyBoard(put, self._notes.see)
        self.rings: Final = RingDesk(self, clock, on_change=self._publish, on_refused=self._warn)
        self._acts = CallActs(self.rings, call, self._warn)
        self._session: LobbySession | None = None
        self._link = Link(LinkState.SIGNED_OUT)
        self._presence = Presence.ONLINE
        self._keeping = asyncio.Lock()
        self._chosen: PresenceStore | None = None
        self._style = ask.CallStyle()
        self._opening: asyncio.Task[do.Refuse | None] | None = None
        self._last_view = self.rings.view()

    @property
    def is_needed(self) -> bool:
        """Whether a ring or a call goes on."""
        return self.rings.is_needed

    @property
    def state(self) -> ask.LobbyState | None:
        """How everything stands; None where nobody went online."""
        return self._board.state

    @property
    def has_call(self) -> bool:
        """Whether the engine is in the call of a room of the lobby."""
        return self.rings.entered is not None

    async def aclose(self) -> None:
        """Part from the server."""
        await self.rings.aclose()
        await self._acts.aclose()
        await self._tasks.aclose()
        await self._notes.aclose()
        if self._session is not None:
            await self._session.aclose()

    def attach(self, mailbox: "Mailbox") -> None:
        """Tell a new front end how everything is."""
        self._board.greet(mailbox)

    def on_call(self, snapshot: Snapshot) -> None:
        """The call changed."""
        self.rings.on_call(snapshot)

    def on_slept(self) -> None:
        """The machine slept: the connection is stale."""
        if self._session is not None:
            self._session.socket.hurry()

    # Commands

    async def handle(self, command: ask.LobbyCommand) -> do.Refuse | None:
        """Carry out a command; why not, where it cannot be done. Answers within a few seconds."""
        if isinstance(command, _ABOUT_ACCOUNTS):
            return await self._handle_account(command)
        session = self._session
        if isinstance(command, ask.HangUp):
            self._acts.hang_up()
            return None
        if session is None:
            return _NOT_ONLINE
        if isinstance(command, CALL_COMMANDS):
            return self._acts.act(session, command)
        if isinstance(command, ask.SearchPeople):
            self._tasks.start(self._search(session, command.query), name="search")
            return None
        return await self._carry_out(session, command)

    async def _carry_out(
        self, session: "LobbySession", command: ask.LobbyCommand
    ) -> do.Refuse | None:
        match command:
            case ask.SaveAttachment():
                return await self._within(self._save(session, command))
            case ask.SetPresence(presence=presence):
                await self._choose(session, presence)
            case ask.OpenRoom(room=room):
                self._board.tell_again(room)
        from woxly_tui.engine.lobby_acts import carry_out

        return await self._within(carry_out(session, command))

    async def _handle_account(self, command: _AboutAccounts) -> do.Refuse | None:
        match command:
            case ask.GoOnline():
                return await self._go_online(command)
            case ask.GoOffline():
                return await self._go_offline()
            case ask.UseAccount():
                return await self._use(command.account)
            case ask.ListAccounts():
                return await self._within(self._list_accounts())

    async def _choose(self, session: "LobbySession", presence: Presence) -> None:
        self._presence = presence
        async with self._keeping:  # the last one chosen is the one that is kept
            if self._chosen is not None and session is self._session:
                account = session.me.account
                await asyncio.to_thread(self._chosen.save, account, self._presence)

    async def say(self, text: str) -> do.Refuse | None:
        """Write to the room of the call."""
        session, room = self._session, self.rings.entered
        if session is None or room is None:
            return _NOT_ONLINE
        from woxly_tui.engine.lobby_acts import say

        return await self._within(say(session, room, text))

    async def _within(self, act: Coroutine[Any, Any, None]) -> do.Refuse | None:
        task = self._tasks.start(self._tried(act), name="act")
        done, _ = await asyncio.wait([task], timeout=ACT_LIMIT_S)
        if done:
            return task.result()
        task.add_done_callback(self._tell_late)
        return do.Refuse(
            "The server has not answered yet", "it is still tried; a notice tells what came of it"
        )

    async def _tried(self, act: Coroutine[Any, Any, None]) -> do.Refuse | None:
        try:
            await act
        except WoxlyError as error:
            return do.Refuse(error.message, error.remedy)
        return None

    def _tell_late(self, task: "asyncio.Task[do.Refuse | None]") -> None:
        if task.cancelled() or task.exception() is not None:
            return
        if (refusal := task.result()) is not None:
            self._warn(refusal)
        else:
            self._put(Notice(Severity.INFO, "The server has done it after all"))

    async def _save(self, session: "LobbySession", command: ask.SaveAttachment) -> None:
        from woxly_tui.engine.lobby_acts import save_attachment

        path = await save_attachment(session, command)
        self._put(Notice(Severity.INFO, f"Saved as {path}"))

    async def _search(self, session: "LobbySession", query: str) -> None:
        from woxly_tui.engine.lobby_acts import find_people

        self._put(await find_people(session, query))

    def _warn(self, refusal: do.Refuse) -> None:
        self._put(Notice(Severity.WARNING, refusal.message, refusal.remedy))

    # The call

    def enter(self, room: RoomId, kind: RoomKind, peer: UserId | None) -> None:
        """Join the call of a room; another one is left."""
        session, style = self._session, self._style
        if session is None:
            return
        self._tasks.start(session.follow(room), name="follow")
        self._call.enter_lobby_call(join_of(session, style, room, kind, peer))

    def leave(self) -> None:
        """Be in no call."""
        self._call.leave_call()

    async def come_back(self, call: ask.LobbyCall) -> do.Refuse | None:
        """Return to the call of a room, as after an engine died in it."""
        if self._session is None:
            refusal = await self._go_online(ask.GoOnline(call.account), limit_s=MEDIA_LIMIT_S)
            if refusal is not None:
                return refusal
        return self.rings.act(ev.RoomAsked(call.room, call.kind, call.peer))

    async def credentials(self, call: ask.LobbyCall) -> Credentials:
        """What lets us into the call of a room now.

        Raises:
            WoxlyError: As of `LobbySession.media`.
        """
        if self._session is None and self._opening is not None:
            await asyncio.wait([self._opening], timeout=MEDIA_LIMIT_S)
        if self._session is None:
            raise ServerUnreachable("you are not online", "go online first")
        return await self._session.board.media(call.room, self._style.livekit_url)

    # The link

    async def _list_accounts(self) -> None:
        self._put(await asyncio.to_thread(list_accounts))

    async def _use(self, name: str) -> do.Refuse | None:
        if self.is_needed:
            return do.Refuse("A call or a ring goes on", "hang up first")
        if self._opening is not None and not self._opening.done():
            return do.Refuse("An account is just being opened", "try again in a moment")
        command = ask.GoOnline(name, self._style)
        return await self._go_online(command, limit_s=ACT_LIMIT_S, is_kept=True)

    async def _go_online(
        self, command: ask.GoOnline, *, limit_s: float = OPEN_LIMIT_S, is_kept: bool = False
    ) -> do.Refuse | None:
        if command.style is not None:
            self._style = command.style
        if self._opening is None or self._opening.done():
            if self._session is None:
                self._on_link(Link(LinkState.CONNECTING))
            opening = self._tried(self._open(command, is_kept=is_kept))
            self._opening = self._tasks.start(opening, name="open")
        await asyncio.wait([self._opening], timeout=limit_s)
        return self._opening.result() if self._opening.done() else None

    async def _open(self, command: ask.GoOnline, *, is_kept: bool) -> None:
        """Find the account, and begin to connect.

        Raises:
            WoxlyError: There is none, or a call of another one goes on, or it could not be kept
                which one is in use.
        """
        try:
            opened = await asyncio.to_thread(find_account, command)
        except WoxlyError as error:
            if self._session is None:
                self._on_link(Link(LinkState.SIGNED_OUT, error.message, error.remedy))
            raise
        account, style = opened.account, opened.style
        self._style = replace(style, environment=command.environment or style.environment)
        before = self._session
        is_same = before is not None and before.me.account.is_same(account)
        if before is not None and not is_same and self.is_needed:
            raise UsageError("A call of another account goes on", "hang up first")
        if before is not None and is_same and self._link.state is not LinkState.SIGNED_OUT:
            before.socket.hurry()
        else:
            await self._change_session(opened, before, is_same=is_same)
        if is_kept:
            await asyncio.to_thread(opened.store.use, account)

    async def _change_session(
        self, opened: "Opened", before: "LobbySession | None", *, is_same: bool
    ) -> None:
        from woxly_tui.engine.lobby_session import LobbySession

        session = LobbySession(
            opened.account,
            opened.store,
            self._clock,
            on_link=self._on_link,
            on_call_news=self._acts.hear,
            on_book=self._publish,
            on_message=self._on_room_message,
        )
        self._session, self._chosen = session, opened.chosen
        self._acts.session = session
        self.rings.connect(session.board)
        if before is not None:
            await before.aclose()
        if not is_same:  # after the last word of the one before
            self._be_another(opened)
        self._on_link(Link(LinkState.CONNECTING))
        session.start()

    def _be_another(self, opened: "Opened") -> None:
        self.rings.start_over()
        self._last_view = self.rings.view()
        self._board.start_over()
        self._presence = opened.presence
        if opened.reminder is not None:
            self._put(opened.reminder)

    async def _go_offline(self) -> do.Refuse | None:
        if self.is_needed:
            return do.Refuse("A call or a ring goes on", "hang up first")
        session, self._session = self._session, None
        self._acts.session = None
        self.rings.connect(None)
        self._on_link(Link(LinkState.SIGNED_OUT if session is None else LinkState.OFFLINE))
        if session is not None:
            await session.aclose()
        return None

    def _on_link(self, link: Link) -> None:
        was_online = self._link.state is LinkState.ONLINE
        self._link = link
        is_online = link.state is LinkState.ONLINE
        if is_online != was_online:
            self.rings.feed(ev.LinkUp() if is_online else ev.LinkDown())
        if is_online and self._presence is not Presence.ONLINE and self._session is not None:
            from woxly_tui.engine.lobby_acts import set_presence

            act = set_presence(self._session, self._presence)
            self._tasks.start(self._tried(act), name="presence")
        self._publish()

    def _on_room_message(self, message: "RoomMessage") -> None:
        if self._session is not None and message.room == self.rings.entered:
            is_ours = message.sender.user == self._session.book.me
            self._on_message(message, is_local=is_ours)

    # What front ends see

    def _publish(self) -> None:
        view, session = self.rings.view(), self._session
        self._on_rings(view, self._presence)
        if session is not None:
            session.socket.is_urgent = self.is_needed
            over, self._last_view = past_calls(self._last_view, view, session, self._clock), view
            for change in over:
                session.change(change)
        self._board.show(self._link, self._presence, view, session, is_calling=self.rings.is_needed)
