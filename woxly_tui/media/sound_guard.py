"""Whether the sound of one session should begin anew, now that the sound server looks like this.

World ──► verdict ──► AudioLost       what plays or records here is dead: a fresh worker
                 └──► SoundReturned   there is more to be had than when it was opened
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from woxly_tui.media.device_world import DeviceNews, World
from woxly_tui.media.devices import SoundServer
from woxly_tui.media.messages import AudioLost, BackendChoice, SoundReturned, WorkerEvent

SETTLE_S: Final = 0.7
"""How long better sound must last before a session begins anew for it: a server that starts
finds its devices one after the other."""

SERVER_ENDED: Final = "the sound server ended"
UNPLUGGED: Final = "the microphone was unplugged"

_log = logging.getLogger(__name__)


class Verdict(Enum):
    """What to do about the sound of a session."""

    KEEP = ""
    SERVER_ENDED = SERVER_ENDED
    UNPLUGGED = UNPLUGGED
    BETTER = "there is more sound to be had"


@dataclass(frozen=True, slots=True)
class Opened:
    """The sound of a session, and the world it was opened in."""

    choice: BackendChoice
    has_microphone: bool
    world: World
    is_given_up: bool = False
    """It is null because devices failed again and again, not because there are none."""


def judge_sound(opened: Opened, news: DeviceNews) -> Verdict:
    """Compare what there is with what there was."""
    now, before = news.world, opened.world
    is_other_server = now.generation != before.generation
    if opened.choice is BackendChoice.NULL:
        is_better = _rank(now.server) > _rank(before.server)
        is_other = is_other_server or (opened.is_given_up and _names(now) != _names(before))
        return Verdict.BETTER if now.server.plays and (is_better or is_other) else Verdict.KEEP
    if before.server.is_reached and (is_other_server or not now.server.is_reached):
        return Verdict.SERVER_ENDED
    if opened.has_microphone:
        return Verdict.UNPLUGGED if news.is_listening_to_a_speaker else Verdict.KEEP
    return Verdict.BETTER if _rank(now.server) > _rank(before.server) else Verdict.KEEP


def _rank(server: SoundServer) -> int:
    return server.plays + (server is SoundServer.ANSWERS)


def _names(world: World) -> frozenset[str]:
    return frozenset(device.name for device in world.devices)


class SoundGuard:
    """Says so when the sound of one session should begin anew; once. Use from the event loop.

    Args:
        session: Number of the session, for the events.
        is_wanted: Whether sound was asked for at all.
        is_given_up: Whether this session does without, though it was asked for.
        emit: Takes the events.
    """

    def __init__(
        self,
        session: int,
        emit: Callable[[WorkerEvent], None],
        *,
        is_wanted: bool,
        is_given_up: bool = False,
    ) -> None:
        self._session = session
        self._emit = emit
        self._is_wanted = is_wanted
        self._is_given_up = is_given_up
        self._news: DeviceNews | None = None
        self._before: World | None = None
        self._opened: Opened | None = None
        self._timer: asyncio.TimerHandle | None = None

    def opening(self) -> None:
        """A backend is about to be opened, in the present world."""
        self._before = self._news.world if self._news is not None else None

    def opened(self, choice: BackendChoice, *, has_microphone: bool) -> None:
        """It runs; compare with that world from now on."""
        self._opened = None
        if self._is_wanted and self._before is not None:
            self._opened = Opened(choice, has_microphone, self._before, self._is_given_up)
            self._look()

    def see(self, news: DeviceNews) -> None:
        """Take the present state of the sound server."""
        self._news = news
        if self._before is None:
            self._before = news.world
        self._look()

    def close(self) -> None:
        """Say nothing more."""
        self._opened = None
        self._stop_timer()

    def _look(self) -> None:
        if self._opened is None or self._news is None:
            return
        verdict = judge_sound(self._opened, self._news)
        if verdict is not Verdict.BETTER:
            self._stop_timer()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SETTLE_S, self._return)
        if verdict in (Verdict.SERVER_ENDED, Verdict.UNPLUGGED):
            _log.warning("audio lost: %s", verdict.value)
            self.close()
            self._emit(AudioLost(self._session, verdict.value))

    def _return(self) -> None:
        _log.info("the sound is back")
        self.close()
        self._emit(SoundReturned(self._session))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
