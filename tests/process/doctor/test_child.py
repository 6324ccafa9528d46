"""Probes as processes: heard, bounded, and gone afterwards."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from woxly_tui.doctor.child import ask_child

SCRIPT = """
import json, os, sys, time
task = json.loads(sys.stdin.readline())
print(json.dumps({"pid": os.getpid(), "task": task}), flush=True)
print("a library prints what it likes", flush=True)
time.sleep(task["sleep_s"])
"""


@pytest.fixture(autouse=True)
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_probe.py").write_text(SCRIPT, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(note: Path) -> None:
    deadline = time.monotonic() + 20
    while not note.exists() or not note.read_text("utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def test_what_it_says_is_heard() -> None:
    said, has_ended = await ask_child("slow_probe", {"sleep_s": 0}, 20)
    assert has_ended
    assert [line["task"] for line in said] == [{"sleep_s": 0}]


async def test_one_that_hangs_is_killed_and_what_it_said_is_kept() -> None:
    said, has_ended = await ask_child("slow_probe", {"sleep_s": 600}, 2)
    assert (len(said), has_ended) == (1, False)
    assert not is_running(said[0]["pid"])


async def test_one_that_cannot_start_says_nothing() -> None:
    assert await ask_child("no_such_probe", {}, 20) == ([], False)


async def test_cancelled_it_leaves_nobody_behind(tmp_path: Path) -> None:
    script = SCRIPT + "\n"
    note = tmp_path / "pid"
    script = script.replace(
        "time.sleep", f"open({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep"
    )
    (tmp_path / "slow_probe.py").write_text(script, "utf-8")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask_child("slow_probe", {"sleep_s": 600}, 60))
        await asyncio.to_thread(wait_for, note)
        task.cancel()
    assert not is_running(int(note.read_text("utf-8")))
