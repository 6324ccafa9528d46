"""The stage of the lobby's demo: a `woxly serve` of its own, four regulars, and the guest."""

import asyncio
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.env import child_env
from woxly_tui._lib.leashed import LeashedProcess, log_tail
from woxly_tui.demo.party import CODEC, HELLO, NAMES, VOICE_ROOM, Party, Regular, Role
from woxly_tui.errors import ServerUnreachable, SfuError, WoxlyError
from woxly_tui.lobby import messages, people, rooms
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.rest import RestClient, SignedIn, sign_in
from woxly_tui.sfu.server import free_port
from woxly_tui.types import UserId

READY_WITHIN_S: Final = 60.0
"""The server makes its database and starts LiveKit; a machine may be slow."""

_LOOK_EVERY_S: Final = 0.1


class Stage:
    """Server and regulars, each in a process on a leash. Use from one event loop.

    Args:
        folder: For everything there is; whoever made it removes it.
        guest: The guest's user name, as of `party.username_of`.
        calls_after_s: When somebody calls the guest.
    """

    def __init__(self, folder: Path, guest: str, calls_after_s: float) -> None:
        self._folder = folder
        self._guest = guest
        self._calls_after_s = calls_after_s
        self._tasks = TaskOwner("stage")
        self._server: LeashedProcess | None = None
        self._bots: LeashedProcess | None = None
        self.origin: Final = f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}"

    @property
    def profile(self) -> Path:
        """The folder with the guest's account: WOXLY_PROFILE of who is to be the guest."""
        return self._folder / "profile"

    async def open(self, step: Callable[[str], None]) -> None:
        """Start everything; the guest is signed in, and knows everybody.

        Args:
            step: Told what is done.

        Raises:
            SfuError: A process cannot be started, or ends at once.
            WoxlyError: The server does not do what it must.
        """
        step("starting woxly serve on this machine")
        await self._start_server()
        step("inviting Annie, Benny, Clara and Doris")
        party = await self._invite()
        step("waiting for them")
        self._bots = await self._start("woxly_tui.demo.lobby_bots", "bots", CODEC.encode(party))

    async def aclose(self) -> None:
        """End everything. Cancelled, it still goes."""
        for process in (self._bots, self._server):
            if process is not None:
                await process.aclose()

    async def failure(self) -> SfuError:
        """Wait until the server is gone, and say so."""
        assert self._server is not None  # noqa: S101 - it is open
        code = await self._server.wait()
        return SfuError(f"woxly serve ended ({code}): {log_tail(self._log('serve'), 3)}")

    def _log(self, what: str) -> Path:
        return self._folder / f"{what}.log"

    async def _start(
        self, module: str, what: str, stdin: bytes = b"", *words: str
    ) -> LeashedProcess:
        env = child_env(WOXLY_RATE_LIMITS="off", TOKIO_WORKER_THREADS="2")
        # Settings for a server of the user's own are none for this one.
        for name in ("DATABASE_URL", "REDIS_URL", "WOXLY_PUBLIC_URL", "SMTP_HOST"):
            env.pop(name, None)
        command = [sys.executable, "-P", "-m", module, *words]
        try:
            return await LeashedProcess.start(
                command, log=self._log(what), env=env, stdin=stdin, grace_s=5.0
            )
        except OSError as error:
            raise SfuError(f"{what} cannot be started: {error}") from error

    async def _start_server(self) -> None:
        host, _, port = self.origin.removeprefix("http://").partition(":")
        data = str(self._folder / "server")
        words = ("serve", "--data", data, "--host", host, "--port", port)
        server = await self._start("woxly_tui.cli.main", "serve", b"", *words)
        self._server = server
        ended = self._tasks.start(server.wait(), name="server")
        try:
            await self._until_ready(ended)
        finally:
            await self._tasks.aclose()

    async def _until_ready(self, ended: "asyncio.Task[int]") -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + READY_WITHIN_S
        async with RestClient(self.origin) as rest:
            while loop.time() < until:
                if ended.done():
                    tail = log_tail(self._log("serve"), 3)
                    raise SfuError(f"woxly serve ended at once: {tail or 'it does not say why'}")
                try:
                    await rest.ask("GET", "/health", limit_s=2.0)
                except ServerUnreachable:
                    await asyncio.sleep(_LOOK_EVERY_S)
                except WoxlyError:
                    return  # it answers, if only that something is not well yet
                else:
                    return
        raise SfuError("woxly serve does not answer", f"its log is {self._log('serve')}")

    async def _invite(self) -> Party:
        async with RestClient(self.origin) as rest:
            guest = await _account(rest, self._guest)
            store = AccountStore(self.profile / "accounts.json")
            store.put(guest)
            me = SignedIn(rest, guest, store)
            regulars = [await self._befriend(rest, me, role) for role in Role]
        folder = self._folder / "regulars"
        folder.mkdir(mode=0o700, exist_ok=True)
        return Party(
            self.origin, str(folder), UserId(guest.user_id), tuple(regulars), self._calls_after_s
        )

    async def _befriend(self, rest: RestClient, me: SignedIn, role: Role) -> Regular:
        account = await _account(rest, NAMES[role])
        friend = SignedIn(rest, account, AccountStore(self._folder / "nowhere.json"))
        await people.ask_to_be_friends(friend, UserId(me.account.user_id))
        await people.ask_to_be_friends(me, UserId(account.user_id))
        if role is Role.SITS:
            room = await rooms.make_voice(friend, VOICE_ROOM, [UserId(me.account.user_id)])
            await rooms.join(me, room)
        else:
            room = await rooms.dm_with(friend, UserId(me.account.user_id))
        if role is Role.ANSWERS:
            await messages.write(friend, room, HELLO)
        user_id = UserId(account.user_id)
        return Regular(role, user_id, account.access_token, account.refresh_token, room)


async def _account(rest: RestClient, name: str) -> Account:
    password = f"Aa1-{secrets.token_urlsafe(18)}"  # nobody signs in with it again
    return await sign_in(rest, f"{name.lower()}@demo.invalid", password, name)
