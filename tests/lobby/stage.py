"""Terminals of several people: real engines on a real server, with an SFU that has no sound."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.lobby.proxy import Proxy
from tests.lobby.sfu import Sfu
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.ringing.view import Outcome, RingPhase
from woxly_tui.call.snapshot import CallPhase, ChatMessage, MicState, Notice, Snapshot
from woxly_tui.control import lobby as ask
from woxly_tui.control.call_file import CallKeeper
from woxly_tui.control.messages import Command, Reply, Update
from woxly_tui.engine.engine import Engine
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.social.model import LinkState
from woxly_tui.types import RoomId, UserId

WITHIN_S: Final = 8.0
"""Longest wait for something that must come: a loaded machine is slow."""

AGREE_WITHIN_S: Final = 5.0
"""How soon after a link has healed both sides must agree."""


class Terminal:
    """One person's engine, and a front end that keeps the newest of each update."""

    def __init__(self, name: str, account: Account, stage: "Stage") -> None:
        self.name = name
        self.user = UserId(account.user_id)
        self.stage = stage
        self.store = AccountStore(stage.folder / f"{name}.json")
        self.store.put(account)
        self.proxy: Proxy | None = None
        self.call_file = stage.folder / f"{name}.call"
        self._tasks = TaskOwner(name)
        self._changed = asyncio.Event()
        self._boot()

    def _boot(self) -> None:
        self.state = ask.LobbyState()
        self.call = Snapshot()
        self.friends: tuple[Any, ...] = ()
        self.rooms: tuple[Any, ...] = ()
        self.calls: tuple[Any, ...] = ()
        self.threads: dict[RoomId, ask.RoomMessages] = {}
        self.chat: list[str] = []
        self.found: ask.PeopleFound | None = None
        self.accounts: tuple[str, ...] = ()
        self.notices: list[Notice] = []
        self.links: list[Any] = []
        self.opened_while_ringing = False

        def link(*hooks: Any) -> Any:
            made = self.stage.sfu.link(*hooks)
            self.links.append(made)
            return made

        self.engine = Engine(link=link, keeper=CallKeeper(self.call_file))
        self.client = self.engine.client(wants_levels=False)
        self._tasks.start(self._listen(), name="updates")

    async def _listen(self) -> None:
        async for update in self.client.updates():
            self._take(update)
            is_open = self.call.microphone.state is MicState.OPEN
            if is_open and self.phase is not RingPhase.TALKING and self.is_in_media:
                self.opened_while_ringing = True
            self._changed.set()

    def _take(self, update: Update) -> None:
        match update:
            case Snapshot():
                self.call = update
            case ask.LobbyState():
                self.state = update
            case ask.RoomMessages():
                self.threads[update.room] = update
            case ChatMessage():
                self.chat.append(f"{update.name}: {update.text}")
            case Notice():
                self.notices.append(update)
            case _:
                self._take_list(update)

    def _take_list(self, update: Update) -> None:
        match update:
            case ask.FriendsListed():
                self.friends = update.friends
            case ask.RoomsListed():
                self.rooms = update.rooms
            case ask.CallsListed():
                self.calls = update.calls
            case ask.PeopleFound():
                self.found = update
            case ask.AccountsListed():
                self.accounts = update.accounts

    # What is seen

    @property
    def phase(self) -> RingPhase:
        return self.state.rings.phase

    @property
    def callers(self) -> list[int]:
        return [ring.caller for ring in self.state.rings.incoming]

    @property
    def outcome(self) -> Outcome | None:
        ending = self.state.rings.ending
        return None if ending is None else ending.outcome

    @property
    def is_idle(self) -> bool:
        return self.phase is RingPhase.IDLE and not self.callers and not self.is_in_media

    @property
    def is_in_media(self) -> bool:
        return self.call.phase in _IN_CALL

    def talks_with(self, *others: "Terminal") -> bool:
        there = {person.identity for person in self.call.others}
        is_there = self.call.phase is CallPhase.ESTABLISHED
        return is_there and there == {str(one.user) for one in others}

    async def until(self, is_so: Callable[[], object], within_s: float = WITHIN_S) -> None:
        """Wait until something is so.

        Raises:
            AssertionError: It does not become so; tells how everything stands.
        """
        try:
            async with asyncio.timeout(within_s):
                while not is_so():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name} is left with {self.state}\n{self.call}") from None

    # What is done

    async def do(self, command: Command) -> Reply:
        """Have it done; it must not be refused."""
        reply = await self.client.send(command)
        assert reply.ok, f"{command}: {reply.error}: {reply.remedy}"
        return reply

    async def refused(self, command: Command) -> str:
        """Have it refused."""
        reply = await self.client.send(command)
        assert not reply.ok, command
        return reply.error

    async def go_online(self) -> None:
        """Be online, with everything loaded."""
        await self.do(ask.GoOnline(self.name, ask.CallStyle()))
        await self.until(lambda: self.state.link is LinkState.ONLINE)
        await self.until(lambda: self.state.as_of is not None)

    async def ring(self, other: "Terminal") -> None:
        """Ring somebody until it is seen there."""
        await self.do(ask.CallFriend(other.user))
        await other.until(lambda: self.user in other.callers)

    async def talk(self, other: "Terminal") -> None:
        """Ring, be answered, and see each other."""
        await self.ring(other)
        await other.do(ask.AcceptRing(self.user))
        await self.until(lambda: self.talks_with(other))
        await other.until(lambda: other.talks_with(self))

    async def crash(self) -> None:
        """Be killed, with the worker, without a word to anybody; another engine takes over."""
        session = self.engine._lobby._session
        assert session is not None
        client = session.socket._client
        assert client is not None
        client.eio.ws._writer.transport.abort()
        await session.aclose()
        for link in self.links:
            link.die()
        kept = self.call_file.read_bytes() if self.call_file.exists() else b""
        self.engine._lobby.rings._board = None
        await self._tasks.aclose()
        await self.engine.aclose()
        if kept:
            self.call_file.write_bytes(kept)
            self.call_file.chmod(0o600)
        self._boot()

    async def aclose(self) -> None:
        await self.client.aclose()
        await self.engine.aclose()
        await self._tasks.aclose()


_IN_CALL: Final = (CallPhase.CONNECTING, CallPhase.ESTABLISHED, CallPhase.RECONNECTING)


class Stage:
    """A server's address, and the people who use it.

    Args:
        url: Origin of a Woxly server.
        folder: For files.
        patch: Points engines to their accounts.
    """

    def __init__(self, url: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.url = url
        self.folder = folder
        self.sfu = Sfu()
        self.terminals: dict[str, Terminal] = {}
        patch.setattr("woxly_tui.engine.lobby_accounts.find_account", self._account)
        patch.setattr("woxly_tui.engine.lobby_accounts.all_accounts", self._accounts)

    def _account(self, name: str) -> tuple[Account, AccountStore]:
        for terminal in self.terminals.values():
            account = terminal.store.find()
            assert account is not None
            if name == terminal.name or account.is_called(name):
                return account, terminal.store
        raise AssertionError(name)

    def _accounts(self) -> list[Account]:
        return [one for terminal in self.terminals.values() for one in terminal.store.load()]

    async def terminal(
        self, name: str, email: str, password: str, *, via: Proxy | None = None
    ) -> Terminal:
        """Sign somebody in, and start their engine.

        Args:
            name: Of the terminal.
            email: Whose.
            password: Theirs.
            via: A link to the server that may be cut.
        """
        async with httpx.AsyncClient(base_url=self.url) as http:
            body = {"email": email, "password": password}
            made = (await http.post("/api/auth/login", json=body)).json()
        origin = via.url if via is not None else self.url
        user = made["user"]
        tokens = made["accessToken"], made["refreshToken"]
        account = Account(origin, user["id"], user["username"], user["woxlyId"], *tokens)
        terminal = Terminal(name, account, self)
        terminal.proxy = via
        self.terminals[name] = terminal
        return terminal

    async def settled(self, *people: Terminal, within_s: float = AGREE_WITHIN_S) -> None:
        """Wait until nobody rings or talks."""
        for one in people:
            await one.until(lambda one=one: one.is_idle, within_s)  # type: ignore[misc]
        async with asyncio.timeout(within_s):
            await self.sfu.until_empty()

    async def aclose(self) -> None:
        for terminal in self.terminals.values():
            assert not terminal.opened_while_ringing, terminal.name
            await terminal.aclose()
