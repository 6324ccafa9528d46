"""`woxly join --headless` over a scripted worker, through real pipes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.engine.fakes import Bench
from woxly_tui.cli.headless import MAX_LINE_BYTES, run_headless
from woxly_tui.errors import EngineLost, ExitCode, TokenError
from woxly_tui.media import messages as media
from woxly_tui.types import Dbfs, Identity

PATIENCE_S = 5.0


class Pipes:
    """A headless call with a program at its other end."""

    def __init__(self, bench: Bench, *, shows_levels: bool = False) -> None:
        self.bench = bench
        self._shows_levels = shows_levels
        self._in_read, self.stdin = os.pipe()
        self.stdout, self._out_write = os.pipe()
        os.set_blocking(self.stdout, False)
        self._held = b""
        self.task: asyncio.Task[int] | None = None

    async def start(self) -> None:
        await self.bench.join()
        self.task = asyncio.get_running_loop().create_task(
            run_headless(
                self.bench.engine.client(wants_levels=self._shows_levels),
                shows_levels=self._shows_levels,
                stdin_fd=self._in_read,
                stdout_fd=self._out_write,
            )
        )

    def type(self, line: str) -> None:
        os.write(self.stdin, line.encode() + b"\n")

    def close_stdin(self) -> None:
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1

    def close_stdout(self) -> None:
        if self.stdout >= 0:
            os.close(self.stdout)
            self.stdout = -1

    async def line(self) -> dict[str, Any]:
        """The next line of output."""
        async with asyncio.timeout(PATIENCE_S):
            while b"\n" not in self._held:
                try:
                    self._held += os.read(self.stdout, 65536)
                except BlockingIOError:
                    await asyncio.sleep(0.005)
        line, _, self._held = self._held.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    async def until(self, kind: str) -> dict[str, Any]:
        """The next line of one type, whatever comes before."""
        while (message := await self.line())["type"] != kind:
            pass
        return message

    async def exit_code(self) -> int:
        assert self.task is not None
        return await asyncio.wait_for(self.task, PATIENCE_S)

    async def aclose(self) -> None:
        self.close_stdin()
        self.close_stdout()
        if self.task is not None and not self.task.done():
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        await self.bench.engine.aclose()
        await asyncio.sleep(0.05)
        os.close(self._in_read)
        os.close(self._out_write)


@pytest.fixture
async def pipes() -> AsyncIterator[Pipes]:
    pipes = Pipes(Bench())
    await pipes.start()
    yield pipes
    await pipes.aclose()


async def test_joined_comes_first_and_left_last(pipes: Pipes) -> None:
    joined = await pipes.until("joined")
    assert joined == {
        "type": "joined",
        "room": "standup",
        "identity": "me",
        "name": "Me",
        "server": "sfu:7880",
    }
    pipes.type('{"type":"leave"}')
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["type"] != "left":
        seen.append(await pipes.line())
    assert seen[-1]["reason"] == "left"
    assert [m["phase"] for m in seen if m["type"] == "snapshot"][-1] == "ended"
    assert await pipes.exit_code() == ExitCode.OK


async def test_a_command_is_answered_with_the_state_it_led_to(pipes: Pipes) -> None:
    await pipes.until("joined")
    pipes.type('{"type":"set_mute","on":true}')
    reply = await pipes.until("reply")
    assert reply["ok"] is True
    assert reply["snapshot"]["microphone"]["state"] == "muted"
    pipes.type('{"type":"toggle_mute"}')
    assert (await pipes.until("reply"))["snapshot"]["microphone"]["state"] == "open"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "not JSON"),
        ('{"type":"fly"}', "unknown message type"),
        ('{"type":"set_mute"}', "incomplete"),
        ('{"type":"set_mute","on":"yes"}', "must be bool"),
        ("x" * (MAX_LINE_BYTES * 2), "longer than"),
    ],
)
async def test_a_line_that_is_no_command_is_an_error_and_the_call_goes_on(
    pipes: Pipes, line: str, said: str
) -> None:
    await pipes.until("joined")
    await asyncio.get_running_loop().run_in_executor(None, pipes.type, line)
    error = await pipes.until("error")
    assert said in error["message"]
    pipes.type('{"type":"get_snapshot"}')
    assert (await pipes.until("reply"))["snapshot"]["phase"] == "established"


async def test_the_end_of_standard_input_does_not_end_the_call(pipes: Pipes) -> None:
    await pipes.until("joined")
    pipes.close_stdin()
    await asyncio.sleep(0.1)
    assert pipes.task is not None
    assert not pipes.task.done()


async def test_a_reader_that_goes_away_ends_the_call(pipes: Pipes) -> None:
    await pipes.until("joined")
    pipes.close_stdout()
    assert await pipes.exit_code() == ExitCode.OK


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_leaves_cleanly(pipes: Pipes, number: signal.Signals) -> None:
    await pipes.until("joined")
    os.kill(os.getpid(), number)
    assert (await pipes.until("left"))["reason"] == "left"
    assert await pipes.exit_code() == ExitCode.OK


async def test_a_reader_that_is_stuck_cannot_stop_anybody_from_leaving() -> None:
    pipes = Pipes(Bench(), shows_levels=True)
    await pipes.start()
    await pipes.until("joined")
    for step in range(4000):
        levels = {Identity("me"): Dbfs(-10.0 - step % 7)}
        pipes.bench.link.on_event(media.LevelsMeasured(pipes.bench.session(), levels))
        if step % 50 == 0:
            await asyncio.sleep(0.001)
    pipes.type('{"type":"leave"}')
    assert await pipes.exit_code() == ExitCode.OK
    await pipes.aclose()


@pytest.mark.parametrize("shows_levels", [True, False])
async def test_levels_come_only_when_asked_for(*, shows_levels: bool) -> None:
    pipes = Pipes(Bench(), shows_levels=shows_levels)
    await pipes.start()
    await pipes.until("joined")
    levels = {Identity("me"): Dbfs(-20.0)}
    pipes.bench.link.on_event(media.LevelsMeasured(pipes.bench.session(), levels))
    if shows_levels:
        await pipes.until("levels")
    pipes.type('{"type":"leave"}')
    kinds = set()
    while "left" not in kinds:
        kinds.add((await pipes.line())["type"])
    assert shows_levels or "levels" not in kinds
    await pipes.aclose()


async def test_a_call_that_fails_says_why_before_it_ends() -> None:
    pipes = Pipes(Bench(error=TokenError("the token expired", "get another")))
    await pipes.start()
    error = await pipes.until("error")
    assert error["code"] == ExitCode.TOKEN
    assert (await pipes.line())["reason"] == "token"
    assert await pipes.exit_code() == ExitCode.TOKEN
    await pipes.aclose()


async def test_an_engine_that_ends_in_the_call_is_an_error() -> None:
    pipes = Pipes(Bench())
    await pipes.start()
    await pipes.until("joined")
    pipes.bench.engine._audience.close()
    with pytest.raises(EngineLost, match="ended in the call"):
        await pipes.exit_code()
    await pipes.aclose()


def test_a_second_ctrl_c_ends_the_process_at_once() -> None:
    script = (
        "import asyncio, os, signal\n"
        "from woxly_tui.cli.signals import on_signals\n"
        "async def main():\n"
        "    with on_signals(lambda: None):\n"
        "        for _ in range(2):\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "            await asyncio.sleep(0.1)\n"
        "        await asyncio.sleep(30)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=20, check=False)
    assert done.returncode == 130
