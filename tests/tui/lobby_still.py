"""Pictures of the lobby in which nothing moves: one scene per state, at a fixed time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from textual.pilot import Pilot

from tests.tui.fake_engine import NOON, StillClock
from tests.tui.lobby_engine import (
    ANN,
    BOB,
    CALLS,
    DORA,
    MEI,
    ONLINE,
    ROOMS,
    LobbyEngine,
)
from tests.tui.scripted_lobby import crowd
from tests.tui.still import StillApp
from woxly_tui.call.ringing.view import Outcome, RingingPeer
from woxly_tui.call.snapshot import Ending
from woxly_tui.control.lobby import GoOnline, LinkState
from woxly_tui.social.model import Friend, Person, Presence, Room, RoomMessage
from woxly_tui.types import MessageId, RoomId, RoomKind, Seconds, UserId

_EVIL = "\x1b]2;owned\x07\x1b[2J[bold red]mal[/] \u202eevil\u202c"
_EVIL_TEXTS = (
    _EVIL,
    "שלום עולם https://xn--80ak6aa92e.example/ 42",
    "🇩🇪 ❤\ufe0f 👍🏽 " + "漢字" * 40,
    "e" + "\u0301" * 9 + " https://bank.example@evil.example/",
    "\n".join(map(str, range(10_000))),
)


@dataclass(frozen=True)
class Scene:
    """A state to draw: the engine, what it does then, and keys pressed before and after."""

    engine: Callable[[], LobbyEngine] = LobbyEngine
    keys: tuple[str, ...] = ()
    then: Callable[[LobbyEngine], None] = lambda _: None
    after: tuple[str, ...] = field(default=())
    theme: str = "dark"


def _offline() -> LobbyEngine:
    detail = "the server does not answer"
    return LobbyEngine(
        replace(
            ONLINE,
            link=LinkState.OFFLINE,
            detail=detail,
            as_of=Seconds(NOON - 7300),
            retry_at=Seconds(NOON + 5),
        )
    )


def _first_run() -> LobbyEngine:
    return LobbyEngine(friends=(), requests=(), rooms=(), calls=())


def _hostile() -> LobbyEngine:
    friends = tuple(
        Friend(Person(UserId(20 + at), text, text), Presence.ONLINE, text)
        for at, text in enumerate((*_EVIL_TEXTS[:4], "x" * 500))
    )
    evil = friends[0].person
    room = Room(RoomId(10), RoomKind.DM, _EVIL, evil.user, (evil,), 120, _EVIL, Seconds(NOON))
    engine = LobbyEngine(friends=friends, rooms=(room,), calls=())
    engine.messages = {
        room.room: tuple(
            RoomMessage(MessageId(at), room.room, evil, text, Seconds(NOON))
            for at, text in enumerate(_EVIL_TEXTS, 1)
        )
    }
    return engine


def _talking(engine: LobbyEngine) -> None:
    rung = (RingingPeer(BOB.user), RingingPeer(MEI.user, Outcome.DECLINED))
    engine.talk(None, RoomId(11), RoomKind.GROUP, rung)


def _rung_in_a_call(engine: LobbyEngine) -> None:
    engine.talk(BOB.user, RoomId(10))
    engine.ring(ANN)


def _ended(engine: LobbyEngine) -> None:
    engine.talk(ANN.user, RoomId(10))
    engine.hang_up(Outcome.PEER_LEFT)


def _ring_scenes() -> dict[str, Scene]:
    return {
        "outgoing": Scene(then=lambda e: e.dial(ANN.user)),
        "outgoing_group": Scene(
            then=lambda e: e.dial(ANN.user, BOB.user, MEI.user, kind=RoomKind.GROUP)
        ),
        "incoming": Scene(then=lambda e: e.ring(ANN)),
        "incoming_while_writing": Scene(
            keys=("down", "m", *"see you"), then=lambda e: e.ring(ANN, DORA)
        ),
        "incoming_in_a_call": Scene(then=_rung_in_a_call),
    }


def scenes() -> dict[str, Scene]:
    """Every state worth a picture."""
    ann = ("down",)
    return {
        **_ring_scenes(),
        "lobby": Scene(keys=ann),
        "light": Scene(keys=ann, theme="light"),
        "offline": Scene(_offline),
        "first_run": Scene(_first_run),
        "find": Scene(keys=("slash", "a", "n")),
        "marked": Scene(keys=("down", "space", "down", "space")),
        "help": Scene(keys=("question_mark",)),
        "status": Scene(keys=("s",)),
        "remove": Scene(keys=("down", "x")),
        "room": Scene(keys=("down", "m", *"on it")),
        "room_choice": Scene(keys=("down", "m", "up", "up", "up", "up")),
        "group_call": Scene(then=_talking, after=("c",)),
        "ended": Scene(then=_ended),
        "hostile": Scene(_hostile),
        "hostile_room": Scene(_hostile, keys=("down", "m", "escape")),
        "thousand": Scene(
            lambda: LobbyEngine(friends=crowd(1000), rooms=ROOMS, calls=CALLS), keys=("pagedown",)
        ),
    }


def build(scene: Scene) -> tuple[StillApp, Callable[[Pilot[Ending | None]], object]]:
    """The app for a scene, and what to do before its picture is taken."""
    engine = scene.engine()
    app = StillApp(engine, theme=scene.theme, clock=StillClock(), lobby=GoOnline())

    async def prepare(pilot: Pilot[Ending | None]) -> None:
        await pilot.pause(0.05)
        for key in scene.keys:
            await pilot.press(key)
            await pilot.pause(0.05)
        scene.then(engine)
        await pilot.pause(0.1)
        for key in scene.after:
            await pilot.press(key)
            await pilot.pause(0.05)
        await pilot.pause(0.05)

    return app, prepare
