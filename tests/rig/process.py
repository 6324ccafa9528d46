"""A child that speaks JSON lines, and waiting for what it says."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

from tests.rig import ROOT

Message: TypeAlias = dict[str, Any]

MAX_MESSAGES: Final = 20_000
"""Kept for looking back; a chatty child ends its test rather than fill the memory."""


ENGINE_MODULE: Final = "woxly_tui.engine.process"


class ProcessEnded(AssertionError):
    """The child ended while something was still expected of it."""


class LineProcess:
    """One child. What it says is kept with the time it came; stderr goes to a file.

    Every wait has a deadline, and fails at once when the child ends.
    """

    def __init__(self, label: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.label: Final = label
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self.started_s: Final = time.monotonic()
        self._process = subprocess.Popen(
            command,
            env=env,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )
        self.messages: Final[list[Message]] = []
        self.garbage: Final[list[str]] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name=f"rig-{label}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            now = time.monotonic()
            try:
                message = json.loads(line)
                assert isinstance(message, dict)
            except (ValueError, AssertionError):
                self.garbage.append(repr(line[:300]))
                continue
            message["_at"] = now
            if not self.consume(message) and len(self.messages) < MAX_MESSAGES:
                with self._changed:
                    self.messages.append(message)
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def consume(self, message: Message) -> bool:  # noqa: ARG002 - for subclasses
        """Take a message out of the stream; runs in the reading thread."""
        return False

    def send(self, message: Message) -> float:
        """Write one line; returns when, on the monotonic clock."""
        assert self._process.stdin is not None
        line = (json.dumps(message) + "\n").encode()
        now = time.monotonic()
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ProcessEnded(self.describe("ended before it could be asked")) from None
        return now

    def wait_for(
        self,
        what: str,
        wanted: Callable[[Message], bool],
        timeout_s: float = 10.0,
        since: int = 0,
    ) -> Message:
        """The first message from number `since` on that is wanted.

        Raises:
            AssertionError: It did not come in time, or the child ended.
        """
        deadline = time.monotonic() + timeout_s
        index = since
        with self._changed:
            while True:
                while index < len(self.messages):
                    if wanted(self.messages[index]):
                        return self.messages[index]
                    index += 1
                if not self._reader.is_alive():
                    raise ProcessEnded(self.describe(f"ended without: {what}"))
                if (left := deadline - time.monotonic()) <= 0:
                    raise AssertionError(self.describe(f"no {what} within {timeout_s} s"))
                self._changed.wait(min(left, 0.25))

    def wait_type(self, kind: str, timeout_s: float = 10.0, since: int = 0) -> Message:
        """The first message of a type."""
        return self.wait_for(kind, lambda m: m.get("type") == kind, timeout_s, since)

    def stderr(self) -> str:
        """What it wrote to standard error so far."""
        size = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), size, 0).decode(errors="replace")

    def describe(self, problem: str) -> str:
        """A problem, with the last words of the child."""
        last = "\n".join(f"  {json.dumps(m)[:400]}" for m in self.messages[-6:])
        code = self._process.poll()
        return (
            f"{self.label}: {problem} (exit {code})\nlast said:\n{last}\n"
            f"not JSON: {self.garbage[:5]}\nstderr: {self.stderr()[-2000:]}"
        )

    def signal(self, number: signal.Signals) -> float:
        """Send a signal to the child alone; returns when."""
        now = time.monotonic()
        self._process.send_signal(number)
        return now

    def wait_exit(self, timeout_s: float = 10.0) -> int:
        """Its exit code.

        Raises:
            AssertionError: It still runs at the deadline.
        """
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(self.describe(f"still runs after {timeout_s} s")) from None
        self._reader.join(timeout=5)
        return code

    def close(self) -> None:
        """Kill it with all it started, and reap it."""
        for pid in [*descendants(self.pid), self.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait(timeout=10)
        self._reader.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def python_module(name: str, *args: str) -> list[str]:
    """Command that runs a module of this checkout."""
    return [sys.executable, "-m", name, *args]


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        # pid (name) state parent …; the name may hold anything, brackets too.
        parent = int(text[text.rindex(")") + 2 :].split()[1])
        if parent == pid:
            found.append(int(stat.parent.name))
    return found


def descendants(pid: int) -> list[int]:
    """Children and theirs, the youngest generation last."""
    found = children(pid)
    return found + [below for child in found for below in descendants(child)]


def command_line(pid: int) -> str:
    """The command of a process, words parted by spaces; empty when it is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def engines(folder: Path) -> list[int]:
    """The engines that run in a runtime folder, told by their environment."""
    wanted = f"WOXLY_RUNTIME_DIR={folder}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_theirs = wanted in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        pid = int(process.name)
        if is_theirs and ENGINE_MODULE in command_line(pid).split() and is_running(pid):
            found.append(pid)
    return found


def kill_engines(folder: Path) -> None:
    """End whatever engine runs in a runtime folder, and its worker with it."""
    for pid in engines(folder):
        for each in [pid, *descendants(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
    wait_gone(engines(folder), 5)


def is_running(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text[text.rindex(")") + 2] not in "ZX"


def wait_gone(pids: Sequence[int], timeout_s: float) -> float:
    """Wait until none of the processes lives; returns when.

    Raises:
        AssertionError: One is still there at the deadline.
    """
    deadline = time.monotonic() + timeout_s
    while alive := [pid for pid in pids if is_running(pid)]:
        if time.monotonic() > deadline:
            still = ", ".join(f"{pid}: {command_line(pid)}" for pid in alive)
            raise AssertionError(f"still running after {timeout_s} s: {still}")
        time.sleep(0.01)
    return time.monotonic()
