from dataclasses import dataclass, field, replace

import pytest

from woxly_tui.call.ringing.view import IncomingRing, RingPhase, RingView
from woxly_tui.engine.ring_cues import RingCues
from woxly_tui.social.model import Presence
from woxly_tui.types import Cue, RoomId, RoomKind, Seconds, UserId

RUNG = RingView(incoming=(IncomingRing(UserId(1), None, RoomKind.DM, Seconds(0.0)),))
DIALLING = RingView(phase=RingPhase.OUTGOING, peer=UserId(1))


@dataclass
class Heard:
    """Cues as they were asked for."""

    said: list[str] = field(default_factory=list)

    def loop(self, cue: Cue) -> None:
        self.said.append(cue.value)

    def stop(self) -> None:
        self.said.append("stop")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def cues(heard: Heard) -> RingCues:
    return RingCues(heard)  # type: ignore[arg-type]


def test_a_ring_sounds_until_it_is_over(cues: RingCues, heard: Heard) -> None:
    for view in (RUNG, RUNG, RingView()):
        cues.see(view, Presence.ONLINE)
    assert heard.said == ["ring", "stop"]


def test_whoever_is_not_to_be_disturbed_is_rung_in_silence(cues: RingCues, heard: Heard) -> None:
    cues.see(RUNG, Presence.DND)
    assert heard.said == []


def test_the_caller_hears_that_it_rings_once_it_does(cues: RingCues, heard: Heard) -> None:
    cues.see(DIALLING, Presence.DND)
    assert heard.said == []
    cues.see(replace(DIALLING, room=RoomId(7)), Presence.DND)
    assert heard.said == ["ringback"]
