"""`woxly serve admin` and `woxly serve backup`: what whoever runs the server does to it."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from woxly_tui.server.admin import Admin


def add_admin_parsers(serve: argparse.ArgumentParser) -> None:
    """Add `admin` and `backup` to `woxly serve`."""
    commands = serve.add_subparsers(title="more", metavar="COMMAND")
    admin = commands.add_parser("admin", help="users, rooms, passwords, bans", allow_abbrev=False)
    admin.set_defaults(run=_needs_more)
    acts = admin.add_subparsers(title="commands", metavar="COMMAND")
    users = _add(acts, "users", "list users", _users)
    users.add_argument("query", nargs="?", default="", metavar="TEXT", help="in name or email")
    _add(acts, "rooms", "list rooms", _rooms)
    delete = _add(acts, "delete-room", "remove a room and what was said in it", _delete_room)
    delete.add_argument("room", type=int, metavar="ID")
    for name, about, act in (
        ("reset-password", "give a user a new password, which is printed", _reset_password),
        ("ban", "shut a user out, at once", _ban),
        ("unban", "let a user in again", _unban),
    ):
        parser = _add(acts, name, about, act)
        parser.add_argument("user", metavar="USER", help="id, woxlyId or email")
    _add(acts, "invites", "list invitations", _invites)
    withdraw = _add(acts, "withdraw-invite", "end an invitation; its guests go", _withdraw_invite)
    withdraw.add_argument("invite", type=int, metavar="ID")
    invite = _add(
        commands, "invite", "make a link that lets friends without an account in", _invite
    )
    invite.add_argument("room", metavar="ROOM", help="a room's id or name")
    invite.add_argument("--expires", metavar="TIME", default="24h", help="30m, 24h, 7d (24h)")
    invite.add_argument("--uses", metavar="NUMBER", type=int, help="how many may use it (10)")
    invite.add_argument("--public-url", metavar="URL", help="what friends type before /j/")
    invite.add_argument("--qr", action="store_true", help="draw the link for a phone's camera, too")
    backup = _add(
        commands, "backup", "copy database, secrets and files, while the server runs", _backup
    )
    backup.add_argument("folder", metavar="FOLDER", type=Path, help="a new folder to write to")


def _add(
    parsers: Any,
    name: str,
    about: str,
    act: "Callable[[Admin, argparse.Namespace], Awaitable[str]]",
) -> argparse.ArgumentParser:
    from woxly_tui.cli.serve import add_store_flags

    parser: argparse.ArgumentParser = parsers.add_parser(
        name, help=about, description=about, allow_abbrev=False
    )
    add_store_flags(parser)
    parser.set_defaults(run=_run, act=act)
    return parser


def _needs_more(_args: argparse.Namespace) -> int:
    from woxly_tui.errors import UsageError

    raise UsageError("no command given", "see `woxly serve admin --help`")


def _run(args: argparse.Namespace) -> int:
    sys.stdout.write(asyncio.run(_act(args)))
    return 0


async def _act(args: argparse.Namespace) -> str:
    from woxly_tui.cli.serve import settings_of
    from woxly_tui.errors import UsageError

    settings = settings_of(args)
    from woxly_tui.server.admin import opened

    if not settings.database_url and not (settings.data_folder / "woxly.db").is_file():
        raise UsageError(
            f"there is no server in {settings.data_folder}",
            "start one with `woxly serve`, or name its folder with --data",
        )
    async with opened(settings) as admin:
        said: str = await args.act(admin, args)
        return said


async def _users(admin: "Admin", args: argparse.Namespace) -> str:
    rows = [
        (
            str(user.id),
            user.woxly_id,
            user.username,
            user.email,
            "banned" if user.is_banned else user.status,
            _day(user.created_ms),
        )
        for user in await admin.users(args.query)
    ]
    return _table(("ID", "WOXLY ID", "NAME", "EMAIL", "STATE", "SINCE"), rows)


async def _rooms(admin: "Admin", args: argparse.Namespace) -> str:  # noqa: ARG001 - as all
    rows = [
        (
            str(room.id),
            room.type,
            _clean(room.name) or "-",
            str(room.members),
            str(room.messages),
            _day(room.created_ms),
        )
        for room in await admin.rooms()
    ]
    return _table(("ID", "TYPE", "NAME", "MEMBERS", "MESSAGES", "SINCE"), rows)


async def _delete_room(admin: "Admin", args: argparse.Namespace) -> str:
    await admin.delete_room(args.room)
    return f"room {args.room} is removed\n"


async def _reset_password(admin: "Admin", args: argparse.Namespace) -> str:
    email, password = await admin.reset_password(args.user)
    return f"{email} signs in with this from now on; every device was signed out:\n\n  {password}\n"


async def _ban(admin: "Admin", args: argparse.Namespace) -> str:
    return f"{await admin.ban(args.user, is_banned=True)} is banned\n"


async def _unban(admin: "Admin", args: argparse.Namespace) -> str:
    return f"{await admin.ban(args.user, is_banned=False)} is no longer banned\n"


async def _invites(admin: "Admin", args: argparse.Namespace) -> str:  # noqa: ARG001 - as all
    rows = [
        (
            str(line.id),
            str(line.room_id),
            _clean(line.room) or "-",
            f"{line.uses} of {line.max_uses}",
            _minute(line.expires_ms),
        )
        for line in await admin.invites()
    ]
    return _table(("ID", "ROOM", "NAME", "USED", "EXPIRES"), rows)


async def _withdraw_invite(admin: "Admin", args: argparse.Namespace) -> str:
    await admin.withdraw_invite(args.invite)
    return f"invite {args.invite} is withdrawn\n"


async def _invite(admin: "Admin", args: argparse.Namespace) -> str:
    from woxly_tui.cli.serve import settings_of
    from woxly_tui.errors import UsageError
    from woxly_tui.server.addresses import noted_address
    from woxly_tui.server.store.invites import DEFAULT_USES, MAX_USES

    max_uses = DEFAULT_USES if args.uses is None else args.uses
    if not 1 <= max_uses <= MAX_USES:
        raise UsageError(f"--uses cannot be {args.uses}", f"give a number from 1 to {MAX_USES}")
    invite, code = await admin.invite(args.room, _seconds(args.expires), max_uses)
    url = f"{noted_address(settings_of(args))}/j/{code}"
    people = "one person" if max_uses == 1 else f"{max_uses} people"
    sys.stderr.write(
        f"for {people}, until {_minute(invite.expires_ms)} UTC; "
        f"`woxly serve admin withdraw-invite {invite.id}` ends it\n"
    )
    return f"{url}\n{_qr(url) if args.qr else ''}"


def _seconds(text: str) -> int:
    from woxly_tui.errors import UsageError
    from woxly_tui.server.store.invites import MAX_EXPIRY_S, MIN_EXPIRY_S

    number, unit = text[:-1], text[-1:].lower()
    size = {"m": 60, "h": 3600, "d": 86400}.get(unit)
    if size is not None and number.isascii() and number.isdigit() and len(number) < 7:
        seconds = int(number) * size
        if MIN_EXPIRY_S <= seconds <= MAX_EXPIRY_S:
            return seconds
    days = MAX_EXPIRY_S // 86400
    raise UsageError(f"--expires cannot be {text!r}", f"write 30m, 24h or 7d; {days}d at most")


def _qr(url: str) -> str:
    import io

    import segno

    drawing = io.StringIO()
    segno.make_qr(url).terminal(drawing, compact=True)
    return drawing.getvalue()


async def _backup(admin: "Admin", args: argparse.Namespace) -> str:
    folder = await admin.backup(args.folder)
    return (
        f"{folder} holds database, secrets and files; to restore, copy all into the data folder\n"
    )


def _day(milliseconds: int) -> str:
    from woxly_tui.wire.shape import wire_time

    return wire_time(milliseconds)[:10]


def _minute(milliseconds: int) -> str:
    from woxly_tui.wire.shape import wire_time

    return wire_time(milliseconds)[:16].replace("T", " ")


def _clean(name: str) -> str:
    from woxly_tui._lib.text import clean_name

    return clean_name(name, "")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join(lines) + "\n"
