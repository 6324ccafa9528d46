"""Words about rings, calls, times and sizes."""

import time
from dataclasses import replace

import pytest

from woxly_tui.call.ringing.view import Outcome, RingEnding, RingingPeer, RingPhase, RingView
from woxly_tui.control.lobby import LinkState, LobbyState
from woxly_tui.social.model import PastCall
from woxly_tui.tui.lobby_words import (
    age,
    call_notes,
    call_words,
    ending_words,
    is_missed,
    link_words,
    size_words,
    when,
)
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId

NOON = Seconds(1_750_000_000.0)
ANN = UserId(2)


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def ending(outcome: Outcome, seconds: int | None = None, *, incoming: bool = False) -> RingEnding:
    return RingEnding(1, outcome, ANN, RoomId(10), incoming, seconds)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("seconds", [None, 0, 3753])
@pytest.mark.parametrize("incoming", [True, False])
def test_every_ending_has_a_sentence_that_names_the_other_one(
    outcome: Outcome, seconds: int | None, incoming: bool
) -> None:
    said = ending_words(ending(outcome, seconds, incoming=incoming), "ann")
    assert "ann" in said
    assert said.endswith(".")
    assert "  " not in said
    if seconds:
        assert "1:02:33" in said


def test_a_ring_is_missed_where_nobody_did_anything_about_it() -> None:
    assert is_missed(ending(Outcome.CALLER_GONE, incoming=True))
    assert is_missed(ending(Outcome.TIMEOUT, incoming=True))
    assert not is_missed(ending(Outcome.DECLINED, incoming=True))
    assert not is_missed(ending(Outcome.ANSWERED_ELSEWHERE, incoming=True))
    assert not is_missed(ending(Outcome.TIMEOUT))
    assert not is_missed(ending(Outcome.PEER_LEFT, 3, incoming=True))


@pytest.mark.parametrize(
    ("outcome", "incoming", "words"),
    [
        ("declined", False, "declined"),
        ("busy", False, "busy"),
        ("offline", False, "offline"),
        ("cancelled", False, "cancelled"),
        ("failed", False, "failed"),
        ("timeout", False, "not answered"),
        ("", False, "not answered"),
        ("declined", True, "you declined"),
        ("answered-elsewhere", True, "answered on another device"),
        ("rejected-elsewhere", True, "declined on another device"),
    ],
)
def test_a_ring_that_was_no_call_says_what_came_of_it(
    outcome: str, incoming: bool, words: str
) -> None:
    call = PastCall(None, "ann", NOON, None, incoming, outcome=outcome)
    assert call_words(call) == words
    assert call_words(replace(call, is_missed=True)) == "missed"


def test_instants_get_shorter_the_longer_ago_they_are() -> None:
    day = 86_400
    times = (0, day, 6 * day, 40 * day, 500 * day)
    assert [when(Seconds(NOON - ago), NOON) for ago in times] == [
        "15:06", "Sat", "Mon", "06 May", "2024",
    ]  # fmt: skip
    assert when(Seconds(NOON + day), NOON) == "15:06", "a clock may be wrong"


def test_ages_and_sizes_are_one_figure() -> None:
    assert [age(Seconds(NOON - ago), NOON) for ago in (-9, 59, 61, 7300, 180_000)] == [
        "less than a minute ago",
        "less than a minute ago",
        "1 minute ago",
        "2 hours ago",
        "2 days ago",
    ]
    assert [size_words(size) for size in (-1, 999, 1000, 48_400, 999_500, 10**15)] == [
        "0 bytes", "999 bytes", "1.0 kB", "48 kB", "1.0 MB", "1000 TB",
    ]  # fmt: skip


def test_the_link_is_a_sentence_with_a_way_on() -> None:
    assert "`woxly login https://HOST`" in link_words(LobbyState(), NOON)
    over = LobbyState(LinkState.SIGNED_OUT, "ann@host", as_of=NOON)
    assert link_words(over, NOON).startswith("Your sign-in is over (ann@host). `woxly login`")
    assert link_words(LobbyState(LinkState.ONLINE), NOON) == ""
    trouble = LobbyState(LinkState.OFFLINE, "a", detail="\x1b[2Jthe server answers HTML")
    assert link_words(trouble, NOON) == "Offline. [2Jthe server answers HTML."


def test_a_call_tells_who_is_rung_into_it_and_who_cannot_hear() -> None:
    rings = RingView(RingPhase.TALKING, RoomId(1), RoomKind.DM, ANN, is_web_only=True)
    rung = (RingingPeer(UserId(3)), RingingPeer(UserId(4), Outcome.BUSY))
    notes = call_notes(replace(rings, ringing=rung), lambda user: f"user {user}")
    assert notes[0] == ("user 3 ringing…, user 4 busy", False)
    assert notes[1][1]
    assert notes[1][0].startswith("user 2 uses the web page")
    assert call_notes(RingView(ringing=rung), lambda _: "") == []
