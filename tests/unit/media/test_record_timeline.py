import numpy as np
import pytest

from woxly_tui.media import record_timeline
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples
from woxly_tui.media.record_timeline import LOOK_AHEAD_S, Timeline
from woxly_tui.types import Seconds

START = 1000.0


def numbered(count: int, first: int = 1) -> list[Samples]:
    """Frames that tell which they are."""
    return [np.full(FRAME_SAMPLES, first + n, dtype=np.int16) for n in range(count)]


class Tape:
    """A recording that is rendered five times a second."""

    def __init__(self) -> None:
        self.timeline = Timeline(Seconds(START))
        self.blocks: dict[str, list[Samples]] = {}
        self.mixed: list[Samples] = []
        self.length = 0

    def run(self, arrivals: list[tuple[float, str, Samples]], over_s: float) -> None:
        """Arrivals at seconds from the start, each of a person with one track."""
        arrivals = sorted(arrivals, key=lambda arrival: arrival[0])
        for tick in range(1, round(over_s * 5) + 1):
            now = tick / 5
            while arrivals and arrivals[0][0] <= now:
                at, who, frame = arrivals.pop(0)
                self.timeline.push(f"track of {who}", who, frame, Seconds(START + at))
            self._take(self.timeline.render(Seconds(START + now)))

    def _take(self, rendered: tuple[dict[str, Samples], Samples]) -> None:
        blocks, mix = rendered
        for who, block in blocks.items():
            late = self.blocks.setdefault(who, [np.zeros(self.length, dtype=np.int16)])
            late.append(block)
            assert len(block) == len(mix)
        self.mixed.append(mix)
        self.length += len(mix)

    def end(self, at_s: float) -> None:
        self._take(self.timeline.render(Seconds(START + at_s), is_over=True))

    def of(self, who: str) -> Samples:
        return np.concatenate(self.blocks[who])

    @property
    def mix(self) -> Samples:
        return np.concatenate(self.mixed)


def at(sound: Samples, number: int) -> float:
    """Where a numbered frame begins, in seconds."""
    return float(np.flatnonzero(sound == number)[0]) / RATE_HZ


def steady(
    who: str, count: int, from_s: float, first: int = 1, pace: float = 0.01
) -> list[tuple[float, str, Samples]]:
    """Frames that come as they end."""
    return [(from_s + (n + 1) * pace, who, frame) for n, frame in enumerate(numbered(count, first))]


def test_each_is_where_it_came_and_all_are_equally_long() -> None:
    tape = Tape()
    tape.run(steady("ann", 300, 0.0) + steady("bob", 100, 1.5, 1000), 4.0)
    tape.end(4.0)
    ann, bob = tape.of("ann"), tape.of("bob")
    assert len(ann) == len(bob) == len(tape.mix) == 4 * RATE_HZ
    assert at(ann, 1) == pytest.approx(0.0, abs=0.001)
    assert at(bob, 1000) == pytest.approx(1.5, abs=0.001)
    assert not bob[: int(1.49 * RATE_HZ)].any(), "silence before the late one came"
    assert (tape.mix[int(1.6 * RATE_HZ)]) == ann[int(1.6 * RATE_HZ)] + bob[int(1.6 * RATE_HZ)]


def test_a_stall_tears_nothing_apart() -> None:
    arrivals = steady("ann", 200, 0.0)
    stalled = [(1.3 if 1.0 < when < 1.3 else when, who, f) for when, who, f in arrivals]
    tape = Tape()
    tape.run(stalled, 3.0)
    sound = tape.of("ann")
    assert np.array_equal(sound[: 200 * FRAME_SAMPLES : FRAME_SAMPLES], np.arange(1, 201))


def test_a_break_becomes_silence_of_its_length_whatever_the_jitter() -> None:
    rng = np.random.default_rng(5)
    arrivals = steady("ann", 100, 0.0) + steady("ann", 100, 2.5, 500)
    times = np.maximum.accumulate([when + rng.uniform(0, 0.03) for when, _, _ in arrivals])
    late = [(float(at), *rest) for at, (_, *rest) in zip(times, arrivals, strict=True)]
    tape = Tape()
    tape.run(late, 5.0)  # type: ignore[arg-type]  # a person and a frame
    sound = tape.of("ann")
    assert at(sound, 100) == pytest.approx(0.99, abs=0.01)
    assert at(sound, 500) == pytest.approx(2.5, abs=0.01)
    assert not sound[int(1.1 * RATE_HZ) : int(2.45 * RATE_HZ)].any()


@pytest.mark.parametrize("percent", [-2, 2])
def test_a_clock_that_differs_is_followed_without_gaps(percent: int) -> None:
    tape = Tape()
    tape.run(steady("ann", 1900, 0.0, pace=0.01 * (1 + percent / 100)), 18.0)
    sound = tape.of("ann")
    for number in (500, 1000, 1500):
        nearest = float(np.argmin(np.abs(sound.astype(int) - number))) / RATE_HZ
        assert nearest == pytest.approx(number * 0.01 * (1 + percent / 100), abs=0.04)
    spoken = sound[RATE_HZ : 17 * RATE_HZ]
    assert spoken.all(), "silence was put into speech"


def test_two_tracks_of_one_person_are_one_sound() -> None:
    timeline = Timeline(Seconds(START))
    for number in range(100):
        now = Seconds(START + 0.01 * (number + 1))
        for key in ("microphone", "screen"):
            timeline.push(key, "ann", np.full(FRAME_SAMPLES, 10, dtype=np.int16), now)
    blocks, _ = timeline.render(Seconds(START + 1), is_over=True)
    assert list(blocks) == ["ann"]
    assert blocks["ann"][RATE_HZ // 2] == 20


def test_ten_who_shout_do_not_clip_the_mix() -> None:
    timeline = Timeline(Seconds(START))
    loud = np.full(FRAME_SAMPLES, 20000, dtype=np.int16)
    for number in range(100):
        for who in range(10):
            now = Seconds(START + 0.01 * (number + 1))
            timeline.push(f"t{who}", f"p{who}", loud, now)
    blocks, mix = timeline.render(Seconds(START + 1), is_over=True)
    assert blocks["p0"].max() == 20000
    assert 25000 < int(np.abs(mix.astype(int)).max()) < 32767


def test_what_waits_is_bounded_and_what_is_lost_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timeline = Timeline(Seconds(START))
    for number in range(record_timeline.MAX_WAITING + 50):
        timeline.push("t", "ann", numbered(1)[0], Seconds(START + 0.01 * (number + 1)))
    assert timeline.lost_s == pytest.approx(0.5)
    blocks, _ = timeline.render(Seconds(START + 10.5), is_over=True)
    assert len(blocks["ann"]) == 10.5 * RATE_HZ
    assert not blocks["ann"][: RATE_HZ // 2 - FRAME_SAMPLES].any(), "lost sound is silence"
    assert blocks["ann"][RATE_HZ:].all()
    monkeypatch.setattr(record_timeline, "MAX_LANES", 1)
    timeline.push("another", "bob", numbered(1)[0], Seconds(START + 11))
    assert list(timeline.render(Seconds(START + 12), is_over=True)[0]) == ["ann"]


def test_nothing_is_settled_too_soon() -> None:
    timeline = Timeline(Seconds(START))
    _, mix = timeline.render(Seconds(START + LOOK_AHEAD_S))
    assert len(mix) == 0
    _, mix = timeline.render(Seconds(START + LOOK_AHEAD_S + 0.2))
    assert len(mix) == pytest.approx(0.2 * RATE_HZ, abs=FRAME_SAMPLES)
