from dataclasses import replace

from tests.tui.fake_engine import FakeEngine, in_call
from woxly_tui.call.ringing.view import (
    IncomingRing,
    Outcome,
    RingEnding,
    RingingPeer,
    RingPhase,
    RingView,
)
from woxly_tui.control.lobby import LinkState, LobbyState
from woxly_tui.control.messages import UPDATES
from woxly_tui.plain.lines import state_line
from woxly_tui.plain.news import Reporter
from woxly_tui.plain.rings import RingsView, ending_words, news_of_rings, ring_words, rings_view
from woxly_tui.plain.session import PlainSession
from woxly_tui.plain.view import CallView
from woxly_tui.social.model import Person, Presence
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId

ANN = Person(UserId(1), "ann\x1b\n", "WX1000")
ONLINE = LobbyState(LinkState.ONLINE, "me@host", people=(ANN,))
RING = IncomingRing(UserId(1), RoomId(7), RoomKind.DM, Seconds(0.0))


def view(rings: RingView) -> RingsView:
    return rings_view(UPDATES.to_dict(replace(ONLINE, rings=rings)))


def test_nobody_online_is_no_ring() -> None:
    assert rings_view(None) == RingsView()
    assert ring_words(RingsView()) == ""


def test_a_ring_is_told_with_a_clean_name() -> None:
    rung = view(RingView(incoming=(RING,)))
    assert ring_words(rung) == "ann rings"
    assert state_line(CallView(rings=rung)) == "no call, ann rings"
    ((kind, line, values),) = news_of_rings(RingsView(), rung)
    assert (kind, line) == ("ring", "ann rings")
    assert values == {"user": 1, "name": "ann", "group": False, "silent": False}
    assert news_of_rings(rung, rung) == []


def test_who_is_not_to_be_disturbed_is_told_without_a_sound() -> None:
    quiet = replace(ONLINE, presence=Presence.DND, rings=RingView(incoming=(RING,)))
    ((_, _, values),) = news_of_rings(RingsView(), rings_view(UPDATES.to_dict(quiet)))
    assert values["silent"] is True


def test_a_ring_of_ours_is_told() -> None:
    dialling = RingView(RingPhase.OUTGOING, ringing=(RingingPeer(UserId(1)),), peer=UserId(1))
    assert ring_words(view(dialling)) == "ringing ann"
    assert [event[0] for event in news_of_rings(RingsView(), view(dialling))] == ["ringing"]


def test_what_came_of_it_is_told_once() -> None:
    ending = RingEnding(1, Outcome.BUSY, UserId(1), None, is_incoming=False, seconds=None)
    over = view(RingView(ending=ending))
    assert ending_words(over) == "ann: busy"
    assert [event[0] for event in news_of_rings(RingsView(), over)] == ["call_over"]
    assert news_of_rings(over, over) == []
    missed = view(RingView(ending=replace(ending, outcome=Outcome.CANCELLED, is_incoming=True)))
    assert ending_words(missed) == "ann rings no more: cancelled"
    ((_, _, values),) = news_of_rings(RingsView(), missed)
    assert values["missed"] is True
    long = view(RingView(ending=replace(ending, outcome=Outcome.HUNG_UP, seconds=247)))
    assert ending_words(long) == "call with ann is over after 04:07: hung up"


def test_the_reporter_tells_rings_beside_the_call() -> None:
    reporter = Reporter()
    update = UPDATES.to_dict(replace(ONLINE, rings=RingView(incoming=(RING,))))
    assert [event.kind for event in reporter.take(update)] == ["ring"]
    assert [one.name for one in reporter.call.rings.incoming] == ["ann"]
    reporter.engine_gone()
    assert reporter.call.rings == RingsView()


async def test_a_ring_sounds_the_alarm_unless_we_are_not_to_be_disturbed() -> None:
    lines: list[str] = []
    engine = FakeEngine(in_call())
    session = PlainSession(engine, lines.append, hangs_up=False, alarm=lambda who: f"<{who}>")
    rung = replace(ONLINE, rings=RingView(incoming=(RING,)))
    both = RingView(incoming=(RING, replace(RING, caller=UserId(2))))
    reporter = Reporter()
    for state in (rung, replace(rung, presence=Presence.DND, rings=both)):
        session._tell(reporter.take(UPDATES.to_dict(state)))
    assert lines == [
        "<ann>ann rings: type accept or reject",
        "user 2 rings: type accept or reject",
    ]
