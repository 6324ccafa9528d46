"""`woxly --plain`, and `join` and `demo` with it: the call in lines, without a screen."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from woxly_tui.cli.call_session import FrontEnd
    from woxly_tui.control.client import EngineClient
    from woxly_tui.control.link import Link


def run(words: list[str]) -> int:
    """`woxly --plain`: take part in the call that runs.

    Args:
        words: What was typed after it.

    Raises:
        NoCall: None runs.
    """
    import asyncio
    from pathlib import Path

    from woxly_tui.cli.call_session import front_end_of
    from woxly_tui.cli.main import PLAIN_HELP, Parser
    from woxly_tui.cli.options import add_config_flag
    from woxly_tui.cli.verb import add_engine_flags, connect, order_on
    from woxly_tui.config import load_config
    from woxly_tui.control.link import find_engine

    parser = Parser(
        prog="woxly --plain", description=f"{PLAIN_HELP.capitalize()}.", allow_abbrev=False
    )
    add_engine_flags(parser)
    add_config_flag(parser)
    args = parser.parse_args(words)
    with connect(args) as engine:
        order_on(engine, {"type": "get_snapshot"})
    front_end = front_end_of(load_config(config_flag=args.config))
    link = find_engine(Path(args.socket) if args.socket else None, args.engine)
    return asyncio.run(_attach(link, front_end))


async def _attach(link: "Link", front_end: "FrontEnd") -> int:
    from woxly_tui._lib.logs import setup_logging
    from woxly_tui.errors import EngineLost

    setup_logging(front_end.log_level)
    client = await link.connect(hangs_up=front_end.hangs_up)
    client.set_levels_rate(0.0)
    try:
        return await run_plain(client, front_end)
    except EngineLost as error:
        if not link.is_forwarded:
            raise
        raise EngineLost(
            "the link to the engine is gone; the call goes on there", "`woxly --plain` comes back"
        ) from error
    finally:
        await client.aclose()


async def run_plain(client: "EngineClient", front_end: "FrontEnd") -> int:
    """Talk in lines over standard input and output until the call is over, or the user goes.

    The call is asked for already; whoever calls closes the client.

    Returns:
        The exit code that says why the call ended; OK where it goes on.

    Raises:
        EngineLost: The engine ended before the call did.
    """
    import asyncio

    from woxly_tui.cli.call_session import report
    from woxly_tui.cli.engine_link import detach
    from woxly_tui.cli.headless import StdinLines
    from woxly_tui.cli.line_writer import LineWriter
    from woxly_tui.cli.signals import on_signals
    from woxly_tui.errors import EngineLost
    from woxly_tui.plain.session import Ended, PlainSession

    alarm = await asyncio.to_thread(_alarm, front_end)
    writer = LineWriter(1, sys.stdout.encoding, lambda: session.close())
    session = PlainSession(
        client,
        writer.write,
        hangs_up=front_end.hangs_up,
        can_detach=not front_end.is_bound,
        alarm=alarm,
    )
    with on_signals(session.leave, closed=session.close):
        how = await session.run(StdinLines(0))
        await asyncio.to_thread(writer.drain)
        if how is Ended.DETACHED:
            await detach(client)
            return 0
    if how is Ended.ENGINE_GONE:
        raise EngineLost("the engine ended in the call", "`woxly rejoin` returns to it")
    return report(session.ending)


def _alarm(front_end: "FrontEnd") -> "Callable[[str], str]":
    """What makes a ring noticed on the terminal that the lines go to; for a pipe, nothing does.

    Blocks for a moment inside tmux.
    """
    import os

    from woxly_tui.notify import words
    from woxly_tui.notify.terminal import BELL, outside

    settings = front_end.notify
    if settings is None or not sys.stdout.isatty():
        return lambda _: ""
    where = outside(os.environ, settings.terminal)
    bell = BELL if settings.bell else ""
    return lambda who: bell + where.show(words.ringing(who))
