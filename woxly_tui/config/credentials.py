"""What lets us in: a token, or a key with its secret, taken from one source as a group.

Mixing sources would sign with the secret of another key: the strongest source that offers
any of the three decides alone. Within one source a token beats key and secret.
"""

from dataclasses import dataclass
from typing import Final

from woxly_tui.config.load import Found, Loaded, Source
from woxly_tui.config.secret import Secret
from woxly_tui.config.toml_file import setting_at
from woxly_tui.errors import CredentialsMissing

_SOURCES: Final = (Source.FLAG, Source.ENVIRONMENT, Source.FILE)


@dataclass(frozen=True, slots=True)
class TokenGiven:
    """A ready-made token."""

    token: Secret
    source: Source
    where: str


@dataclass(frozen=True, slots=True)
class KeyGiven:
    """A key with its secret, from which tokens are minted."""

    api_key: str
    api_secret: Secret
    source: Source
    where: str


def choose_credentials(loaded: Loaded) -> TokenGiven | KeyGiven:
    """The credentials to join with.

    Raises:
        CredentialsMissing: None are configured, or a key stands without its secret.
    """
    for source in _SOURCES:
        token = loaded.offer("livekit.token", source)
        if token is not None and isinstance(token.value, Secret):
            return TokenGiven(token.value, source, token.where)
        if (pair := _pair(loaded, source)) is not None:
            return pair
    raise _nothing(loaded, "or LIVEKIT_TOKEN")


def choose_key(loaded: Loaded) -> KeyGiven:
    """Key and secret to mint tokens with; tokens are passed over.

    Raises:
        CredentialsMissing: None are configured, or a key stands without its secret.
    """
    for source in _SOURCES:
        if (pair := _pair(loaded, source)) is not None:
            return pair
    raise _nothing(loaded, "a token cannot make another one;")


def _pair(loaded: Loaded, source: Source) -> KeyGiven | None:
    key = loaded.offer("livekit.api_key", source)
    secret = loaded.offer("livekit.api_secret", source)
    if key is None and secret is None:
        return None
    if key is None or secret is None:
        raise _half(loaded, source, key, secret)
    if not isinstance(secret.value, Secret):
        raise TypeError("the API secret is not masked")
    return KeyGiven(str(key.value), secret.value, source, f"{key.where} and {secret.where}")


def _half(
    loaded: Loaded, source: Source, key: Found | None, secret: Found | None
) -> CredentialsMissing:
    there = key or secret
    missing = setting_at("livekit.api_secret" if key else "livekit.api_key")
    name = {
        Source.FLAG: missing.source.flag,
        Source.ENVIRONMENT: missing.source.env,
        Source.FILE: f"{missing.key} under [livekit] in {loaded.file.path}",
    }[source]
    where = there.where if there else ""
    return CredentialsMissing(
        f"LiveKit API credentials not configured: {where} has no {missing.key} with it",
        f"set {name}; key and secret must come from the same place",
    )


def _nothing(loaded: Loaded, aside: str) -> CredentialsMissing:
    names = "LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
    places = f"as flags, in the environment, or under [livekit] in {loaded.file.path}"
    if aside.startswith("or "):
        return CredentialsMissing(
            f"LiveKit API credentials not configured: set {names}, {aside}",
            f"{places}; a server started with `livekit-server --dev` "
            "takes --api-key devkey --api-secret secret",
        )
    return CredentialsMissing(
        f"LiveKit API credentials not configured: set {names}", f"{aside} give both {places}"
    )
