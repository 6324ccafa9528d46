"""`woxly join --headless` as somebody else would run it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.rig import ROOT
from tests.rig.process import (
    LineProcess,
    Message,
    ProcessEnded,
    command_line,
    descendants,
    engines,
    kill_engines,
    python_module,
    wait_gone,
)
from tests.rig.pulse import clean_env
from tests.rig.sfu import LiveKitServer

WORKER_MODULE: Final = "woxly_tui.media.worker"

WORKER_END_S: Final = 2.5
"""How long after the call a worker may take to go: asked first, then killed."""


class Woxly(LineProcess):
    """One woxly in a home of its own, with an engine of its own.

    Args:
        sfu: Server to join.
        room: Room to join.
        identity: Identity and name there.
        env: Its devices, as `Devices.env`.
        args: More flags.
        token: A token to use instead of key and secret.
    """

    def __init__(
        self,
        sfu: LiveKitServer,
        room: str,
        identity: str,
        env: Mapping[str, str],
        *args: str,
        token: str | None = None,
    ) -> None:
        self.identity: Final = identity
        self._home = Path(tempfile.mkdtemp(prefix="rig-woxly-"))
        self._seen: set[int] = set()
        command = python_module("woxly_tui.cli.main", "join", "--headless", "--url", sfu.url)
        if token is None:
            command += [room, "--identity", identity, "--name", identity]
            command += ["--api-key", sfu.key, "--api-secret", sfu.secret]
        else:
            command += ["--token", token]
        self.env = clean_env() | home_env(self._home) | dict(env)
        super().__init__(identity, [*command, *args], self.env)

    # State

    @property
    def snapshot(self) -> Message | None:
        """The newest snapshot, told by itself or in a reply."""
        for message in reversed(self.messages):
            if (found := _snapshot_of(message)) is not None:
                return found
        return None

    def wait_state(
        self, what: str, wanted: Callable[[Message], bool], timeout_s: float = 10.0
    ) -> Message:
        """The newest snapshot, once it is wanted; what was before counts not."""
        deadline = time.monotonic() + timeout_s
        while (found := self.snapshot) is None or not wanted(found):
            if not self._reader.is_alive():
                raise ProcessEnded(self.describe(f"ended without: {what}"))
            if time.monotonic() > deadline:
                raise AssertionError(self.describe(f"no {what} within {timeout_s} s"))
            with self._changed:
                self._changed.wait(0.05)
        return found

    def wait_live(self, timeout_s: float = 20.0) -> Message:
        """Wait until it is in the call with an open microphone."""
        return self.wait_state("open microphone", is_open, timeout_s)

    def wait_muted(self, timeout_s: float = 20.0) -> Message:
        """Wait until it is in the call with a muted microphone."""
        return self.wait_state("muted microphone", is_muted, timeout_s)

    def last_level(self, identity: str) -> float | None:
        """The last level told of a participant; needs `--levels`."""
        for message in reversed(self.messages):
            for level in message.get("levels", ()):
                if level["identity"] == identity:
                    return float(level["level_dbfs"])
        return None

    # Commands

    def ask(self, kind: str, **fields: Any) -> Message:
        """Send a command and wait for its reply, which carries `_asked`, when it was sent."""
        since = len(self.messages)
        asked = self.send({"type": kind, **fields})
        reply = self.wait_type("reply", 5.0, since)
        assert reply["ok"], self.describe(f"{kind} failed: {reply['error']}")
        return {**reply, "_asked": asked}

    def verb(self, *words: str, code: int | None = 0) -> str:
        """What another command of this user prints; demands an exit code unless None."""
        command = python_module("woxly_tui.cli.main", *words)
        done = subprocess.run(
            command,
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert code is None or done.returncode == code, self.describe(f"{words}: {done}")
        return done.stdout + done.stderr

    def another(self, *words: str) -> LineProcess:
        """Another command of this user that goes on."""
        return LineProcess(words[0], python_module("woxly_tui.cli.main", *words), self.env)

    # Processes

    @property
    def folder(self) -> Path:
        """Where its engine is found."""
        return self._home / "run"

    @property
    def engine_pid(self) -> int:
        """The engine; waits until there is one."""
        (pid,) = self._waited("engine", lambda: engines(self.folder)[:1])
        return pid

    @property
    def worker_pid(self) -> int:
        """The media worker; waits until there is one."""
        (pid,) = self._waited("media worker", lambda: self._workers()[:1])
        return pid

    def _workers(self) -> list[int]:
        below = [pid for engine in engines(self.folder) for pid in descendants(engine)]
        # A fork that has not yet become the worker shows its parent's command.
        return [pid for pid in below if WORKER_MODULE in command_line(pid).split()]

    def _waited(self, what: str, find: Callable[[], list[int]]) -> list[int]:
        deadline = time.monotonic() + 10
        while not (found := find()):
            if time.monotonic() > deadline:
                raise AssertionError(self.describe(f"has no {what}"))
            time.sleep(0.02)
        self._seen.update(found)
        return found

    def processes(self) -> list[int]:
        """Itself and whatever holds its sound; the engine stays a while without a call."""
        found = [self.pid, *self._workers()]
        self._seen.update(found)
        return found

    # End

    def finish(self, timeout_s: float = 6.0) -> None:
        """Ask it to leave as a user would, and demand a clean end."""
        everyone = self.processes()
        self.signal(signal.SIGTERM)
        code = self.wait_exit(timeout_s)
        assert code == 0, self.describe("did not leave cleanly")
        assert self.messages[-1].get("type") == "left", self.describe("did not say `left`")
        wait_gone(everyone, WORKER_END_S)
        self.check_clean()

    def check_clean(self) -> None:
        """Nothing but JSON on standard output, and nothing on standard error."""
        assert not self.garbage, self.describe("wrote something else than JSON lines")
        assert not self.stderr(), self.describe("wrote to standard error")

    def logs(self) -> str:
        """What its log files hold, for a failure's report."""
        files = sorted(self._home.rglob("*.log"))
        return "\n".join(f"== {f.name}\n{f.read_text(errors='replace')[-3000:]}" for f in files)

    def describe(self, problem: str) -> str:
        return f"{super().describe(problem)}\n{self.logs()}"

    def close(self) -> None:
        super().close()
        kill_engines(self.folder)
        for pid in self._seen:
            if WORKER_MODULE in command_line(pid):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self._home, ignore_errors=True)


def _snapshot_of(message: Message) -> Message | None:
    if message.get("type") == "snapshot":
        return message
    if message.get("type") == "reply":
        found: Message = message["snapshot"]
        return found
    return None


def home_env(home: Path) -> dict[str, str]:
    """A user without configuration, whose files nobody else sees, and who hears people only."""
    names = ("CONFIG", "DATA", "STATE", "CACHE")
    xdg = {f"XDG_{name}_HOME": str(home / name.lower()) for name in names}
    run = {"WOXLY_RUNTIME_DIR": str(home / "run")}
    return {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "WOXLY_CUES": "0", **xdg, **run}


# Conditions on snapshots


def is_established(snapshot: Message) -> bool:
    return bool(snapshot["phase"] == "established")


def is_reconnecting(snapshot: Message) -> bool:
    return bool(snapshot["phase"] == "reconnecting")


def is_open(snapshot: Message) -> bool:
    """In the call, microphone confirmed open."""
    microphone = snapshot["microphone"]
    return is_established(snapshot) and microphone["state"] == "open" and is_settled(snapshot)


def is_muted(snapshot: Message) -> bool:
    """In the call, microphone confirmed muted."""
    microphone = snapshot["microphone"]
    return is_established(snapshot) and microphone["state"] == "muted" and is_settled(snapshot)


def is_settled(snapshot: Message) -> bool:
    """Sound is up, and nothing was asked for that is not confirmed."""
    microphone = snapshot["microphone"]
    return not (microphone["is_pending"] or microphone["is_starting"])


def row(snapshot: Message, identity: str) -> Message | None:
    """What a snapshot says about a participant."""
    for participant in snapshot["participants"]:
        if participant["identity"] == identity:
            found: Message = participant
            return found
    return None


def sees(identity: str, **wanted: Any) -> Callable[[Message], bool]:
    """A condition: the participant is there, and its row says this."""

    def check(snapshot: Message) -> bool:
        found = row(snapshot, identity)
        return found is not None and all(found[key] == value for key, value in wanted.items())

    return check
