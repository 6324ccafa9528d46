"""The rows of the lobby, without a screen."""

from dataclasses import replace

from tests.tui.fake_engine import NOON
from tests.tui.lobby_engine import ANN, CALLS, DORA, EVE, FRIENDS, ONLINE, ROOMS
from woxly_tui.control.lobby import CallsListed, FriendsListed, PeopleFound, RoomsListed
from woxly_tui.social.model import FriendRequest
from woxly_tui.tui.lobby_view import LobbyData, LobbyRow
from woxly_tui.types import RoomId, UserId


def filled() -> LobbyData:
    data = LobbyData()
    for update in (
        ONLINE,
        FriendsListed(FRIENDS, (FriendRequest(77, DORA),)),
        RoomsListed(ROOMS),
        CallsListed(CALLS),
    ):
        assert data.take(update)
    return data


def names(rows: list[LobbyRow]) -> list[str]:
    return [row.name for row in rows]


def test_who_is_there_stands_before_who_is_not() -> None:
    rows = names(filled().rows(NOON))
    assert rows[:7] == ["Requests", "dora", "Friends", "ann", "mei-lin", "bob", "carl"]


def test_a_state_that_changes_no_name_changes_no_row() -> None:
    data = filled()
    assert not data.take(replace(ONLINE, detail="slow"))
    assert not data.take(PeopleFound("x", ()))
    assert data.take(replace(ONLINE, people=(EVE,)))
    assert data.name_of(EVE.user) == "eve"


def test_a_query_finds_all_its_words_anywhere_in_a_row() -> None:
    data = filled()
    assert names(data.rows(NOON, "  BASS carl ")) == ["Friends", "carl"]
    assert names(data.rows(NOON, "mei stand")) == ["Rooms", "standup"]
    assert names(data.rows(NOON, "1002")) == ["Friends", "bob"]
    assert data.rows(NOON, "no such thing") == []


def test_an_unknown_one_is_somebody_and_a_room_has_its_name() -> None:
    data = filled()
    assert data.name_of(UserId(99)) == "somebody"
    assert data.name_of(None) == "somebody"
    assert data.call_name(None, RoomId(11)) == "standup"
    assert data.call_name(ANN.user, RoomId(11)) == "ann"


def test_marks_and_unread_messages_stand_in_the_row() -> None:
    rows = filled().rows(NOON, "", frozenset({ANN.user}))
    ann = next(row for row in rows if row.name == "ann")
    assert ann.is_marked
    assert ann.unread == 2
