"""`woxly demo --lobby`: a Woxly server with four friends made of software, to try it all alone."""

import argparse
import asyncio
import contextlib
import os
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from woxly_tui.cli.call_session import FrontEnd
    from woxly_tui.cli.progress import ConsoleProgress
    from woxly_tui.config import Loaded
    from woxly_tui.control.socket_client import SocketEngineClient
    from woxly_tui.demo.staging import Stage

ENGINE_GONE_WITHIN_S: Final = 6.0
"""How long the demo's engine may take to end before it is killed."""

_LOOK_EVERY_S: Final = 0.05


def run_lobby_demo(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Show the lobby of the demo until the user quits.

    Raises:
        UsageError: No terminal could show it, or the server's packages are not there.
        WoxlyError: Server or friends cannot be had.
    """
    from woxly_tui.cli.call_session import check_screen
    from woxly_tui.cli.serve import check_extra
    from woxly_tui.errors import INTERRUPTED, UsageError

    if args.plain:
        raise UsageError("the demo of the lobby has no plain form", "leave --plain out")
    check_extra()
    if not args.headless:
        check_screen(loaded.config.ui.theme or None)
    try:
        return asyncio.run(_demo(args, loaded))
    except asyncio.CancelledError:
        return INTERRUPTED


async def _demo(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Stage, engine, front end; then all of them away again, whatever happened."""
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
            stage = await _prepare(loaded, progress, stack)
        return await _while_served(args, loaded, stage)
    finally:
        with on_signals(lambda: None):
            await stack.aclose()


async def _prepare(
    loaded: "Loaded", progress: "ConsoleProgress", stack: contextlib.AsyncExitStack
) -> "Stage":
    from woxly_tui.cli.options import shown_name
    from woxly_tui.demo.party import CALLS_AFTER, username_of
    from woxly_tui.demo.staging import Stage
    from woxly_tui.sfu.install import ensure_server

    await ensure_server(progress)  # the server would fetch it, too, but says so to nobody
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="woxly-demo-")))
    stage = Stage(folder, username_of(shown_name(loaded)), CALLS_AFTER)
    stack.push_async_callback(stage.aclose)
    await stage.open(progress.step)
    stack.enter_context(_own_engine(stage.profile))
    return stage


@contextlib.contextmanager
def _own_engine(profile: Path) -> "Iterator[None]":
    """An engine beside the user's own, with the guest's account in place of theirs."""
    from woxly_tui._lib.env import PROFILE
    from woxly_tui.control.where import NAME_VARIABLE, engine_files

    ours = {PROFILE: str(profile), NAME_VARIABLE: f"demo-{os.getpid()}"}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        files = engine_files()
        for path in Path(files.folder).glob(f"{files.name}.*"):
            path.unlink(missing_ok=True)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


async def _while_served(args: argparse.Namespace, loaded: "Loaded", stage: "Stage") -> int:
    """Show the lobby; end when the server does.

    Raises:
        SfuError: The server ended.
    """
    from woxly_tui._lib.aio import TaskOwner

    tasks = TaskOwner("demo")
    shown = tasks.start(_show(args, loaded), name="lobby")
    failure = tasks.start(stage.failure(), name="server")
    try:
        await asyncio.wait((shown, failure), return_when=asyncio.FIRST_COMPLETED)
        if shown.done():
            return shown.result()
        raise failure.result()
    finally:
        await tasks.aclose()


async def _show(args: argparse.Namespace, loaded: "Loaded") -> int:
    from woxly_tui.cli.call_session import front_end_of, run_screen
    from woxly_tui.cli.engine_link import demand, open_engine
    from woxly_tui.cli.lobby import go_online
    from woxly_tui.control.socket_client import LEVELS_HZ

    front_end: FrontEnd = replace(
        front_end_of(loaded, is_bound=True),
        stays_online=False,
        # Here, to leave a call is to end the demo: who has others with them is asked first.
        confirm_leave=loaded.config.call.confirm_leave,
    )
    levels_hz = LEVELS_HZ if args.levels or not args.headless else 0
    client = await open_engine(front_end, levels_hz=levels_hz, hangs_up=True)
    online = go_online(loaded)
    # The user's own LiveKit server is another one than the demo's.
    style = online.style and replace(online.style, livekit_url="")
    online = replace(online, style=style)
    try:
        if args.headless:
            await demand(client, online)
            return await _headless(client, shows_levels=args.levels)
        return await run_screen(client, front_end, lobby=online)
    finally:
        pid = client.welcome.pid
        await client.aclose()
        await _end_engine(pid)


async def _end_engine(pid: int) -> None:
    """Have the demo's engine end, and see to it that it did."""
    for number, within_s in ((signal.SIGTERM, ENGINE_GONE_WITHIN_S), (signal.SIGKILL, 1.0)):
        try:
            os.kill(pid, number)
            async with asyncio.timeout(within_s):
                while True:  # it is no child of ours to wait for
                    await asyncio.sleep(_LOOK_EVERY_S)
                    os.kill(pid, 0)
        except ProcessLookupError:
            return
        except TimeoutError:
            continue


async def _headless(client: "SocketEngineClient", *, shows_levels: bool) -> int:
    """Every update as a line of JSON, and commands from standard input, until a signal comes,
    nobody reads any more, or the engine is gone.

    Raises:
        EngineLost: The engine ended.
    """
    from woxly_tui._lib.aio import TaskOwner
    from woxly_tui.cli.headless import Printer, StdinLines, obey
    from woxly_tui.cli.signals import on_signals
    from woxly_tui.control.mailbox import Mailbox
    from woxly_tui.errors import EngineLost

    printer = Printer(shows_levels=shows_levels, fd=1)
    tasks, heard, told = TaskOwner("demo-headless"), Mailbox(), asyncio.Event()

    async def hear() -> None:
        try:
            async for update in client.updates():
                heard.put(update)
        finally:
            heard.close()

    async def show() -> None:
        async for update in heard.read():
            await printer.show(update)

    waits: list[asyncio.Task[Any]]
    with on_signals(told.set):
        tasks.start(hear(), name="hear")
        tasks.start(obey(client, printer, StdinLines(0)), name="commands")
        waits = [
            tasks.start(show(), name="show"),
            tasks.start(told.wait(), name="signal"),
            tasks.start(printer.until_reader_gone(), name="reader"),
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        is_lost = waits[0].done() and not told.is_set()
        await tasks.aclose()
    if is_lost:
        raise EngineLost("the engine ended", "start the demo again")
    return 0
