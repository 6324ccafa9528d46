"""How the regulars of the lobby's demo behave."""

import re

import pytest

from woxly_tui.demo.party import CODEC, NAMES, SORRY, Party, Regular, Role, reaction, username_of
from woxly_tui.types import RoomId, RoomKind, UserId


@pytest.mark.parametrize("kind", list(RoomKind))
def test_one_refuses_and_says_why_in_the_dm_only(kind: RoomKind) -> None:
    met = reaction(Role.REJECTS, kind, is_in_call=False)
    assert not met.is_taken
    assert met.says == (SORRY if kind is RoomKind.DM else "")


@pytest.mark.parametrize("role", [Role.ANSWERS, Role.CALLS, Role.SITS])
def test_the_others_answer_unless_they_talk_already(role: Role) -> None:
    assert reaction(role, RoomKind.GROUP, is_in_call=False).is_taken
    busy = reaction(role, RoomKind.GROUP, is_in_call=True)
    assert (busy.is_taken, busy.says) == (False, "")


@pytest.mark.parametrize(
    "name", ["", "ann", "Jürgen von X", "a" * 40, "💥💥", "root", *NAMES.values()]
)
def test_every_name_becomes_one_that_a_server_takes(name: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9._]{5,13}", username_of(name))


def test_what_the_bots_are_told_shows_no_token_and_comes_across() -> None:
    regular = Regular(Role.SITS, UserId(3), "secret-a", "secret-r", RoomId(9))
    party = Party("http://127.0.0.1:1", "/x", UserId(1), (regular,))
    assert "secret" not in repr(party)
    assert CODEC.decode(CODEC.encode(party)) == party
