import numpy as np

from woxly_tui.media.cue_messages import PlayCue, StopCue
from woxly_tui.media.cue_mix import MAX_LOOP, MAX_WAITING, CueMix
from woxly_tui.media.tones import Sound, render
from woxly_tui.types import Cue

RATE_HZ = 8_000
BLOCK = 80


def pulled(mix: CueMix, most: int = 10_000) -> list[int]:
    """Everything up to the first silence."""
    samples: list[int] = []
    for _ in range(most):
        block = mix.pull(BLOCK)
        if block is None:
            return samples
        assert len(block) == BLOCK
        samples.extend(block)
    return samples


def whole(sound: Sound) -> list[int]:
    return list(sound) + [0] * (-len(sound) % BLOCK)


def test_nothing_asked_is_nothing_heard() -> None:
    mix = CueMix(RATE_HZ)
    assert mix.pull(BLOCK) is None
    mix.take(StopCue())
    assert mix.pull(BLOCK) is None


def test_cues_are_heard_one_after_the_other_to_the_last_sample() -> None:
    mix = CueMix(RATE_HZ)
    mix.take(PlayCue(Cue.JOIN, 100))
    mix.take(PlayCue(Cue.LEAVE, 50))
    expected = whole(render(Cue.JOIN, RATE_HZ, 100)) + whole(render(Cue.LEAVE, RATE_HZ, 50))
    assert pulled(mix) == expected


def test_a_crowd_is_heard_as_a_few() -> None:
    mix = CueMix(RATE_HZ)
    for _ in range(50):
        mix.take(PlayCue(Cue.JOIN, 100))
    assert len(pulled(mix)) == MAX_WAITING * len(whole(render(Cue.JOIN, RATE_HZ, 100)))


def test_a_loop_goes_round_until_it_is_ended_and_dies_away_without_a_click() -> None:
    mix = CueMix(RATE_HZ)
    ring = render(Cue.RING, RATE_HZ, 100)
    mix.take(PlayCue(Cue.RING, 100, is_looped=True))
    heard = pulled(mix, 2 * len(ring) // BLOCK + 5)
    assert heard[: len(ring)] == list(ring)
    assert heard[len(ring) : 2 * len(ring)] == list(ring)
    mix.take(StopCue())
    end = pulled(mix)
    assert len(end) == BLOCK
    assert np.abs(end).max() > 1000
    assert abs(end[-1]) < np.abs(end).max() / 20
    assert np.abs(np.diff([*heard, *end, 0])).max() <= 1.1 * np.abs(np.diff(heard)).max()


def test_what_is_played_once_lies_over_the_loop() -> None:
    mix = CueMix(RATE_HZ)
    mix.take(PlayCue(Cue.RING, 100, is_looped=True))
    mix.take(PlayCue(Cue.MUTE, 100))
    ring, mute = render(Cue.RING, RATE_HZ, 100), render(Cue.MUTE, RATE_HZ, 100)
    both = mix.pull(BLOCK)
    assert both is not None
    assert list(both) == [a + b for a, b in zip(ring, mute[:BLOCK], strict=False)]


def test_a_loop_that_nobody_ends_ends() -> None:
    mix = CueMix(RATE_HZ)
    mix.take(PlayCue(Cue.RINGBACK, 100, is_looped=True))
    assert len(pulled(mix, 10**6)) == MAX_LOOP * RATE_HZ


def test_two_at_full_level_do_not_wrap_around() -> None:
    mix = CueMix(RATE_HZ)
    for looped in (True, False):
        mix.take(PlayCue(Cue.DISCONNECT, 200, is_looped=looped))
    heard = np.array(pulled(mix, 20))
    assert heard.max() <= 32767
    assert np.abs(np.diff(heard)).max() < 20_000
