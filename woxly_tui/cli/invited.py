"""`woxly join https://HOST/j/CODE`: a call by invitation, without an account."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from woxly_tui.cli.call_session import JoinPlan
    from woxly_tui.config import Loaded


async def plan_invited(args: argparse.Namespace) -> "JoinPlan":
    """Use an invitation, and work out the call it leads to.

    Raises:
        UsageError, ConfigError, TokenError, ServerUnreachable: As each says.
    """
    from woxly_tui._lib.env import sound_env
    from woxly_tui.call.snapshot import PttMode
    from woxly_tui.cli.call_session import JoinPlan, check_screen, front_end_of
    from woxly_tui.cli.options import load_settings, note
    from woxly_tui.cli.sound_wishes import device_wishes, shaping_of
    from woxly_tui.config import parse_server_url
    from woxly_tui.control.messages import Join
    from woxly_tui.lobby import invites

    link = invites.parse_link(args.room)
    loaded = load_settings(args)
    config, front_end = loaded.config, front_end_of(loaded)
    if not (args.headless or args.plain):
        check_screen(front_end.theme)  # before the invitation is used
    _check_free()
    _say_ignored(args)
    if link.is_exposed:
        note(f"http:// shows the invitation to whoever is on the way to {link.label}")
    guest = await invites.redeem(link, _name(args, loaded))
    join = Join(
        url=guest.url,
        server=parse_server_url(guest.url, link.label).label,
        room=guest.room,
        token=guest.token,
        woxly_server=guest.server,
        guest_token=guest.guest_token,
        backend=config.audio.backend,
        is_muted=config.call.muted,
        environment=sound_env(os.environ),
        ptt_mode=PttMode(config.ptt.mode),
        shaping=shaping_of(loaded),
        devices=device_wishes(loaded),
    )
    return JoinPlan(
        join=join,
        front_end=front_end,
        is_headless=args.headless,
        is_plain=args.plain,
        shows_levels=args.levels,
        secrets=(guest.token, guest.guest_token, link.code),
    )


def _check_free() -> None:
    """Refuse while in a call: the engine would, and the invitation were used for nothing."""
    from woxly_tui.cli.verb import order_on
    from woxly_tui.control.direct import DirectLink
    from woxly_tui.control.where import engine_files
    from woxly_tui.errors import EngineLost, NoEngine, ProtocolError, WoxlyError
    from woxly_tui.plain.text import harmless

    try:
        with DirectLink(engine_files("").socket) as link:
            call = order_on(link, {"type": "get_snapshot"}, needs_call=False)
    except (NoEngine, EngineLost, ProtocolError):
        return  # whoever joins next will hear of it
    if call.has_call:
        raise WoxlyError(
            f"You are in a call in {harmless(call.room)} already",
            "`woxly` returns to it; `woxly leave` ends it, then the invitation can be used",
        )


def _say_ignored(args: argparse.Namespace) -> None:
    from woxly_tui.cli.options import note

    names = ("url", "api_key", "api_secret", "token", "identity")
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(args, name) is not None]
    if given:
        note(f"the invitation says where to and who as; {', '.join(given)} is ignored")


def _name(args: argparse.Namespace, loaded: "Loaded") -> str:
    """The name that was given, configured or answered; asked for on a terminal only."""
    from woxly_tui.cli.options import shown_name
    from woxly_tui.config import Source
    from woxly_tui.errors import UsageError

    default = shown_name(loaded)
    is_asked = loaded.found("you.name").source is Source.DEFAULT
    if not is_asked or args.headless or not sys.stdin.isatty():
        return default
    from woxly_tui._lib.text import clean_name

    sys.stderr.write(f"Your name in the call [{default}]: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise UsageError("no name given", "give one with --name")
    return clean_name(answer, default)
