"""Whether what is configured lets us in; the server is asked without joining anything."""

import re
import secrets
import time
from typing import Final
from urllib.parse import urlencode

from woxly_tui.config import KeyGiven, TokenGiven
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.network import Page, Place, fetch
from woxly_tui.doctor.subject import Given
from woxly_tui.errors import TokenError, WoxlyError
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire.token import SERVER_LEEWAY, mint_token, read_token

ROOM_PREFIX: Final = "woxly-doctor-"
"""Of rooms nobody else is in."""

TOKEN_TTL_S: Final = 300

_REFUSED: Final = (401, 403)

_FOR_HERE: Final = "ask for a token made for this server, or look at the URL"

_TOKEN: Final = re.compile(r"eyJ[\w-]*(\.[\w-]*){0,2}")
"""The server's refusal quotes the token."""


def own_room() -> RoomName:
    """A room of our own."""
    return RoomName(ROOM_PREFIX + secrets.token_hex(8))


def token_for(given: KeyGiven, room: RoomName, identity: str) -> str:
    """A token of short life."""
    return mint_token(
        api_key=given.api_key,
        api_secret=given.api_secret.reveal(),
        room=room,
        identity=Identity(identity),
        name="woxly doctor",
        ttl_s=TOKEN_TTL_S,
    )


def check_credentials(given: Given | WoxlyError) -> Finding:
    """What is configured, and whether a token's own words let anybody in now."""
    check = "credentials"
    if isinstance(given, WoxlyError):
        return Finding(check, Status.BAD, given.message, given.remedy)
    if isinstance(given, KeyGiven):
        return Finding(check, Status.OK, f"key and secret from {given.where}")
    try:
        claims = read_token(given.token.reveal())
    except TokenError as error:
        return Finding("token", Status.BAD, error.message, error.remedy)
    now = time.time()
    clock = "ask for a new one; if it is new, see the clock below"
    if claims.expires_at is not None and claims.expires_at + SERVER_LEEWAY < now:
        evidence = f"the token from {given.where} expired {_ago(now - claims.expires_at)} ago"
        return Finding("token", Status.BAD, evidence, clock)
    if claims.not_before is not None and claims.not_before - SERVER_LEEWAY > now:
        late = _ago(claims.not_before - now)
        evidence = f"the token from {given.where} is not valid before another {late}"
        return Finding("token", Status.BAD, evidence, clock)
    left = "for ever" if claims.expires_at is None else f"for {_ago(claims.expires_at - now)}"
    return Finding(check, Status.OK, f"a token from {given.where}, valid {left}")


def check_access(place: Place, given: Given) -> Finding:
    """Whether the server takes the token, as it says itself; nobody joins."""
    token = (
        given.token.reveal()
        if isinstance(given, TokenGiven)
        else token_for(given, own_room(), "doctor")
    )
    page = fetch(place, "/rtc/validate?" + urlencode({"access_token": token}))
    return judge_access(page, is_token=isinstance(given, TokenGiven))


def judge_access(page: Page | str, *, is_token: bool = False) -> Finding:
    """What the server said of a token: one that was given, or that we made of key and secret."""
    check = "access"
    if isinstance(page, str):
        return Finding(check, Status.BAD, f"the server did not answer: {page}", "try again")
    said = " ".join(_TOKEN.sub("…", page.body).split())[:120]
    words = said.lower()
    if page.status not in _REFUSED:
        is_ok = page.status == 200
        evidence = "the server takes the token" if is_ok else f"it answers {page.status}: {said}"
        remedy = "" if is_ok else "see the server's log"
        return Finding(check, Status.OK if is_ok else Status.BAD, evidence, remedy)
    if "expired" in words or "not valid yet" in words or "nbf" in words:
        evidence = f"the server refuses the token for its times: {said}"
        return Finding(check, Status.BAD, evidence, "set the clock, here or there; or a new token")
    if "api key" in words:
        evidence = f"the server does not know the key: {said}"
        remedy = _FOR_HERE if is_token else "use key and secret of this very server"
        return Finding(check, Status.BAD, evidence, remedy)
    if "permission" in words:
        evidence = f"the token does not allow joining: {said}"
        return Finding(check, Status.BAD, evidence, "ask for one with the roomJoin grant")
    if is_token:
        evidence = f"the token was not made with this server's secret ({said})"
        return Finding(check, Status.BAD, evidence, _FOR_HERE)
    evidence = f"the server refuses the signature: the secret is wrong ({said})"
    return Finding(check, Status.BAD, evidence, "use the secret that belongs to this key")


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:.0f} seconds"
