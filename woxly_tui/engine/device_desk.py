"""The sound devices: what the worker tells of them, and which are chosen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from woxly_tui.call.device_news import Devices, device_notice
from woxly_tui.call.snapshot import DevicesView, DeviceView, Notice
from woxly_tui.control.messages import SelectDevice
from woxly_tui.engine.device_store import DeviceStore
from woxly_tui.media import messages as media
from woxly_tui.types import DeviceKind

NOT_THERE: Final = (
    "There is no such device now",
    "`woxly devices` lists those there are, by the names they go by",
)


class DeviceDesk:
    """Owns the choice and its file; `view` is what the snapshot shows.

    Args:
        store: Where the choice is kept.
        show: Takes what the snapshot is to show, whenever it changes.
    """

    def __init__(self, store: DeviceStore, show: Callable[[DevicesView], None]) -> None:
        self._store = store
        self._chosen = store.load()
        self._before: dict[DeviceKind, Devices] = {}
        self._show = show
        self.view = DevicesView()
        self._take_view(self.view)

    def take(self, event: media.DevicesChanged) -> list[Notice]:
        """What the user must know of it. A server that is gone tells nothing new of devices."""
        fresh = DevicesView(_views(event.microphones), _views(event.speakers))
        fresh = replace(fresh, microphone=event.microphone, speaker=event.speaker)
        self._take_view(fresh)
        if not event.is_server_there:
            return []
        notices = []
        for kind in DeviceKind:
            found = {d.name: d.description for d in self.view.of(kind)}
            now = Devices(found, self.view.in_use(kind))
            notices.append(device_notice(kind, self._before.get(kind, now), now))
            self._before[kind] = now
        return [notice for notice in notices if notice is not None]

    def select(
        self, asked: SelectDevice, send: Callable[[media.SelectDevice], None]
    ) -> tuple[str, str] | None:
        """Choose a device, or with an empty name the default one; returns why not."""
        device = next((d for d in self.view.of(asked.kind) if d.name == asked.name), None)
        if device is not None:
            self._chosen[asked.kind] = device
        elif not asked.name:
            self._chosen.pop(asked.kind, None)
        else:
            return NOT_THERE
        self._store.save(self._chosen)
        self._take_view(self.view)
        send(media.SelectDevice(asked.kind, asked.name))
        return None

    def tell(self, send: Callable[[media.SelectDevice], None]) -> None:
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
