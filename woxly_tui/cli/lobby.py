"""`woxly` alone, where somebody is signed in: friends, rooms and calls on one screen."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from woxly_tui.config import Loaded
    from woxly_tui.control.lobby import GoOnline
    from woxly_tui.control.socket_client import SocketEngineClient


def has_lobby() -> bool:
    """Whether somebody is signed in, and this terminal can show a screen."""
    from woxly_tui.lobby.accounts import AccountStore, accounts_path
    from woxly_tui.tui.terminal import terminal_problem

    return terminal_problem() is None and bool(AccountStore(accounts_path()).load())


def go_online(loaded: "Loaded", account: str = "") -> "GoOnline":
    """What has the engine go online, and join calls as the settings and this terminal say.

    Args:
        loaded: The settings.
        account: Which one; empty for the one last used.
    """
    from woxly_tui._lib.env import sound_env
    from woxly_tui.call.snapshot import PttMode
    from woxly_tui.cli.sound_wishes import device_wishes, shaping_of
    from woxly_tui.control.lobby import CallStyle, GoOnline

    config = loaded.config
    style = CallStyle(
        backend=config.audio.backend,
        is_muted=config.call.muted,
        ptt_mode=PttMode(config.ptt.mode),
        environment=sound_env(os.environ),
        livekit_url=config.livekit.url,
        shaping=shaping_of(loaded),
        devices=device_wishes(loaded),
    )
    return GoOnline(account, style)


def show_lobby() -> int:
    """Show the lobby, or the call that runs, until the user quits.

    Returns:
        The exit code.

    Raises:
        WoxlyError: No engine can be had, or the settings are wrong.
    """
    import asyncio

    from woxly_tui.cli.call_session import check_screen, front_end_of
    from woxly_tui.config import load_config

    loaded = load_config()
    front_end = front_end_of(loaded)
    check_screen(front_end.theme)
    return asyncio.run(_show(loaded))


async def _show(loaded: "Loaded") -> int:
    from woxly_tui._lib.logs import setup_logging
    from woxly_tui.cli.call_session import front_end_of, run_screen
    from woxly_tui.cli.engine_link import open_engine
    from woxly_tui.control.messages import Rejoin
    from woxly_tui.control.socket_client import LEVELS_HZ

    front_end = front_end_of(loaded)
    setup_logging(front_end.log_level)

    async def open_one() -> "SocketEngineClient":
        return await open_engine(front_end, levels_hz=LEVELS_HZ, hangs_up=front_end.hangs_up)

    async def back_in_call() -> "SocketEngineClient":
        client = await open_one()
        if client.welcome.lost_room:
            await client.send(Rejoin())
        return client

    client = await open_one()
    try:
        return await run_screen(
            client,
            front_end,
            back_in_call,
            lobby=go_online(loaded),
            lost_room=client.welcome.lost_room,
        )
    finally:
        await client.aclose()
