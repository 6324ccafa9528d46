"""The worker's reports about sound devices, as notices."""

from woxly_tui.call.device_news import Devices, device_notice
from woxly_tui.call.snapshot import Notice
from woxly_tui.media.messages import DevicesChanged
from woxly_tui.types import DeviceKind


class DeviceNews:
    """Remembers what was told last, across workers: a server that is gone tells nothing."""

    def __init__(self) -> None:
        self._before: dict[DeviceKind, Devices] = {}

    def take(self, event: DevicesChanged) -> list[Notice]:
        """What the user must know of it."""
        if not event.is_server_there:
            return []
        notices = []
        for kind, found, in_use in (
            (DeviceKind.MICROPHONE, event.microphones, event.microphone),
            (DeviceKind.SPEAKER, event.speakers, event.speaker),
        ):
            now = Devices({device.name: device.description for device in found}, in_use)
            before = self._before.get(kind, now)
            notice = device_notice(kind, before, now)
            if notice is not None:
                notices.append(notice)
            self._before[kind] = now
        return notices
