"""Telling the others what they must know of us: as attributes, else as data."""

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Final

from livekit import rtc
from livekit.rtc.participant import PublishDataError

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import MediaError
from woxly_tui.media.roster import DEAFENED_ATTRIBUTE, RECORDING_ATTRIBUTE, STATE_TOPIC

TELL_LIMIT_S: Final = 1.5
"""Longest wait until the others are told that we record."""

LOOK_EVERY_S: Final = 0.02
"""Time between looks at what the server says of us."""

NOT_ALLOWED_TO_TELL: Final = (
    "nobody could be told that you record: the token allows neither attributes nor data, "
    "so nothing is recorded"
)

NOT_CONFIRMED: Final = (
    "the server has not confirmed in time that the others are told that you record, "
    "so nothing is recorded; try again"
)

NOT_SENT: Final = (
    "the connection takes no word to the others that you record, so nothing is recorded; try again"
)

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

    async def set_recording(self, on: bool) -> None:
        """Announce that we record, or do no more; returns once that is said.

        Raises:
            MediaError: It could not be said, with the cause.
        """
        me = self._room.local_participant.permissions
        if on and not (self._may_set_attributes() or me.can_publish_data):
            raise MediaError(NOT_ALLOWED_TO_TELL)
        self._is_recording = on
        self._attributes[RECORDING_ATTRIBUTE] = "1" if on else ""
        try:
            async with asyncio.timeout(TELL_LIMIT_S):
                is_told = await self._tell()
        except TimeoutError:
            raise MediaError(NOT_CONFIRMED) from None
        if not is_told:
            raise MediaError(NOT_SENT)

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
            await self._set_attributes()
            return True
        return await self._send_data([])

    async def _set_attributes(self) -> None:
        """Wait for the SDK's answer, or until the server shows them to us as to everybody.

        The SDK loses the answer now and then, where it comes fast, and then waits for 5 s.
        """
        me, wanted = self._room.local_participant, dict(self._attributes)
        setting = self._tasks.start(me.set_attributes(wanted), name="set attributes")
        is_shown = False
        while not (setting.done() or is_shown):
            await asyncio.wait([setting], timeout=LOOK_EVERY_S)
            is_shown = all(me.attributes.get(key, "") == value for key, value in wanted.items())

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
