"""The client of an engine that runs in the same process and event loop."""

from collections.abc import AsyncGenerator
from typing import Protocol

from woxly_tui.control.mailbox import Mailbox
from woxly_tui.control.messages import Command, Reply, SetPtt, StartPlay, StopPlay, Update
from woxly_tui.errors import ProtocolError


class EnginePort(Protocol):
    """The side of an engine that clients plug into."""

    async def handle(self, command: Command) -> Reply:
        """Carry out a command; answers within about a second."""

    def attach(self, mailbox: Mailbox, *, wants_levels: bool) -> None:
        """Send updates to a mailbox, beginning with the present snapshot."""

    def watch_levels(self, mailbox: Mailbox, *, is_watching: bool) -> None:
        """Begin or stop to send levels to an attached mailbox."""

    def detach(self, mailbox: Mailbox) -> None:
        """Send no more to it; unknown mailboxes are ignored."""

    def abandon_ptt(self, at_ns: int) -> None:
        """End the hold of the push-to-talk key that began with the press of that moment."""


class LocalEngineClient:
    """An EngineClient without a socket between.

    Args:
        engine: Whom to ask.
        wants_levels: Measuring costs the worker something: say False where none are shown.
        levels_hz: How often levels are wanted at most; None as they come.
    """

    def __init__(
        self, engine: EnginePort, *, wants_levels: bool = True, levels_hz: float | None = None
    ) -> None:
        self._engine = engine
        self._wants_levels = wants_levels and levels_hz != 0
        self._levels_hz = levels_hz
        self._mailboxes: set[Mailbox] = set()
        self._is_closed = False
        self._held_at_ns: int | None = None
        """The press of the push-to-talk key that ends with this client."""
        self._play = ""
        """What this client plays into the call; it ends with this client, too."""

    async def send(self, command: Command) -> Reply:
        if isinstance(command, SetPtt) and command.is_bound:
            if self._is_closed:
                raise ProtocolError("this link to the engine is closed")
            self._held_at_ns = command.at_ns if command.is_down else None
        if isinstance(command, StartPlay):
            self._play = command.play
        elif isinstance(command, StopPlay) and command.play in ("", self._play):
            self._play = ""
        return await self._engine.handle(command)

    async def updates(self) -> AsyncGenerator[Update, None]:
        mailbox = Mailbox(self._levels_hz)
        self._mailboxes.add(mailbox)
        self._engine.attach(mailbox, wants_levels=self._wants_levels)
        try:
            async for update in mailbox.read():
                yield update
        finally:
            self._drop(mailbox)

    def set_levels_rate(self, levels_hz: float) -> None:
        """Want levels this often from now on; 0 for never."""
        self._wants_levels, self._levels_hz = levels_hz > 0, levels_hz
        for mailbox in self._mailboxes:
            mailbox.levels_hz = levels_hz
            self._engine.watch_levels(mailbox, is_watching=levels_hz > 0)

    def _drop(self, mailbox: Mailbox) -> None:
        self._mailboxes.discard(mailbox)
        self._engine.detach(mailbox)

    async def aclose(self) -> None:
        self._is_closed = True
        if self._held_at_ns is not None:
            self._engine.abandon_ptt(self._held_at_ns)
            self._held_at_ns = None
        if self._play:
            await self._engine.handle(StopPlay(self._play))
            self._play = ""
        for mailbox in list(self._mailboxes):
            mailbox.close()
            self._drop(mailbox)
