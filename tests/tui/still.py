"""Pictures of the screen in which nothing moves: one scene per state, at a fixed time."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.tui.fake_engine import (
    FRIENDS,
    NOON,
    YOU,
    FakeEngine,
    StillClock,
    in_call,
    person,
)
from tests.tui.piloting import CallPilot, screen_text
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import (
    CallPhase,
    DevicesView,
    DeviceView,
    Ending,
    EndReason,
    Microphone,
    MicState,
    ParticipantView,
    Ptt,
    Quality,
    Shaping,
    Snapshot,
)
from woxly_tui.control.messages import MicrophoneTried
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.types import Dbfs, Seconds

_TALK = {"Ines": -18.0, "ann": -31.0, "Echo": -55.0}


_DETAILS = (
    ParticipantDetails(YOU.identity, 0.0, 1.2, 38, None, "opus", 33.1, None),
    ParticipantDetails(FRIENDS[1].identity, 0.4, 2.1, 21, 0.2, "opus", 31.8, 42),
)

_CHAT = (
    ("ann", "can you push that branch?"),
    ("Ines", "on its way: https://git.example.org/team/voice/-/merge_requests/812"),
    ("Echo", "the build says\n    undefined reference to `mixer_open'\n    make: *** Error 2"),
    (
        "bob",
        "I had that last week. It is the old object files from before the split, they are not "
        "built again on their own: clean once, then build.",
    ),
    ("Ines", "thanks, that was it"),
)
_HOSTILE_CHAT = (
    ("[b]mallory[/b]\x1b[31m\u202e", "\x1b[2J[red]red[/red] \u202eevil\u202c"),
    ("שלום", "שלום עולם https://xn--80ak6aa92e.example/ 42"),
    ("👨\u200d👩\u200d👧 ❤\ufe0f", "🇩🇪 ❤\ufe0f 👍🏽 " + "漢字" * 40),
    ("e" + "\u0301" * 9, "https://bank.example@evil.example/ e" + "\u0301" * 9),
    ("x" * 500, "y" * 700),
)


@dataclass(frozen=True)
class Scene:
    """A state to draw, what is heard in it, and keys pressed before the picture."""

    snapshot: Snapshot
    levels: dict[str, float] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    chat: tuple[tuple[str, str], ...] = ()
    """Who said what, a minute apart."""
    theme: str = "dark"
    details: tuple[ParticipantDetails, ...] = ()
    tried: MicrophoneTried | None = None
    """How loud the microphone is that is tried, after the keys."""


_BUDS = DeviceView("bluez.mic", "Buds of Ines", is_phone_quality=True)
_HEADSET = DeviceView("usb.speaker", "USB headset")
_DEVICES = DevicesView(
    microphones=(
        DeviceView("pci.mic", "Built-in Audio Analog Stereo"),
        DeviceView("usb.mic", "USB headset"),
        _BUDS,
    ),
    speakers=(DeviceView("pci.speaker", "Built-in Audio Analog Stereo"), _HEADSET),
    microphone="bluez.mic",
    speaker="pci.speaker",
    chosen_microphone=_BUDS,
    chosen_speaker=DeviceView("hall", "Speaker in the hall"),
)


def _sound_scenes() -> dict[str, Scene]:
    deaf = Microphone(
        state=MicState.OPEN,
        wanted_muted=False,
        backend="native",
        is_silent=True,
        cause="the microphone delivers nothing but silence: check its own mute switch, that it is "
        "not muted in the sound settings, and that it is the one you mean",
    )
    hostile = tuple(
        DeviceView(f"dev-{number}", name)
        for number, name in enumerate(
            ("[b]bold[/b]\x1b[31m\u202e", "שלום עולם", "漢字" * 40, "e" + "\u0301" * 9, "x" * 500)
            * 40
        )
    )
    level = MicrophoneTried("bluez.mic", Dbfs(-21.0))
    muted = Microphone(state=MicState.MUTED, backend="native")
    devices = in_call(_own(is_muted=True), devices=_DEVICES, microphone=muted)  # type: ignore[arg-type]  # people
    hostile_devices = replace(_DEVICES, microphones=hostile, chosen_microphone=None)
    return {
        "silent_mic": Scene(in_call(microphone=deaf)),
        "phone_mic": Scene(in_call(devices=_DEVICES), _TALK),
        "sound_microphone": Scene(devices, keys=("s",), tried=level),
        "sound_speaker": Scene(devices, keys=("s", "tab", "up", "p")),
        "sound_settings": Scene(
            replace(devices, shaping=Shaping(mic_gain_db=6.0, auto_gain=False)),
            keys=("s", "tab", "tab", "down"),
        ),
        "sound_hostile": Scene(in_call(devices=hostile_devices), keys=("s", "pagedown")),
    }


def _own(**fields: object) -> tuple[object, ...]:
    return (replace(YOU, **fields), *FRIENDS[1:])  # type: ignore[arg-type]  # real fields


def _told(**hears: bool) -> tuple[ParticipantView, ...]:
    """Everybody, with who told whether they hear us."""
    return tuple(replace(p, hears_us=hears.get(p.name)) for p in FRIENDS)


def _held() -> Microphone:
    """Open by push-to-talk, which is about to end by itself."""
    ptt = Ptt(is_down=True, closes_at=Seconds(NOON + 8))
    return Microphone(state=MicState.OPEN, backend="native", ptt=ptt)


def _hostile() -> Snapshot:
    people = (
        YOU,
        person("[red]bold[/red] \x1b[31mred"),
        person("👨\u200d👩\u200d👧 family ❤\ufe0f 🇩🇪"),
        person("שלום עולם", is_muted=True),
        person("漢字" * 20, quality=Quality.POOR),
        person("e\u0301\u0302\u0303" * 9, is_deafened=True),
        person("x" * 500, is_connecting=True),
        person("\x07\x9b\u202e"),
    )
    return in_call(people, room="[b]room[/b]\x1b]2;x\x07 \u202e漢字", quality=Quality.POOR)


def _chat_scenes() -> dict[str, Scene]:
    return {
        "chat": Scene(in_call(), _TALK, ("c", *"I'll look", "space"), chat=_CHAT),
        "chat_hostile": Scene(_hostile(), keys=("c", "escape"), chat=_HOSTILE_CHAT),
        "unread": Scene(in_call(), _TALK, chat=_CHAT),
    }


def _scenes_of_people() -> dict[str, Scene]:
    """What the others tell of themselves."""
    return {
        "heard": Scene(in_call(_told(ann=True, bob=True, Echo=True)), _TALK),
        "unheard": Scene(in_call(_told(ann=True, bob=False)), _TALK),
        "recorded": Scene(in_call((YOU, person("ann", is_recording=True), *FRIENDS[2:])), _TALK),
        "details": Scene(in_call(_told(ann=True, bob=False)), _TALK, ("p", "i"), details=_DETAILS),
    }


def scenes() -> dict[str, Scene]:
    """Every state worth a picture."""
    muted = Microphone(state=MicState.MUTED, backend="native")
    deafened = replace(muted, is_deafened=True, wanted_deafened=True)
    absent = Microphone(
        state=MicState.ABSENT,
        backend="null",
        cause="no sound server is running: start PulseAudio or PipeWire, then press r",
    )
    evicted = Ending(
        EndReason.EVICTED,
        "you joined this room from somewhere else",
        "leave there first, or press r to move the call here",
    )
    crowd = (YOU, *(person(f"friend {number}") for number in range(1, 41)))
    crowd_talk = {"Ines": -90.0, "friend 1": -12.0, "friend 3": -4.0, "friend 9": -40.0}
    return {
        "call": Scene(in_call(), _TALK),
        "light": Scene(in_call(), _TALK, theme="light"),
        "muted": Scene(
            in_call(_own(is_muted=True), microphone=muted),  # type: ignore[arg-type]  # people
            {"ann": -31.0},
        ),
        "deafened": Scene(
            in_call(_own(is_muted=True, is_deafened=True), microphone=deafened)  # type: ignore[arg-type]  # people
        ),
        "talking": Scene(in_call(microphone=_held()), _TALK),
        "no_mic": Scene(
            in_call(_own(has_microphone=False), microphone=absent),  # type: ignore[arg-type]  # people
            {"ann": -31.0},
        ),
        "reconnecting": Scene(
            in_call(
                phase=CallPhase.RECONNECTING,
                trouble="the server closed the connection",
                retry_at=Seconds(NOON + 4),
            )
        ),
        "ended": Scene(in_call(phase=CallPhase.ENDED, ending=evicted)),
        "help": Scene(in_call(), _TALK, ("question_mark",)),
        "leave": Scene(in_call(), _TALK, ("q",)),
        "hostile": Scene(_hostile(), {"Ines": -18.0}),
        "crowd": Scene(in_call(crowd), crowd_talk),
        "alone": Scene(in_call((YOU,))),
        **(_chat_scenes() | _scenes_of_people() | _sound_scenes()),
    }


class StillApp(WoxlyApp):
    """The app as it is, with pictures that name no web font."""

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        svg = super().export_screenshot(title=title, simplify=simplify)
        return re.sub(r"\s*@font-face \{[^}]*\}", "", svg)


def build(scene: Scene) -> tuple[StillApp, Callable[[CallPilot], object]]:
    """The app for a scene, and what to do before its picture is taken."""
    engine = FakeEngine(scene.snapshot, confirm_after_s=None)
    engine.details = scene.details
    clock = StillClock()
    app = StillApp(engine, theme=scene.theme, clock=clock)

    async def prepare(pilot: CallPilot) -> None:
        await pilot.pause(0.05)
        if scene.levels:
            engine.say({name: level + 9 for name, level in scene.levels.items()})
            await pilot.pause(0.05)
            engine.say(scene.levels)
            await pilot.pause(0.05)
            clock.now += 0.6
            await pilot.pause(0.25)
        for name, text in scene.chat:
            engine.write(text, name, is_local=name == YOU.name)
        await pilot.pause(0.05)
        await pilot.press(*scene.keys)
        await pilot.pause(0.05)
        if scene.tried is not None:
            before = screen_text(pilot)
            engine.hear_microphone(scene.tried)
            await _until(pilot, lambda: screen_text(pilot) != before, "the bar")
            clock.now += 1
            number = f"{scene.tried.level_dbfs:.0f}"
            await _until(pilot, lambda: number in screen_text(pilot), "the number")
            await pilot.pause(0.5)  # for what else goes by the clock

    return app, prepare


async def _until(pilot: CallPilot, is_shown: Callable[[], bool], what: str) -> None:
    """Wait for the screen, which looks ten times a second for what is heard."""
    for _ in range(100):
        if is_shown():
            return
        await pilot.pause(0.05)
    raise AssertionError(f"{what} is not shown after 5 s")
