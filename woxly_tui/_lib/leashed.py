"""The holder's side of `leash.py`: a child process that cannot outlive us."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from woxly_tui._lib.env import child_env
from woxly_tui._lib.leash import DEFAULT_GRACE_S

_LATE_S: Final = 1.0
"""How long past the grace the leash itself may take to end."""


class LeashedProcess:
    """A command that runs until it ends, `aclose` is called, or we are gone - even by SIGKILL.

        we ── stdin (held open) ──► leash ── stdin ──► command
                                    leash ◄── output ── command     kept in a bounded log

    It runs in a session of its own, so that Ctrl-C in our terminal does not reach it before
    we had our say. Use from one event loop.
    """

    def __init__(self, process: asyncio.subprocess.Process, pid: int, grace_s: float) -> None:
        self._process = process
        self._grace_s = grace_s
        self.pid = pid
        """Process id of the command itself."""

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        grace_s: float = DEFAULT_GRACE_S,
    ) -> "LeashedProcess":
        """Start a command.

        Args:
            command: Program and arguments; never put a secret here, `ps` shows them.
            log: Where its output goes; kept short, readable by the user only.
            env: Its whole environment; where None, ours without the user's credentials.
            stdin: What it reads first; its standard input then stays open.
            grace_s: How long it may take to stop before it is killed.

        Raises:
            OSError: It cannot be started.
        """
        words = [sys.executable, "-P", "-m", "woxly_tui._lib.leash", "--grace", str(grace_s)]
        words += ["--log", str(log)] if log else []
        process = await asyncio.create_subprocess_exec(
            *words,
            "--",
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=child_env() if env is None else env,
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            if stdin:
                process.stdin.write(stdin)
            line = await process.stdout.readline()
        except BaseException:
            process.stdin.close()
            raise
        if not line.strip().isdigit():
            process.stdin.close()
            await process.wait()
            raise OSError(f"{command[0]} cannot be started")
        return cls(process, int(line), grace_s)

    async def wait(self) -> int:
        """Wait for the command to end.

        Returns:
            Its exit code, or 128 plus the number of the signal that ended it.
        """
        code = await self._process.wait()
        if code < 0:
            self._sweep()  # the leash itself was killed; only Linux takes the command along
            return 128 - code
        return code

    async def aclose(self) -> None:
        """Stop the command and wait until it is gone. Cancelled, it still goes."""
        if (stdin := self._process.stdin) is not None:
            stdin.close()
        try:
            async with asyncio.timeout(self._grace_s + _LATE_S):
                await self.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self.wait()

    def _sweep(self) -> None:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


def log_tail(log: Path, lines: int = 8) -> str:
    """The last lines of a command's log; empty where there is none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])
