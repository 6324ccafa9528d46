"""Push-to-talk on the screen: which keys and clicks hold, and what is shown meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from textual import events
from textual.message import Message
from textual.widgets import Input

from tests.tui.fake_engine import NOON, FakeEngine, StillClock, in_call
from tests.tui.piloting import CallPilot, calling, dialog, screen_text, settle, state_line
from woxly_tui.call.snapshot import Microphone, MicState, Ptt, PttMode
from woxly_tui.control.messages import Command, SetMute, SetPtt, ToggleMute
from woxly_tui.tui.driver import ReleasesKnown
from woxly_tui.tui.keys import KeyReleased, KeyRepeated
from woxly_tui.types import Seconds


def muted(mode: PttMode = PttMode.TALK) -> FakeEngine:
    """A call in which holding the key makes a difference."""
    is_muted = mode is PttMode.TALK
    state = MicState.MUTED if is_muted else MicState.OPEN
    mic = Microphone(state=state, wanted_muted=is_muted, backend="native", ptt=Ptt(mode))
    return FakeEngine(in_call(microphone=mic))


def told(engine: FakeEngine) -> list[str]:
    return [_told(command) for command in engine.sent]


def _told(command: Command) -> str:
    if isinstance(command, SetPtt):
        return "down" if command.is_down else "up"
    return type(command).__name__


async def send(pilot: CallPilot, *messages: Message) -> None:
    for message in messages:
        pilot.app.post_message(message)
    await settle(pilot)


def mouse(
    pilot: CallPilot,
    kind: type[events.MouseDown] | type[events.MouseUp],
    selector: str,
    button: int = 1,
) -> events.MouseEvent:
    """As the driver sends it: to the app, which passes it on."""
    x, y = pilot.app.screen.query_one(selector).region.offset
    return kind(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y)


async def with_releases(pilot: CallPilot) -> None:
    await send(pilot, ReleasesKnown(has_releases=True))


@pytest.fixture
async def holding() -> AsyncIterator[tuple[FakeEngine, CallPilot]]:
    """A muted call on a terminal that tells releases."""
    engine = muted()
    async with calling(engine) as pilot:
        await with_releases(pilot)
        yield engine, pilot


@pytest.mark.parametrize("key", ["f4", "space"])
async def test_a_key_is_held_and_let_go(holding: tuple[FakeEngine, CallPilot], key: str) -> None:
    engine, pilot = holding
    assert "Hold F4, Space, or the mouse here to talk" in screen_text(pilot)
    assert "PTT: hold (kitty)" in screen_text(pilot)
    await pilot.press(key)
    await send(pilot, KeyRepeated())
    await pilot.press(key, key)
    await settle(pilot)
    assert told(engine) == ["down"]
    assert "L I V E Push-to-talk." in state_line(pilot)
    assert "Open while you hold" in screen_text(pilot)
    await send(pilot, KeyReleased(key))
    assert told(engine) == ["down", "up"]
    assert "M U T E D" in state_line(pilot)


async def test_without_releases_the_bar_says_tap() -> None:
    engine = muted()
    async with calling(engine) as pilot:
        assert "Tap F4 or Space, or hold the mouse here, to talk" in screen_text(pilot)
        assert "PTT: tap" in screen_text(pilot)
        await pilot.press("f4")
        await settle(pilot)
        assert "Open until you tap again" in screen_text(pilot)
        await pilot.press("f4")
        await settle(pilot)
        assert told(engine) == ["down", "up"]


async def test_the_mouse_holds_and_lets_go_wherever_it_is() -> None:
    engine = muted()
    async with calling(engine) as pilot:
        await send(pilot, mouse(pilot, events.MouseDown, "#talk"))
        assert told(engine) == ["down"]
        await send(pilot, mouse(pilot, events.MouseUp, "#roster"))
        assert told(engine) == ["down", "up"]
        await send(pilot, mouse(pilot, events.MouseDown, "#talk", button=3))
        assert told(engine) == ["down", "up"]


async def test_a_quick_click_leaves_nothing_open() -> None:
    engine = muted()
    async with calling(engine) as pilot:
        down, up = (mouse(pilot, kind, "#talk") for kind in (events.MouseDown, events.MouseUp))
        await send(pilot, down, up)
        assert told(engine) == ["down", "up"]


async def test_a_dialog_that_opens_under_the_mouse_changes_nothing() -> None:
    engine = muted()
    async with calling(engine) as pilot:
        await send(pilot, mouse(pilot, events.MouseDown, "#talk"))
        await pilot.press("q")
        await settle(pilot)
        assert dialog(pilot) == "LeaveScreen"
        await send(pilot, mouse(pilot, events.MouseUp, "#question"))
        assert told(engine) == ["down", "up"]


async def test_typed_spaces_are_text_and_f4_talks_all_the_same(
    holding: tuple[FakeEngine, CallPilot],
) -> None:
    engine, pilot = holding
    field = Input()
    await pilot.app.screen.mount(field)
    field.focus()
    await settle(pilot)
    await pilot.press("a", "space", "b")
    assert field.value == "a b"
    assert told(engine) == []
    await pilot.press("f4")
    await send(pilot, KeyReleased("f4"))
    assert told(engine) == ["down", "up"]
    assert field.value == "a b"


async def test_space_scrolls_the_help_and_f4_talks_over_it(
    holding: tuple[FakeEngine, CallPilot],
) -> None:
    engine, pilot = holding
    await pilot.press("question_mark", "space")
    assert told(engine) == []
    await pilot.press("f4")
    assert told(engine) == ["down"]


async def test_a_hold_ends_with_the_focus(holding: tuple[FakeEngine, CallPilot]) -> None:
    engine, pilot = holding
    await pilot.press("f4")
    await send(pilot, events.AppBlur())
    assert told(engine) == ["down", "up"]
    await send(pilot, KeyReleased("f4"), events.AppBlur())
    assert told(engine) == ["down", "up"]


async def test_push_to_mute_says_so_and_stays_muted_without_focus() -> None:
    engine = muted(PttMode.MUTE)
    async with calling(engine) as pilot:
        await with_releases(pilot)
        assert "Hold F4, Space, or the mouse here to mute" in screen_text(pilot)
        await pilot.press("f4")
        await settle(pilot)
        assert "M U T E D Push-to-mute. Nobody hears you." in state_line(pilot)
        await send(pilot, events.AppBlur())
        assert engine.sent[1:] == [SetMute(on=True)]


async def test_the_last_seconds_are_counted() -> None:
    engine = muted()
    clock = StillClock()
    async with calling(engine, clock=clock) as pilot:
        await pilot.press("f4")
        await settle(pilot)
        assert "ends by itself" not in state_line(pilot)
        mic = engine.snapshot.microphone
        ptt = replace(mic.ptt, closes_at=Seconds(NOON + 7.2))
        engine.change(microphone=replace(mic, ptt=ptt))
        await settle(pilot)
        assert "Push-to-talk ends by itself in 8 s" in state_line(pilot)


async def test_who_holds_elsewhere_is_shown_and_can_be_ended_here() -> None:
    engine = muted()
    async with calling(engine) as pilot:
        await engine.send(SetPtt(is_down=True, at_ns=1))
        await settle(pilot)
        assert "L I V E Push-to-talk." in state_line(pilot)
        assert "Open while held elsewhere. F4 ends it" in screen_text(pilot)
        await pilot.press("f4")
        await settle(pilot)
        assert told(engine) == ["down", "up"]


async def test_an_open_microphone_needs_no_key() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        assert "Open already. Mute with m to use push-to-talk" in screen_text(pilot)


async def test_a_release_is_sent_although_the_engine_is_behind() -> None:
    engine = muted()
    engine.confirm_after_s = None
    async with calling(engine) as pilot:
        await with_releases(pilot)
        await pilot.press(*"mmmmmmm")
        await pilot.press("f4")
        await send(pilot, KeyReleased("f4"))
        assert engine.sent == [ToggleMute()] * 7 + engine.sent[7:]
        assert told(engine)[7:] == ["down", "up"]


async def test_the_palette_opens_and_closes() -> None:
    engine = muted()
    async with calling(engine) as pilot:
        await pilot.app.run_action("app.talk")
        await pilot.app.run_action("app.talk")
        await settle(pilot)
        assert told(engine) == ["down", "up"]
