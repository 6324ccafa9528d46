"""The conversation with an engine, without a screen."""

import asyncio
from collections.abc import AsyncIterator

from woxly_tui._lib.clock import SystemClock
from woxly_tui.call.snapshot import ChatMessage, Levels, Notice, Snapshot
from woxly_tui.control.lobby import LobbyUpdate
from woxly_tui.control.messages import Command, Reply, ToggleMute, Update
from woxly_tui.tui.bridge import Bridge, CallView


class Client:
    """An engine whose state is one, and whose answers are others."""

    def __init__(self, state: Snapshot, *answers: Snapshot) -> None:
        self.state = state
        self.answers = list(answers)

    async def send(self, command: Command) -> Reply:  # noqa: ARG002 - whatever it is
        return Reply(ok=True, snapshot=self.answers.pop(0))

    async def updates(self) -> AsyncIterator[Update]:
        yield self.state
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        pass


class Screen:
    """Remembers what was drawn."""

    def __init__(self) -> None:
        self.revs: list[int] = []

    def show(self, view: CallView) -> None:
        self.revs.append(view.snapshot.rev)

    def hear(self, levels: Levels) -> None: ...

    def hear_chat(self, message: ChatMessage) -> None: ...

    def notify_user(self, notice: Notice) -> None: ...

    def hear_lobby(self, update: LobbyUpdate) -> None: ...


async def test_an_answer_that_comes_late_does_not_bring_an_old_state_back() -> None:
    screen = Screen()
    client = Client(Snapshot(rev=5), Snapshot(rev=4), Snapshot(rev=6))
    bridge = Bridge(client, screen, SystemClock())
    running = asyncio.get_running_loop().create_task(bridge.run())
    for _ in range(2):
        await asyncio.sleep(0)
        bridge.send(ToggleMute())
        await bridge.answered()
    await asyncio.sleep(0)
    running.cancel()
    await bridge.aclose()
    assert screen.revs == sorted(screen.revs)
    assert screen.revs[-1] == 6
