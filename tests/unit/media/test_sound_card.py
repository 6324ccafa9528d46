"""PortAudio that is not there: devices with few rates, one channel, none at all, or that vanish."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from woxly_tui.errors import MediaError
from woxly_tui.media import sound_card
from woxly_tui.media.cushion import RUNGS_S, SLACK_S
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, PART_SAMPLES, Samples
from woxly_tui.media.sound_card import CROWD_S, QUIET, Pace, open_capture, open_playout
from woxly_tui.types import Seconds

LOOKS = 3
"""So often a speaker is looked at that is not fed."""


class PortAudioError(Exception):
    pass


class FakeStream:
    """A device that gives and takes blocks at once, as many as the test allows."""

    def __init__(self, card: "FakeCard", **form: Any) -> None:
        if form["samplerate"] not in card.rates or form["channels"] not in card.channels:
            raise PortAudioError("Invalid sample rate or number of channels")
        self.card = card
        self.form = form
        self.latency = card.latency_s
        card.opened.append(self)

    def start(self) -> None:
        if self.card.is_busy:
            raise PortAudioError("Device unavailable")

    def close(self) -> None:
        self.card.closed += 1

    @property
    def read_available(self) -> int:
        return self.card.backlog

    @property
    def write_available(self) -> int:
        if self.card.is_gone:
            raise PortAudioError("Unanticipated host error")
        self.card.looks += 1
        if self.card.looks == LOOKS:
            self.card.watched.set()
        room = self.card.room or self.form["samplerate"] // 100
        if self.card.rooms:
            return self.card.rooms.popleft()
        return room if len(self.card.played) < self.card.takes else 0

    def read(self, samples: int) -> tuple[bytes, bool]:
        self.card.backlog = max(0, self.card.backlog - samples)
        if not self.card.gives:
            self.card.emptied.set()
            self.card.unplugged.wait(5)
            raise PortAudioError("Unanticipated host error")
        self.card.gives -= 1
        block = np.full((samples, self.form["channels"]), 1000, dtype=np.int16)
        return block.tobytes(), False

    def write(self, data: bytes) -> bool:
        self.card.played.append(np.frombuffer(data, dtype=np.int16))
        if len(self.card.played) == self.card.takes:
            self.card.emptied.set()
        return self.card.underflows


class FakeCard:
    """The `sounddevice` module."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        self.rates: tuple[int, ...] = (48_000,)
        self.channels: tuple[int, ...] = (1, 2)
        self.own_hz, self.host_api = 48_000.0, "ALSA"
        self.is_busy = self.is_gone = self.underflows = self.is_absent = False
        self.gives = self.takes = self.closed = self.backlog = 0
        self.latency_s, self.room, self.looks = 0.02, 0, 0
        self.rooms: deque[int] = deque()
        self.opened: list[FakeStream] = []
        self.played: deque[Samples] = deque(maxlen=1000)
        self.emptied, self.unplugged = threading.Event(), threading.Event()
        self.watched = threading.Event()

    def query_devices(self, kind: str) -> dict[str, float | int]:
        assert kind in ("input", "output")
        if self.is_absent:
            raise PortAudioError("Error querying device -1")
        return {"default_samplerate": self.own_hz, "hostapi": 1}

    def query_hostapis(self, index: int) -> dict[str, str]:
        assert index == 1
        return {"name": self.host_api}

    def RawInputStream(self, **form: Any) -> FakeStream:  # noqa: N802 - sounddevice's own name
        return FakeStream(self, **form)

    RawOutputStream = RawInputStream


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> FakeCard:
    card = FakeCard()
    monkeypatch.setattr(sound_card, "load_portaudio", lambda: card)
    monkeypatch.setattr(sound_card, "STARTUP", Seconds(0))
    return card


def loud() -> Samples:
    return np.full(PART_SAMPLES, 500, dtype=np.int16)


def captured(card: FakeCard, frames: int) -> list[Samples]:
    heard: list[Samples] = []
    card.gives = frames
    device = open_capture(heard.append)
    device.start()
    assert card.emptied.wait(5)
    card.unplugged.set()
    device.close()
    return heard


def test_48_khz_mono_is_taken_as_it_comes(card: FakeCard) -> None:
    heard = captured(card, 5)
    assert [len(frame) for frame in heard] == [FRAME_SAMPLES] * 5
    assert card.opened[0].form["channels"] == 1
    assert card.closed == 1


def test_a_microphone_with_two_channels_only_is_made_one(card: FakeCard) -> None:
    card.channels = (2,)
    heard = captured(card, 3)
    assert {int(sample) for sample in heard[0]} == {1000}


def test_a_device_without_48_khz_is_resampled(card: FakeCard) -> None:
    card.rates, card.own_hz = (44_100,), 44_100.0
    heard = captured(card, 50)
    assert 44 <= len(heard) <= 50
    assert {len(frame) for frame in heard} == {FRAME_SAMPLES}
    assert abs(int(np.median(heard[-1])) - 1000) < 20


def played(card: FakeCard, next_frame: Callable[[], Samples], blocks: int) -> Any:
    card.takes = blocks
    device = open_playout(next_frame)
    device.start()
    assert card.emptied.wait(5)
    device.close()
    return device


def test_both_channels_of_a_speaker_get_the_same(card: FakeCard) -> None:
    device = played(card, loud, 4)
    assert [len(block) for block in card.played] == [2 * PART_SAMPLES] * 4
    assert device.played == 4 * PART_SAMPLES
    assert device.failure == ""


def test_a_speaker_with_one_channel_and_44_100_hz_is_fed_that(card: FakeCard) -> None:
    card.channels, card.rates, card.own_hz = (1,), (44_100,), 44_100.0
    played(card, loud, 30)
    assert card.opened[0].form["samplerate"] == 44_100
    total = sum(len(block) for block in card.played)
    assert abs(total - 15 * 441) < 3 * 441


def test_a_headset_of_8_khz_and_one_channel_is_used_both_ways(card: FakeCard) -> None:
    card.channels, card.rates, card.own_hz = (1,), (8_000,), 8_000.0
    heard = captured(card, 60)
    assert card.opened[0].form["samplerate"] == 8_000
    assert 50 <= len(heard) <= 60
    assert abs(int(np.median(heard[-1])) - 1000) < 30
    card.emptied.clear()
    card.played.clear()
    device = played(card, loud, 40)
    total = sum(len(block) for block in card.played)
    assert abs(total - 20 * 80) < 4 * 80
    assert device.failure == ""


@pytest.mark.parametrize(
    "open_device", [lambda: open_capture(lambda _: None), lambda: open_playout(loud)]
)
def test_a_device_that_vanishes_in_the_middle_of_opening_is_said_plainly(
    card: FakeCard, open_device: Callable[[], Any]
) -> None:
    device = open_device()
    card.is_busy = True  # gone, or another program was quicker
    with pytest.raises(MediaError, match="no sound device could be opened"):
        device.start()
    device.close()
    assert card.closed == 1


def test_a_device_that_another_program_has_for_itself_is_tried_in_every_form(
    card: FakeCard,
) -> None:
    card.channels = ()
    with pytest.raises(MediaError, match="no sound device could be opened"):
        open_capture(lambda _: None)
    assert card.opened == []


def test_blocks_that_came_too_late_are_counted(card: FakeCard) -> None:
    card.underflows = True
    assert played(card, loud, 3).xruns >= 3


SLACK = round(SLACK_S * 48_000)


@pytest.mark.parametrize(
    ("latency_s", "room", "is_fed"),
    [
        (0.015, PART_SAMPLES + SLACK, True),
        (0.015, PART_SAMPLES + SLACK - 1, False),
        (0.01, PART_SAMPLES, True),
        (0.01, PART_SAMPLES - 1, False),
    ],
)
def test_a_speaker_is_filled_less_than_it_could_be_if_it_holds_enough(
    card: FakeCard, latency_s: float, room: int, is_fed: bool
) -> None:
    card.latency_s, card.room, card.takes = latency_s, room, 1
    device = open_playout(loud)
    device.start()
    assert (card.emptied if is_fed else card.watched).wait(5)
    device.close()
    assert bool(card.played) == is_fed


@pytest.mark.parametrize(("peak", "opened"), [(QUIET, 2), (QUIET + 1, 1)])
def test_noise_that_decoders_make_up_is_quiet_enough_to_open_it_anew_in(
    card: FakeCard, peak: int, opened: int
) -> None:
    noise = np.array([peak, -peak] * (PART_SAMPLES // 2), dtype=np.int16)
    card.takes = 3
    device = open_playout(lambda: noise, is_crowded=lambda: True)
    device.start()
    assert card.emptied.wait(5)
    device.close()
    assert len(card.opened) == opened


def test_a_speaker_with_gaps_is_opened_anew_to_hold_more(card: FakeCard) -> None:
    card.underflows = True
    device = played(card, loud, 9)
    held = [stream.form["latency"] for stream in card.opened]
    rungs = list(RUNGS_S)
    assert held[: len(rungs)] == rungs[: len(held)]
    assert len(held) > 3
    assert device.failure == ""
    assert card.closed == len(held)


def test_gaps_while_much_else_starts_do_not_count(
    card: FakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_card, "STARTUP", Seconds(60))
    card.underflows = True
    device = played(card, loud, 9)
    assert len(card.opened) == 1
    assert device.xruns >= 9


EMPTY = 4 * PART_SAMPLES


@pytest.mark.parametrize(
    ("host_api", "rooms", "gaps"),
    [
        ("ALSA", [EMPTY, 3 * PART_SAMPLES, 2 * PART_SAMPLES], 0),
        ("ALSA", [EMPTY, 3 * PART_SAMPLES, EMPTY - 1, 3 * PART_SAMPLES], 1),
        ("ALSA", [EMPTY, EMPTY, EMPTY, EMPTY], 0),  # as one without a clock
        ("Core Audio", [EMPTY, 3 * PART_SAMPLES, EMPTY - 1, 3 * PART_SAMPLES], 0),  # begins full
    ],
)
def test_a_speaker_that_held_nothing_had_a_gap_though_nobody_says_so(
    card: FakeCard, host_api: str, rooms: list[int], gaps: int
) -> None:
    card.host_api = host_api
    card.rooms.extend(rooms)
    card.takes = len(rooms)
    device = open_playout(loud)
    device.start()
    assert card.emptied.wait(5)
    device.close()
    assert device.xruns == gaps


def test_a_block_that_is_written_long_after_it_was_looked_for_may_come_too_late(
    card: FakeCard,
) -> None:
    card.rooms.extend([EMPTY, 3 * PART_SAMPLES, 2 * PART_SAMPLES])
    card.takes = 3
    parts = [0.0, 0.02, 0.0]

    def next_part() -> Samples:
        time.sleep(parts.pop(0))
        return loud()

    device = open_playout(next_part)
    device.start()
    assert card.emptied.wait(5)
    device.close()
    assert device.xruns == 1


def test_with_many_who_speak_it_holds_more_and_is_fed_twice_as_much(card: FakeCard) -> None:
    card.takes = 6
    parts = [np.zeros(PART_SAMPLES, dtype=np.int16)]
    device = open_playout(lambda: parts.pop() if parts else loud(), is_crowded=lambda: True)
    device.start()
    assert card.emptied.wait(5)
    device.close()
    assert [stream.form["latency"] for stream in card.opened] == [RUNGS_S[0], CROWD_S]
    assert [len(block) for block in card.played] == [2 * PART_SAMPLES] + 5 * [4 * PART_SAMPLES]
    assert device.played == 11 * PART_SAMPLES


def test_a_speaker_that_does_not_open_anew_is_told(card: FakeCard) -> None:
    card.underflows = True
    device = open_playout(loud)
    card.rates = ()
    card.takes = 9
    device.start()
    device._thread.join(5)
    assert device.failure == "the playout device stopped"
    device.close()


def test_a_speaker_that_vanishes_is_told_and_not_hidden(card: FakeCard) -> None:
    card.is_gone = True
    device = open_playout(loud)
    device.start()
    device._thread.join(5)
    assert device.failure == "the playout device stopped"
    device.close()


def test_a_microphone_that_vanishes_is_told(card: FakeCard) -> None:
    device = open_capture(lambda _frame: None)
    card.unplugged.set()
    device.start()
    device._thread.join(5)
    assert device.failure == "the recording device stopped"
    device.close()


def test_what_waited_too_long_is_dropped_oldest_first(card: FakeCard) -> None:
    card.backlog = 10 * FRAME_SAMPLES
    card.gives = 10
    heard: list[Samples] = []
    device = open_capture(heard.append)
    device.start()
    assert card.emptied.wait(5)
    card.unplugged.set()
    device.close()
    assert device.xruns == 5
    assert len(heard) == 5


@pytest.mark.parametrize("trouble", ["absent", "no rate", "busy"])
def test_what_cannot_be_opened_is_said_plainly(card: FakeCard, trouble: str) -> None:
    if trouble == "absent":
        card.is_absent = True
    elif trouble == "no rate":
        card.rates = ()
    else:
        card.is_busy = True

    with pytest.raises(MediaError, match="no sound device could be opened"):
        open_playout(loud).start()


def test_a_device_without_a_clock_is_served_no_more_than_there_is_time_for() -> None:
    pace = Pace()
    waits = [pace.wait_s(0.01) for _ in range(300)]
    assert waits[100] == 0
    assert 0 < waits[-1] <= 1
