"""The playing thread over a device that is scripted."""

import threading
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from woxly_tui.media.cue_messages import PlayCue, StopCue
from woxly_tui.media.cue_player import RATE_HZ, CuePlayer
from woxly_tui.media.tones import Sound, render
from woxly_tui.types import Cue

WAIT_S = 5


@dataclass
class FakeOutput:
    speaker: str
    heard: Sound = field(default_factory=lambda: array("h"))
    on_write: Callable[[], None] = lambda: None
    is_closed: threading.Event = field(default_factory=threading.Event)

    def write(self, block: Sound) -> None:
        self.heard.extend(block)
        self.on_write()

    def close(self) -> None:
        self.is_closed.set()


class Rig:
    def __init__(self) -> None:
        self.outputs: list[FakeOutput] = []
        self.opened = threading.Semaphore(0)
        self.failed = threading.Event()
        self.may_open = threading.Event()
        self.may_open.set()
        self.on_write: Callable[[], None] = lambda: None
        self.error: Exception | None = None
        self.player = CuePlayer(self._open, self.failed.set)

    def _open(self, speaker: str) -> FakeOutput:
        self.may_open.wait(WAIT_S)
        if self.error is not None:
            raise self.error
        self.outputs.append(FakeOutput(speaker, on_write=self.on_write))
        self.opened.release()
        return self.outputs[-1]

    def output(self) -> FakeOutput:
        assert self.opened.acquire(timeout=WAIT_S)
        return self.outputs[-1]

    def closed(self) -> FakeOutput:
        output = self.output()
        assert output.is_closed.wait(WAIT_S)
        return output


def test_a_cue_is_heard_whole_and_the_device_is_let_go_of() -> None:
    rig = Rig()
    rig.player.take(PlayCue(Cue.JOIN, 60, speaker="usb"))
    rig.player.start()
    output = rig.closed()
    sound = render(Cue.JOIN, RATE_HZ, 60)
    assert output.heard[: len(sound)] == sound
    assert not any(output.heard[len(sound) :])
    assert output.speaker == "usb"
    rig.player.take(PlayCue(Cue.LEAVE, 60))
    assert rig.closed().speaker == ""


def test_a_ring_sounds_until_it_is_stopped() -> None:
    rig = Rig()
    once = len(render(Cue.RING, RATE_HZ, 60))

    def stop_later() -> None:
        if len(rig.outputs[-1].heard) > 2 * once:
            rig.player.take(StopCue())

    rig.on_write = stop_later
    rig.player.take(PlayCue(Cue.RING, 60, is_looped=True))
    rig.player.start()
    assert 2 * once < len(rig.closed().heard) < 3 * once


def test_news_that_waited_for_the_device_is_news_no_more() -> None:
    rig = Rig()
    rig.player.take(PlayCue(Cue.JOIN, 60))
    rig.player._asked_at -= 10
    rig.player.start()
    assert not any(rig.closed().heard)


def test_without_a_speaker_it_says_so_and_nothing_else_happens() -> None:
    for error in (OSError("no device"), ZeroDivisionError("a library's own")):
        rig = Rig()
        rig.error = error
        rig.player.take(PlayCue(Cue.JOIN, 60))
        rig.player.start()
        assert rig.failed.wait(WAIT_S)
        assert rig.outputs == []


def test_no_device_is_opened_before_there_is_something_to_play() -> None:
    rig = Rig()
    rig.player.take(StopCue())
    rig.player.start()
    rig.player.take(StopCue())
    rig.player.take(PlayCue(Cue.MUTE, 60))
    assert any(rig.closed().heard)
    assert len(rig.outputs) == 1
