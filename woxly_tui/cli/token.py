"""`woxly token`: a token that lets a friend into one room."""

import argparse
import json
import re
import shlex
import sys
import time
from typing import Any, Final

from woxly_tui.errors import UsageError

MAX_TTL_S: Final = 366 * 86400
"""Longest life of a token; a leaked one is a door left open for as long."""

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def add_parser(subparsers: Any) -> None:
    """Add `token` to the command line."""
    from woxly_tui.cli.options import add_server_flags

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "token",
        help="make a token that lets a friend into a room",
        description="Make a token from API key and secret. It lets whoever holds it join one "
        "room under one name; the secret stays with you.",
        allow_abbrev=False,
    )
    parser.add_argument("room", metavar="ROOM", help="the room it opens")
    parser.add_argument("--name", metavar="NAME", required=True, help="the name others will see")
    parser.add_argument("--identity", metavar="ID", help="made of the name if left out")
    parser.add_argument(
        "--ttl", metavar="TIME", default="6h", help="how long it lets in: 30m, 6h, 7d (6h)"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object instead")
    add_server_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the token on standard output, and on a terminal how to use it."""
    from woxly_tui.cli.options import (
        checked_identity,
        checked_room,
        load_settings,
        server_url,
        shown_name,
    )
    from woxly_tui.config import Source, choose_key
    from woxly_tui.wire.token import mint_token

    loaded = load_settings(args)
    key = choose_key(loaded)
    room, name = checked_room(args.room, "ROOM"), shown_name(loaded)
    identity, ttl_s = checked_identity(args.identity, name), parse_ttl(args.ttl)
    has_url = loaded.found("livekit.url").source is not Source.DEFAULT
    url = server_url(loaded).url if has_url else ""
    token = mint_token(
        api_key=key.api_key,
        api_secret=key.api_secret.reveal(),
        room=room,
        identity=identity,
        name=name,
        ttl_s=ttl_s,
    )
    if args.json:
        made = {
            "token": token,
            "room": room,
            "identity": identity,
            "name": name,
            "expires_at": int(time.time()) + ttl_s,
            "url": url,
        }
        sys.stdout.write(json.dumps(made) + "\n")
        return 0
    sys.stdout.write(token + "\n")
    if sys.stdout.isatty():
        sys.stdout.flush()
        # In the environment, for anybody on that machine can read command lines.
        given = {"LIVEKIT_URL": url or "URL", "LIVEKIT_TOKEN": token}
        line = " ".join([*(f"{n}={shlex.quote(v)}" for n, v in given.items()), "woxly join"])
        sys.stderr.write(f"\n{name} joins {room!r}, within {args.ttl.strip()}, with:\n\n  {line}\n")
    return 0


def parse_ttl(text: str) -> int:
    """Seconds in `90s`, `30m`, `6h`, `7d` or `2w`.

    Raises:
        UsageError: It is not such a time, or out of range.
    """
    found = re.fullmatch(r"(\d{1,9})\s*([smhdw])", text.strip().lower(), re.ASCII)
    if found is None:
        raise UsageError(f"--ttl cannot be {text!r}", "write 90s, 30m, 6h, 7d or 2w")
    ttl_s = int(found[1]) * _UNITS[found[2]]
    if not 0 < ttl_s <= MAX_TTL_S:
        raise UsageError(f"--ttl cannot be {text!r}", "it may be anything from 1s to 366d")
    return ttl_s
