"""Rings and calls: over anything, never answered by a letter meant for a text, and told how they
ended."""

from dataclasses import replace

import pytest

from tests.tui.fake_engine import FakeEngine, StillClock, in_call
from tests.tui.lobby_engine import ANN, BOB, ONLINE, LobbyEngine
from tests.tui.lobbying import choose, lobbying, notes, room
from tests.tui.piloting import CallPilot, dialog, screen_text, settle, toasts
from woxly_tui.call.ringing.view import Outcome, RingingPeer
from woxly_tui.control import lobby as ask
from woxly_tui.control.messages import Leave
from woxly_tui.social.model import Presence
from woxly_tui.tui import bridge as bridge_module
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.tui.screens.incoming import HASTE_S
from woxly_tui.types import RoomId, RoomKind


class HeardAlerts:
    """Writes down what would be heard."""

    def __init__(self) -> None:
        self.said: list[tuple[str, ...]] = []

    def ring(self, who: str, *, is_silent: bool) -> None:
        self.said.append(("ring", who, "quietly" if is_silent else "aloud"))

    def ring_over(self) -> None:
        self.said.append(("over",))

    def missed(self, who: str) -> None:
        self.said.append(("missed", who))


async def rung(pilot: CallPilot, engine: LobbyEngine, clock: StillClock) -> None:
    """Ann rings, and the moment of haste is over."""
    engine.ring(ANN)
    await settle(pilot)
    clock.now += HASTE_S


async def test_a_ring_is_answered_with_a() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        await rung(pilot, engine, clock)
        assert "ann is calling you" in screen_text(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert engine.asked(ask.AcceptRing) == [ask.AcceptRing(ANN.user)]


async def test_a_ring_is_rejected_with_r_or_with_words() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        await rung(pilot, engine, clock)
        await pilot.press("r")
        await settle(pilot)
        assert dialog(pilot) == "LobbyScreen"
        assert "You rejected the call of ann." in notes(pilot)
        await rung(pilot, engine, clock)
        await pilot.press("m", *"in a minute", "enter")
        await settle(pilot)
        assert engine.asked(ask.RejectRing) == [
            ask.RejectRing(ANN.user),
            ask.RejectRing(ANN.user, "in a minute"),
        ]


async def test_what_is_pressed_as_it_comes_was_meant_for_what_is_below() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        engine.ring(ANN)
        await settle(pilot)
        await pilot.press("a", "r", "escape")
        await settle(pilot)
        assert engine.sent[1:] == []
        assert dialog(pilot) == "IncomingScreen"


async def test_letters_go_on_into_a_message_until_tab() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        await choose(pilot, "ann")
        await pilot.press("m", *"see ")
        await settle(pilot)
        pane = room(pilot)
        await rung(pilot, engine, clock)
        await pilot.press(*"armx", "backspace", "enter")
        await settle(pilot)
        assert "You are writing" in screen_text(pilot)
        assert pane.draft == "see arm"
        assert engine.asked(ask.AcceptRing) == engine.asked(ask.RejectRing) == []
        await pilot.press("tab", "a")
        await settle(pilot)
        assert engine.asked(ask.AcceptRing) == [ask.AcceptRing(ANN.user)]
        assert pane.draft == "see arm"


async def test_letters_go_on_into_what_is_looked_for() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        await pilot.press("slash", "b")
        await rung(pilot, engine, clock)
        await pilot.press(*"ar")
        engine.quiet(ANN.user, Outcome.CALLER_GONE)
        await settle(pilot)
        assert dialog(pilot) == "LobbyScreen"
        assert pilot.app.focused is not None
        assert pilot.app.focused.value == "bar"  # type: ignore[attr-defined]  # an Input


async def test_the_next_caller_does_not_get_the_answer_meant_for_the_one_before() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        engine.ring(ANN, BOB)
        await settle(pilot)
        clock.now += HASTE_S
        engine.quiet(ANN.user, Outcome.CALLER_GONE)
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert engine.asked(ask.AcceptRing) == []
        clock.now += HASTE_S
        await pilot.press("a")
        await settle(pilot)
        assert engine.asked(ask.AcceptRing) == [ask.AcceptRing(BOB.user)]


async def test_put_aside_it_rings_on_and_w_asks_again() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        await rung(pilot, engine, clock)
        await pilot.press("escape")
        await settle(pilot)
        assert dialog(pilot) == "LobbyScreen"
        assert "ann rings: w answers." in notes(pilot)
        await pilot.press("w")
        await settle(pilot)
        assert dialog(pilot) == "IncomingScreen"
        assert engine.sent[1:] == []


async def test_in_a_call_accepting_is_said_to_leave_it() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        engine.talk(BOB.user, RoomId(10))
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"
        await rung(pilot, engine, clock)
        assert "You are in a call with bob: to accept leaves it." in screen_text(pilot)


async def test_a_ring_comes_over_a_call_that_has_no_lobby() -> None:
    engine, clock = LobbyEngine(snapshot=in_call()), StillClock()
    app = WoxlyApp(engine, clock=clock)
    async with app.run_test() as pilot:
        await settle(pilot)
        await rung(pilot, engine, clock)
        assert dialog(pilot) == "IncomingScreen"
        await pilot.press("a")
        await settle(pilot)
        assert engine.asked(ask.AcceptRing) == [ask.AcceptRing(ANN.user)]
        assert dialog(pilot) == "CallScreen"


async def test_a_ring_is_heard_outside_quietly_where_nobody_is_to_be_disturbed() -> None:
    for presence in (Presence.ONLINE, Presence.DND):
        alerts = HeardAlerts()
        engine = LobbyEngine(replace(ONLINE, presence=presence))
        async with lobbying(engine, alerts=alerts) as pilot:
            engine.ring(ANN)
            await settle(pilot)
            engine.quiet(ANN.user, Outcome.CALLER_GONE)
            await settle(pilot)
            how = "quietly" if presence is Presence.DND else "aloud"
            assert sorted(alerts.said) == [("missed", "ann"), ("over",), ("ring", "ann", how)]
            assert "Missed call from ann." in notes(pilot)


async def test_our_ring_counts_its_time_and_esc_cancels_it() -> None:
    engine, clock = LobbyEngine(), StillClock()
    async with lobbying(engine, clock=clock) as pilot:
        await choose(pilot, "ann")
        await pilot.press("c")
        await settle(pilot)
        assert "ringing…" in screen_text(pilot)
        assert "00:00" in screen_text(pilot)
        clock.now += 7
        await pilot.pause(1.1)
        assert "00:07" in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert engine.asked(ask.HangUp) == [ask.HangUp()]
        assert dialog(pilot) == "LobbyScreen"
        assert "You cancelled the call to ann." in notes(pilot)


async def test_why_nobody_answered_is_said() -> None:
    engine = LobbyEngine()
    words = {
        Outcome.DECLINED: "ann declined.",
        Outcome.BUSY: "ann is busy in another call.",
        Outcome.TIMEOUT: "ann did not answer.",
        Outcome.OFFLINE: "ann is offline.",
    }
    async with lobbying(engine) as pilot:
        for outcome, said in words.items():
            engine.dial(ANN.user)
            await settle(pilot)
            engine.undial(outcome)
            await settle(pilot)
            assert dialog(pilot) == "LobbyScreen"
            assert said in notes(pilot)


async def test_a_group_shows_how_the_ring_of_each_stands() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.dial(ANN.user, BOB.user, kind=RoomKind.GROUP)
        await settle(pilot)
        text = screen_text(pilot)
        assert "Calling a group" in text
        assert "ann" in text
        assert "bob" in text
        rung = (RingingPeer(BOB.user), RingingPeer(ANN.user, Outcome.DECLINED))
        engine.talk(None, RoomId(11), RoomKind.GROUP, rung)
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"
        assert "bob ringing…, ann declined" in screen_text(pilot)


async def test_a_call_lies_over_the_lobby_and_its_end_is_explained_there() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, RoomId(10))
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"
        await pilot.press("l")
        await settle(pilot)
        assert dialog(pilot) == "LobbyScreen"
        assert "In the call with ann, LIVE: l returns to it." in notes(pilot)
        await pilot.press("l")
        await settle(pilot)
        engine.hang_up(Outcome.PEER_LEFT)
        await settle(pilot)
        await settle(pilot)
        assert dialog(pilot) == "LobbyScreen"
        assert "The call with ann ended after 12:41: ann hung up." in notes(pilot)


async def test_q_hangs_up_a_call_of_two_without_a_question_and_the_lobby_stays() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, RoomId(10))
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
        await settle(pilot)
        assert engine.asked(ask.HangUp) == [ask.HangUp()]
        assert dialog(pilot) == "LobbyScreen"
        assert pilot.app.is_running


async def test_a_friend_is_added_to_the_call_after_a_question() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, RoomId(10))
        await settle(pilot)
        await pilot.press("l")
        await choose(pilot, "bob")
        await pilot.press("c")
        await settle(pilot)
        assert "Add bob to the call with ann?" in screen_text(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert engine.asked(ask.AddToCall) == [ask.AddToCall(BOB.user)]


async def test_a_peer_on_the_web_page_is_explained() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, RoomId(10), is_web_only=True)
        await settle(pilot)
        text = " ".join(screen_text(pilot).split())
        assert "ann uses the web page, which connects peer to peer only" in text


async def test_a_dialog_in_the_way_does_not_keep_a_call_that_is_over() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, RoomId(10))
        await settle(pilot)
        await pilot.press("question_mark")
        engine.hang_up(Outcome.PEER_LEFT)
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        await settle(pilot)
        assert dialog(pilot) == "LobbyScreen"


async def test_an_engine_that_is_gone_rings_nobody() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.dial(ANN.user)
        await settle(pilot)
        assert dialog(pilot) == "OutgoingScreen"
        engine.die()
        await settle(pilot)
        assert dialog(pilot) == "LobbyScreen"


async def test_what_ended_before_is_old_news() -> None:
    first = LobbyEngine()
    first.undial(Outcome.DECLINED)
    async with lobbying(LobbyEngine(first.state)) as pilot:
        assert "declined" not in notes(pilot)
        assert toasts(pilot) == ""


async def test_a_call_without_a_lobby_leaves_as_before() -> None:
    engine = FakeEngine(in_call(()))
    app = WoxlyApp(engine, clock=StillClock())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
    assert engine.sent == [Leave()]


async def test_a_slow_server_says_nothing_about_the_microphone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bridge_module, "PATIENCE_S", 0.05)
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, RoomId(10))
        await settle(pilot)
        engine.confirm_after_s = None
        await pilot.press("l", "n")
        await choose(pilot, "bob")
        await pilot.press("n", "x", "enter", "l")
        await pilot.pause(0.2)
        assert engine.asked(ask.SetNote) == [ask.SetNote(BOB.user, "x")]
        assert dialog(pilot) == "CallScreen"
        assert "Not confirmed" not in screen_text(pilot)
        engine.gate.set()
