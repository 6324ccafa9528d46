"""Looking at how somebody's sound travels, by keyboard and by mouse."""

from dataclasses import replace

from tests.tui.fake_engine import FRIENDS, YOU, FakeEngine, in_call
from tests.tui.piloting import CallPilot, calling, dialog, screen_text, settle
from tests.tui.still import scenes
from woxly_tui.control.messages import GetDetails, SetRecording, ToggleMute
from woxly_tui.tui.screens.details import DetailsScreen


def engine_with_details() -> FakeEngine:
    engine = FakeEngine(in_call())
    engine.details = scenes()["details"].details
    return engine


def shown(pilot: CallPilot) -> str:
    """The lines of the figures, their spaces made one."""
    return "\n".join(" ".join(line.split()) for line in screen_text(pilot).splitlines())


async def test_without_a_choice_it_is_about_ourselves_and_i_closes_it() -> None:
    engine = engine_with_details()
    async with calling(engine) as pilot:
        await pilot.press("i")
        await settle(pilot)
        assert "bitrate 33.1 kbit/s" in shown(pilot)
        assert "heard by not known" in shown(pilot)
        await pilot.press("i")
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"


async def test_the_arrows_go_from_one_to_the_next_and_round() -> None:
    engine = engine_with_details()
    async with calling(engine) as pilot:
        await pilot.press("p", "i")
        await settle(pilot)
        assert "loss 0.4 %" in shown(pilot)
        await pilot.press("down")
        await settle(pilot)
        assert "loss –" in shown(pilot), "bob sends nothing"
        await pilot.press("up", "up", "up")
        await settle(pilot)
        assert "loss –" in shown(pilot), "Echo, by way of the top"
        await pilot.press("m")
        await settle(pilot)
        assert ToggleMute() in engine.sent


async def test_it_is_measured_only_while_it_is_open() -> None:
    engine = engine_with_details()
    every, DetailsScreen.EVERY_S = DetailsScreen.EVERY_S, 0.01
    try:
        async with calling(engine) as pilot:
            await settle(pilot)
            assert engine.sent == []
            await pilot.press("i")
            await settle(pilot)
            assert engine.sent.count(GetDetails()) > 1
            await pilot.press("escape")
            await settle(pilot)
            asked = len(engine.sent)
            await settle(pilot)
            assert len(engine.sent) == asked
    finally:
        DetailsScreen.EVERY_S = every


async def test_a_refusal_is_said_where_the_figures_are() -> None:
    engine = engine_with_details()
    engine.refusal = "nothing was measured"
    async with calling(engine, size=(60, 15)) as pilot:
        await pilot.press("i")
        await settle(pilot)
        assert "nothing was measured" in screen_text(pilot)


async def test_who_leaves_closes_it() -> None:
    engine = engine_with_details()
    async with calling(engine) as pilot:
        await pilot.press("p", "i")
        await settle(pilot)
        engine.put(replace(engine.snapshot, participants=(YOU, *FRIENDS[2:]), rev=2))
        await pilot.press("down")
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"


async def test_a_second_click_on_a_row_opens_it_and_a_click_beside_closes_it() -> None:
    engine = engine_with_details()
    async with calling(engine) as pilot:
        roster = pilot.app.screen_stack[0].query_one("#roster")
        await pilot.click(roster, offset=(6, 2))
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"
        await pilot.click(roster, offset=(6, 2))
        await settle(pilot)
        assert dialog(pilot) == "DetailsScreen"
        await pilot.click(offset=(1, 1))
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"


async def test_recording_is_begun_and_ended_by_its_key_and_shown_on_every_screen() -> None:
    engine = engine_with_details()
    async with calling(engine, size=(60, 15)) as pilot:
        await pilot.press("R")
        await settle(pilot)
        assert engine.sent == [SetRecording(on=True)]
        assert "● REC you" in screen_text(pilot).splitlines()[0]
        await pilot.press("R")
        await settle(pilot)
        assert engine.sent[-1] == SetRecording(on=False)
        assert "REC" not in screen_text(pilot)
        ann = replace(FRIENDS[1], name="\x1b[31m[b]ann", is_recording=True)
        people = (YOU, ann, *(replace(f, is_recording=True) for f in FRIENDS[2:]))
        engine.put(replace(engine.snapshot, participants=people, rev=9))
        await settle(pilot)
        assert "● REC" in screen_text(pilot).splitlines()[0]
        await pilot.resize_terminal(24, 8)
        await settle(pilot)
        assert "● REC" in screen_text(pilot).splitlines()[0]
