"""Runs a command for as long as somebody holds the other end of our standard input.

    python -P -m woxly_tui._lib.leash [--log FILE] [--grace SECONDS] COMMAND...

The first line on standard output is the command's process id. What is written to our
standard input goes to the command's. When it ends - its holder closed it, died, or was
killed - or when we are told to stop, the command's process group gets SIGTERM, a second one
(livekit-server only drains on the first), and SIGKILL at the end of the grace. On Linux the
command also dies with us, should we be killed. Exits with the command's code, or 128 plus
the number of the signal that ended it.

The command's output goes to the log file, which keeps the last MAX_LOG_BYTES at least and
twice that at most (the older half beside it, as FILE.1); without one it is dropped.
Standard library only: this must start fast and work anywhere.
"""

import argparse
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Final

MAX_LOG_BYTES: Final = 1 << 20
"""Size at which the log file is set aside and begun anew."""

DEFAULT_GRACE_S: Final = 1.5
"""Time between asking the command to stop and killing it."""

_SECOND_REQUEST_S: Final = 0.2
"""When the second SIGTERM follows the first."""

_PR_SET_PDEATHSIG: Final = 1
_CHUNK_BYTES: Final = 1 << 16


class Leash:
    """One command and the means to end it."""

    def __init__(self, command: Sequence[str], log: Path | None, grace_s: float) -> None:
        self._grace_s = grace_s
        self._stopping = threading.Lock()
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if log else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if log else subprocess.DEVNULL,
            bufsize=0,
            start_new_session=os.name == "posix",
            preexec_fn=_die_with_parent(),  # before any thread is started
        )
        self._pump = threading.Thread(target=self._copy_output, args=(log,), daemon=True)

    def run(self) -> int:
        """Wait for the command to end; returns its exit code."""
        self._pump.start()
        threading.Thread(target=self._copy_input, daemon=True).start()
        code = self.child.wait()
        self._signal(kill=True)  # whatever the command left behind
        self._pump.join(timeout=0.5)
        return code if code >= 0 else 128 - code

    def stop(self) -> None:
        """End the command: ask, ask again, kill. Returns at once; harmless to repeat."""
        if self._stopping.acquire(blocking=False):
            threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        self._signal(kill=False)
        first = min(_SECOND_REQUEST_S, self._grace_s)
        if self._has_ended(first):
            return
        self._signal(kill=False)
        if not self._has_ended(self._grace_s - first):
            self._signal(kill=True)

    def _has_ended(self, within_s: float) -> bool:
        try:
            self.child.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _signal(self, *, kill: bool) -> None:
        """Signal the command's whole group; it leads one of its own, named by its id."""
        try:
            if os.name == "posix":
                os.killpg(self.child.pid, signal.SIGKILL if kill else signal.SIGTERM)
            elif kill:
                self.child.kill()
            else:
                self.child.terminate()
        except (ProcessLookupError, PermissionError):
            pass  # all gone; macOS says PermissionError of a group of zombies

    def _copy_input(self) -> None:
        stdin = self.child.stdin
        assert stdin is not None  # noqa: S101 - it is a pipe
        while chunk := os.read(0, _CHUNK_BYTES):
            try:
                stdin.write(chunk)
            except OSError:
                break  # the command reads no more; go on watching for the end
        while os.read(0, _CHUNK_BYTES):
            pass
        with contextlib.suppress(OSError):
            stdin.close()
        self.stop()

    def _copy_output(self, log: Path | None) -> None:
        output = self.child.stdout
        if output is None or log is None:
            return
        file = _open_log(log)
        while chunk := output.read(_CHUNK_BYTES):
            try:
                if file.tell() + len(chunk) > MAX_LOG_BYTES:
                    file.close()
                    log.replace(log.with_name(log.name + ".1"))
                    file = _open_log(log)
                file.write(chunk)
            except OSError:
                continue  # a full disk must not stop the command
        file.close()


def _open_log(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", 0)


def _die_with_parent() -> Callable[[], None] | None:
    """What the child runs before the command, so that the kernel ties its life to ours."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named by the arguments on a leash."""
    parser = argparse.ArgumentParser(prog="leash")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--grace", type=float, default=DEFAULT_GRACE_S)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args(argv)
    command: list[str] = args.command[1:] if args.command[:1] == ["--"] else args.command
    try:
        leash = Leash(command, args.log, args.grace)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        leash.stop()

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, on_signal)
    sys.stdout.write(f"{leash.child.pid}\n")
    sys.stdout.flush()
    return leash.run()


if __name__ == "__main__":
    sys.exit(main())
