"""Flags that several commands share, and what is made of them."""

import argparse
import secrets
import unicodedata
from typing import TYPE_CHECKING, Final

from woxly_tui.errors import UsageError

if TYPE_CHECKING:
    from woxly_tui.config import Loaded, ServerUrl
    from woxly_tui.types import Identity, RoomName

MAX_ID_BYTES: Final = 256
"""Longest room name and identity a LiveKit server takes, as UTF-8."""

_FLAGS: Final = {
    "livekit.url": "url",
    "livekit.token": "token",
    "livekit.api_key": "api_key",
    "livekit.api_secret": "api_secret",
    "you.name": "name",
    "call.room": "room",
    "call.muted": "muted",
    "audio.backend": "backend",
}
"""Setting path to the attribute argparse gives it."""


def add_server_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that say which server, and with which key."""
    parser.add_argument("--url", metavar="URL", help="LiveKit server: wss://HOST or ws://HOST:PORT")
    parser.add_argument("--api-key", metavar="KEY", help="LiveKit API key")
    parser.add_argument("--api-secret", metavar="SECRET", help="and its secret")
    add_config_flag(parser)


def add_call_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that say how to be in a call."""
    parser.add_argument(
        "--muted", action="store_true", default=None, help="join with the microphone muted"
    )
    parser.add_argument(
        "--backend", metavar="auto|native|mixer|null", help="sound: the sound card, or none (null)"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument(
        "--headless", action="store_true", help="no screen: JSON lines out, commands in"
    )
    shape.add_argument("--plain", action="store_true", help="no screen: plain lines out, words in")
    parser.add_argument(
        "--levels", action="store_true", help="with --headless, print levels too (10 a second)"
    )


def add_config_flag(parser: argparse.ArgumentParser) -> None:
    """The flag that names another configuration file."""
    parser.add_argument("--config", metavar="FILE", help="configuration file to read instead")


def load_settings(args: argparse.Namespace) -> "Loaded":
    """The settings, with what was typed on top."""
    from woxly_tui.config import load_config

    typed = {path: getattr(args, attribute, None) for path, attribute in _FLAGS.items()}
    return load_config(typed, config_flag=args.config)


def server_url(loaded: "Loaded") -> "ServerUrl":
    """The server to join.

    Raises:
        UsageError: None is configured, or it is not an address.
    """
    from woxly_tui.config import Source, parse_server_url

    found = loaded.found("livekit.url")
    if found.source is Source.DEFAULT:
        raise UsageError(
            "no LiveKit server configured: set LIVEKIT_URL, or give --url",
            "`livekit-server --dev` is at ws://127.0.0.1:7880; LiveKit Cloud at "
            "wss://PROJECT.livekit.cloud; `woxly demo` needs none",
        )
    return parse_server_url(str(found.value), found.where)


def checked_room(raw: str, where: str) -> "RoomName":
    """A room name that any LiveKit server takes.

    Raises:
        UsageError: It is empty, too long, or holds control characters.
    """
    from woxly_tui.types import RoomName

    return RoomName(_checked_id(raw, f"the room name from {where}"))


def checked_identity(raw: str | None, name: str) -> "Identity":
    """The identity typed, or one made of the name that no second terminal shares.

    Raises:
        UsageError: The one typed is empty, too long, or holds control characters.
    """
    from woxly_tui.types import Identity

    if raw is not None:
        return Identity(_checked_id(raw, "the identity from --identity"))
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    return Identity(f"{'-'.join(words)[:24].strip('-') or 'user'}-{secrets.token_hex(2)}")


def shown_name(loaded: "Loaded") -> str:
    """The name others will see, made harmless.

    Raises:
        UsageError: Nothing visible is left of the one configured.
    """
    from woxly_tui._lib.text import clean_name
    from woxly_tui.config import Source

    found = loaded.found("you.name")
    if found.source is Source.DEFAULT:
        return clean_name(_login_name(), fallback="guest")
    name = clean_name(str(found.value), fallback="")
    if not name:
        raise UsageError(f"the name from {found.where} has no visible character", "choose another")
    return name


def note(text: str) -> None:
    """Tell the user something on standard error that does not stop the command."""
    import sys

    sys.stderr.write(f"woxly: note: {text}\n")


def _login_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _checked_id(raw: str, what: str) -> str:
    text = raw.strip()
    if not text:
        raise UsageError(f"{what} is empty")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise UsageError(f"{what} holds a control character or broken text", "leave it out")
    if (size := len(text.encode())) > MAX_ID_BYTES:
        raise UsageError(f"{what} is too long: {size} bytes, and servers take {MAX_ID_BYTES}")
    return text
