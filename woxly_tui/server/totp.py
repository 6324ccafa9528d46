"""Two-factor sign-in: time-based one-time passwords (RFC 6238), as authenticator apps make them."""

import base64
import hashlib
import hmac
import secrets
import struct
import time
from typing import Final
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession

from woxly_tui.server.db.models import User

STEP_S: Final = 30
DIGITS: Final = 6


def new_secret() -> str:
    """A fresh secret in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def uri(secret: str, email: str) -> str:
    """What a QR code for an app holds."""
    return f"otpauth://totp/Woxly:{quote(email)}?secret={secret}&issuer=Woxly"


async def take(db: AsyncSession, user_id: int, code: str) -> bool:
    """Whether a code is right now, a step earlier or later; each works once.

    Use in a writing session.
    """
    user = await db.get(User, user_id)
    if user is None or user.two_factor_secret is None or not code.isascii():
        return False
    now = int(time.time()) // STEP_S
    for step in (now - 1, now, now + 1):
        is_new = user.two_factor_used is None or step > user.two_factor_used
        if is_new and secrets.compare_digest(code_at(user.two_factor_secret, step), code):
            user.two_factor_used = step
            return True
    return False
