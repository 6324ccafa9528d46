"""Friends and rooms as lines; what other people wrote stays harmless."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.lobby.test_accounts import ANN
from woxly_tui.errors import UsageError
from woxly_tui.lobby.accounts import AccountStore
from woxly_tui.lobby.people import act_on, friend_lines, pick, room_lines
from woxly_tui.lobby.rest import RestClient, SignedIn
from woxly_tui.social.model import Person
from woxly_tui.types import UserId

PEOPLE = [
    Person(UserId(1), "bob", "WX1"),
    Person(UserId(2), "bob", "WX2"),
    Person(UserId(3), "Carol", "WX3"),
]


def test_names_are_not_unique_ids_are() -> None:
    assert pick(PEOPLE, "wx2", "nobody").user == 2
    assert pick(PEOPLE, "car", "nobody").user == 3
    with pytest.raises(UsageError, match="several"):
        pick(PEOPLE, "bob", "nobody")
    with pytest.raises(UsageError, match="nobody is called zed"):
        pick(PEOPLE, "zed", "nobody")


def signed_in(tmp_path: Path, answers: dict[str, Any]) -> SignedIn:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path])

    rest = RestClient(ANN.origin, httpx.MockTransport(answer))
    return SignedIn(rest, ANN, AccountStore(tmp_path / "accounts.json"))


async def test_friends_who_are_there_come_first_and_requests_last(tmp_path: Path) -> None:
    bob = {"id": 2, "username": "bob", "woxlyId": "WX2", "status": "offline"}
    eve = {"id": 3, "username": "e\x1b[31mve", "status": "online", "note": "hi\n\x1b]0;x\x07"}
    me = signed_in(
        tmp_path,
        {
            "/api/friends": {"friends": [bob, eve]},
            "/api/friends/requests": {"requests": [{"id": 9, "user": bob}, {"id": 10}]},
        },
    )
    lines = await friend_lines(me)
    assert [line.split()[0] for line in lines] == ["e[31mve", "bob", "bob"]
    assert "asks" in lines[2]
    assert not any("\x1b" in line or "\n" in line for line in lines)


async def test_rooms_that_were_left_are_not_listed(tmp_path: Path) -> None:
    def room(number: int, status: str, left_at: str | None, kind: str = "DM") -> dict[str, Any]:
        own = {"userId": ANN.user_id, "status": status, "leftAt": left_at}
        other = {"userId": 5, "status": "accepted", "user": {"username": "bob"}}
        members = [own, other]
        return {"id": number, "name": "", "type": kind, "unreadCount": 2, "members": members}

    rooms = [room(1, "accepted", None), room(2, "accepted", "2026", "GROUP"), room(3, "left", None)]
    me = signed_in(tmp_path, {"/api/rooms": {"rooms": [*rooms, {"id": 4, "members": None}]}})
    assert await room_lines(me) == ["1  dm  bob  2 unread"]


async def test_who_asked_already_is_a_friend_at_once(tmp_path: Path) -> None:
    bob = {"id": 2, "username": "bob", "woxlyId": "WX2"}
    added = {"friendship": {}, "autoAccepted": True}
    me = signed_in(
        tmp_path,
        {"/api/friends/search": {"users": [bob]}, "/api/friends/add": added},
    )
    assert await act_on(me, "add", "bob") == ["bob (WX2) is your friend"]
