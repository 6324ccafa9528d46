"""Choosing a person, and how loud they are played."""

from dataclasses import replace

from tests.tui.fake_engine import FRIENDS, YOU, FakeEngine, in_call, person
from tests.tui.piloting import CallPilot, calling, screen_text, settle, toasts
from woxly_tui.control.messages import SetVolume, ToggleMute
from woxly_tui.types import Identity

ANN, BOB, ECHO = Identity("id-ann"), Identity("id-bob"), Identity("id-Echo")


def rows(pilot: CallPilot) -> list[str]:
    roster = pilot.app.screen_stack[0].query_one("#roster")
    lines = [roster.render_line(y).text for y in range(roster.size.height)]
    return [line for line in lines if line.strip()]


async def test_nothing_is_chosen_by_itself() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("plus_sign")
        await settle(pilot)
        assert engine.sent == []
        assert "Whose volume?" in toasts(pilot)
        assert "›" not in screen_text(pilot)


async def test_a_chosen_person_is_played_louder_and_softer_and_the_row_says_so() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("p")
        await settle(pilot)
        assert rows(pilot)[1].startswith("  › ann")
        await pilot.press("minus", "minus")
        await settle(pilot)
        assert engine.sent == [SetVolume(ANN, 90), SetVolume(ANN, 80)]
        assert "vol 80%" in rows(pilot)[1]
        await pilot.press("down", "down", "plus_sign")
        await settle(pilot)
        assert engine.sent[-1] == SetVolume(ECHO, 110)
        assert rows(pilot)[3].startswith("  › Echo")
        await pilot.press("up", "x")
        await settle(pilot)
        assert engine.sent[-1] == SetVolume(BOB, 0)
        assert "silenced" in rows(pilot)[2]
        await pilot.press("equals_sign")
        await settle(pilot)
        assert engine.sent[-1] == SetVolume(BOB, 100)
        assert "vol" not in rows(pilot)[2]


async def test_letting_go_hides_the_choice_and_the_arrows_scroll_again() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("p", "down", "escape")
        await settle(pilot)
        assert "›" not in "".join(rows(pilot))
        await pilot.press("down", "minus")
        await settle(pilot)
        assert engine.sent == []
        await pilot.press("p", "p", "m")
        await settle(pilot)
        assert engine.sent == [ToggleMute()]


async def test_with_one_other_nobody_needs_to_be_chosen() -> None:
    engine = FakeEngine(in_call((YOU, person("ann"))))
    async with calling(engine) as pilot:
        await pilot.press("x")
        await settle(pilot)
        assert engine.sent == [SetVolume(ANN, 0)]
        await pilot.press("x")
        await settle(pilot)
        assert engine.sent[-1] == SetVolume(ANN, 100)


async def test_alone_the_keys_do_nothing() -> None:
    engine = FakeEngine(in_call((YOU,)))
    async with calling(engine) as pilot:
        await pilot.press("p", "down", "plus_sign", "x", "0")
        await settle(pilot)
        assert engine.sent == []
        assert toasts(pilot) == ""


async def test_a_click_on_somebody_chooses_them() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.click("#roster", offset=(8, 4))
        await pilot.press("minus")
        await settle(pilot)
        assert engine.sent == [SetVolume(BOB, 90)]


async def test_who_leaves_is_chosen_no_more() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("p")
        engine.change(participants=tuple(p for p in FRIENDS if p.name != "ann"))
        await settle(pilot)
        await pilot.press("minus")
        await settle(pilot)
        assert engine.sent == []


async def test_every_width_says_who_is_silenced() -> None:
    people = [replace(p, volume_percent=0) if p.name == "ann" else p for p in FRIENDS]
    for size in ((40, 12), (80, 24), (160, 50)):
        async with calling(FakeEngine(in_call(people)), size) as pilot:
            assert "silenced" in rows(pilot)[1]


async def test_a_long_list_follows_the_choice() -> None:
    people = (YOU, *(person(f"friend {number}") for number in range(60)))
    async with calling(FakeEngine(in_call(people))) as pilot:
        await pilot.press("p", *["down"] * 45)
        await settle(pilot)
        assert "› friend 45" in screen_text(pilot)
