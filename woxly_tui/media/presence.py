"""Telling the others what they must know of us: as attributes, else as data."""

import asyncio
import json
import logging
from collections.abc import Sequence

from livekit import rtc
from livekit.rtc.participant import PublishDataError

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.media.roster import DEAFENED_ATTRIBUTE, RECORDING_ATTRIBUTE, STATE_TOPIC

_log = logging.getLogger(__name__)


class Presence:
    """Announces our own state in one room; the newest wins. Use from the event loop."""

    def __init__(self, room: rtc.Room, tasks: TaskOwner) -> None:
        self._room = room
        self._tasks = tasks
        self._is_deafened = False
        self._is_recording = False
        self._attributes: dict[str, str] = {}
        """Those that were ever set, as they are to be."""
        self._task: asyncio.Task[None] | None = None
        self._is_stale = False

    def set_deafened(self, on: bool) -> None:
        """Announce a new state in the background."""
        if on != self._is_deafened:
            self._is_deafened = on
            self._attributes[DEAFENED_ATTRIBUTE] = "1" if on else ""
            self.announce()

    async def set_recording(self, on: bool) -> bool:
        """Announce that we record, or do no more.

        Returns:
            Whether it is said. False where the token lets us say nothing, or that failed.
        """
        me = self._room.local_participant.permissions
        if on and not (self._may_set_attributes() or me.can_publish_data):
            return False
        self._is_recording = on
        self._attributes[RECORDING_ATTRIBUTE] = "1" if on else ""
        return await self._tell()

    def announce(self) -> None:
        """Say the present state again, as after a reconnect, which may have lost it."""
        if not self._attributes:
            return
        self._is_stale = True
        if self._task is None or self._task.done():
            self._task = self._tasks.start(self._run(), name="announce")

    def greet(self, identity: str) -> None:
        """Tell somebody who just came, where attributes do not do so by themselves."""
        has_something_to_say = self._is_deafened or self._is_recording
        if has_something_to_say and not self._may_set_attributes():
            self._tasks.start(self._send_data([identity]), name="greet")

    def _may_set_attributes(self) -> bool:
        # Without the grant the call succeeds, and nothing happens.
        return bool(self._room.local_participant.permissions.can_update_metadata)

    async def _run(self) -> None:
        while self._is_stale:
            self._is_stale = False
            await self._tell()

    async def _tell(self) -> bool:
        if self._may_set_attributes():
            await self._room.local_participant.set_attributes(dict(self._attributes))
            return True
        return await self._send_data([])

    async def _send_data(self, to: Sequence[str]) -> bool:
        state = {"deafened": self._is_deafened, "recording": self._is_recording}
        try:
            await self._room.local_participant.publish_data(
                json.dumps(state), reliable=True, destination_identities=list(to), topic=STATE_TOPIC
            )
        except PublishDataError as error:
            _log.warning("state not announced: %s", error.message)
            return False
        return True
