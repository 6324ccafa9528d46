"""`woxly config`: what is configured, where it stands, and whether it is sound."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from woxly_tui.config import Loaded


def add_parser(subparsers: Any) -> None:
    """Add `config` and its subcommands to the command line."""
    from woxly_tui.cli.options import add_config_flag

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "config",
        help="show or check the configuration",
        description="Show or check the configuration.",
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    show = actions.add_parser("show", help="each setting, and where it came from")
    show.add_argument("--json", action="store_true", help="print a JSON object instead")
    show.set_defaults(run=run_show)

    path = actions.add_parser("path", help="where the configuration file is")
    path.add_argument("--logs", action="store_true", help="the folder of the log files instead")
    path.set_defaults(run=run_path)

    check = actions.add_parser("check", help="whether file and environment are sound")
    check.set_defaults(run=run_check)

    for action in (show, path, check):
        add_config_flag(action)


def run_path(args: argparse.Namespace) -> int:
    """Print where the file, or the folder of the logs, is; it need not exist."""
    from woxly_tui._lib.logs import log_folder
    from woxly_tui.config import config_path

    sys.stdout.write(f"{log_folder() if args.logs else config_path(args.config)}\n")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Print every setting with its origin; secrets masked."""
    from woxly_tui.cli.options import load_settings

    loaded = load_settings(args)
    if args.json:
        sys.stdout.write(json.dumps(_as_json(loaded), indent=2) + "\n")
        return 0
    missing = "" if loaded.file.exists else " (does not exist)"
    lines = [f"{loaded.file.path}{missing}"]
    section = ""
    for row_section, key, value, origin in _rows(loaded):
        if row_section != section:
            section = row_section
            lines += ["", f"[{section}]"]
        lines.append(f"  {key:<14} {value or '-':<32} {origin}".rstrip())
    lines += ["", f"joins with: {_credentials(loaded)}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Read everything as `join` would.

    Raises:
        WoxlyError: The first thing that is wrong.
    """
    from woxly_tui.cli.options import load_settings, note, server_url, shown_name
    from woxly_tui.config import choose_credentials

    loaded = load_settings(args)
    if loaded.file.warning:
        note(loaded.file.warning)
    url = server_url(loaded)
    given = choose_credentials(loaded)
    name = shown_name(loaded)
    if theme := loaded.config.ui.theme:
        from woxly_tui.tui.theme import theme_name

        theme_name(theme)
    read = "read" if loaded.file.exists else "absent"
    sys.stdout.write(
        f"file         {loaded.file.path} ({read})\n"
        f"server       {url.url} ({loaded.found('livekit.url').where})\n"
        f"credentials  {given.where}\n"
        f"name         {name}\n"
        "all in order; whether the server agrees shows when you join\n"
    )
    return 0


def _rows(loaded: "Loaded") -> list[tuple[str, str, str, str]]:
    from woxly_tui.config import SETTINGS

    rows = []
    for setting in SETTINGS:
        found = loaded.found(setting.path)
        value = str(found.value).lower() if isinstance(found.value, bool) else str(found.value)
        rows.append((setting.section, setting.key, _printable(value), found.where))
    return rows


def _printable(value: str) -> str:
    """A value that cannot disturb the terminal."""
    return value if value.isprintable() else ascii(value)


def _credentials(loaded: "Loaded") -> str:
    from woxly_tui.config import TokenGiven, choose_credentials
    from woxly_tui.errors import CredentialsMissing

    try:
        given = choose_credentials(loaded)
    except CredentialsMissing as error:
        return f"nothing yet; {error.message}"
    kind = "the token" if isinstance(given, TokenGiven) else "key and secret"
    return f"{kind} from {given.where}"


def _as_json(loaded: "Loaded") -> dict[str, Any]:
    from woxly_tui.config import SETTINGS, Secret

    settings = []
    for setting in SETTINGS:
        found = loaded.found(setting.path)
        shown = str(found.value) if isinstance(found.value, Secret) else found.value
        settings.append(
            {
                "section": setting.section,
                "key": setting.key,
                "value": shown,
                "source": str(found.source),
                "where": found.where,
            }
        )
    return {
        "file": str(loaded.file.path),
        "exists": loaded.file.exists,
        "settings": settings,
        "joins_with": _credentials(loaded),
    }
