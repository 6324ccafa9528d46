"""The sound devices of this process: watched, told to the engine, and to whoever has a session."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from woxly_tui.media.device_world import DeviceKeeper, DeviceNews
from woxly_tui.media.messages import DevicesChanged
from woxly_tui.media.pulse_watch import PulseWatch
from woxly_tui.types import DeviceKind


class Watch(Protocol):
    """What tells of devices; see `PulseWatch`."""

    def start(self) -> None: ...

    def choose(self, kind: DeviceKind, name: str) -> None: ...

    def close(self) -> None: ...


WatchFactory = Callable[[DeviceKeeper, Callable[[DeviceNews], None]], Watch]


def pinned_by(environ: Mapping[str, str]) -> list[DeviceKind]:
    """The kinds whose device libpulse takes from the environment."""
    names = {DeviceKind.SPEAKER: "PULSE_SINK", DeviceKind.MICROPHONE: "PULSE_SOURCE"}
    return [kind for kind, name in names.items() if environ.get(name)]


class SoundWatch:
    """Brings the news of the watch to the event loop. Nothing is watched but on Linux.

    Args:
        emit: Takes the events.
        make: Makes the watch; tests put a fake here.
    """

    def __init__(
        self, emit: Callable[[DevicesChanged], None], make: WatchFactory = PulseWatch
    ) -> None:
        self._emit = emit
        self._make = make
        self._watch: Watch | None = None
        self._news: DeviceNews | None = None
        self._follower: Callable[[DeviceNews], None] | None = None

    def start(self) -> None:
        """Begin, once the environment leads to the sound server."""
        if not sys.platform.startswith("linux"):
            return
        loop = asyncio.get_running_loop()

        def tell(news: DeviceNews) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._take, news)

        self._watch = self._make(DeviceKeeper(pinned_by(os.environ)), tell)
        self._watch.start()

    def choose(self, kind: DeviceKind, name: str) -> None:
        """Use another device from now on; an empty name is the default one."""
        if self._watch is not None:
            self._watch.choose(kind, name)

    def follow(self, see: Callable[[DeviceNews], None]) -> None:
        """Tell this session, and no other any more, beginning with what is known."""
        self._follower = see
        if self._news is not None:
            see(self._news)

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()

    def _take(self, news: DeviceNews) -> None:
        before, self._news = self._news, news
        if before is None or before.view != news.view:
            self._emit(news.view)
        if self._follower is not None:
            self._follower(news)
