"""`woxly join`: a call on any LiveKit server."""

import argparse
import os
import time
from typing import TYPE_CHECKING, Any

from woxly_tui.errors import TokenError

if TYPE_CHECKING:
    from woxly_tui.cli.call_session import JoinPlan
    from woxly_tui.config import Loaded, ServerUrl, TokenGiven
    from woxly_tui.control.messages import Join
    from woxly_tui.wire.token import TokenClaims

_EPILOG = """\
server and credentials may also stand in LIVEKIT_URL, LIVEKIT_TOKEN, LIVEKIT_API_KEY and
LIVEKIT_API_SECRET, or in the configuration file; a flag beats the environment beats the file.

  woxly join lobby --url ws://127.0.0.1:7880 --api-key devkey --api-secret secret
  LIVEKIT_URL=wss://PROJECT.livekit.cloud LIVEKIT_TOKEN=TOKEN woxly join
  woxly join https://HOST/j/CODE --name Ann        an invitation needs nothing of all that
"""


def add_parser(subparsers: Any) -> None:
    """Add `join` to the command line."""
    from woxly_tui.cli.options import add_call_flags, add_server_flags

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "join",
        help="join a room on a LiveKit server",
        description="Join a room on a LiveKit server.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "room",
        nargs="?",
        metavar="ROOM",
        help="room, or the link of an invitation; a token names its own",
    )
    add_server_flags(parser)
    parser.add_argument("--token", metavar="TOKEN", help="a ready-made token instead of a key")
    parser.add_argument("--name", metavar="NAME", help="the name others see")
    parser.add_argument(
        "--identity", metavar="ID", help="who you are to the server; made of the name if left out"
    )
    add_call_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Join and stay until the call is over."""
    import asyncio

    from woxly_tui.cli.call_session import run_call
    from woxly_tui.cli.invited import plan_invited
    from woxly_tui.lobby.invites import is_link

    if args.room is not None and is_link(args.room):
        return asyncio.run(run_call(asyncio.run(plan_invited(args))))
    return asyncio.run(run_call(plan_join(args)))


def plan_join(args: argparse.Namespace) -> "JoinPlan":
    """Work out everything a call needs, or say what is missing.

    Raises:
        UsageError, ConfigError, CredentialsMissing, TokenError: As each says.
    """
    from woxly_tui.cli.call_session import JoinPlan, front_end_of
    from woxly_tui.cli.options import load_settings, note, server_url
    from woxly_tui.config import TokenGiven, choose_credentials

    loaded = load_settings(args)
    config = loaded.config
    server = server_url(loaded)
    given = choose_credentials(loaded)
    if isinstance(given, TokenGiven):
        join = _with_token(args, loaded, server, given)
    else:
        join = _with_key(args, loaded, server)
    if loaded.file.warning:
        note(loaded.file.warning)
    if server.is_exposed:
        note(f"ws:// sends your token to {server.label} unencrypted; use wss:// where you can")
    return JoinPlan(
        join=join,
        front_end=front_end_of(loaded),
        is_headless=args.headless,
        is_plain=args.plain,
        shows_levels=args.levels,
        secrets=tuple(
            secret.reveal() for secret in (config.livekit.token, config.livekit.api_secret)
        ),
    )


def _with_key(args: argparse.Namespace, loaded: "Loaded", server: "ServerUrl") -> "Join":
    from woxly_tui._lib.env import sound_env
    from woxly_tui.call.snapshot import PttMode
    from woxly_tui.cli.options import checked_identity, checked_room, shown_name
    from woxly_tui.cli.sound_wishes import device_wishes, shaping_of
    from woxly_tui.config import Source, choose_key
    from woxly_tui.control.messages import Join
    from woxly_tui.errors import UsageError

    found = loaded.found("call.room")
    if found.source is Source.DEFAULT:
        raise UsageError("no room given", "type `woxly join ROOM`; any name will do")
    room = checked_room(str(found.value), found.where)
    key = choose_key(loaded)
    name = shown_name(loaded)
    return Join(
        url=server.url,
        server=server.label,
        room=room,
        api_key=key.api_key,
        api_secret=key.api_secret.reveal(),
        identity=checked_identity(args.identity, name),
        name=name,
        backend=loaded.config.audio.backend,
        is_muted=loaded.config.call.muted,
        environment=sound_env(os.environ),
        ptt_mode=PttMode(loaded.config.ptt.mode),
        shaping=shaping_of(loaded),
        devices=device_wishes(loaded),
    )


def _with_token(
    args: argparse.Namespace, loaded: "Loaded", server: "ServerUrl", given: "TokenGiven"
) -> "Join":
    from woxly_tui._lib.env import sound_env
    from woxly_tui.call.snapshot import PttMode
    from woxly_tui.cli.options import note
    from woxly_tui.cli.sound_wishes import device_wishes, shaping_of
    from woxly_tui.config import Source
    from woxly_tui.control.messages import Join
    from woxly_tui.wire.token import read_token

    claims = read_token(given.token.reveal())
    _check_times(claims, given.where)
    if args.room is not None and args.room.strip() != claims.room:
        raise TokenError(
            f"the token from {given.where} is for room {claims.room!r}, not {args.room.strip()!r}",
            "leave the room out to join the token's, or ask for a token for that room",
        )
    if loaded.found("you.name").source is Source.FLAG:
        note(
            f"the token names you {claims.name!r}; --name is ignored"
            if claims.name
            else "the token gives you no name, and cannot take --name; others see your identity"
        )
    if args.identity is not None and args.identity != claims.identity:
        note(f"the token makes you {claims.identity!r}; --identity is ignored")
    return Join(
        url=server.url,
        server=server.label,
        room=claims.room,
        token=given.token.reveal(),
        token_file=str(loaded.file.path.absolute()) if given.source is Source.FILE else "",
        backend=loaded.config.audio.backend,
        is_muted=loaded.config.call.muted,
        environment=sound_env(os.environ),
        ptt_mode=PttMode(loaded.config.ptt.mode),
        shaping=shaping_of(loaded),
        devices=device_wishes(loaded),
    )


def _check_times(claims: "TokenClaims", where: str) -> None:
    """Refuse what every server would refuse; servers forgive a minute."""
    from woxly_tui.wire.token import SERVER_LEEWAY

    now = time.time()
    clock = "if this machine's clock is wrong, set it: it says " + _local_time(now)
    if claims.expires_at is not None and claims.expires_at + SERVER_LEEWAY < now:
        raise TokenError(
            f"the token from {where} expired at {_local_time(claims.expires_at)}",
            f"ask for a new one, or make one with `woxly token`; {clock}",
        )
    if claims.not_before is not None and claims.not_before - SERVER_LEEWAY > now:
        raise TokenError(
            f"the token from {where} is not valid before {_local_time(claims.not_before)}", clock
        )


def _local_time(instant: float) -> str:
    try:
        return time.strftime("%H:%M on %Y-%m-%d", time.localtime(instant))
    except (OverflowError, ValueError, OSError):
        return "a time far away"
