import asyncio
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import pytest

from woxly_tui.media.messages import (
    EVENTS,
    DeafenApplied,
    Heartbeat,
    LevelsMeasured,
    WorkerEvent,
)
from woxly_tui.media.pipes import MAX_LINE_BYTES, MAX_QUEUED, CommandReader, EventWriter
from woxly_tui.types import SILENCE_DBFS, Identity

PIPE_BYTES = 1 << 16
LEVELS = LevelsMeasured(1, {Identity("ann"): SILENCE_DBFS})


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for fd in (reader, writer):
        try:
            os.close(fd)
        except OSError:
            continue


def lost() -> None:
    raise AssertionError("the reader is not lost")


def fill(writer: EventWriter) -> int:
    """Write until the pipe is full and a little is queued."""
    sent = 0
    while not writer._queue:
        writer.write(DeafenApplied(1, sent, on=True))
        sent += 1
    return sent


async def drain(fd: int) -> list[WorkerEvent]:
    os.set_blocking(fd, False)
    data, quiet = b"", 0
    while quiet < 5:
        await asyncio.sleep(0.01)
        try:
            data += os.read(fd, 1 << 20)
            quiet = 0
        except BlockingIOError:
            quiet += 1
    return [EVENTS.decode(line) for line in data.splitlines()]


async def test_events_arrive_in_order(pipe: tuple[int, int]) -> None:
    writer = EventWriter(pipe[1], lost)
    writer.write(Heartbeat())
    writer.write(LEVELS)
    assert await drain(pipe[0]) == [Heartbeat(), LEVELS]


async def test_a_full_pipe_drops_levels_and_keeps_the_rest(pipe: tuple[int, int]) -> None:
    writer = EventWriter(pipe[1], lost)
    sent = fill(writer)
    started = time.monotonic()
    for _ in range(50):
        writer.write(LEVELS)
        writer.write(Heartbeat())
    writer.write(DeafenApplied(1, sent, on=False))
    assert time.monotonic() - started < 3
    assert writer.dropped == 100
    events = await drain(pipe[0])
    assert [event.request for event in events if isinstance(event, DeafenApplied)] == list(
        range(sent + 1)
    )
    assert len(events) == sent + 1
    writer.write(LEVELS)
    assert await drain(pipe[0]) == [LEVELS]


async def test_a_reader_that_never_reads_is_lost_once(pipe: tuple[int, int]) -> None:
    losses: list[None] = []
    writer = EventWriter(pipe[1], lambda: losses.append(None))
    for request in range(MAX_QUEUED + PIPE_BYTES // 10):
        writer.write(DeafenApplied(1, request, on=True))
    assert len(losses) == 1
    assert not writer._queue


async def test_a_reader_that_is_gone_is_lost(pipe: tuple[int, int]) -> None:
    losses: list[None] = []
    writer = EventWriter(pipe[1], lambda: losses.append(None))
    os.close(pipe[0])
    writer.write(Heartbeat())
    writer.write(Heartbeat())
    assert len(losses) == 1


READER = """
    import asyncio, sys, time
    from woxly_tui.media.pipes import CommandReader

    async def main():
        done = asyncio.Event()
        reader = CommandReader(0, lambda line: print(line.decode()), done.set, {grace})
        reader.start()
        {body}

    asyncio.run(main())
"""


def run_reader(body: str, text: bytes, grace: float = 5.0) -> tuple[subprocess.Popen[bytes], float]:
    code = textwrap.dedent(READER).format(grace=grace, body=body)
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.flush()
    return process, time.monotonic()


def test_lines_arrive_whole_however_they_are_cut() -> None:
    process, _ = run_reader("await done.wait()", b"one\ntw")
    assert process.stdin is not None
    time.sleep(0.3)
    process.stdin.write(b"o\n\nthree\nunfinished")
    output, _ = process.communicate(timeout=10)
    assert output.split() == [b"one", b"two", b"three"]


@pytest.mark.parametrize(
    "body", ["time.sleep(60)", "exec('while True: pass')"], ids=["blocked", "busy"]
)
def test_the_end_of_the_pipe_ends_a_blocked_process(body: str) -> None:
    process, _ = run_reader("print('up', flush=True); " + body, b"", grace=0.3)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"up\n"
    process.stdin.close()
    started = time.monotonic()
    process.wait(timeout=5)
    assert 0.2 < time.monotonic() - started < 3
    process.stdout.close()


def test_an_endless_line_ends_the_reading() -> None:
    process, _ = run_reader("await done.wait()", b"")
    output, _ = process.communicate(b"x" * (4 * MAX_LINE_BYTES), timeout=10)
    assert process.returncode == 0
    assert output == b""


def test_a_reader_needs_a_loop() -> None:
    with pytest.raises(RuntimeError):
        CommandReader(0, lambda _line: None, lambda: None, 1.0)
