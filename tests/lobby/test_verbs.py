"""`woxly call`, `answer`, `reject`, `hangup`, `calls` and `status` against real engines."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.lobby.conftest import Trio
from tests.lobby.stage import Terminal
from woxly_tui import __version__
from woxly_tui.cli.main import main
from woxly_tui.control import frames
from woxly_tui.control import lobby as ask
from woxly_tui.control.server import ControlServer
from woxly_tui.errors import ExitCode


class Shell:
    """Where people type, each to their own engine."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys
        self._servers: dict[str, ControlServer] = {}
        self._busy = asyncio.Lock()

    async def run(self, who: Terminal, *words: str) -> tuple[int, str]:
        """Run a command; its exit code, and what it printed."""
        async with self._busy:
            path = await self._socket(who)
            self._capsys.readouterr()
            code = await asyncio.to_thread(main, [*words, "--socket", path])
            out, err = self._capsys.readouterr()
            return code, out + err

    async def _socket(self, who: Terminal) -> str:
        path = str(self._folder / f"{who.name}.sock")
        if who.name not in self._servers:
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(path)
            listening.listen()
            welcome = frames.Welcome(frames.PROTOCOL, __version__, os.getpid(), "")
            server = self._servers[who.name] = ControlServer(who.engine, lambda: welcome)
            await server.start(listening)
        return path

    async def aclose(self) -> None:
        for server in self._servers.values():
            for _ in range(200):  # until it has noticed that the commands are gone
                if not server._connections:
                    break
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            await server.aclose()


@pytest.fixture
async def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Shell]:
    shell = Shell(tmp_path, capsys)
    yield shell
    await shell.aclose()


async def test_a_friend_is_called_and_answers(trio: Trio, shell: Shell) -> None:
    ann, bob = trio.ann, trio.bob
    name = bob.state.me.name  # type: ignore[union-attr]
    assert await shell.run(ann, "call", name) == (0, f"ringing {name}\n")
    code, said = await shell.run(bob, "status")
    assert "rings" in said
    assert code == ExitCode.NO_CALL
    code, said = await shell.run(bob, "status", "--json")
    assert json.loads(said)["rings"] == ann.state.me.name  # type: ignore[union-attr]
    code, said = await shell.run(bob, "answer")
    assert (code, said[:14]) == (0, "in a call with")
    await ann.until(lambda: ann.talks_with(bob))
    code, said = await shell.run(ann, "hangup")
    assert code == 0
    assert "hung up" in said
    await trio.stage.settled(ann, bob)
    code, said = await shell.run(ann, "calls")
    assert f"to  {name}  00:0" in said


async def wait_for(trio: Trio, shell: Shell, answer: ask.LobbyCommand | None) -> int:
    """What `call --wait` ends with, when the other one does that."""
    name = trio.bob.state.me.name  # type: ignore[union-attr]

    async def react() -> None:
        await trio.bob.until(lambda: trio.ann.user in trio.bob.callers)
        if answer is not None:
            await trio.bob.do(answer)

    code, _ = (await asyncio.gather(shell.run(trio.ann, "call", name, "--wait"), react()))[0]
    return code


async def test_the_exit_code_tells_that_they_answered(trio: Trio, shell: Shell) -> None:
    assert await wait_for(trio, shell, ask.AcceptRing(trio.ann.user)) == ExitCode.OK


async def test_the_exit_code_tells_that_they_declined(trio: Trio, shell: Shell) -> None:
    assert await wait_for(trio, shell, ask.RejectRing(trio.ann.user)) == ExitCode.DECLINED


async def test_the_exit_code_tells_that_nobody_answered(trio: Trio, shell: Shell) -> None:
    trio.world.server.services.ringer._ring_timeout_s = 0.5
    assert await wait_for(trio, shell, None) == ExitCode.NO_ANSWER
    code, said = await shell.run(trio.bob, "calls", "--missed")
    assert code == 0
    assert "missed, new" in said
    code, said = await shell.run(trio.bob, "calls", "--missed", "--json")
    assert json.loads(said)[0]["is_seen"]


async def test_the_exit_codes_of_busy_and_offline(trio: Trio, shell: Shell) -> None:
    await trio.ann.talk(trio.bob)
    name = trio.bob.state.me.name  # type: ignore[union-attr]
    assert await shell.run(trio.cy, "call", name) == (ExitCode.BUSY, f"{name}: busy\n")
    await trio.bob.do(ask.HangUp())
    await trio.bob.do(ask.GoOffline())
    await trio.stage.settled(trio.ann, trio.cy)
    assert await shell.run(trio.cy, "call", name) == (ExitCode.OFFLINE, f"{name}: offline\n")


async def test_nobody_rings(trio: Trio, shell: Shell) -> None:
    for words in (["answer"], ["reject"], ["hangup"]):
        code, said = await shell.run(trio.ann, *words)
        assert code == ExitCode.NO_CALL, said


async def test_a_name_that_nobody_has(trio: Trio, shell: Shell) -> None:
    code, said = await shell.run(trio.ann, "call", "zoe")
    assert code == ExitCode.USAGE
    assert "called zoe" in said


async def test_a_ring_is_refused_with_words(trio: Trio, shell: Shell) -> None:
    await trio.ann.ring(trio.bob)
    code, said = await shell.run(trio.bob, "reject", "-m", "later")
    assert (code, said[:8]) == (0, "declined")
    await trio.ann.until(lambda: any(room.last_text == "later" for room in trio.ann.rooms))
