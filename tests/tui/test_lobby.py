"""The lobby: what it shows, what is found, and what keys ask of the engine."""

from dataclasses import replace

import pytest

from tests.tui.fake_engine import NOON
from tests.tui.lobby_engine import ANN, BOB, CARL, FRIENDS, ONLINE, LobbyEngine
from tests.tui.lobbying import choose, chosen, lobby, lobbying, notes, room, rows
from tests.tui.piloting import dialog, screen_text, settle, toasts
from woxly_tui.control import lobby as ask
from woxly_tui.control.client import EngineClient
from woxly_tui.control.lobby import GoOnline, LinkState, LobbyState
from woxly_tui.control.messages import Leave
from woxly_tui.social.model import Friend, Person, Presence
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId


async def test_everything_is_listed_under_its_heading() -> None:
    async with lobbying(LobbyEngine()) as pilot:
        shown = rows(pilot)
        assert shown[0] == "Requests"
        assert "● ann (2) online at work till 5" in shown
        assert "◌ bob in a call" in shown
        assert "· standup GROUP see you at ten 13:06" in shown
        assert "● lounge VOICE in it: bob, mei-lin Fri" in shown
        assert "! ann missed 14:06" in shown
        assert chosen(pilot) == "dora"


async def test_enter_rings_a_friend_and_so_does_c() -> None:
    for key in ("enter", "c"):
        engine = LobbyEngine()
        async with lobbying(engine) as pilot:
            await choose(pilot, "ann")
            await pilot.press(key)
            await settle(pilot)
            assert engine.asked(ask.CallFriend) == [ask.CallFriend(ANN.user)]
            assert dialog(pilot) == "OutgoingScreen"


async def test_enter_does_what_the_footer_says() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        assert "Enter accept" in screen_text(pilot)
        await pilot.press("enter")
        await choose(pilot, "lounge")
        await settle(pilot)
        assert "Enter join" in screen_text(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert engine.sent[1:] == [ask.AnswerRequest(77, accept=True), ask.EnterRoom(RoomId(12))]
        assert dialog(pilot) == "CallScreen"


async def test_a_missed_call_is_called_back() -> None:
    engine = LobbyEngine(rooms=())
    async with lobbying(engine) as pilot:
        assert engine.asked(ask.MarkCallsSeen) == []
        await pilot.press("end")
        await settle(pilot)
        assert chosen(pilot) == "carl"
        assert engine.asked(ask.MarkCallsSeen) == [ask.MarkCallsSeen()]
        await pilot.press("enter")
        await settle(pilot)
        assert engine.asked(ask.CallFriend) == [ask.CallFriend(CARL.user)]


async def test_find_narrows_as_one_types_over_all_lists_and_esc_shows_all_again() -> None:
    async with lobbying(LobbyEngine()) as pilot:
        await pilot.press("slash", *"bass")
        await settle(pilot)
        assert rows(pilot) == ["Friends", "▸ ○ carl offline plays bass"]
        await pilot.press("escape", "slash", *"ann")
        await settle(pilot)
        assert chosen(pilot) == "ann"
        assert "! ann missed 14:06" in rows(pilot)
        assert "carl" not in " ".join(rows(pilot))
        await pilot.press("down")
        await pilot.press("escape")
        await settle(pilot)
        assert len(rows(pilot)) > 12


async def test_letters_are_text_while_finding_and_keys_after_enter() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await pilot.press("slash", *"carl", "enter")
        await settle(pilot)
        assert engine.sent[1:] == []
        await pilot.press("enter")
        await settle(pilot)
        assert engine.asked(ask.CallFriend) == [ask.CallFriend(CARL.user)]


async def test_what_is_not_here_is_looked_for_on_the_server() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await pilot.press("slash", *"eve")
        await settle(pilot)
        assert "Nothing here matches eve: Enter asks the server." in notes(pilot)
        await pilot.press("enter")
        await pilot.pause(0.4)
        await settle(pilot)
        assert "▸ eve" in screen_text(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert engine.asked(ask.AddFriend) == [ask.AddFriend(UserId(7))]
        assert "Asked eve to be your friend" in toasts(pilot)


async def test_a_friend_is_not_asked_again() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await pilot.press("a")
        await settle(pilot)
        assert engine.asked(ask.AnswerRequest) == [ask.AnswerRequest(77, accept=True)]
        await choose(pilot, "bob")
        await pilot.press("a", *"ann")
        await pilot.pause(0.4)
        await settle(pilot)
        assert "your friend" in screen_text(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert dialog(pilot) == "PeopleScreen"
        assert engine.asked(ask.AddFriend) == []


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("dora", "x", ask.AnswerRequest(77, accept=False)),
        ("bob", "x", ask.RemoveFriend(BOB.user)),
        ("bob", "b", ask.BlockUser(BOB.user)),
        ("standup", "x", ask.LeaveRoom(RoomId(11))),
    ],
)
async def test_what_cannot_be_undone_is_asked_about(
    name: str, key: str, expected: ask.LobbyCommand
) -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await choose(pilot, name)
        await pilot.press(key)
        await settle(pilot)
        assert dialog(pilot) == "ConfirmScreen"
        await pilot.press("enter")
        await settle(pilot)
        assert engine.sent[1:] == [], "Enter alone answers no"
        await pilot.press(key, "y")
        await settle(pilot)
        assert engine.sent[1:] == [expected]


async def test_a_note_is_written_and_the_status_is_chosen() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await choose(pilot, "bob")
        await pilot.press("n", *"owes me", "enter")
        await pilot.press("s", "d")
        await settle(pilot)
        assert engine.sent[1:] == [ask.SetNote(BOB.user, "owes me"), ask.SetPresence(Presence.DND)]
        assert "× do not disturb" in screen_text(pilot)


async def test_several_are_marked_and_rung_as_a_group() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await choose(pilot, "ann")
        await pilot.press("space")
        await choose(pilot, "bob")
        await pilot.press("space")
        await settle(pilot)
        assert "2 marked" in notes(pilot)
        await pilot.press("g", *"plan", "enter")
        await settle(pilot)
        assert engine.sent[1:] == [ask.CallGroup((ANN.user, BOB.user), "plan")]
        assert "marked" not in notes(pilot)


async def test_a_group_is_entered_and_all_of_it_rung() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await choose(pilot, "standup")
        await pilot.press("c", "c")
        await settle(pilot)
        rung = engine.asked(ask.AddToCall)
        assert engine.asked(ask.EnterRoom) == [ask.EnterRoom(RoomId(11))]
        assert rung == [ask.AddToCall(UserId(user)) for user in (2, 3, 5)]


async def test_a_voice_room_is_made_for_who_is_marked() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await choose(pilot, "ann")
        await pilot.press("space", "v", *"den", "enter")
        await settle(pilot)
        assert engine.sent[1:] == [ask.CreateRoom("den", RoomKind.VOICE, (ANN.user,))]


async def test_tab_goes_from_list_to_list() -> None:
    async with lobbying(LobbyEngine()) as pilot:
        seen = []
        for _ in range(4):
            await pilot.press("tab")
            await settle(pilot)
            row = lobby(pilot).list.chosen
            seen.append(row.key[0] if row is not None else None)
        assert seen == ["Friends", "Rooms", "Recent calls", "Requests"]


async def test_the_choice_stays_on_its_friend_while_others_come_and_go() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await choose(pilot, "carl")
        moved = tuple(replace(friend, presence=Presence.ONLINE) for friend in FRIENDS)
        engine.tell(ask.FriendsListed(moved))
        await settle(pilot)
        assert chosen(pilot) == "carl"
        engine.tell(ask.FriendsListed(FRIENDS[1:]))
        await settle(pilot)
        assert chosen(pilot) != "carl"


async def test_two_of_one_name_are_told_apart() -> None:
    friends = (Friend(Person(UserId(2), "ann", "WX1")), Friend(Person(UserId(9), "ann", "WX2")))
    async with lobbying(LobbyEngine(friends=friends)) as pilot:
        shown = " ".join(rows(pilot))
        assert "ann WX1" in shown
        assert "ann WX2" in shown


async def test_who_has_no_friends_is_told_what_to_do() -> None:
    engine = LobbyEngine(friends=(), requests=(), rooms=(), calls=())
    async with lobbying(engine) as pilot:
        assert "No friends here yet: a looks for somebody" in notes(pilot)
        assert "ines-4711" in notes(pilot)


async def test_offline_shows_what_was_known_and_how_old_it_is() -> None:
    state = replace(
        ONLINE,
        link=LinkState.OFFLINE,
        detail="the server does not answer",
        as_of=Seconds(NOON - 7300),
        retry_at=Seconds(NOON + 5),
    )
    async with lobbying(LobbyEngine(state)) as pilot:
        said = notes(pilot)
        assert "Offline. The server does not answer." in said
        assert "Next try at 15:06:45." in said
        assert "Shown as it was 2 hours ago." in said
        assert "ann" in " ".join(rows(pilot))
        assert "○ no connection" in screen_text(pilot)


async def test_without_an_account_it_says_how_to_sign_in() -> None:
    engine = LobbyEngine(LobbyState(), friends=(), requests=(), rooms=(), calls=())
    async with lobbying(engine) as pilot:
        assert "`woxly login https://HOST`" in notes(pilot)


async def test_why_going_online_was_refused_stays_on_the_screen() -> None:
    engine = LobbyEngine(LobbyState(), friends=(), requests=(), rooms=(), calls=())
    engine.refusals[ask.GoOnline] = "the accounts file can be read by others"
    async with lobbying(engine) as pilot:
        assert "The accounts file can be read by others." in notes(pilot)


async def test_a_dead_engine_is_told_and_q_still_quits() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.die()
        await settle(pilot)
        assert "woxly's engine is gone" in notes(pilot)
        await pilot.press("q")
        await settle(pilot)
    assert pilot.app.return_value is None


async def test_without_a_call_a_dead_engine_is_replaced_at_once_but_not_over_and_over() -> None:
    engines = [LobbyEngine(), LobbyEngine(), LobbyEngine()]
    left = iter(engines[1:])

    async def revive() -> EngineClient:
        return next(left)

    async with lobbying(engines[0], revive=revive) as pilot:
        engines[0].die()
        await settle(pilot)
        assert "engine is gone" not in notes(pilot)
        assert GoOnline() in engines[1].sent
        engines[1].die()
        await settle(pilot)
        assert "woxly's engine is gone: r starts it again" in notes(pilot)
        assert engines[2].sent == []


async def test_q_quits_without_a_question_where_no_call_runs() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await pilot.press("q")
        await settle(pilot)
        assert not pilot.app.is_running
    assert engine.asked(Leave) == []


async def test_call_keys_do_nothing_in_the_lobby() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await pilot.press("d", "f2", "f3", "f4", "p", "plus_sign", "minus", "equals_sign")
        await settle(pilot)
        assert engine.sent[1:] == []
        assert dialog(pilot) == "LobbyScreen"


async def test_a_thousand_friends_are_drawn_by_the_screenful() -> None:
    friends = tuple(
        Friend(Person(UserId(100 + at), f"friend {at:04}"), Presence.ONLINE) for at in range(1000)
    )
    async with lobbying(LobbyEngine(friends=friends)) as pilot:
        await pilot.press("tab", "pagedown")
        await settle(pilot)
        assert len(rows(pilot)) == 22
        await pilot.press("slash", *"0777")
        await settle(pilot)
        assert chosen(pilot) == "friend 0777"


async def test_a_click_chooses_and_a_second_one_opens() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        view = lobby(pilot).list
        await pilot.click(view, offset=(10, 3))
        await settle(pilot)
        assert chosen(pilot) == "ann"
        assert engine.sent[1:] == []
        await pilot.click(view, offset=(10, 3))
        await settle(pilot)
        assert engine.asked(ask.CallFriend) == [ask.CallFriend(ANN.user)]


async def test_keys_and_status_can_be_clicked() -> None:
    async with lobbying(LobbyEngine()) as pilot:
        keys = lobby(pilot).query_one("#lobby-keys")
        text = keys.render_line(0).text
        await pilot.click(keys, offset=(text.index("/ find"), 0))
        await pilot.press(*"bob")
        await settle(pilot)
        assert chosen(pilot) == "bob"
        await pilot.press("escape")
        await pilot.click("#lobby-header", offset=(75, 0))
        await settle(pilot)
        assert dialog(pilot) == "MenuScreen"


async def test_m_opens_messages_and_makes_the_room_where_there_is_none() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await choose(pilot, "carl")
        await pilot.press("m")
        await settle(pilot)
        await settle(pilot)
        assert engine.asked(ask.CreateRoom) == [ask.CreateRoom("", RoomKind.DM, (CARL.user,))]
        assert room(pilot).room == RoomId(50)
        assert room(pilot).is_writing


HOSTILE = (
    "\x1b]2;owned\x07\x1b[2J[bold red]mallory[/]",
    "\u202eevil\u202c \x9b31m",
    "a\nb\rc\x00",
    "e" + "\u0301" * 40,
)


async def test_hostile_names_and_notes_are_only_text() -> None:
    friends = tuple(
        Friend(Person(UserId(100 + at), text, text), Presence.ONLINE, text)
        for at, text in enumerate(HOSTILE)
    )
    engine = LobbyEngine(friends=friends)
    async with lobbying(engine) as pilot:
        text = screen_text(pilot)
        assert not [c for c in text if c != "\n" and (ord(c) < 32 or c in "\x7f\x9b\u202e\u202c")]
        assert "[bold red]" in text
