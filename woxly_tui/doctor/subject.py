"""What is to be examined: one server, and what lets us in."""

import getpass
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from woxly_tui.config import Config, KeyGiven, ServerUrl, TokenGiven
from woxly_tui.errors import WoxlyError

Given: TypeAlias = TokenGiven | KeyGiven


@dataclass(frozen=True, slots=True)
class AccountSubject:
    """Whoever is signed in."""

    origin: str
    """Of the woxly server."""
    trouble: Callable[[], WoxlyError | None]
    """Asks the server about the sign-in: what is wrong with it. Blocks."""
    private: tuple[str, ...]
    """Names of that person and place."""


@dataclass(frozen=True, slots=True)
class Subject:
    """As the settings say it; an error stands for what they do not."""

    server: ServerUrl | WoxlyError
    given: Given | WoxlyError
    account_url: str = ""
    """Base URL of a `woxly serve`; empty for none."""
    account: AccountSubject | WoxlyError | None = None
    """Who is signed in here, if anybody is."""
    trouble: WoxlyError | None = None
    """Why the configuration was left out."""
    settings: str = ""
    """Where the configuration stands."""
    danger: str = ""
    """What the user should know of it, with the cure."""
    is_toned: bool = True
    """Whether the speaker may be heard."""
    private: tuple[str, ...] = ()
    """What a report must not show: names, room, secrets."""

    @property
    def url(self) -> str:
        """Of the SFU; empty where none is configured."""
        return "" if isinstance(self.server, WoxlyError) else self.server.url


def private_words(config: Config, *urls: str) -> tuple[str, ...]:
    """What tells who and where the user is: of the settings, and of this machine."""
    livekit = config.livekit
    hosts = [urlsplit(url).hostname or "" for url in urls if url]
    machine = socket.gethostname()
    try:
        login = getpass.getuser()
    except (OSError, KeyError):
        login = ""
    words = [livekit.token.reveal(), livekit.api_key, livekit.api_secret.reveal()]
    words += [config.you.name, config.call.room, str(Path.home()), login]
    return tuple(word for word in [*words, *hosts, machine, machine.partition(".")[0]] if word)
