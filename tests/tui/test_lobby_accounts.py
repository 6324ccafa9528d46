"""Being another one of our accounts, in the lobby."""

import pytest

from tests.tui.lobby_engine import ANN, ROOMS, LobbyEngine
from tests.tui.lobbying import choose, lobby, lobbying, notes, room, rows
from tests.tui.piloting import dialog, screen_text, settle, toasts
from woxly_tui.control import lobby as ask
from woxly_tui.types import RoomId


async def test_another_account_is_chosen_and_nothing_of_the_first_stays() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, RoomId(10))
        engine.hang_up()
        await choose(pilot, "ann")
        await pilot.press("space", "m", *"half a word", "escape", "escape")
        await settle(pilot)
        assert notes(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert dialog(pilot) == "MenuScreen"
        assert "2  zoe@one.example (WX2)" in screen_text(pilot)
        await pilot.press("2")
        await settle(pilot)
        assert engine.asked(ask.UseAccount) == [ask.UseAccount("zoe@one.example (WX2)")]
        assert (rows(pilot), lobby(pilot).marked) == ([], frozenset())
        assert "ann" not in " ".join(notes(pilot))
        assert not room(pilot).is_open
        engine.rooms = ask.RoomsListed(ROOMS)
        engine.tell(engine.rooms)
        await settle(pilot)
        await choose(pilot, "standup")
        await pilot.press("m")
        await settle(pilot)
        assert room(pilot).draft == ""


@pytest.mark.parametrize("refusal", ["", "The keyring is locked"])
async def test_an_account_is_kept_while_a_call_is_on_and_where_another_cannot_be(
    refusal: str,
) -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        if refusal:
            engine.refusals[ask.UseAccount] = refusal
        else:
            engine.talk(ANN.user, RoomId(10))
            await settle(pilot)
            await pilot.press("l")
        await settle(pilot)
        await pilot.press("o", "2")
        await settle(pilot)
        said = refusal or "A call with ann is on, as ines@woxly.example.org"
        assert said in toasts(pilot)
        assert len(engine.asked(ask.UseAccount)) == bool(refusal)
        assert "ines" in screen_text(pilot)


async def test_where_there_is_one_account_it_says_how_to_add_another() -> None:
    engine = LobbyEngine()
    engine.accounts = ("ines@woxly.example.org (WX1)",)
    async with lobbying(engine) as pilot:
        await pilot.press("o")
        await settle(pilot)
        assert "There is no other account here" in toasts(pilot)
        assert dialog(pilot) != "MenuScreen"


async def test_a_list_of_accounts_that_another_screen_asked_for_asks_nothing_here() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.tell(ask.AccountsListed(engine.accounts))
        await settle(pilot)
        assert dialog(pilot) != "MenuScreen"
