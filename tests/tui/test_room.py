"""Messages of a room: read, written, answered, changed; whatever others write stays text."""

from dataclasses import replace

from tests.tui.chatting import paste
from tests.tui.fake_engine import NOON
from tests.tui.lobby_engine import ANN, BOB, ME, MESSAGES, ONLINE, LobbyEngine
from tests.tui.lobbying import choose, lobby, lobbying, room
from tests.tui.piloting import CallPilot, dialog, screen_text, settle, toasts
from woxly_tui.call.snapshot import ChatMessage
from woxly_tui.control import lobby as ask
from woxly_tui.control.lobby import LinkState
from woxly_tui.social.model import RoomMessage
from woxly_tui.tui.widgets.chat_head import ChatHead
from woxly_tui.types import Identity, MessageId, RoomId, Seconds

DM = RoomId(10)


async def reading(pilot: CallPilot) -> None:
    """Ann's messages are open."""
    await choose(pilot, "ann")
    await pilot.press("m")
    await settle(pilot)


async def choosing(pilot: CallPilot, number: int) -> None:
    """The message of that number is chosen."""
    await pilot.press("up")
    for _ in range(len(MESSAGES) - number):
        await pilot.press("up")
    await settle(pilot)


def head(pilot: CallPilot) -> str:
    return room(pilot).query_one(ChatHead).note


async def test_history_shows_days_answers_files_voice_and_reactions() -> None:
    async with lobbying(LobbyEngine()) as pilot:
        await reading(pilot)
        text = " ".join(screen_text(pilot).split())
        assert "Saturday 14 June 2025 ann morning!" in text
        assert "┌ ann: can you push that branch? 15:01 on its way (edited)" in text
        assert "file minutes.pdf, 248 kB" in text
        assert "voice message, 00:12, 48 kB" in text
        assert "https://woxly.example.org/uploads/a1.pdf" in text
        assert "👍 1 (you)" in text


async def test_a_message_is_sent_and_comes_back() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await pilot.press(*"moin q?", "enter")
        await settle(pilot)
        assert engine.asked(ask.SendMessage) == [ask.SendMessage(DM, "moin q?")]
        assert "moin q?" in screen_text(pilot)
        assert room(pilot).draft == ""


async def test_what_could_not_be_sent_comes_back_into_the_line() -> None:
    engine = LobbyEngine()
    engine.refusals[ask.SendMessage] = "the server took too long"
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await pilot.press(*"moin", "enter")
        await settle(pilot)
        assert room(pilot).draft == "moin"
        assert "The server took too long" in head(pilot)


async def test_without_a_connection_nothing_is_sent_and_the_text_is_kept() -> None:
    engine = LobbyEngine(replace(ONLINE, link=LinkState.OFFLINE))
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await pilot.press(*"moin", "enter")
        await settle(pilot)
        assert engine.asked(ask.SendMessage) == []
        assert room(pilot).draft == "moin"
        assert "no connection" in head(pilot)


async def test_a_message_is_answered() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await choosing(pilot, 2)
        await pilot.press("r")
        await settle(pilot)
        assert "Answering ann: can you push that branch?" in screen_text(pilot)
        await pilot.press(*"yes", "enter")
        await settle(pilot)
        assert engine.asked(ask.SendMessage) == [ask.SendMessage(DM, "yes", MessageId(2))]
        assert "Answering" not in screen_text(pilot)


async def test_ones_own_message_is_changed_and_taken_back_others_are_not() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await choosing(pilot, 3)
        await pilot.press("e")
        await settle(pilot)
        assert room(pilot).draft == "on its way"
        await pilot.press("!", "enter")
        await settle(pilot)
        assert engine.asked(ask.EditMessage) == [ask.EditMessage(DM, MessageId(3), "on its way!")]
        await choosing(pilot, 3)
        await pilot.press("x", "y")
        await settle(pilot)
        assert engine.asked(ask.DeleteMessage) == [ask.DeleteMessage(DM, MessageId(3))]
        await pilot.press("up", "e")
        await settle(pilot)
        assert "Only who wrote a message can change it." in toasts(pilot)


async def test_esc_leaves_a_change_as_it_was() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await choosing(pilot, 3)
        await pilot.press("e", "x", "escape")
        await settle(pilot)
        assert room(pilot).draft == ""
        assert room(pilot).is_writing
        assert engine.asked(ask.EditMessage) == []


async def test_a_reaction_is_chosen_and_a_file_is_saved() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await choosing(pilot, 4)
        await pilot.press("plus_sign", "2")
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert engine.asked(ask.React) == [ask.React(DM, MessageId(4), "❤")]
        assert engine.asked(ask.SaveAttachment) == [ask.SaveAttachment(DM, MessageId(4))]
        assert "Saving minutes.pdf…" in toasts(pilot)


async def test_what_is_read_is_marked_once_and_again_when_more_comes() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        assert engine.asked(ask.MarkRead) == [ask.MarkRead(DM)]
        engine.show_room(DM)
        await settle(pilot)
        assert len(engine.asked(ask.MarkRead)) == 1
        engine.write_in(DM, ANN, "one more")
        await settle(pilot)
        assert len(engine.asked(ask.MarkRead)) == 2


async def test_typing_is_told_seldom_and_shown() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await pilot.press(*"hello")
        await settle(pilot)
        assert engine.asked(ask.SetTyping) == [ask.SetTyping(DM, on=True)]
        engine.show_room(DM, (ANN, BOB))
        await settle(pilot)
        assert head(pilot) == "ann, bob write…"
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert engine.asked(ask.SetTyping)[-1] == ask.SetTyping(DM, on=False)


async def test_older_pages_are_asked_for_at_the_top_once() -> None:
    engine = LobbyEngine()
    many = tuple(
        RoomMessage(MessageId(100 + at), DM, ANN, f"line {at}", Seconds(NOON + at))
        for at in range(60)
    )
    async with lobbying(engine) as pilot:
        await reading(pilot)
        engine.tell(ask.RoomMessages(DM, many, has_older=True))
        await settle(pilot)
        for _ in range(8):
            await pilot.press("pageup")
        await settle(pilot)
        assert engine.asked(ask.LoadOlder) == [ask.LoadOlder(DM)]
        assert "line 0" in screen_text(pilot)
        older = (RoomMessage(MessageId(99), DM, ANN, "the first", Seconds(NOON - 1)), *many)
        engine.tell(ask.RoomMessages(DM, older, has_older=False))
        await settle(pilot)
        assert "line 0" in screen_text(pilot)


async def test_scrolled_back_it_stays_there_and_counts_what_comes() -> None:
    engine = LobbyEngine()
    async with lobbying(engine, (60, 15)) as pilot:
        await reading(pilot)
        await pilot.press("pageup")
        await settle(pilot)
        before = screen_text(pilot).splitlines()[2:10]
        engine.write_in(DM, ANN, "news")
        await settle(pilot)
        assert screen_text(pilot).splitlines()[2:10] == before
        assert head(pilot) == "scrolled back, 1 new"


async def test_drafts_stay_with_their_rooms() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        await reading(pilot)
        await pilot.press(*"for ann", "escape", "escape")
        await choose(pilot, "standup")
        await pilot.press("m")
        await settle(pilot)
        assert room(pilot).draft == ""
        await pilot.press("escape", "escape")
        await reading(pilot)
        assert room(pilot).draft == "for ann"


async def test_wide_screens_show_list_and_messages_side_by_side() -> None:
    async with lobbying(LobbyEngine(), (160, 50)) as pilot:
        await reading(pilot)
        text = screen_text(pilot)
        assert "Friends" in text
        assert "on its way (edited)" in text
    async with lobbying(LobbyEngine()) as pilot:
        await reading(pilot)
        assert "Friends" not in screen_text(pilot)
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert "Friends" in screen_text(pilot)


async def test_the_chat_of_a_call_is_its_room() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, DM)
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert "on its way (edited)" in screen_text(pilot)
        await pilot.press(*"hi", "enter")
        await settle(pilot)
        assert engine.asked(ask.SendMessage) == [ask.SendMessage(DM, "hi")]
        guest = ChatMessage(1, Identity("guest-x"), "Zoe", "me too", Seconds(NOON + 999), False)
        engine.chat(guest)
        same = replace(guest, number=2, identity=Identity(str(ANN.user)), text="twice?")
        engine.chat(same)
        await settle(pilot)
        assert "Zoe" in screen_text(pilot)
        assert "twice?" not in screen_text(pilot)


async def test_unread_messages_of_the_call_are_counted_on_its_key() -> None:
    engine = LobbyEngine()
    async with lobbying(engine) as pilot:
        engine.talk(ANN.user, DM)
        await settle(pilot)
        await pilot.press("c", "escape", "escape")
        await settle(pilot)
        assert "chat (2)" in screen_text(pilot)


HOSTILE = "\x1b]52;c;aGk=\x07\x1b]2;owned\x07\x1b[2J[red]x[/] \u202eevil\u202c \x9b31m\x00"


async def test_hostile_messages_change_neither_screen_nor_title_nor_clipboard() -> None:
    engine = LobbyEngine()
    engine.messages[DM] = (
        RoomMessage(MessageId(1), DM, replace(ANN, name=HOSTILE), HOSTILE, Seconds(NOON)),
        RoomMessage(MessageId(2), DM, ANN, "\n".join(map(str, range(10_000))), Seconds(NOON)),
        RoomMessage(MessageId(3), DM, ME, "last", Seconds(NOON), reply_text=HOSTILE),
    )
    async with lobbying(engine) as pilot:
        await reading(pilot)
        lines = screen_text(pilot).splitlines()
        assert any("last" in line for line in lines)
        assert any("more rows: choose it, then Enter" in line for line in lines)
        await pilot.press("pageup", "pageup")
        await settle(pilot)
        text = screen_text(pilot)
        assert "[red]x[/]" in text
        assert not [c for c in text if c != "\n" and (ord(c) < 32 or c in "\x7f\x9b\u202e\u202c")]
        assert pilot.app.clipboard == ""


async def test_a_long_message_unfolds() -> None:
    engine = LobbyEngine()
    text = "\n".join(f"row {number}" for number in range(100))
    engine.messages[DM] = (RoomMessage(MessageId(1), DM, ANN, text, Seconds(NOON)),)
    async with lobbying(engine) as pilot:
        await reading(pilot)
        assert "81 more rows" in screen_text(pilot)
        await pilot.press("up", "enter")
        await settle(pilot)
        assert "row 99" in screen_text(pilot)


async def test_a_paste_too_long_is_refused() -> None:
    async with lobbying(LobbyEngine()) as pilot:
        await reading(pilot)
        await paste(pilot, "x" * 2**20)
        assert room(pilot).draft == ""
        assert "Not pasted, too long" in head(pilot)


async def test_esc_goes_back_step_by_step() -> None:
    async with lobbying(LobbyEngine()) as pilot:
        await reading(pilot)
        assert room(pilot).is_writing
        await pilot.press("tab")
        assert room(pilot).is_choosing
        await pilot.press("escape")
        await settle(pilot)
        assert lobby(pilot).focused is None
        assert room(pilot).is_open
        await pilot.press("escape")
        await settle(pilot)
        assert not room(pilot).is_open
        assert dialog(pilot) == "LobbyScreen"
