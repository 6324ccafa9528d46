"""Which devices are connected. A user is online while one of theirs is.

`MemoryPresence` serves one process. Several processes need one that counts over all of them:
the same methods over Redis.
"""

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

    def here(self, sid: str) -> Device | None: ...

    def devices_here(self, user_id: int) -> list[Device]: ...

    def count_here(self) -> int: ...


class MemoryPresence:
    """The devices of one process."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}
        self._of_user: dict[int, dict[str, Device]] = {}

    async def add(self, device: Device) -> bool:
        """Count a device; whether it is the user's first."""
        theirs = self._of_user.setdefault(device.user_id, {})
        theirs[device.sid] = self._devices[device.sid] = device
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
        return device, not theirs

    async def is_online(self, user_id: int) -> bool:
        """Whether a device of a user is connected, to whatever process."""
        return user_id in self._of_user

    def here(self, sid: str) -> Device | None:
        """A device connected to this process."""
        return self._devices.get(sid)

    def devices_here(self, user_id: int) -> list[Device]:
        """A user's devices connected to this process."""
        return list(self._of_user.get(user_id, {}).values())

    def count_here(self) -> int:
        """How many devices are connected to this process."""
        return len(self._devices)
