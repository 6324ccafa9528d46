"""The engine as a process of its own: `python -P -m woxly_tui.engine.process`.

It holds the lock for as long as it lives, listens on the socket, and ends by itself when
nobody needs it. Closing a terminal does not end it: SIGHUP and SIGINT are ignored, SIGTERM
leaves the call in an orderly way.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from woxly_tui import __version__
from woxly_tui._lib.logs import log_crash, setup_logging
from woxly_tui.control import frames
from woxly_tui.control.call_file import CallKeeper
from woxly_tui.control.launcher import take_lock
from woxly_tui.control.lobby import GoOnline
from woxly_tui.control.messages import Join
from woxly_tui.control.paths import EnginePaths, engine_paths, private_folder
from woxly_tui.control.server import ControlServer
from woxly_tui.engine.credentials import CredentialSource, credentials_for
from woxly_tui.engine.cue_player import CuePlayer
from woxly_tui.engine.cues import CueWishes
from woxly_tui.engine.engine import Engine
from woxly_tui.engine.preferences import user_stores
from woxly_tui.errors import WoxlyError

IDLE_LIMIT_S: Final = 8.0
"""How long an engine stays that nobody needs."""

LOOK_EVERY_S: Final = 1.0
"""How often it looks whether anybody does."""

CLOSE_LIMIT_S: Final = 5.0
"""Longest orderly end; then the process just goes, and its worker with it."""

_BACKLOG: Final = 128

_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until nobody needs us, or SIGTERM comes."""
    parser = argparse.ArgumentParser(prog="woxly-engine")
    parser.add_argument("--name", default="")
    parser.add_argument("--lock", type=int, default=-1)
    parser.add_argument("--log-level", default="info")
    parser.add_argument("--stay-online", action="store_true")
    parser.add_argument("--cues", type=int, nargs=2, metavar=("PERCENT", "QUIET_ABOVE"))
    args = parser.parse_args(argv)
    try:
        paths = engine_paths(args.name)
        private_folder(paths)
        lock = _part_from_starter(paths, args.lock)
        setup_logging(args.log_level)
        with contextlib.closing(_listen(paths)) as listening:
            asyncio.run(_serve(paths, listening, args))
    except WoxlyError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the outermost boundary; it goes to the log
        sys.stderr.write(f"{type(error).__name__}; details are in {log_crash(error)}\n")
        return 1
    os.close(lock)
    return 0


def _part_from_starter(paths: EnginePaths, lock: int) -> int:
    """Keep nothing of whoever started us but the lock, and take that if we were given none.

    Raises:
        WoxlyError: Another engine has it.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.closerange(3, lock if lock > 2 else 4096)
    if lock > 2:
        os.closerange(lock + 1, 4096)
    os.chdir("/")
    os.umask(0o077)
    if lock > 2:
        os.set_inheritable(lock, False)
        return lock
    taken = take_lock(paths)
    if taken is None:
        raise WoxlyError("another engine runs already", f"it holds {paths.lock}")
    return taken


def _listen(paths: EnginePaths) -> socket.socket:
    """A socket that only this user can connect to; what an engine before us left is removed.

    Raises:
        WoxlyError: It cannot be made.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        paths.socket.unlink(missing_ok=True)
        listening.bind(str(paths.socket))
        paths.socket.chmod(0o600)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise WoxlyError(
            f"{paths.socket} cannot be made ({error.strerror or error})",
            "set WOXLY_RUNTIME_DIR to a folder with a short name",
        ) from error
    return listening


async def _serve(paths: EnginePaths, listening: socket.socket, args: argparse.Namespace) -> None:
    def credentials(join: Join) -> CredentialSource:
        setup_logging(args.log_level, (join.token, join.api_secret, join.guest_token))
        return credentials_for(join)

    engine = Engine(
        credentials=credentials,
        keeper=CallKeeper(paths.call),
        stores=user_stores(),
        cue_player=CuePlayer(),
    )
    engine.cues.change(_cue_wishes(args.cues))
    server = ControlServer(
        engine,
        lambda: frames.Welcome(frames.PROTOCOL, __version__, os.getpid(), engine.lost_room),
    )
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    await server.start(listening)
    if args.stay_online:
        # To be rung with no screen open; where nobody is signed in, nothing comes of it.
        await engine.handle(GoOnline())
    ours = _identity(paths.socket)

    def is_reachable() -> bool:
        return _identity(paths.socket) == ours

    try:
        await _until_not_needed(engine, server, told, is_reachable, stays_online=args.stay_online)
    finally:
        if is_reachable():
            paths.socket.unlink(missing_ok=True)
        # Whatever hangs: the worker ends with us, and with it the microphone.
        loop.call_later(CLOSE_LIMIT_S, os._exit, 1)
        await engine.aclose()
        await server.aclose()


def _cue_wishes(given: tuple[int, int] | None) -> CueWishes:
    if given is None:
        return CueWishes()
    percent, quiet_above = given
    return CueWishes(percent > 0, percent, quiet_above)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def _until_not_needed(
    engine: Engine,
    server: ControlServer,
    told: asyncio.Event,
    is_reachable: Callable[[], bool],
    *,
    stays_online: bool,
) -> None:
    loop = asyncio.get_running_loop()
    needed_at = loop.time()
    while not told.is_set():
        if not server.attached and not is_reachable():
            # Or a microphone would be open that nobody can mute.
            _log.warning("the socket was removed, and nobody is attached: ending")
            return
        if stays_online or engine.is_needed or server.attached or server.is_asked:
            needed_at = loop.time()
        elif loop.time() - needed_at >= IDLE_LIMIT_S:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), LOOK_EVERY_S)


if __name__ == "__main__":
    sys.exit(main())
