"""A real child process that behaves badly in place of the media worker."""

import asyncio
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from woxly_tui.engine import media_link
from woxly_tui.engine.media_link import MediaLink
from woxly_tui.media.messages import COMMANDS, SetLevelsRate, Shutdown, WorkerEvent, WorkerReady

READY = '{"type":"worker_ready","pid":1,"sdk_version":"x"}'


class Ear:
    def __init__(self) -> None:
        self.events: list[WorkerEvent] = []
        self.lost: list[str] = []
        self.changed = asyncio.Event()

    def on_event(self, event: WorkerEvent) -> None:
        self.events.append(event)
        self.changed.set()

    def on_lost(self, detail: str) -> None:
        self.lost.append(detail)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(8):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Ear]:
    """Puts a script in the worker's place."""

    def put(script: str) -> Ear:
        path = tmp_path / "worker.py"
        path.write_text("import json, os, sys, time\n" + textwrap.dedent(script))
        launcher = tmp_path / "python"
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{path}"\n')
        launcher.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(launcher))
        monkeypatch.setattr(media_link, "worker_log_path", lambda: tmp_path / "worker.log")
        return Ear()

    return put


async def test_events_come_in_and_commands_go_out(impostor: Callable[[str], Ear]) -> None:
    ear = impostor(
        f"""
        print('{READY}', flush=True)
        line = sys.stdin.readline()
        print(json.dumps({{"type": "worker_ready", "pid": 2, "sdk_version": line}}), flush=True)
        sys.stdin.read()
        """
    )
    link = MediaLink(ear.on_event, ear.on_lost)
    await link.start({})
    await ear.until(lambda: len(ear.events) == 1)
    link.send(SetLevelsRate(5.0))
    await ear.until(lambda: len(ear.events) == 2)
    echoed = ear.events[1]
    assert isinstance(echoed, WorkerReady)
    assert COMMANDS.decode(echoed.sdk_version) == SetLevelsRate(5.0)
    await link.stop()
    assert ear.lost == []


async def test_a_dying_worker_is_reported_once(impostor: Callable[[str], Ear]) -> None:
    ear = impostor(f"print('{READY}', flush=True); os.kill(os.getpid(), 9)")
    link = MediaLink(ear.on_event, ear.on_lost)
    await link.start({})
    await ear.until(lambda: bool(ear.lost))
    assert ear.lost == ["signal 9"]
    link.send(Shutdown())
    await link.stop()


async def test_nonsense_costs_the_worker_its_life(impostor: Callable[[str], Ear]) -> None:
    ear = impostor("print('Segmentation fault', flush=True); time.sleep(60)")
    link = MediaLink(ear.on_event, ear.on_lost)
    await link.start({})
    await ear.until(lambda: bool(ear.lost))
    assert "nonsense" in ear.lost[0]
    await link.stop()


async def test_a_silent_worker_is_killed(
    impostor: Callable[[str], Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_link, "SILENCE_LIMIT_S", 0.5)
    ear = impostor(
        f"""
        print('{READY}'.replace('1', str(os.getpid())), flush=True)
        time.sleep(60)
        """
    )
    link = MediaLink(ear.on_event, ear.on_lost)
    await link.start({})
    await ear.until(lambda: bool(ear.lost))
    assert "silent" in ear.lost[0]
    ready = ear.events[0]
    assert isinstance(ready, WorkerReady)
    with pytest.raises(ProcessLookupError):
        os.kill(ready.pid, 0)
    await link.stop()


async def test_a_stubborn_worker_is_killed_on_stop(impostor: Callable[[str], Ear]) -> None:
    ear = impostor(f"print('{READY}', flush=True); time.sleep(60)")
    link = MediaLink(ear.on_event, ear.on_lost)
    await link.start({})
    await ear.until(lambda: bool(ear.events))
    async with asyncio.timeout(4):
        await link.stop()
    assert ear.lost == []


async def test_the_worker_gets_no_secret_and_no_display(
    impostor: Callable[[str], Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEKIT_API_SECRET", "hush")
    monkeypatch.setenv("DISPLAY", ":0")
    ear = impostor(
        """
        env = " ".join(os.environ)
        print(json.dumps({"type": "worker_ready", "pid": 1, "sdk_version": env}), flush=True)
        sys.stdin.read()
        """
    )
    link = MediaLink(ear.on_event, ear.on_lost)
    await link.start({})
    await ear.until(lambda: bool(ear.events))
    ready = ear.events[0]
    assert isinstance(ready, WorkerReady)
    names = ready.sdk_version.split()
    assert "PATH" in names
    assert not {"LIVEKIT_API_SECRET", "DISPLAY"} & set(names)
    await link.stop()
