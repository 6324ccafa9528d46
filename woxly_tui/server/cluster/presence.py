"""Presence that counts devices over all processes.

A process that dies takes nobody off: it holds a lease, and when that is over any other process
takes its devices off (`keeper.py`).
"""

import secrets
from typing import Final

from woxly_tui.server.cluster.link import RedisLink
from woxly_tui.server.realtime.presence import Device, MemoryPresence

LEASE_S: Final = 10.0
"""How long a process that says nothing is believed to live."""

_MOST_AT_ONCE: Final = 200


class RedisPresence:
    """Devices in Redis; those of this process in memory, too. Use from one event loop.

    What asks Redis raises `Problem` 503 where it does not answer.
    """

    def __init__(self, link: RedisLink, *, lease_s: float = LEASE_S) -> None:
        self._do = link.script("presence")
        self._here = MemoryPresence()
        self._lease_ms = int(lease_s * 1000)
        self.process: Final = secrets.token_hex(8)
        """What the others call this process."""

    async def add(self, device: Device) -> bool:
        """Count a device; whether it is the user's first, anywhere."""
        await self._here.add(device)
        return await self._add(device)

    async def _add(self, device: Device) -> bool:
        return bool(
            await self._do("add", self.process, device.user_id, device.sid, device.session_id)
        )

    async def remove(self, sid: str) -> tuple[Device, bool] | None:
        """Count a device no longer; which it was, and whether it was the user's last anywhere."""
        found = await self._here.remove(sid)
        if found is None:
            return None
        device, _ = found
        return device, bool(await self._do("remove", self.process, device.user_id, sid))

    async def is_online(self, user_id: int) -> bool:
        """Whether a device of a user is connected, to whatever process."""
        return bool(await self._do("is_online", user_id))

    async def sids_of(self, user_id: int, session_id: str = "") -> list[str]:
        """A user's sockets everywhere, or those of one sign-in."""
        found: list[str] = await self._do("devices_of", user_id)
        pairs = zip(found[::2], found[1::2], strict=True)
        return [sid for sid, session in pairs if session_id in ("", session)]

    async def gone(self, after_s: float) -> list[int]:
        """Users whose last device left that long ago; more than one process may hear of each."""
        found: list[int] = await self._do("gone", int(after_s * 1000), _MOST_AT_ONCE)
        return found

    async def forget_gone(self, user_id: int) -> None:
        """Name a user as gone no more."""
        await self._do("forget_gone", user_id)

    def here(self, sid: str) -> Device | None:
        """A device connected to this process."""
        return self._here.here(sid)

    def devices_here(self, user_id: int) -> list[Device]:
        """A user's devices connected to this process."""
        return self._here.devices_here(user_id)

    def count_here(self) -> int:
        """How many devices are connected to this process."""
        return self._here.count_here()

    # --- processes -----------------------------------------------------------------------

    async def beat(self) -> list[int]:
        """Live on. Where the others took us for dead: users whose first device is one of ours."""
        if not await self._do("beat", self.process, self._lease_ms):
            return []
        return [device.user_id for device in self._here.everybody() if await self._add(device)]

    async def reap(self) -> list[int]:
        """Take the devices of dead processes off; the users who have none left, until settled."""
        lost: list[int] = await self._do("reap")
        return lost

    async def settle(self, user_id: int) -> None:
        """Note that a lost user's friends were told."""
        await self._do("settle", user_id)

    async def leave(self) -> None:
        """End the lease now, so that the others need not wait."""
        await self._do("beat", self.process, 0)
