"""What sound devices there are, which our streams use, and which streams to move where. Pure.

World (devices, defaults, our streams) ──DeviceKeeper.look──► Moves
                                       ──DeviceKeeper.view──► DevicesChanged
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from woxly_tui._lib.text import clean_name
from woxly_tui.media.device_messages import Device, DevicesChanged
from woxly_tui.media.devices import SoundServer
from woxly_tui.types import DeviceKind

PHONE_RATE_HZ: Final = 16_000
"""A microphone that runs at this rate, or less, sounds like a telephone."""

MAX_DEVICES: Final = 64
"""Of each kind that are told of."""


@dataclass(frozen=True, slots=True)
class Found:
    """One device of the sound server."""

    kind: DeviceKind
    index: int
    """The server's own number of it, for as long as it is there."""
    name: str
    """The server's own name of it, the same whenever it is plugged in."""
    description: str
    rate_hz: int = 48_000
    is_monitor: bool = False
    """No microphone: what a speaker plays."""
    is_hands_free: bool = False
    """A Bluetooth headset that carries both ways, as in a telephone call."""
    is_muted: bool = False
    """In the system's mixer."""
    percent: int = 100
    """Its volume there."""
    is_worn: bool = False
    """Headphones or a headset: what they play is heard by no microphone."""

    @property
    def is_silent(self) -> bool:
        """Whether the system's mixer lets nothing through."""
        return self.is_muted or self.percent == 0

    @property
    def is_phone_quality(self) -> bool:
        """Whether what it hears sounds like a telephone."""
        is_slow = self.kind is DeviceKind.MICROPHONE and self.rate_hz <= PHONE_RATE_HZ
        return self.is_hands_free or is_slow


@dataclass(frozen=True, slots=True)
class Stream:
    """Sound of ours on its way from or to a device."""

    kind: DeviceKind
    index: int
    device: int
    is_silent: bool = False
    """The system's mixer lets nothing of it through."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything the sound server tells, at one instant."""

    server: SoundServer = SoundServer.ABSENT
    generation: int = 0
    """Counts the connections to a server: another one is another life of it."""
    devices: tuple[Found, ...] = ()
    streams: tuple[Stream, ...] = ()
    defaults: dict[DeviceKind, str] = field(default_factory=dict)
    """Names of the default devices."""

    def of(self, kind: DeviceKind) -> list[Found]:
        """The devices of a kind that can be chosen."""
        return [d for d in self.devices if d.kind is kind and not d.is_monitor]

    def named(self, kind: DeviceKind, name: str) -> Found | None:
        """A device by its name, monitors included."""
        return next((d for d in self.devices if d.kind is kind and d.name == name), None)

    def in_use(self, kind: DeviceKind) -> Found | None:
        """The device that the newest of our streams is on."""
        used = [s.device for s in self.streams if s.kind is kind]
        return next(
            (d for d in self.devices if used and d.index == used[-1] and d.kind is kind), None
        )

    @property
    def is_silent(self) -> bool:
        """Whether we play, and the system's mixer lets none of it be heard."""
        played = [s for s in self.streams if s.kind is DeviceKind.SPEAKER]
        mute = {d.index for d in self.devices if d.kind is DeviceKind.SPEAKER and d.is_silent}
        return bool(played) and all(s.is_silent or s.device in mute for s in played)


@dataclass(frozen=True, slots=True)
class DeviceNews:
    """What a look at the world led to."""

    world: World
    view: DevicesChanged
    is_listening_to_a_speaker: bool = False
    """The microphone is gone, and the server gave us what a speaker plays instead."""


@dataclass(frozen=True, slots=True)
class Move:
    """A stream to be moved to the device of that name."""

    stream: Stream
    device: str


class DeviceKeeper:
    """Keeps our streams on the devices that are wanted, and on the default ones otherwise.

    A stream is moved when it appears, when another device is chosen, when the chosen one is
    plugged in again, and when the default changes. Whoever moves one by hand in between, in a
    mixer of the desktop, is left alone.

    Args:
        pinned: Kinds whose device the environment decides where none is chosen.
    """

    def __init__(self, pinned: Iterable[DeviceKind] = ()) -> None:
        self._pinned = frozenset(pinned)
        self._wanted: dict[DeviceKind, str] = {}
        self._is_fresh: set[DeviceKind] = set()
        """Kinds whose choice changed since the last look."""
        self._before = World()

    def choose(self, kind: DeviceKind, name: str) -> None:
        """Want another device; an empty name is the default one."""
        if self._wanted.get(kind, "") != name:
            self._wanted[kind] = name
            self._is_fresh.add(kind)

    def look(self, world: World) -> list[Move]:
        """Take the present state; returns what to move."""
        moves = [m for kind in DeviceKind for m in self._moves(kind, world)]
        self._before = world
        self._is_fresh.clear()
        return moves

    def _moves(self, kind: DeviceKind, world: World) -> list[Move]:
        before = self._before
        wanted = world.named(kind, self._wanted.get(kind, ""))
        streams = [s for s in world.streams if s.kind is kind]
        if wanted is not None:
            known = {s.index for s in before.streams if s.kind is kind}
            is_new = kind in self._is_fresh or before.named(kind, wanted.name) is None
            return [
                Move(s, wanted.name)
                for s in streams
                if s.device != wanted.index and (is_new or s.index not in known)
            ]
        default = world.named(kind, world.defaults.get(kind, ""))
        if default is None or default.is_monitor or kind in self._pinned:
            return []
        old = before.named(kind, before.defaults.get(kind, ""))
        is_chosen_now = kind in self._is_fresh
        return [
            Move(s, default.name)
            for s in streams
            if s.device != default.index
            and (is_chosen_now or (old is not None and s.device == old.index))
        ]

    def news(self, world: World) -> DeviceNews:
        """What to tell of it."""
        view = DevicesChanged(
            is_server_there=world.server.is_reached,
            microphones=_told(world, DeviceKind.MICROPHONE),
            speakers=_told(world, DeviceKind.SPEAKER),
            microphone=self._present(world, DeviceKind.MICROPHONE),
            speaker=self._present(world, DeviceKind.SPEAKER),
        )
        return DeviceNews(world, view, self._hears_a_speaker(world))

    def _hears_a_speaker(self, world: World) -> bool:
        used = world.in_use(DeviceKind.MICROPHONE)
        if used is None or not used.is_monitor or DeviceKind.MICROPHONE in self._pinned:
            return False
        return used.name != self._wanted.get(DeviceKind.MICROPHONE, "")

    def _present(self, world: World, kind: DeviceKind) -> str:
        """The device in use, or else the one that will be."""
        used = world.in_use(kind)
        if used is None and not (kind in self._pinned and not self._wanted.get(kind)):
            name = self._wanted.get(kind, "")
            used = world.named(kind, name) or world.named(kind, world.defaults.get(kind, ""))
        return used.name if used is not None and not used.is_monitor else ""


def _told(world: World, kind: DeviceKind) -> tuple[Device, ...]:
    return tuple(
        Device(d.name, clean_name(d.description, d.name), d.is_phone_quality)
        for d in world.of(kind)[:MAX_DEVICES]
    )
