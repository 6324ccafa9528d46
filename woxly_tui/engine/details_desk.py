"""How everybody's sound travels: asked of the worker, and of it only while somebody looks."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import CallPhase, Snapshot
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media

ANSWER_LIMIT_S: Final = 4.0
"""Longest wait for the worker; it gives up a little before."""


class DetailsDesk:
    """Answers any number who look at once with one measurement. Use from one event loop.

    Args:
        send: Takes what is for the worker.
    """

    def __init__(self, send: Callable[[media.MeasureDetails], None]) -> None:
        self._send = send
        self._request = 0
        self._answer: asyncio.Future[tuple[ParticipantDetails, ...]] | None = None

    async def ask(self, snapshot: Snapshot) -> tuple[ParticipantDetails, ...]:
        """Measure now, or share what is being measured.

        Raises:
            WoxlyError: There is no call, or the worker does not answer.
        """
        if snapshot.phase is not CallPhase.ESTABLISHED:
            raise WoxlyError("There is no call to look at", "wait until it is established")
        if self._answer is None:
            self._request += 1
            self._answer = asyncio.get_running_loop().create_future()
            self._send(media.MeasureDetails(self._request))
        answer = self._answer
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await asyncio.shield(answer)
        except TimeoutError:
            if self._answer is answer:
                self._answer = None
            raise WoxlyError("nothing was measured", "try again in a moment") from None

    def hear(self, event: media.DetailsMeasured) -> None:
        """The worker has measured."""
        if self._answer is None or event.request != self._request:
            return
        answer, self._answer = self._answer, None
        answer.set_result(tuple(ParticipantDetails(**asdict(one)) for one in event.people))
