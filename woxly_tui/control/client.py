"""What a front end holds: the one interface to an engine, wherever it runs."""

from collections.abc import AsyncIterator
from typing import Protocol

from woxly_tui.control.messages import Command, Reply, Update


class EngineClient(Protocol):
    """A front end's link to the engine. Use from one event loop."""

    async def send(self, command: Command) -> Reply:
        """Ask for something, and wait for the state that resulted.

        Raises:
            ProtocolError: The engine is gone, or speaks another protocol.
        """

    def updates(self) -> AsyncIterator[Update]:
        """The present snapshot, then every change; ends when the engine does.

        A slow reader gets the newest snapshot and the newest level of each participant;
        only notices and chat queue, and of those the latest `mailbox` has room for.
        """

    async def aclose(self) -> None:
        """Let go of the engine. The call goes on if the engine outlives this client."""
