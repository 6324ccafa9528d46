"""What `woxly serve` is told, by flags and environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from woxly_tui.config import Secret, parse_server_url
from woxly_tui.errors import CredentialsMissing, UsageError

DEFAULT_HOST: Final = "0.0.0.0"  # noqa: S104 - friends on the network are to reach it
DEFAULT_PORT: Final = 3001
DEFAULT_ORIGIN: Final = "http://localhost:3000"
"""Where a Woxly web front end runs in development."""

_OFF: Final = frozenset({"0", "off", "false", "no"})


@dataclass(frozen=True, slots=True)
class LivekitSettings:
    """A LiveKit server and what signs its tokens."""

    api_url: str
    """ws:// or wss://, as this server reaches it."""
    api_key: str
    api_secret: Secret
    public_url: str = ""
    """What clients are told; empty: the port below on whatever host they asked."""
    port: int = 7880


@dataclass(frozen=True, slots=True)
class MailSettings:
    """An SMTP server, for codes by mail."""

    host: str
    port: int
    user: str
    password: Secret
    sender: str


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything the server needs to know before it starts."""

    data_folder: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    database_url: str = ""
    """Empty: SQLite in the data folder."""
    redis_url: str = ""
    """Empty: this is the only process."""
    public_url: str = ""
    """What friends type, where the server cannot know it: behind a proxy."""
    origins: tuple[str, ...] = (DEFAULT_ORIGIN,)
    """Web pages that may call this server."""
    trusted_proxies: str = ""
    """Addresses whose X-Forwarded-For is believed, with commas."""
    has_rate_limits: bool = True
    takes_old_refresh: bool = False
    """Let clients that know no rotation go on with their first refresh token."""
    mail: MailSettings | None = None
    livekit: LivekitSettings | None = None
    """None: a server of our own is to be started."""
    problems: tuple[str, ...] = field(default=())
    """What is odd about these settings, for people."""

    @property
    def database(self) -> str:
        """Address of the database."""
        return self.database_url or f"sqlite:///{self.data_folder / 'woxly.db'}"


def check_several(settings: ServerSettings) -> None:
    """Whether what is said fits a server of several processes, where Redis says it is one.

    Raises:
        UsageError: They would not share what they must.
    """
    if not settings.redis_url:
        return
    remedy = "or leave REDIS_URL out: a single process needs no Redis"
    if settings.database.startswith("sqlite"):
        raise UsageError(
            "with REDIS_URL several processes share one database, and SQLite is for one",
            f"set DATABASE_URL to postgresql://…, {remedy}",
        )
    if settings.livekit is None:
        raise UsageError(
            "with REDIS_URL each process would start a LiveKit server of its own, and callers "
            "would not meet",
            f"set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET for one of yours, {remedy}",
        )


def default_data_folder() -> Path:
    """Where the database and the secrets of this user's server are."""
    import platformdirs

    return platformdirs.user_data_path("woxly", appauthor=False) / "server"


def settings_from(environ: Mapping[str, str], **flags: str | None) -> ServerSettings:
    """Settings from the environment and what was given as flags, which win.

    Args:
        environ: Variables, named as other Woxly servers name them.
        flags: `data`, `host`, `port`, `database`, `public_url`; None where not given.

    Raises:
        UsageError: A value cannot be used.
        CredentialsMissing: A LiveKit server is named without what opens it.
    """
    data = flags.get("data") or environ.get("WOXLY_SERVER_DATA")
    origins = environ.get("FRONTEND_URL") or DEFAULT_ORIGIN
    return ServerSettings(
        data_folder=Path(data).expanduser() if data else default_data_folder(),
        host=flags.get("host") or environ.get("HOST") or DEFAULT_HOST,
        port=_port(flags.get("port") or environ.get("PORT") or str(DEFAULT_PORT), "the port"),
        database_url=flags.get("database") or environ.get("DATABASE_URL") or "",
        redis_url=environ.get("REDIS_URL") or "",
        public_url=(flags.get("public_url") or environ.get("WOXLY_PUBLIC_URL") or "").rstrip("/"),
        origins=tuple(part.strip().rstrip("/") for part in origins.split(",") if part.strip()),
        trusted_proxies=environ.get("WOXLY_TRUSTED_PROXIES") or "",
        has_rate_limits=environ.get("WOXLY_RATE_LIMITS", "on").lower() not in _OFF,
        takes_old_refresh=environ.get("WOXLY_OLD_REFRESH", "off").lower() not in _OFF,
        mail=_mail(environ),
        livekit=external_livekit(environ),
    )


def external_livekit(environ: Mapping[str, str]) -> LivekitSettings | None:
    """The LiveKit server that the environment names; None where it names none.

    Raises:
        CredentialsMissing: Only a part of address, key and secret is there.
        UsageError: The address cannot be one.
    """
    names = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    given = {name: environ.get(name, "").strip() for name in names}
    if not any(given.values()):
        return None
    if missing := [name for name, value in given.items() if not value]:
        raise CredentialsMissing(
            f"LiveKit API credentials not configured: {' and '.join(missing)} not set",
            f"set {', '.join(names)} for a LiveKit server of yours, "
            "or none of them: then one is started here",
        )
    url = parse_server_url(given["LIVEKIT_URL"], "LIVEKIT_URL").url
    public = environ.get("LIVEKIT_PUBLIC_URL", "").strip()
    return LivekitSettings(
        api_url=url,
        api_key=given["LIVEKIT_API_KEY"],
        api_secret=Secret(given["LIVEKIT_API_SECRET"]),
        public_url=parse_server_url(public, "LIVEKIT_PUBLIC_URL").url if public else url,
    )


def _mail(environ: Mapping[str, str]) -> MailSettings | None:
    host, user = environ.get("SMTP_HOST", ""), environ.get("SMTP_USER", "")
    if not host:
        return None
    return MailSettings(
        host=host,
        port=_port(environ.get("SMTP_PORT") or "587", "SMTP_PORT"),
        user=user,
        password=Secret(environ.get("SMTP_PASS", "")),
        sender=environ.get("SMTP_FROM") or user,
    )


def _port(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise UsageError(f"{what} cannot be {text!r}", "give a number from 1 to 65535")
    return int(text)
