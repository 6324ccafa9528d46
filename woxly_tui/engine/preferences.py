"""What the user prefers beside the call: volumes, devices, gains and cleaning."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from woxly_tui._lib.json_file import JsonFile
from woxly_tui.call.snapshot import Notice, Severity, Snapshot
from woxly_tui.call.volumes import LOUDEST, Volumes
from woxly_tui.control.messages import Join, SelectDevice, SetShaping, SetVolume
from woxly_tui.engine.device_desk import DeviceDesk
from woxly_tui.engine.device_store import DeviceStore, devices_path
from woxly_tui.engine.shaping_control import ShapingControl, shaping_path
from woxly_tui.engine.volume_control import Refusal, VolumeControl
from woxly_tui.engine.volume_store import VolumeStore, volumes_path
from woxly_tui.media import messages as media

Preference: TypeAlias = SetVolume | SetShaping | SelectDevice


@dataclass(frozen=True, slots=True)
class Stores:
    """Where preferences are kept; nowhere by default."""

    volumes: VolumeStore = field(default_factory=lambda: VolumeStore(None))
    devices: DeviceStore = field(default_factory=lambda: DeviceStore(None))
    shaping: JsonFile = field(default_factory=lambda: JsonFile(None))


def user_stores() -> Stores:
    """Those in the user's data directory."""
    return Stores(
        VolumeStore(volumes_path()), DeviceStore(devices_path()), JsonFile(shaping_path())
    )


class Preferences:
    """Owns them; the snapshot shows what is wanted. Use from the event loop.

    Args:
        volumes: Filled with what was saved; the rows of the snapshot are drawn from it.
        show: Takes fields of the snapshot.
        send: Tells the media worker.
        tell: Shows a notice to the user.
        stores: Where all is kept.
    """

    def __init__(
        self,
        volumes: Volumes,
        show: Callable[..., None],
        send: Callable[[Any], None],
        tell: Callable[[Notice], None],
        stores: Stores,
    ) -> None:
        self._send = send
        self._tell = tell
        self._volumes = VolumeControl(volumes, stores.volumes)
        self._devices = DeviceDesk(stores.devices, lambda view: show(devices=view))
        self.shaping = ShapingControl(stores.shaping, lambda wanted: show(shaping=wanted))

    def join(self, join: Join, backend: media.BackendChoice) -> None:
        """A call begins, whose user's settings say this."""
        if (notice := self.shaping.join(join.shaping, backend)) is not None:
            self._tell(notice)

    def set(
        self, asked: Preference, snapshot: Snapshot, backend: media.BackendChoice
    ) -> Refusal | None:
        """Prefer something from now on; returns why not.

        Args:
            asked: What.
            snapshot: The present state.
            backend: Which sound the user asked for.
        """
        match asked:
            case SelectDevice():
                refusal = self._devices.select(asked, self._send)
                return Refusal(*refusal) if refusal is not None else None
            case SetShaping():
                answer = self.shaping.set(asked, backend, self._send)
                if isinstance(answer, Notice):
                    self._tell(answer)
                    return None
                return answer
        return self._set_volume(asked, snapshot, backend)

    def _set_volume(
        self, asked: SetVolume, snapshot: Snapshot, backend: media.BackendChoice
    ) -> Refusal | None:
        percent = min(max(asked.percent, 0), LOUDEST)
        refusal = self._volumes.set(replace(asked, percent=percent), snapshot, backend, self._send)
        if refusal is None and percent != asked.percent:
            text = f"There is no volume of {asked.percent} %: it is {percent} % now"
            self._tell(Notice(Severity.WARNING, text, f"volumes go from 0 to {LOUDEST} %"))
        return refusal

    def give_up_mixer(self, cause: str) -> None:
        """The worker has no mixer: what needs it is not wanted any more."""
        self._tell(self._volumes.give_up_fine(cause))
        if (notice := self.shaping.give_up(cause)) is not None:
            self._tell(notice)

    def take_devices(self, event: media.DevicesChanged) -> None:
        """The worker saw other devices."""
        for notice in self._devices.take(event):
            self._tell(notice)

    def tell_worker(self) -> None:
        """A fresh worker takes commands."""
        self._devices.tell(self._send)
