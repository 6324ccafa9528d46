"""`woxly` alone, and `woxly attach`: back to the call that runs, here or at the far end of ssh."""

import argparse
import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from woxly_tui.errors import ExitCode

if TYPE_CHECKING:
    from woxly_tui.cli.call_session import FrontEnd
    from woxly_tui.control.direct import DirectLink
    from woxly_tui.control.link import Link


def add_parser(subparsers: Any) -> None:
    """Add `attach` to the command line."""
    from woxly_tui.cli.options import add_config_flag

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "attach",
        help="show the call of an engine that runs, here or where you sit",
        description="Show the call of an engine that runs: of the one forwarded by ssh if there "
        "is one (`woxly doctor ssh` prints the line), or else of this machine's.",
        allow_abbrev=False,
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--socket", metavar="PATH", type=Path, help="where that engine listens")
    which.add_argument("--engine", metavar="NAME", help="this machine's engine of that name")
    add_config_flag(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the call until it is over, or the user goes."""
    from woxly_tui.control.link import find_engine

    return show_running(find_engine(args.socket, args.engine or ""), args.config)


def come_back(hello: str) -> int:
    """Show the call that runs: as for `woxly attach`, the one forwarded by ssh if there is one.

    Where there is none, and somebody is signed in, that is the lobby.

    Args:
        hello: What to print where nobody is.
    """
    from woxly_tui._lib.text import clean_name
    from woxly_tui.cli.lobby import has_lobby, show_lobby
    from woxly_tui.cli.verb import forwarded_engine
    from woxly_tui.control.direct import DirectLink
    from woxly_tui.control.link import Link
    from woxly_tui.control.paths import engine_paths
    from woxly_tui.errors import NoEngine

    if (far := forwarded_engine()) and _has_call(far):
        return show_running(Link(Path(far), is_forwarded=True))
    paths = engine_paths()
    try:
        with DirectLink(paths.socket, paths.call) as link:
            lost, is_in_call = link.lost_room, _is_in_call(link)
    except NoEngine as error:
        lost = error.lost_room
    else:
        if is_in_call and not has_lobby():
            return show_running(Link(paths.socket))
    if has_lobby():
        return show_lobby()
    sys.stdout.write(hello)
    if lost:
        room = clean_name(lost)
        sys.stdout.write(f"\nThe engine died in a call in {room}: `woxly rejoin` returns to it.\n")
    return ExitCode.OK


def _has_call(far: str) -> bool:
    from woxly_tui.control.direct import DirectLink
    from woxly_tui.errors import EngineLost, NoEngine

    with contextlib.suppress(NoEngine, EngineLost), DirectLink(far) as link:
        return _is_in_call(link)
    return False


def _is_in_call(link: "DirectLink") -> bool:
    from woxly_tui.call.state import CallPhase

    phase = link.ask({"type": "get_snapshot"})["snapshot"]["phase"]
    return phase not in (CallPhase.IDLE, CallPhase.ENDED)


def show_running(link: "Link", config_file: str | None = None) -> int:
    """Show the call of the engine that listens there.

    Args:
        link: The way to it.
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
    return asyncio.run(_show(link, front_end))


async def _show(link: "Link", front_end: "FrontEnd") -> int:
    from woxly_tui._lib.logs import setup_logging
    from woxly_tui.cli.call_session import run_screen

    setup_logging(front_end.log_level)
    if link.is_forwarded:
        front_end = replace(front_end, hangs_up=False)
    client = await link.connect(hangs_up=front_end.hangs_up)
    try:
        return await run_screen(client, front_end, link.again if link.is_forwarded else None)
    finally:
        await client.aclose()
