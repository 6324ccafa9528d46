"""Writing in the chat: opened, sent, kept, and never in the way of the call."""

from tests.tui.chatting import chatting, keys, note, pane, paste, said, shown
from tests.tui.fake_engine import FakeEngine, in_call
from tests.tui.piloting import calling, dialog, screen_text, settle, toasts
from woxly_tui.call.snapshot import CallPhase, Ending, EndReason
from woxly_tui.control.messages import (
    MAX_CHAT_BYTES,
    Leave,
    SendChat,
    SetPtt,
    ToggleDeafen,
    ToggleMute,
)
from woxly_tui.types import RoomName


async def test_c_opens_it_and_what_is_typed_is_sent_with_enter() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        assert not pane(pilot).display
        await pilot.press("c", *"moin dq", "enter")
        await settle(pilot)
        assert engine.sent == [SendChat("moin dq")]
        assert pane(pilot).draft == ""
        assert shown(pilot)[-1].startswith("you moin dq ")
        assert pane(pilot).is_writing


async def test_letters_never_act_while_writing_but_function_keys_do() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        await pilot.press("m", "d", "q", "space", "c", "t", "r", "question_mark", "j", "k")
        await pilot.press("f2", "f3")
        await settle(pilot)
        assert engine.sent == [ToggleMute(), ToggleDeafen()]
        assert pane(pilot).draft == "mdq ctr?jk"
        assert dialog(pilot) == "CallScreen"
        assert pane(pilot).is_writing
        await pilot.press("f4")
        await settle(pilot)
        assert isinstance(engine.sent[2], SetPtt)
        assert pane(pilot).draft == "mdq ctr?jk"


async def test_esc_leaves_the_line_then_closes_and_the_draft_stays() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        await pilot.press(*"hal", "escape")
        await settle(pilot)
        assert pane(pilot).is_open
        assert not pane(pilot).is_writing
        await pilot.press("m")
        await settle(pilot)
        assert engine.sent == [ToggleMute()]
        await pilot.press("escape")
        await settle(pilot)
        assert not pane(pilot).display
        await pilot.press("c", "o")
        await settle(pilot)
        assert pane(pilot).draft == "halo"


async def test_c_closes_it_where_nothing_is_written_and_enter_writes() -> None:
    async with chatting(FakeEngine(in_call())) as pilot:
        await pilot.press("escape", "enter", "x")
        await settle(pilot)
        assert pane(pilot).draft == "x"
        await pilot.press("escape", "c")
        await settle(pilot)
        assert not pane(pilot).display


async def test_what_comes_while_it_is_closed_is_marked_until_it_is_opened() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        assert "c chat " in keys(pilot)
        engine.write("one")
        engine.write("two", "bob")
        await settle(pilot)
        assert "c chat (2) " in keys(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert "c chat " in keys(pilot)
        assert "(2)" not in keys(pilot)
        assert [row[:-6] for row in shown(pilot)] == ["ann one", "bob two"]
        engine.write("three")
        await settle(pilot)
        assert "(1)" not in keys(pilot)
        assert len(shown(pilot)) == 3


async def test_a_paste_of_many_lines_is_one_message() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        await pilot.press("a")
        await paste(pilot, "error:\r\n\tline 1\r\n\x1b[31mline 2\x1b[0m\n")
        assert engine.sent == []
        assert pane(pilot).draft == "aerror:\n    line 1\nline 2"
        await pilot.press("enter")
        await settle(pilot)
        assert said(engine) == ["aerror:\n    line 1\nline 2"]


async def test_ctrl_j_begins_a_line() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        await pilot.press("a", "ctrl+j", "b", "enter")
        await settle(pilot)
        assert said(engine) == ["a\nb"]


async def test_a_paste_that_is_too_long_changes_nothing_and_says_so() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine, (120, 24)) as pilot:
        await pilot.press("a")
        await paste(pilot, "x" * 2**20)
        assert pane(pilot).draft == "a"
        assert note(pilot) == (
            f"Not pasted, too long: {2**20} bytes, a message has at most {MAX_CHAT_BYTES}"
        )
        await paste(pilot, "b" * (MAX_CHAT_BYTES - 1))
        await pilot.press("enter")
        await settle(pilot)
        assert said(engine) == ["a" + "b" * (MAX_CHAT_BYTES - 1)]


async def test_what_is_typed_past_the_limit_is_kept_and_told() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        await paste(pilot, "b" * MAX_CHAT_BYTES)
        await pilot.press("c", "enter")
        await settle(pilot)
        assert engine.sent == []
        assert note(pilot).startswith(f"Not sent, too long: {MAX_CHAT_BYTES + 1} bytes")
        await pilot.press("backspace")
        assert note(pilot) == ""


async def test_nothing_but_space_is_not_sent() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        await pilot.press("space", "space", "enter", "enter")
        await settle(pilot)
        assert engine.sent == []


async def test_without_a_connection_the_text_is_kept_and_it_is_said() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        engine.change(phase=CallPhase.RECONNECTING, trouble="the network is gone")
        await settle(pilot)
        await pilot.press(*"hi", "enter")
        await settle(pilot)
        assert engine.sent == []
        assert pane(pilot).draft == "hi"
        assert "no connection: your text is kept" in screen_text(pilot)
        engine.change(phase=CallPhase.ESTABLISHED)
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert said(engine) == ["hi"]


async def test_a_message_that_is_refused_comes_back_ahead_of_the_next() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with chatting(engine, (120, 24)) as pilot:
        await pilot.press(*"one", "enter", *"two")
        await settle(pilot)
        assert pane(pilot).draft == "two"
        engine.refusal = "you may not write in this room"
        engine.gate.set()
        await settle(pilot)
        assert pane(pilot).draft == "one\ntwo"
        assert note(pilot) == "You may not write in this room: try later."
        await pilot.press("x")
        assert pane(pilot).draft == "one\ntwox"


async def test_a_message_on_its_way_is_said_to_be() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with chatting(engine) as pilot:
        await pilot.press("a", "enter")
        await settle(pilot)
        assert note(pilot) == "sending…"
        engine.gate.set()
        await settle(pilot)
        assert note(pilot) == ""


async def test_a_refusal_is_told_although_the_chat_is_closed() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with chatting(engine) as pilot:
        await pilot.press("a", "enter", "escape", "escape")
        engine.refusal = "[b]no[/b]"
        engine.gate.set()
        await settle(pilot)
        assert toasts(pilot) == "[b]no[/b]: try later."
        assert pane(pilot).draft == "a"


async def test_an_engine_that_is_gone_takes_no_text_along() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        await pilot.press(*"hi")
        engine.die()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert pane(pilot).draft == "hi"
        assert "engine is gone: your text is kept" in note(pilot)


async def test_the_end_of_the_call_while_writing_does_not_make_letters_act() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        engine.write("bye")
        ending = Ending(EndReason.EVICTED, "you joined from somewhere else", "leave there")
        engine.change(phase=CallPhase.ENDED, ending=ending)
        await settle(pilot)
        await pilot.press(*"qr", "enter")
        await settle(pilot)
        assert pilot.app.is_running
        assert engine.sent == []
        assert pane(pilot).draft == "qr"
        assert "you are in no call" in note(pilot)
        assert "bye" in shown(pilot)[-1]
        await pilot.press("escape", "q")
        await settle(pilot)
        assert not pilot.app.is_running


async def test_another_room_begins_with_an_empty_chat() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        engine.write("between us")
        await settle(pilot)
        engine.change(phase=CallPhase.RECONNECTING)
        await settle(pilot)
        assert "between us" in screen_text(pilot)
        engine.change(phase=CallPhase.ESTABLISHED, room=RoomName("other"))
        await settle(pilot)
        assert "between us" not in screen_text(pilot)
        assert "Nothing was said yet." in screen_text(pilot)


async def test_q_still_leaves_once_the_line_is_left() -> None:
    engine = FakeEngine(in_call(in_call().participants[:1]))
    async with chatting(engine) as pilot:
        await pilot.press("escape", "q")
        await settle(pilot)
    assert engine.sent == [Leave()]
