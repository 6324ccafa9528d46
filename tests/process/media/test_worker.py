"""The worker over real pipes, with a session that only takes notes."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import IO

import pytest

from woxly_tui.media.messages import (
    COMMANDS,
    EVENTS,
    BackendChoice,
    ChatFailed,
    ChatFailure,
    ChatSent,
    Connect,
    DeafenApplied,
    DevicesChanged,
    Heartbeat,
    MicrophoneApplied,
    Ping,
    SendChat,
    SetDeafen,
    SetLevelsRate,
    SetMicrophone,
    Shutdown,
    WorkerCommand,
    WorkerEvent,
    WorkerReady,
)

SCRIPT = """
    import asyncio, os, sys, time
    from woxly_tui.media import worker
    from woxly_tui.media.messages import ChatSent, DeafenApplied, MicrophoneApplied

    class Session:
        def __init__(self, command, pace, emit):
            self.number, self.emit, self.pace = command.session, emit, pace
            self.chat = self

        async def join(self):
            print("a library prints what it likes")
            self.emit(MicrophoneApplied(self.number, 0, False))

        def set_microphone(self, request, is_open):
            self.emit(MicrophoneApplied(self.number, request, is_open))

        def set_deafened(self, request, on):
            self.emit(DeafenApplied(self.number, request, on))

        def send(self, request, text):
            self.emit(ChatSent(request))

        def suspend_microphone(self):
            self.emit(MicrophoneApplied(self.number, 98, False))

        def resume_microphone(self):
            self.emit(MicrophoneApplied(self.number, 99, True))

        def see_devices(self, news):
            pass

        def hurry(self):
            self.emit(DeafenApplied(self.number, round(1 / self.pace.interval()), True))

        async def aclose(self):
            {leaving}
            sys.stderr.write(f"left {{self.number}}\\n")

    async def main(commands, events):
        w = worker.Worker(commands, events, lambda: (Session, "9.9"))
        import signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, w.shut_down)
        w.start()
        await asyncio.Event().wait()

    {settings}
    asyncio.run(main(*worker._take_pipes()))
"""


class Child:
    """The engine's view of a worker."""

    def __init__(self, leaving: str, settings: str) -> None:
        code = textwrap.dedent(SCRIPT).format(leaving=leaving, settings=settings)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin: IO[bytes] = self.process.stdin
        assert self.process.stderr is not None
        self.stdout: IO[bytes] = self.process.stdout
        self.stderr: IO[bytes] = self.process.stderr

    def send(self, *commands: WorkerCommand) -> None:
        for command in commands:
            self.stdin.write(COMMANDS.encode(command))
        self.stdin.flush()

    def hear(self) -> WorkerEvent:
        while True:
            event = EVENTS.decode(self.stdout.readline())
            if not isinstance(event, Heartbeat | DevicesChanged):
                return event

    def end(self) -> tuple[int, str]:
        code = self.process.wait(timeout=5)
        return code, self.stderr.read().decode()


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def begin(leaving: str = "pass", settings: str = "") -> Child:
        child = Child(leaving, settings)
        children.append(child)
        assert child.hear() == WorkerReady(child.process.pid, "9.9")
        return child

    yield begin
    for child in children:
        child.process.kill()
        child.process.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def connect(session: int) -> Connect:
    return Connect(session, "ws://x", "token", BackendChoice.NULL)


def test_commands_reach_their_session_only(start: Callable[..., Child]) -> None:
    child = start()
    child.send(SetMicrophone(1, 5, is_open=True), connect(1))
    assert child.hear() == MicrophoneApplied(1, 0, is_open=False)
    child.send(SetMicrophone(9, 6, is_open=True), SetDeafen(1, 7, on=True))
    assert child.hear() == DeafenApplied(1, 7, on=True)


def test_the_rate_of_levels_reaches_the_session(start: Callable[..., Child]) -> None:
    child = start()
    child.send(SetLevelsRate(5.0), connect(1))
    child.hear()
    child.send(SetLevelsRate(10.0))
    assert child.hear() == DeafenApplied(1, 10, on=True)


def test_a_later_connect_leaves_the_earlier_session_first(start: Callable[..., Child]) -> None:
    child = start()
    child.send(connect(1))
    child.hear()
    child.send(connect(2))
    assert child.hear() == MicrophoneApplied(2, 0, is_open=False)
    child.send(Shutdown())
    assert child.end() == (
        0,
        "a library prints what it likes\nleft 1\na library prints what it likes\nleft 2\n",
    )


def test_chat_is_sent_by_the_session_and_refused_without_one(start: Callable[..., Child]) -> None:
    child = start()
    child.send(SendChat(1, "too early"))
    assert child.hear() == ChatFailed(1, ChatFailure.NOT_CONNECTED)
    child.send(connect(1))
    child.hear()
    child.send(SendChat(2, "hello"))
    assert child.hear() == ChatSent(2)


def test_nonsense_is_survived(start: Callable[..., Child]) -> None:
    child = start()
    child.stdin.write(b'nonsense\n{"type":"shutdown","x":1}\n')
    child.send(connect(1))
    assert child.hear() == MicrophoneApplied(1, 0, is_open=False)


@pytest.mark.parametrize("ending", ["eof", "sigterm", "shutdown"])
@pytest.mark.parametrize(
    "leaving", ["pass", "await asyncio.sleep(60)", "__import__('time').sleep(60)"]
)
def test_it_ends_in_time_whatever_hangs(
    start: Callable[..., Child], ending: str, leaving: str
) -> None:
    child = start(leaving, "worker.END_GRACE_S, worker.SHUTDOWN_GRACE_S = 0.3, 0.4")
    child.send(connect(1))
    child.hear()
    if ending == "eof":
        child.stdin.close()
    elif ending == "sigterm":
        os.kill(child.process.pid, signal.SIGTERM)
    else:
        child.send(Shutdown())
    assert child.process.wait(0.8) in (0, -signal.SIGALRM)


def test_the_kernel_ends_a_worker_that_hogs_the_interpreter(start: Callable[..., Child]) -> None:
    child = start("sum(range(10**11))", "worker.LIFELINE_S, worker.HEARTBEAT_S = 0.4, 0.1")
    child.send(connect(1))
    child.hear()
    child.send(connect(2))
    assert child.process.wait(3) == -signal.SIGALRM


def test_a_frozen_engine_closes_the_microphone_until_it_speaks(
    start: Callable[..., Child],
) -> None:
    child = start(settings="worker.ENGINE_SILENCE_S, worker.HEARTBEAT_S = 0.3, 0.1")
    child.send(connect(1), Ping())
    child.hear()
    assert child.hear() == MicrophoneApplied(1, 98, is_open=False)
    child.send(Ping())
    while (event := child.hear()) == MicrophoneApplied(1, 98, is_open=False):
        pass
    assert event == MicrophoneApplied(1, 99, is_open=True)


def test_an_engine_that_never_pings_is_trusted(start: Callable[..., Child]) -> None:
    child = start(settings="worker.ENGINE_SILENCE_S, worker.HEARTBEAT_S = 0.1, 0.05")
    child.send(connect(1))
    child.hear()
    time.sleep(0.4)
    child.send(SetDeafen(1, 7, on=True))
    assert child.hear() == DeafenApplied(1, 7, on=True)


async def test_it_says_that_it_lives(start: Callable[..., Child]) -> None:
    child = start(settings="worker.HEARTBEAT_S = 0.1")
    lines = [await asyncio.to_thread(child.stdout.readline) for _ in range(3)]
    assert [EVENTS.decode(line) for line in lines].count(Heartbeat()) >= 2
