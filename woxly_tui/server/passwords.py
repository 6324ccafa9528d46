"""Passwords: hashed with argon2id, off the event loop, a few at a time."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE: Final = 2
"""Hashes worked on together: each takes tens of MB and a core for a moment."""


class Passwords:
    """Hashes and checks. Use from one event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """What to store for a password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, stored: str | None, password: str) -> bool:
        """Whether a password fits; with nothing stored it takes as long, and does not."""
        if stored is None and self._decoy is None:
            self._decoy = await self.hash("nobody's password")
        async with self._turn:
            fits = await asyncio.to_thread(self._verify, stored or self._decoy or "", password)
        return fits and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
