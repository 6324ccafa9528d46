"""Finds the engine, or starts one: however many ask at once, one engine comes of it.

Whoever gets the lock starts the engine and hands the lock on to it: the engine holds it for
as long as it lives, and the kernel lets go of it at its death, whatever killed it.
"""

import fcntl
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final

from woxly_tui._lib.env import child_env
from woxly_tui.control.direct import DirectLink
from woxly_tui.control.paths import EnginePaths, private_folder
from woxly_tui.errors import EngineLost, NoEngine, WoxlyError

START_LIMIT_S: Final = 15.0
"""Longest wait for an engine, on a cold disk; usually it takes a fifth of a second."""

_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW

_LOOK_EVERY_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """What an engine is started with."""

    log_level: str = "info"
    stays_online: bool = False
    """Stay without a call and without a front end."""
    cue_percent: int = 60
    """How loud cues are played; 0 for none."""
    cues_quiet_above: int = 10
    """With more people than this in the call, nobody is heard coming or going."""


def ensure_engine(paths: EnginePaths, options: LaunchOptions) -> None:
    """Make sure that an engine answers. Blocks for as long as that takes.

    Raises:
        WoxlyError: There is none, and none can be started.
        ProtocolError: The one there is speaks another protocol.
    """
    private_folder(paths)
    started: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            DirectLink(paths.socket).close()
        except NoEngine:
            pass
        else:
            return
        if started is not None and started.poll() is not None:
            raise _failed(paths, started.returncode)
        if time.monotonic() > deadline:
            raise EngineLost(
                "the engine does not answer", f"whoever holds {paths.lock} is stuck; end it"
            )
        if started is None:
            started = _start(paths, options)
        time.sleep(_LOOK_EVERY_S)


def _start(paths: EnginePaths, options: LaunchOptions) -> "subprocess.Popen[bytes] | None":
    """Start an engine, unless somebody else is about to, or one has not ended yet."""
    lock = take_lock(paths)
    if lock is None:
        return None
    command = [sys.executable, "-P", "-m", "woxly_tui.engine.process"]
    command += ["--name", paths.name, "--lock", str(lock), "--log-level", options.log_level]
    command += ["--stay-online"] if options.stays_online else []
    command += ["--cues", str(options.cue_percent), str(options.cues_quiet_above)]
    is_mac = sys.platform == "darwin"
    try:
        with os.fdopen(os.open(paths.errors, _WRITE, 0o600), "wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=child_env(WOXLY_RUNTIME_DIR=str(paths.folder.absolute())),
                cwd="/",
                pass_fds=(lock,),
                # macOS gives the microphone to the terminal and its children only: there the
                # engine stays one, in a process group of its own so that no Ctrl-C reaches it.
                start_new_session=not is_mac,
                process_group=0 if is_mac else None,
            )
    except OSError as error:
        raise WoxlyError(f"the engine cannot be started ({error.strerror})") from error
    finally:
        os.close(lock)
    threading.Thread(target=process.wait, name="engine", daemon=True).start()
    return process


def take_lock(paths: EnginePaths) -> int | None:
    """The engine's lock as a descriptor to keep open; None while an engine has it.

    Raises:
        WoxlyError: The file cannot be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        lock = os.open(paths.lock, flags, 0o600)
    except OSError as error:
        raise WoxlyError(
            f"{paths.lock} cannot be made ({error.strerror})",
            "is the disk full, or the folder somebody else's?",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _failed(paths: EnginePaths, code: int) -> EngineLost:
    try:
        lines = paths.errors.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    message = f"the engine ended while it started (exit code {code})"
    return EngineLost(message, said or f"{paths.errors} may say why")
