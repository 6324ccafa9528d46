"""The sound devices: what the worker tells of them, and which are chosen.

the user's settings, at every join ─┐
chosen in a call, kept ─────────────┴─► chosen ──► worker; where neither: the sound settings
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from woxly_tui._lib.text import clean_name
from woxly_tui.call.device_names import devices_called
from woxly_tui.call.device_news import Devices, device_notice, phone_notice
from woxly_tui.call.snapshot import DevicesView, DeviceView, Notice
from woxly_tui.control.messages import DeviceWishes, SelectDevice
from woxly_tui.engine.device_store import DeviceStore
from woxly_tui.media import messages as media
from woxly_tui.types import DeviceKind

NOT_THERE: Final = (
    "There is no such device now",
    "`woxly devices` lists those there are, by the names they go by",
)

Send = Callable[[media.SelectDevice], None]


class DeviceDesk:
    """Owns the choice and its file; `view` is what the snapshot shows.

    Args:
        store: Where the choice is kept.
        show: Takes what the snapshot is to show, whenever it changes.
    """

    def __init__(self, store: DeviceStore, show: Callable[[DevicesView], None]) -> None:
        self._store = store
        self._chosen = store.load()
        self._wishes: dict[DeviceKind, str] = {}
        """What the settings call devices that were not there yet."""
        self._before: dict[DeviceKind, Devices] = {}
        self._phones: set[str] = set()
        """Of these the user knows that they sound like a telephone."""
        self._show = show
        self.view = DevicesView()
        self._take_view(self.view)

    def join(self, wishes: DeviceWishes) -> None:
        """A call begins: what the settings say beats what was chosen in a call before."""
        self._chosen = self._store.load()
        named = {DeviceKind.MICROPHONE: wishes.microphone, DeviceKind.SPEAKER: wishes.speaker}
        self._wishes = {kind: name for kind, name in named.items() if name}
        for kind, name in self._wishes.items():
            # Until it is seen, under the name it goes by in the settings.
            self._chosen[kind] = DeviceView(name, clean_name(name))
        self._find_wished(lambda _command: None)  # no worker listens yet: `tell` comes later
        self._take_view(self.view)

    def take(self, event: media.DevicesChanged, send: Send) -> list[Notice]:
        """What the user must know of it. A server that is gone tells nothing new of devices."""
        fresh = DevicesView(_views(event.microphones), _views(event.speakers))
        self.view = replace(fresh, microphone=event.microphone, speaker=event.speaker)
        self._find_wished(send)
        self._take_view(self.view)
        if not event.is_server_there:
            return []
        notices = []
        for kind in DeviceKind:
            found = {d.name: d.description for d in self.view.of(kind)}
            now = Devices(found, self.view.in_use(kind))
            notices.append(device_notice(kind, self._before.get(kind, now), now))
            self._before[kind] = now
        notices.append(self._phone_notice())
        return [notice for notice in notices if notice is not None]

    def _phone_notice(self) -> Notice | None:
        device = self.view.phone_like
        if device is None or device.name in self._phones:
            return None
        self._phones.add(device.name)
        return phone_notice(device)

    def _find_wished(self, send: Send) -> None:
        """Choose the devices that the settings name, once they are there."""
        for kind, name in list(self._wishes.items()):
            there = self.view.of(kind)
            meant = devices_called(name, [(d.name, d.description) for d in there])
            if meant:
                del self._wishes[kind]
                self._chosen[kind] = next(d for d in there if d.name == meant[0])
                send(media.SelectDevice(kind, meant[0]))

    def select(self, asked: SelectDevice, send: Send) -> tuple[str, str] | None:
        """Choose a device, or with an empty name the default one; returns why not."""
        device = next((d for d in self.view.of(asked.kind) if d.name == asked.name), None)
        if device is None and asked.name:
            return NOT_THERE
        self._wishes.pop(asked.kind, None)
        kept = self._store.load()
        for choice in (self._chosen, kept):
            if device is not None:
                choice[asked.kind] = device
            else:
                choice.pop(asked.kind, None)
        self._store.save(kept)
        self._take_view(self.view)
        send(media.SelectDevice(asked.kind, asked.name))
        return None

    def tell(self, send: Send) -> None:
        """A fresh worker takes commands: tell it what is chosen."""
        for kind, device in self._chosen.items():
            send(media.SelectDevice(kind, device.name))

    def _take_view(self, view: DevicesView) -> None:
        self.view = replace(
            view,
            chosen_microphone=self._chosen.get(DeviceKind.MICROPHONE),
            chosen_speaker=self._chosen.get(DeviceKind.SPEAKER),
        )
        self._show(self.view)


def _views(devices: tuple[media.Device, ...]) -> tuple[DeviceView, ...]:
    return tuple(DeviceView(d.name, d.description, d.is_phone_quality) for d in devices)
