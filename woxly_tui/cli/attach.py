"""`woxly` alone: back to the call that runs, or what there is to do where none does."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from woxly_tui.errors import ExitCode

if TYPE_CHECKING:
    from woxly_tui.cli.call_session import FrontEnd


def come_back(hello: str) -> int:
    """Show the call that runs.

    Args:
        hello: What to print where there is none.
    """
    from woxly_tui.call.state import CallPhase
    from woxly_tui.control.direct import DirectLink
    from woxly_tui.control.paths import engine_paths
    from woxly_tui.errors import NoEngine

    paths = engine_paths()
    try:
        with DirectLink(paths.socket, paths.call) as link:
            lost, snapshot = link.lost_room, link.ask({"type": "get_snapshot"})["snapshot"]
    except NoEngine as error:
        lost = error.lost_room
    else:
        if snapshot["phase"] not in (CallPhase.IDLE, CallPhase.ENDED):
            return show_running(paths.socket)
    sys.stdout.write(hello)
    if lost:
        sys.stdout.write(f"\nThe engine died in a call in {lost}: `woxly rejoin` returns to it.\n")
    return ExitCode.OK


def show_running(socket: Path, config_file: str | None = None) -> int:
    """Show the call of the engine that listens there.

    Args:
        socket: Where it listens.
        config_file: The settings to use, in place of the user's own.

    Returns:
        The exit code that says why the call ended; OK where it goes on.

    Raises:
        UsageError: No terminal could show the call.
        NoEngine: Nobody listens there.
    """
    import asyncio

    from woxly_tui.cli.call_session import check_screen, front_end_of
    from woxly_tui.config import load_config

    front_end = front_end_of(load_config(config_flag=config_file))
    check_screen(front_end.theme)
    return asyncio.run(_show(socket, front_end))


async def _show(socket: Path, front_end: "FrontEnd") -> int:
    from woxly_tui._lib.logs import setup_logging
    from woxly_tui.cli.call_session import run_screen
    from woxly_tui.control.socket_client import SocketEngineClient

    setup_logging(front_end.log_level)
    client = await SocketEngineClient.connect(socket, hangs_up=front_end.hangs_up)
    try:
        return await run_screen(client, front_end)
    finally:
        await client.aclose()
