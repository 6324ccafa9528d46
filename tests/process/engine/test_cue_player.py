"""A real child process in place of the cue player, that obeys or misbehaves."""

import asyncio
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from woxly_tui._lib import logs
from woxly_tui.engine import cue_player
from woxly_tui.engine.cue_player import CuePlayer
from woxly_tui.media.cue_messages import CUE_COMMANDS, PlayCue, StopCue
from woxly_tui.types import Cue, Seconds

LISTEN = """
with open(log, "a") as said:
    said.write(f"start {os.getpid()} {os.environ.get('PULSE_SERVER', '')}\\n"); said.flush()
    for line in sys.stdin:
        said.write(line); said.flush()
    said.write("end\\n")
"""

JOIN, RING = PlayCue(Cue.JOIN, 60), PlayCue(Cue.RING, 60, is_looped=True)


class Impostor:
    def __init__(self, folder: Path) -> None:
        self.log = folder / "said"
        self.log.touch()

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()

    async def until(self, *wanted: str) -> list[str]:
        """All it said, once its lines begin so."""
        async with asyncio.timeout(10):
            while True:
                lines = self.lines()
                if len(lines) >= len(wanted):
                    for line, start in zip(lines, wanted, strict=False):
                        assert line.startswith(start)
                    return lines
                await asyncio.sleep(0.01)

    def pids(self) -> list[int]:
        return [int(line.split()[1]) for line in self.lines() if line.startswith("start")]


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Impostor]:
    def put(script: str) -> Impostor:
        made = Impostor(tmp_path)
        path = tmp_path / "player.py"
        head = f"import os, sys, time\nlog = {str(made.log)!r}\n"
        path.write_text(head + textwrap.dedent(script))
        launcher = tmp_path / "python"
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{path}"\n')
        launcher.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(launcher))
        monkeypatch.setattr(cue_player, "worker_log_path", lambda: tmp_path / "worker.log")
        return made

    return put


def line(command: PlayCue | StopCue) -> str:
    return CUE_COMMANDS.encode(command).decode().strip()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_is_started_for_the_first_cue_and_told_each(
    impostor: Callable[[str], Impostor],
) -> None:
    child = impostor(LISTEN)
    player = CuePlayer()
    player.send(StopCue(), {})  # nothing to end: no process is started for it
    player.send(JOIN, {})
    player.send(RING, {})
    player.send(StopCue(), {})
    await child.until("start", line(JOIN), line(RING), line(StopCue()))
    await player.aclose()
    assert not is_alive(child.pids()[0])
    assert child.lines()[-1] == "end"


async def test_an_idle_one_ends_and_the_next_cue_gets_another(
    impostor: Callable[[str], Impostor],
) -> None:
    child = impostor(LISTEN)
    player = CuePlayer(Seconds(0.2))
    player.send(JOIN, {})
    await child.until("start", line(JOIN), "end")
    player.send(JOIN, {})
    await child.until("start", line(JOIN), "end", "start", line(JOIN), "end")
    await player.aclose()
    assert not any(map(is_alive, child.pids()))


async def test_one_that_rings_is_not_idle(impostor: Callable[[str], Impostor]) -> None:
    child = impostor(LISTEN)
    player = CuePlayer(Seconds(0.05))
    player.send(RING, {})
    await child.until("start", line(RING))
    await asyncio.sleep(0.3)
    assert child.lines()[-1] == line(RING)
    player.send(StopCue(), {})
    await child.until("start", line(RING), line(StopCue()), "end")
    await player.aclose()


async def test_another_sound_server_takes_another_process(
    impostor: Callable[[str], Impostor],
) -> None:
    child = impostor(LISTEN)
    player = CuePlayer()
    player.send(JOIN, {"PULSE_SERVER": "a"})
    await child.until("start", line(JOIN))
    player.send(JOIN, {"PULSE_SERVER": "b"})
    lines = await child.until("start", line(JOIN), "end", "start", line(JOIN))
    assert [text.split()[-1] for text in lines if text.startswith("start")] == ["a", "b"]
    await player.aclose()


async def test_one_that_died_is_replaced_and_harms_nobody(
    impostor: Callable[[str], Impostor],
) -> None:
    child = impostor(
        LISTEN.replace("for line in sys.stdin:", "for line in [sys.stdin.readline()]:")
    )
    player = CuePlayer()
    player.send(JOIN, {})
    await child.until("start", line(JOIN), "end")
    process = player._process
    assert process is not None
    await process.wait()
    player.send(JOIN, {})
    await child.until("start", line(JOIN), "end", "start", line(JOIN), "end")
    await player.aclose()


async def test_one_that_hangs_is_killed(
    impostor: Callable[[str], Impostor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cue_player, "POLITE_LIMIT", Seconds(0.1))
    child = impostor(
        'open(log, "a").write(f"start {os.getpid()}\\n")\nwhile True: time.sleep(60)\n'
    )
    player = CuePlayer()
    player.send(JOIN, {})
    await child.until("start")
    (pid,) = child.pids()
    await player.aclose()
    assert not is_alive(pid)


async def test_one_that_cannot_be_started_is_silence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    monkeypatch.setattr(logs, "log_folder", lambda: tmp_path)
    player = CuePlayer(Seconds(0.05))
    player.send(JOIN, {})
    player.send(RING, {})
    await player.aclose()
