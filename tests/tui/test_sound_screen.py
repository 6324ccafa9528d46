"""The sound screen: devices listened to, tried and chosen; settings changed; by key and mouse."""

from dataclasses import replace

from tests.tui.fake_engine import FakeEngine, StillClock, in_call
from tests.tui.piloting import CallPilot, calling, dialog, screen_text, settle
from woxly_tui.call.snapshot import (
    CallPhase,
    DevicesView,
    DeviceView,
    Ending,
    EndReason,
    GateLevel,
    Microphone,
    MicState,
    Shaping,
    Snapshot,
)
from woxly_tui.control.messages import (
    MicrophoneTried,
    SelectDevice,
    SetShaping,
    ToggleMute,
    TryMicrophone,
    TrySpeaker,
)
from woxly_tui.tui.screens.sound import AGAIN_S
from woxly_tui.tui.sound_pages import GATE, setting_rows
from woxly_tui.types import Dbfs, DeviceKind

MIC, SPEAKER = DeviceKind.MICROPHONE, DeviceKind.SPEAKER
DEVICES = DevicesView(
    microphones=(
        DeviceView("pci-in", "Built-in Audio"),
        DeviceView("usb-in", "USB headset"),
        DeviceView("bt-in", "Buds", is_phone_quality=True),
    ),
    speakers=(DeviceView("pci-out", "Built-in Audio"), DeviceView("usb-out", "USB headset")),
    microphone="pci-in",
    speaker="usb-out",
    chosen_speaker=DeviceView("usb-out", "USB headset"),
)


def with_devices(devices: DevicesView = DEVICES, microphone: Microphone | None = None) -> Snapshot:
    snapshot = in_call(devices=devices)
    return replace(snapshot, microphone=microphone or snapshot.microphone)


def words(pilot: CallPilot) -> str:
    """What the screen says, wherever its lines end."""
    return " ".join(screen_text(pilot).split())


async def tick(pilot: CallPilot) -> None:
    """Past the next look of the screen at the engine."""
    await pilot.pause(0.15)
    await pilot.pause()


def tries(engine: FakeEngine) -> list[object]:
    return [command for command in engine.sent if isinstance(command, TryMicrophone)]


async def test_it_opens_on_the_microphones_and_says_which_is_which() -> None:
    engine = FakeEngine(with_devices())
    async with calling(engine) as pilot:
        await pilot.press("s")
        await tick(pilot)
        text = screen_text(pilot)
        assert "› ● as in the sound settings" in text
        assert "Built-in Audio" in text
        assert "in use" in text
        assert "telephone quality" in text
        assert "nothing of it is sent" in text
        await pilot.press("escape")
        await settle(pilot)
        assert dialog(pilot) == "CallScreen"


async def test_the_microphone_under_the_cursor_is_measured_until_the_screen_closes() -> None:
    clock = StillClock()
    engine = FakeEngine(with_devices())
    async with calling(engine, clock=clock) as pilot:
        await pilot.press("s")
        await tick(pilot)
        assert tries(engine) == [TryMicrophone("")]
        await pilot.press("down", "down")
        await tick(pilot)
        assert len(tries(engine)) == 1, "the cursor does not rest yet"
        clock.now += 0.2
        await tick(pilot)
        assert tries(engine)[1:] == [TryMicrophone("usb-in")]
        clock.now += AGAIN_S
        await tick(pilot)
        assert tries(engine)[2:] == [TryMicrophone("usb-in")]
        await pilot.press("tab")
        await tick(pilot)
        assert tries(engine)[3:] == [TryMicrophone("usb-in", is_on=False)]
        await pilot.press("shift+tab")
        await tick(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert tries(engine)[-1] == TryMicrophone("usb-in", is_on=False)


async def test_its_level_is_shown_also_while_muted_and_others_are_not() -> None:
    mic = Microphone(state=MicState.MUTED, backend="native")
    clock = StillClock()
    engine = FakeEngine(with_devices(microphone=mic))
    async with calling(engine, clock=clock) as pilot:
        await pilot.press("s")
        await tick(pilot)
        assert "You are muted in the call" in words(pilot)
        engine.hear_microphone(MicrophoneTried("", Dbfs(-20.0)))
        await tick(pilot)
        clock.now += 1
        await tick(pilot)
        assert "█" in screen_text(pilot)
        assert " -20" in screen_text(pilot)
        engine.hear_microphone(MicrophoneTried("usb-in", Dbfs(-3.0)))
        await tick(pilot)
        assert "too loud" not in screen_text(pilot)
        engine.hear_microphone(MicrophoneTried("", Dbfs(-90.0), is_deaf=True))
        await tick(pilot)
        assert "delivers nothing" in screen_text(pilot)


async def test_enter_uses_a_device_and_the_first_row_goes_back_to_the_settings() -> None:
    engine = FakeEngine(with_devices())
    async with calling(engine) as pilot:
        await pilot.press("s", "down", "down", "enter")
        await settle(pilot)
        assert SelectDevice(MIC, "usb-in") in engine.sent
        await pilot.press("tab")
        await tick(pilot)
        assert "› ● USB headset" in screen_text(pilot)
        await pilot.press("home", "enter")
        await settle(pilot)
        assert SelectDevice(SPEAKER, "") in engine.sent


async def test_a_tone_is_played_by_the_speaker_under_the_cursor_only() -> None:
    engine = FakeEngine(with_devices())
    async with calling(engine) as pilot:
        await pilot.press("s", "p")
        await settle(pilot)
        assert not [c for c in engine.sent if isinstance(c, TrySpeaker)]
        await pilot.press("tab", "up", "p")
        await settle(pilot)
        assert [c for c in engine.sent if isinstance(c, TrySpeaker)] == [TrySpeaker("pci-out")]
        assert "A tone sounds there now" in screen_text(pilot)


async def test_everything_can_be_clicked() -> None:
    engine = FakeEngine(with_devices())
    async with calling(engine, size=(60, 15)) as pilot:
        await pilot.press("s")
        await tick(pilot)
        rows = screen_text(pilot).splitlines()
        y = next(i for i, row in enumerate(rows) if "USB headset" in row)
        await pilot.click(offset=(8, y))
        await settle(pilot)
        assert SelectDevice(MIC, "usb-in") in engine.sent
        await pilot.click(offset=(rows[0].index("Speaker") + 1, 0))
        await tick(pilot)
        rows = screen_text(pilot).splitlines()
        y = next(i for i, row in enumerate(rows) if "play tone" in row)
        await pilot.click(offset=(rows[y].index("play tone"), y))
        await settle(pilot)
        assert [c for c in engine.sent if isinstance(c, TrySpeaker)] == [TrySpeaker("usb-out")]
        await pilot.click(offset=(rows[0].index("Settings") + 1, 0))
        await tick(pilot)
        rows = screen_text(pilot).splitlines()
        y = next(i for i, row in enumerate(rows) if "‹" in row)
        await pilot.click(offset=(rows[y].index("›", 5), y))
        await settle(pilot)
        assert SetShaping(master_percent=110) in engine.sent
        await pilot.click(offset=(rows[y].index("‹"), y))
        await settle(pilot)
        assert engine.sent[-1] == SetShaping(master_percent=100)


async def test_settings_go_on_from_what_was_asked_for_last() -> None:
    engine = FakeEngine(with_devices(), confirm_after_s=None)
    async with calling(engine) as pilot:
        await pilot.press("s", "tab", "tab", "minus", "minus", "down", "plus_sign", "down", "enter")
        await settle(pilot)
        assert [c for c in engine.sent if isinstance(c, SetShaping)] == [
            SetShaping(master_percent=90),
            SetShaping(master_percent=80),
            SetShaping(mic_gain_db=1.0),
            SetShaping(echo_cancellation=False),
        ]


async def test_a_device_that_vanishes_under_the_cursor_leaves_it_near() -> None:
    engine = FakeEngine(with_devices())
    async with calling(engine) as pilot:
        await pilot.press("s", "end")
        await tick(pilot)
        assert "›   Buds" in screen_text(pilot)
        engine.change(devices=replace(DEVICES, microphones=DEVICES.microphones[:2]))
        await tick(pilot)
        assert "›   USB headset" in screen_text(pilot)
        engine.change(devices=DevicesView())
        await tick(pilot)
        assert "No device is known here" in words(pilot)
        await pilot.press("down", "enter", "pagedown", "p")
        await settle(pilot)
        assert dialog(pilot) == "SoundScreen"


async def test_a_choice_that_is_not_plugged_in_is_listed_and_cannot_be_used_again() -> None:
    gone = replace(DEVICES, chosen_microphone=DeviceView("old", "Old [b]mic\x1b[31m\u202e"))
    engine = FakeEngine(with_devices(gone))
    async with calling(engine) as pilot:
        await pilot.press("s", "end", "enter")
        await settle(pilot)
        assert "● Old [b]mic" in screen_text(pilot)
        assert "not plugged in" in screen_text(pilot)
        assert not [c for c in engine.sent if isinstance(c, SelectDevice)]


async def test_two_hundred_devices_are_a_window_that_the_cursor_moves() -> None:
    many = tuple(DeviceView(f"dev-{n}", "漢字 " * 30 if n % 7 else "same") for n in range(200))
    engine = FakeEngine(with_devices(DevicesView(microphones=many)))
    async with calling(engine, size=(60, 15)) as pilot:
        await pilot.press("s")
        await tick(pilot)
        assert "more" in screen_text(pilot)
        await pilot.press("end")
        await tick(pilot)
        text = screen_text(pilot)
        assert "dev-199" in text
        assert "↑" in text
        assert "Esc close" in text
        await pilot.press("home", "pagedown")
        await tick(pilot)
        assert "dev-5" in screen_text(pilot)


async def test_muting_works_while_it_is_open_and_nothing_is_measured_without_a_call() -> None:
    engine = FakeEngine(with_devices())
    async with calling(engine) as pilot:
        await pilot.press("s", "m")
        await settle(pilot)
        assert ToggleMute() in engine.sent
        engine.change(phase=CallPhase.ENDED, ending=Ending(EndReason.LEFT, "over"))
        await tick(pilot)
        before = len(engine.sent)
        await pilot.press("down")
        await tick(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert engine.sent[before:] == []


async def test_the_gate_is_set_by_ear_against_a_meter_with_its_mark() -> None:
    clock = StillClock()
    engine = FakeEngine(with_devices())
    async with calling(engine, clock=clock) as pilot:
        await pilot.press("s", "tab", "tab")
        await tick(pilot)
        assert tries(engine)[-1] == TryMicrophone("", is_on=False)
        await pilot.press("down", "down", "down", "down", "down")
        clock.now += 0.2
        await tick(pilot)
        assert "› Voice gate" in screen_text(pilot)
        assert tries(engine)[-1] == TryMicrophone("pci-in")
        await pilot.press("right")
        await settle(pilot)
        assert engine.sent[-1] == SetShaping(gate="auto")
        await pilot.press("right", "right")
        await settle(pilot)
        assert engine.sent[-1] == SetShaping(gate="-68")
        engine.hear_microphone(MicrophoneTried("pci-in", Dbfs(-20.0)))
        await tick(pilot)
        assert "┃" in screen_text(pilot)
        assert "█" in screen_text(pilot)
        engine.hear_gate(GateLevel(Dbfs(-66.0), Dbfs(-68.0), is_open=False))
        await tick(pilot)
        assert "held back" in screen_text(pilot)
        await pilot.press("down")
        await tick(pilot)
        assert tries(engine)[-1] == TryMicrophone("pci-in", is_on=False)


def test_a_gate_of_any_level_goes_on_in_steps() -> None:
    (row,) = [r for r in setting_rows(Snapshot(shaping=Shaping(gate="-45"))) if r.key == GATE]
    assert (row.shown, row.step("-45", 1), row.step("-45", -1)) == ("-45 dBFS", "-44", "-46")
    assert row.step("off", -1) == "off"
    assert row.step("-10", 1) == "-10"
    assert row.step("-9", 1) == "-10"
