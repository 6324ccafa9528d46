"""How long a token is good still. It is read, never verified: only the server can do that."""

import base64
import json
from typing import Final

from woxly_tui.types import Seconds

MARGIN: Final = Seconds(60.0)
"""A token with less left is renewed first: a connection is opened with one that is good."""

_MAX_CHARS: Final = 4096


def expires_at(token: str) -> Seconds | None:
    """When a token ends by the server's clock; None where it does not tell."""
    parts = token[:_MAX_CHARS].split(".")
    if len(parts) != 3:
        return None
    try:
        raw = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = json.loads(raw)
        value = claims["exp"]
        return Seconds(float(value)) if type(value) in (int, float) else None
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None


def is_stale(token: str, now: Seconds, ahead_s: float) -> bool:
    """Whether a token has run out, or is about to.

    Args:
        token: A JWT; any other is taken for good, as the server says when it is not.
        now: Wall-clock time here.
        ahead_s: How much the server's clock is ahead of that.
    """
    ends = expires_at(token)
    return ends is not None and now + ahead_s > ends - MARGIN
