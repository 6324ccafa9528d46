"""Telling the others that we are deafened: as an attribute, else as data."""

import asyncio
import json
import logging
from collections.abc import Sequence

from livekit import rtc
from livekit.rtc.participant import PublishDataError

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.media.roster import DEAFENED_ATTRIBUTE, STATE_TOPIC

_log = logging.getLogger(__name__)


class Presence:
    """Announces our own state in one room; the newest wins. Use from the event loop."""

    def __init__(self, room: rtc.Room, tasks: TaskOwner) -> None:
        self._room = room
        self._tasks = tasks
        self._is_deafened = False
        self._was_ever_deafened = False
        self._task: asyncio.Task[None] | None = None
        self._is_stale = False

    def set_deafened(self, on: bool) -> None:
        """Announce a new state in the background."""
        if on != self._is_deafened:
            self._is_deafened = on
            self._was_ever_deafened |= on
            self.announce()

    def announce(self) -> None:
        """Say the present state again, as after a reconnect, which may have lost it."""
        if not self._was_ever_deafened:
            return
        self._is_stale = True
        if self._task is None or self._task.done():
            self._task = self._tasks.start(self._run(), name="announce")

    def greet(self, identity: str) -> None:
        """Tell somebody who just came, where attributes do not do so by themselves."""
        if self._is_deafened and not self._may_set_attributes():
            self._tasks.start(self._send_data([identity]), name="greet")

    def _may_set_attributes(self) -> bool:
        # Without the grant the call succeeds, and nothing happens.
        return bool(self._room.local_participant.permissions.can_update_metadata)

    async def _run(self) -> None:
        while self._is_stale:
            self._is_stale = False
            if self._may_set_attributes():
                value = "1" if self._is_deafened else ""
                await self._room.local_participant.set_attributes({DEAFENED_ATTRIBUTE: value})
            else:
                await self._send_data([])

    async def _send_data(self, to: Sequence[str]) -> None:
        payload = json.dumps({"deafened": self._is_deafened})
        try:
            await self._room.local_participant.publish_data(
                payload, reliable=True, destination_identities=list(to), topic=STATE_TOPIC
            )
        except PublishDataError as error:
            _log.warning("state not announced: %s", error.message)
