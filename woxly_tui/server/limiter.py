"""How often somebody may do something."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAX_KEYS: Final = 50_000
"""Counters kept; the least recently used goes first, so memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`times` within each `per_s` seconds."""

    name: str
    times: int
    per_s: float


LOGIN_BY_ADDRESS: Final = Rate("login-address", 60, 300)
LOGIN_BY_EMAIL: Final = Rate("login-email", 10, 300)
REGISTER: Final = Rate("register", 30, 600)
MAIL: Final = Rate("mail", 5, 600)
CODE: Final = Rate("code", 10, 600)
RING: Final = Rate("ring", 20, 60)
RING_ONE: Final = Rate("ring-one", 8, 60)
"""Rings of one user to one other."""
EVENT: Final = Rate("event", 600, 10)
"""Socket.IO events of one user; trickled ICE candidates come in bursts."""
MESSAGE: Final = Rate("message", 60, 10)
ASK: Final = Rate("ask", 60, 60)
"""Friend requests and invitations."""
UPLOAD: Final = Rate("upload", 60, 600)
INVITE: Final = Rate("invite", 60, 300)
"""Looks at invitations from one address; their codes are far too long to be guessed."""
GUEST_TOKEN: Final = Rate("guest-token", 30, 300)
"""Tokens for one guest."""


class Limiter:
    """Counts in windows of fixed length. Use from one event loop."""

    def __init__(
        self, *, is_on: bool = True, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._is_on = is_on
        self._now = monotonic
        self._windows: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    async def hit(self, rate: Rate, key: object) -> int | None:
        """Count one more.

        Returns:
            None where it is allowed, else the seconds to wait.
        """
        if not self._is_on:
            return None
        name, now = (rate.name, str(key)), self._now()
        ends, count = self._windows.pop(name, (0.0, 0))
        if ends <= now:
            ends, count = now + rate.per_s, 0
        self._windows[name] = (ends, count + 1)
        if len(self._windows) > MAX_KEYS:
            self._windows.popitem(last=False)
        return math.ceil(ends - now) if count >= rate.times else None

    async def forgive(self, rate: Rate, key: object) -> None:
        """Forget what was counted, as after a right password."""
        self._windows.pop((rate.name, str(key)), None)
