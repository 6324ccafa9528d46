"""`woxly demo`: a call with three friends made of software, on a server of our own."""

import argparse
import asyncio
import contextlib
import os
import shlex
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from woxly_tui.cli.call_session import JoinPlan
    from woxly_tui.cli.progress import ConsoleProgress
    from woxly_tui.config import Loaded
    from woxly_tui.sfu.server import Endpoint, SfuServer

ROOM: Final = "demo"

_DESCRIPTION: Final = """\
A call to try sound and keys: Ann and Ben talk to each other, Echo repeats what you say.
Needs no server and no account: a LiveKit server is found, fetched or built, and runs on
this machine for as long as the demo does.

With --lobby: a Woxly server on this machine, where Annie takes your calls, Benny refuses them,
Clara calls you after 20 seconds, and Doris sits in a voice room. All of it is gone afterwards.
"""


def add_parser(subparsers: Any) -> None:
    """Add `demo` to the command line."""
    from woxly_tui.cli.options import add_call_flags, add_config_flag

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "demo",
        help="a call with three friends made of software, to try sound and keys",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_config_flag(parser)
    parser.add_argument("--name", metavar="NAME", help="the name others see")
    parser.add_argument(
        "--lobby", action="store_true", help="friends, ringing and rooms, on a server of its own"
    )
    add_call_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Hold the demo call until the user leaves."""
    from woxly_tui.cli.call_session import check_screen
    from woxly_tui.cli.options import load_settings
    from woxly_tui.errors import INTERRUPTED

    loaded = load_settings(args)
    if args.lobby:
        from woxly_tui.cli.demo_lobby import run_lobby_demo

        return run_lobby_demo(args, loaded)
    if not (args.headless or args.plain):
        check_screen(loaded.config.ui.theme or None)
    _refuse_second_call()
    try:
        return asyncio.run(_demo(args, loaded))
    except asyncio.CancelledError:
        return INTERRUPTED


def _refuse_second_call() -> None:
    """The engine holds one call: say so before anything long begins.

    Raises:
        WoxlyError: There is a call already.
    """
    from woxly_tui._lib.text import clean_name
    from woxly_tui.call.state import CallPhase
    from woxly_tui.control.direct import DirectLink
    from woxly_tui.control.paths import engine_paths
    from woxly_tui.errors import NoEngine, WoxlyError

    try:
        with DirectLink(engine_paths().socket) as link:
            snapshot = link.ask({"type": "get_snapshot"})["snapshot"]
    except NoEngine:
        return
    if snapshot["phase"] not in (CallPhase.IDLE, CallPhase.ENDED):
        raise WoxlyError(
            f"you are in a call in {clean_name(snapshot['room'])} already",
            "`woxly leave` ends it; `WOXLY_ENGINE=second woxly demo` holds another",
        )


async def _demo(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Server, friends, call; then all of them away again, whatever happened."""
    from woxly_tui._lib.logs import setup_logging
    from woxly_tui.cli.progress import ConsoleProgress
    from woxly_tui.cli.signals import on_signals

    setup_logging(loaded.config.log.level)
    progress = ConsoleProgress()
    stack = contextlib.AsyncExitStack()
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are in one
    try:
        with on_signals(task.cancel), contextlib.closing(progress):
            server, plan = await _prepare(args, loaded, progress, stack)
        return await _call_while_served(plan, server)
    finally:
        with on_signals(lambda: None):
            await stack.aclose()


async def _call_while_served(plan: "JoinPlan", server: "SfuServer") -> int:
    """Hold the call; leave it when the server is given up.

    Raises:
        SfuError: The server keeps dying.
    """
    from woxly_tui._lib.aio import TaskOwner
    from woxly_tui.cli.call_session import run_call

    tasks = TaskOwner("demo")
    call = tasks.start(run_call(plan), name="call")
    failure = tasks.start(server.failure(), name="server")
    try:
        await asyncio.wait((call, failure), return_when=asyncio.FIRST_COMPLETED)
        if call.done():
            return call.result()
        raise failure.result()
    finally:
        await tasks.aclose()


async def _prepare(
    args: argparse.Namespace,
    loaded: "Loaded",
    progress: "ConsoleProgress",
    stack: contextlib.AsyncExitStack,
) -> "tuple[SfuServer, JoinPlan]":
    from woxly_tui.demo.crew import Crew
    from woxly_tui.errors import SfuError
    from woxly_tui.sfu.install import ensure_server
    from woxly_tui.sfu.server import SfuServer
    from woxly_tui.types import RoomName

    binary = await ensure_server(progress)
    progress.step("starting livekit-server on this machine")
    server = SfuServer(binary, _log_path("livekit-server"))
    stack.push_async_callback(server.aclose)
    await server.start()
    endpoint = server.endpoint
    progress.step("calling Ann, Ben and Echo")
    crew = Crew(
        endpoint.url,
        endpoint.api_key,
        endpoint.api_secret,
        RoomName(ROOM),
        _log_path("demo-friends"),
    )
    stack.push_async_callback(crew.aclose)
    try:
        await crew.start()
    except OSError as error:
        raise SfuError(f"the friends cannot be started: {error}") from error
    env_file = stack.enter_context(_env_file(endpoint))
    if env_file is not None:
        progress.note(f"another terminal can join: {_join_words(env_file)}")
    return server, _plan(args, loaded, endpoint)


def _plan(args: argparse.Namespace, loaded: "Loaded", endpoint: "Endpoint") -> "JoinPlan":
    from woxly_tui._lib.env import sound_env
    from woxly_tui.call.snapshot import PttMode
    from woxly_tui.cli.call_session import JoinPlan, front_end_of
    from woxly_tui.cli.options import checked_identity, shown_name
    from woxly_tui.cli.sound_wishes import device_wishes, shaping_of
    from woxly_tui.control.messages import Join
    from woxly_tui.types import RoomName

    config, name = loaded.config, shown_name(loaded)
    join = Join(
        url=endpoint.url,
        server="this machine",
        room=RoomName(ROOM),
        api_key=endpoint.api_key,
        api_secret=endpoint.api_secret,
        identity=checked_identity(None, name),
        name=name,
        backend=config.audio.backend,
        is_muted=config.call.muted,
        environment=sound_env(os.environ),
        ptt_mode=PttMode(config.ptt.mode),
        shaping=shaping_of(loaded),
        devices=device_wishes(loaded),
    )
    return JoinPlan(
        join=join,
        front_end=front_end_of(loaded, is_bound=True),
        is_headless=args.headless,
        is_plain=args.plain,
        shows_levels=args.levels,
        secrets=(endpoint.api_secret,),
    )


def _join_words(env_file: "Path") -> str:
    """What to type in another terminal to be there a second time, with an engine of its own."""
    return f". {shlex.quote(str(env_file))} && WOXLY_ENGINE=second woxly join {ROOM}"


def _log_path(what: str) -> "Path":
    """A log file of this run.

    Raises:
        SfuError: There is no folder for it.
    """
    from woxly_tui._lib.logs import log_folder
    from woxly_tui.errors import SfuError

    folder = log_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SfuError(f"{folder} cannot be made: {error.strerror}", "check its owner") from error
    return folder / f"{what}-{os.getpid()}.log"


@contextlib.contextmanager
def _env_file(endpoint: "Endpoint") -> "Iterator[Path | None]":
    """A private file for the shell of another terminal, there while the demo is.

    The latest demo has it; None where it cannot be written, which stops nothing.
    """
    from woxly_tui.sfu.install import cache_folder

    path = cache_folder() / "demo.env"
    text = (
        f"export LIVEKIT_URL={endpoint.url}\n"
        f"export LIVEKIT_API_KEY={endpoint.api_key}\n"
        f"export LIVEKIT_API_SECRET={endpoint.api_secret}\n"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except OSError:
        yield None
        return
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            if path.read_text() == text:
                path.unlink()
