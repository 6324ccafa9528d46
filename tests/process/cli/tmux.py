"""A tmux of the test's own, with a client attached on a pseudo terminal."""

import contextlib
import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final, Self

import pytest

PATIENCE_S: Final = 15.0

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Tmux:
    """One window of 100 by 20; use in `with`.

    Args:
        folder: For its socket.
        env: The whole environment of server and shell.
        config: A configuration file.
        command: What runs in the window.
    """

    def __init__(self, folder: Path, env: dict[str, str], config: str, command: str) -> None:
        self._words = ["tmux", "-S", str(folder / "tmux.sock")]
        self._env = env
        self._config = folder / "tmux.conf"
        self._config.write_text(config)
        self._command = command
        self._client: int | None = None
        self._client_pid = 0
        self._seen = b""

    def __enter__(self) -> Self:
        size = ["-x", "100", "-y", "20"]
        self.run("-f", str(self._config), "new-session", "-d", *size, self._command)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(subprocess.SubprocessError):
            self.run("kill-server")
        if self._client is not None:
            with contextlib.suppress(OSError):
                os.close(self._client)
            os.waitpid(self._client_pid, 0)

    def run(self, *words: str) -> str:
        """Run a tmux command; returns what it printed."""
        done = subprocess.run(
            [*self._words, *words],
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        return done.stdout

    def type(self, text: str, *keys: str) -> None:
        """Type text into the window, then keys by name."""
        self.run("send-keys", "-l", text)
        if keys:
            self.run("send-keys", *keys)

    def until(self, text: str) -> str:
        """What the window shows, once it shows this."""
        limit = time.monotonic() + PATIENCE_S
        while time.monotonic() < limit:
            if text in (shown := self.run("capture-pane", "-p", "-J")):
                return shown
            time.sleep(0.05)
        raise AssertionError(f"{text!r} never came:\n{shown}")

    def attach(self) -> None:
        """Attach a client, so that there is a status line, and keys with a prefix."""
        self._client_pid, self._client = pty.fork()
        if self._client_pid == 0:
            env = self._env | {"TERM": "xterm-256color"}
            os.execvpe("tmux", [*self._words, "attach"], env)  # noqa: S606 - a list, no shell

    def press(self, keys: bytes) -> None:
        """Press keys at the attached client."""
        assert self._client is not None
        os.write(self._client, keys)

    def until_drawn(self, text: bytes) -> None:
        """Wait until the attached client has drawn this since the last time."""
        assert self._client is not None
        limit = time.monotonic() + PATIENCE_S
        while text not in self._seen:
            ready, _, _ = select.select([self._client], [], [], limit - time.monotonic())
            assert ready, f"{text!r} was never drawn: {self._seen[-500:]!r}"
            self._seen += os.read(self._client, 65536)
        self._seen = self._seen.partition(text)[2]
