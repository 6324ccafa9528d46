"""The desktop is told of rings once, of their end and of missed ones, and not where it may not."""

import asyncio

from woxly_tui.call.ringing.view import IncomingRing, Outcome, RingEnding, RingView
from woxly_tui.control.lobby import LobbyState
from woxly_tui.engine.ring_notes import RingNotes
from woxly_tui.social.model import Person, Presence
from woxly_tui.types import RoomKind, Seconds, UserId

BOB = UserId(2)
RING = IncomingRing(BOB, None, RoomKind.DM, Seconds(1.0))
QUIET = RingView()
RUNG = RingView(incoming=(RING,))


class Screen:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.news = asyncio.Event()

    async def show(self, text: str, number: int, *, is_urgent: bool) -> int:  # noqa: ARG002
        self.told.append(text)
        self.news.set()
        return 7

    async def close(self, number: int) -> None:
        self.told.append(f"close {number}")
        self.news.set()

    async def hears(self, *texts: str) -> None:
        async with asyncio.timeout(5):
            while self.told != list(texts):
                self.news.clear()
                await self.news.wait()


def state(rings: RingView, presence: Presence = Presence.ONLINE) -> LobbyState:
    return LobbyState(rings=rings, presence=presence, people=(Person(BOB, "bob"),))


def ended(outcome: Outcome, number: int = 1, seconds: int | None = None) -> RingView:
    ending = RingEnding(number, outcome, BOB, None, is_incoming=True, seconds=seconds)
    return RingView(ending=ending)


async def test_a_ring_is_told_once_and_taken_back() -> None:
    screen = Screen()
    notes = RingNotes(lambda: screen)
    for one in (QUIET, RUNG, RUNG, ended(Outcome.HUNG_UP)):
        notes.see(state(one))
    await screen.hears("bob is calling you", "close 7")
    await notes.aclose()


async def test_a_missed_ring_is_told_and_one_from_before_is_not() -> None:
    screen = Screen()
    notes = RingNotes(lambda: screen)
    notes.see(state(ended(Outcome.TIMEOUT)))
    notes.see(state(RingView(incoming=(RING,), ending=ended(Outcome.TIMEOUT).ending)))
    await screen.hears("bob is calling you")
    notes.see(state(ended(Outcome.CANCELLED, number=2)))
    await screen.hears("bob is calling you", "close 7", "missed call from bob")
    await notes.aclose()


async def test_do_not_disturb_tells_nothing() -> None:
    screen = Screen()
    notes = RingNotes(lambda: screen)
    notes.see(state(RUNG, Presence.DND))
    notes.see(state(ended(Outcome.TIMEOUT), Presence.DND))
    notes.see(state(RUNG))
    await screen.hears("bob is calling you")
    await notes.aclose()


async def test_nobody_looks_for_a_desktop_before_the_first_ring() -> None:
    asked: list[int] = []

    def find() -> None:
        asked.append(1)

    notes = RingNotes(find)
    notes.see(state(QUIET))
    await asyncio.sleep(0)
    assert asked == []
    await notes.aclose()
