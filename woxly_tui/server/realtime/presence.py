"""Which devices are connected. A user is online while one of theirs is.

`MemoryPresence` serves one process. Several processes share one that counts over all of them:
`cluster/presence.py`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from woxly_tui.server.texts import Language


@dataclass(frozen=True, slots=True)
class Device:
    """One socket."""

    sid: str
    user_id: int
    session_id: str
    language: Language


class Presence(Protocol):
    """Counts devices."""

    async def add(self, device: Device) -> bool: ...

    async def remove(self, sid: str) -> tuple[Device, bool] | None: ...

    async def is_online(self, user_id: int) -> bool: ...

    async def sids_of(self, user_id: int, session_id: str = "") -> list[str]: ...

    async def gone(self, after_s: float) -> list[int]: ...

    async def forget_gone(self, user_id: int) -> None: ...

    def here(self, sid: str) -> Device | None: ...

    def devices_here(self, user_id: int) -> list[Device]: ...

    def count_here(self) -> int: ...


class MemoryPresence:
    """The devices of one process."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = monotonic
        self._devices: dict[str, Device] = {}
        self._of_user: dict[int, dict[str, Device]] = {}
        self._absent: dict[int, float] = {}
        """Since when; the longest absent first."""

    async def add(self, device: Device) -> bool:
        """Count a device; whether it is the user's first."""
        theirs = self._of_user.setdefault(device.user_id, {})
        theirs[device.sid] = self._devices[device.sid] = device
        self._absent.pop(device.user_id, None)
        return len(theirs) == 1

    async def remove(self, sid: str) -> tuple[Device, bool] | None:
        """Count a device no longer; which it was, and whether it was the user's last."""
        device = self._devices.pop(sid, None)
        if device is None:
            return None
        theirs = self._of_user[device.user_id]
        del theirs[sid]
        if not theirs:
            del self._of_user[device.user_id]
            self._absent[device.user_id] = self._now()
        return device, not theirs

    async def is_online(self, user_id: int) -> bool:
        """Whether a device of a user is connected, to whatever process."""
        return user_id in self._of_user

    async def sids_of(self, user_id: int, session_id: str = "") -> list[str]:
        """A user's sockets everywhere, or those of one sign-in."""
        devices = self._of_user.get(user_id, {}).values()
        return [one.sid for one in devices if session_id in ("", one.session_id)]

    async def gone(self, after_s: float) -> list[int]:
        """Users whose last device left that long ago, until they are forgotten."""
        before = self._now() - after_s
        return [user_id for user_id, since in self._absent.items() if since <= before]

    async def forget_gone(self, user_id: int) -> None:
        """Name a user as gone no more."""
        self._absent.pop(user_id, None)

    def everybody(self) -> list[Device]:
        """All devices."""
        return list(self._devices.values())

    def here(self, sid: str) -> Device | None:
        """A device connected to this process."""
        return self._devices.get(sid)

    def devices_here(self, user_id: int) -> list[Device]:
        """A user's devices connected to this process."""
        return list(self._of_user.get(user_id, {}).values())

    def count_here(self) -> int:
        """How many devices are connected to this process."""
        return len(self._devices)
