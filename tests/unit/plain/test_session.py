"""Typed words in, lines out, over a scripted engine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.tui.fake_engine import FRIENDS, YOU, BrokenEngine, FakeEngine, in_call, person
from woxly_tui.call.snapshot import (
    CallPhase,
    ChatMessage,
    DevicesView,
    DeviceView,
    Ending,
    EndReason,
    MicState,
    Notice,
    Severity,
    Snapshot,
)
from woxly_tui.control import messages
from woxly_tui.control.messages import Update
from woxly_tui.plain.session import Ended, PlainSession
from woxly_tui.types import DeviceKind, Identity, Seconds

PATIENCE_S = 5.0


class Keyboard:
    """Lines a test types."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def type(self, *lines: str) -> None:
        for line in lines:
            self._lines.put_nowait(line.encode())

    def close(self) -> None:
        self._lines.put_nowait(None)

    async def next(self) -> bytes | None:
        return await self._lines.get()


class Terminal:
    """A session with somebody who types and reads."""

    def __init__(self, engine: FakeEngine, **options: Any) -> None:
        self.engine = engine
        self.lines: list[str] = []
        self.keyboard = Keyboard()
        self._seen = 0
        self._changed = asyncio.Event()
        self.session = PlainSession(engine, self._write, **{"hangs_up": False, **options})
        self.task = asyncio.get_running_loop().create_task(self.session.run(self.keyboard))

    def _write(self, line: str) -> None:
        self.lines.append(line)
        self._changed.set()

    async def until(self, start: str) -> str:
        """The next line that begins so."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while self._seen < len(self.lines):
                    self._seen += 1
                    if self.lines[self._seen - 1].startswith(start):
                        return self.lines[self._seen - 1]
                self._changed.clear()
                await self._changed.wait()

    async def type(self, line: str, answer: str) -> str:
        """Type a line, and wait for the answer that begins so."""
        self.keyboard.type(line)
        return await self.until(answer)

    async def end(self) -> Ended:
        return await asyncio.wait_for(self.task, PATIENCE_S)

    async def aclose(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.engine.aclose()


Start = Callable[..., Awaitable[Terminal]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    terminals: list[Terminal] = []

    async def begin(engine: FakeEngine | None = None, **options: bool) -> Terminal:
        terminal = Terminal(engine or FakeEngine(in_call()), **options)
        terminals.append(terminal)
        await terminal.until("")
        return terminal

    yield begin
    for terminal in terminals:
        await terminal.aclose()


async def test_it_begins_with_the_state(start: Start) -> None:
    terminal = await start()
    await terminal.until("live in standup, 4 people")
    assert terminal.lines[0] == "type help for a list of words"


@pytest.mark.parametrize(
    ("typed", "command", "answer"),
    [
        ("mute", messages.SetMute(on=True), "muted in standup"),
        ("M", messages.SetMute(on=True), "muted in standup"),
        ("unmute", messages.SetMute(on=False), "live in standup"),
        ("deafen", messages.SetDeafen(on=True), "deafened in standup"),
        ("undeafen", messages.SetDeafen(on=False), "live in standup"),
        ("volume echo 150%", messages.SetVolume(Identity("id-Echo"), 150), "nothing"),
        ("say good day, 50", messages.SendChat("good day, 50"), "nothing"),
    ],
)
async def test_a_word_does_what_it_says(
    start: Start, typed: str, command: messages.Command, answer: str
) -> None:
    terminal = await start()
    await terminal.until("live")
    terminal.keyboard.type(typed, "nothing")
    await terminal.until("error: there is no word 'nothing'" if answer == "nothing" else answer)
    assert terminal.engine.sent == [command]


async def test_a_change_is_told_once(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    terminal.keyboard.type("mute", "nothing")
    await terminal.until("error")
    assert terminal.lines.count("muted in standup, 4 people") == 1


async def test_what_changes_nothing_is_confirmed_all_the_same(start: Start) -> None:
    terminal = await start(FakeEngine(in_call()))
    await terminal.until("live")
    await terminal.type("unmute", "live in standup")
    assert terminal.engine.sent == [messages.SetMute(on=False)]


async def test_talking_ends_with_an_empty_line(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    await terminal.type("talk", "live")
    (down,) = terminal.engine.sent
    assert isinstance(down, messages.SetPtt)
    assert (down.is_down, down.is_bound) == (True, True)
    await terminal.type("", "live")
    up = terminal.engine.sent[-1]
    assert isinstance(up, messages.SetPtt)
    assert not up.is_down
    assert up.at_ns > down.at_ns
    terminal.keyboard.type("")
    await terminal.type("help", "mute")
    assert len(terminal.engine.sent) == 2


async def test_questions_are_answered_without_the_engine(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    await terminal.type("volume bob", "bob: muted")
    await terminal.type("who", "Ines (you): open")
    await terminal.until("Echo: open")
    await terminal.type("status", "live in standup, 4 people, ")
    await terminal.type("?", "mute: mute your microphone (also m)")
    await terminal.until("leave: leave the call")
    assert terminal.engine.sent == []


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("fly", "error: there is no word 'fly': type help"),
        ("a" * 5000, f"error: there is no word '{'a' * 40}…': type help"),
        ("\x1b[A", "error: there is no word '\\x1b[A'"),
        ("say", "error: there is nothing to say"),
        ("volume", "error: no name given: here are ann"),
        ("volume carol 5", "error: nobody here is called 'carol'"),
        ("volume ann 500", "error: the volume cannot be '500'"),
        ("volume an", "error: 'an' may be any of 2 people: ann (=id-ann), Anne (=id-Anne)"),
    ],
)
async def test_a_mistake_is_one_line_and_changes_nothing(
    start: Start, typed: str, answer: str
) -> None:
    terminal = await start(FakeEngine(in_call((*FRIENDS, person("Anne")))))
    await terminal.until("live")
    await terminal.type(typed, answer)
    assert terminal.engine.sent == []


async def test_what_the_engine_refuses_is_one_line(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    terminal.engine.refusal = "no such thing"
    await terminal.type("mute", "error: no such thing: try later")


async def test_an_engine_that_breaks_is_one_line(start: Start) -> None:
    terminal = await start(BrokenEngine(in_call()))
    await terminal.until("live")
    await terminal.type("mute", "error: the engine is gone: start woxly again")


async def test_events_come_as_they_happen(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    terminal.engine.put(in_call((*FRIENDS, person("zoe"))))
    await terminal.until("zoe joined")
    terminal.engine.put(in_call(FRIENDS[:-1]))
    await terminal.until("Echo left")
    await terminal.until("zoe left")
    terminal.engine.say({"ann": -20.0})
    terminal.engine.note(Notice(Severity.WARNING, "The network is slow", "wait"))
    await terminal.until("The network is slow: wait")
    terminal.engine.chat(ChatMessage(1, Identity("id-ann"), "ann", "one\ntwo", Seconds(0)))
    await terminal.until("ann: one")
    await terminal.until("  two")


async def test_no_line_can_move_the_cursor_or_draw(start: Start) -> None:
    evil = replace(person("x"), name="a\x1b[2J\rb")
    terminal = await start(FakeEngine(in_call((YOU, evil))))
    await terminal.until("live")
    terminal.engine.note(Notice(Severity.ERROR, "bad\x1b]0;t\x07\nline", "\x9b2J"))
    await terminal.until("bad")
    for typed in ("who", "status", "help"):
        terminal.keyboard.type(typed)
    await terminal.until("help: this list")
    assert [line for line in terminal.lines if not line.isprintable()] == []
    assert [c for line in terminal.lines for c in line if 0x2500 <= ord(c) < 0x2600] == []


async def test_leaving_ends_it(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    terminal.keyboard.type("leave")
    assert await terminal.end() is Ended.OVER
    assert terminal.engine.sent == [messages.Leave()]
    assert terminal.lines[-1] == "no call (you left the call)"


async def test_detaching_leaves_the_call_alone(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    terminal.keyboard.type("detach")
    assert await terminal.end() is Ended.DETACHED
    assert terminal.engine.sent == []


async def test_a_call_that_cannot_go_on_alone_is_not_detached_from(start: Start) -> None:
    terminal = await start(can_detach=False)
    await terminal.until("live")
    await terminal.type("detach", "error: this call ends with its screen")
    terminal.keyboard.close()
    assert await terminal.end() is Ended.OVER


@pytest.mark.parametrize(
    ("hangs_up", "end", "sent"),
    [(False, Ended.DETACHED, []), (True, Ended.OVER, [messages.Leave()])],
)
async def test_the_end_of_the_input_detaches_or_hangs_up(
    start: Start, *, hangs_up: bool, end: Ended, sent: list[messages.Command]
) -> None:
    terminal = await start(hangs_up=hangs_up)
    await terminal.until("live")
    terminal.keyboard.close()
    assert await terminal.end() is end
    assert terminal.engine.sent == sent


async def test_an_engine_that_does_not_let_go_is_left_behind(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("woxly_tui.plain.session.LEAVE_PATIENCE_S", 0.0)
    terminal = await start(FakeEngine(in_call(), confirm_after_s=None))
    await terminal.until("live")
    terminal.keyboard.type("leave")
    assert await terminal.end() is Ended.OVER


async def test_a_call_that_ends_by_itself_can_be_rejoined(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    ending = Ending(EndReason.ROOM_CLOSED, "The room was deleted", "ask for another")
    terminal.engine.change(phase=CallPhase.ENDED, ending=ending)
    await terminal.until("no call (the room was deleted)")
    await terminal.until("ask for another")
    await terminal.type("rejoin", "connecting to standup")
    assert not terminal.task.done()


async def test_one_that_never_began_ends_it(start: Start) -> None:
    never = Snapshot(rev=1, phase=CallPhase.CONNECTING)
    terminal = await start(FakeEngine(never))
    ending = Ending(EndReason.TOKEN, "The token has expired")
    terminal.engine.change(phase=CallPhase.ENDED, ending=ending)
    assert await terminal.end() is Ended.OVER
    assert terminal.session.ending == ending


async def test_the_end_of_the_engine_ends_it(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    terminal.engine.die()
    assert await terminal.end() is Ended.ENGINE_GONE
    assert terminal.lines[-1] == "no call"


async def test_an_old_state_that_comes_late_is_not_told(start: Start) -> None:
    terminal = await start()
    await terminal.until("live")
    await terminal.type("mute", "muted")
    terminal.session._take(replace(in_call(), rev=1))
    assert terminal.session._snapshot.microphone.state is MicState.MUTED


async def test_lines_that_end_before_the_first_state_detach_once_there_is_a_call() -> None:
    known = asyncio.Event()

    class Late(FakeEngine):
        async def updates(self) -> AsyncIterator[Update]:
            await known.wait()
            yield in_call()
            await asyncio.Event().wait()

    class NoLines:
        async def next(self) -> bytes | None:
            return None

    session = PlainSession(Late(in_call()), lambda _: None, hangs_up=False)
    asyncio.get_running_loop().call_later(0.02, known.set)
    async with asyncio.timeout(PATIENCE_S):
        assert await session.run(NoLines()) is Ended.DETACHED
    assert known.is_set()


async def test_the_end_of_input_while_joining_waits_for_what_becomes_of_it(start: Start) -> None:
    engine = FakeEngine(in_call(phase=CallPhase.CONNECTING, established_at=None))
    terminal = await start(engine)
    await terminal.until("connecting")
    terminal.keyboard.close()
    await asyncio.sleep(0.02)
    assert not terminal.task.done()
    engine.put(in_call())
    assert await terminal.end() is Ended.DETACHED
    failing = FakeEngine(in_call(phase=CallPhase.CONNECTING, established_at=None))
    other = await start(failing)
    other.keyboard.close()
    await asyncio.sleep(0.02)
    ending = Ending(EndReason.UNREACHABLE, "Cannot connect")
    failing.change(phase=CallPhase.ENDED, ending=ending)
    assert await other.end() is Ended.OVER
    assert other.session.ending == ending


async def test_devices_are_listed_and_chosen_by_name(start: Start) -> None:
    devices = DevicesView(
        microphones=(DeviceView("usb", "USB headset\x1b[31m"), DeviceView("pci", "Built-in")),
        microphone="pci",
    )
    terminal = await start(FakeEngine(in_call(devices=devices)))
    await terminal.type("devices", "microphones")
    assert "\x1b" not in await terminal.until("   USB headset")
    await terminal.type("device mic usb", "microphone:")
    assert messages.SelectDevice(DeviceKind.MICROPHONE, "usb") in terminal.engine.sent
    await terminal.type("device mic default", "microphone:")
    assert terminal.engine.sent[-1] == messages.SelectDevice(DeviceKind.MICROPHONE, "")
    assert "no microphone is called that" in await terminal.type("device mic web", "error")


async def test_cleaning_is_listed_and_changed(start: Start) -> None:
    terminal = await start()
    await terminal.type("sound", "master_percent: 100 %")
    await terminal.type("sound noise off", "noise_suppression: off")
    assert terminal.engine.sent[-1] == messages.SetShaping(noise_suppression=False)
    assert "there is no sound setting" in await terminal.type("sound bass 3", "error")
