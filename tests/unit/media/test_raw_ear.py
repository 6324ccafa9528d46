from collections.abc import Iterable

from woxly_tui.media.device_messages import Hint
from woxly_tui.media.raw_ear import AGAIN_AFTER_S, OTHERS_HOLD_S, RawEar
from woxly_tui.types import Seconds

ROOM = 0.001
TALK = [0.2, 0.3, 0.02, 0.25, 0.2, 0.01, 0.3, 0.15, 0.02, 0.2] * 3


def told(
    ear: RawEar, peaks: Iterable[float], *, is_open: bool, since: float = 0.0
) -> list[tuple[float, Hint]]:
    """What is told of these tenths of a second, and when."""
    found = []
    for number, peak in enumerate(peaks):
        now = since + number / 10
        hint = ear.hear(peak, peak, Seconds(now), is_open=is_open)
        if hint is not None:
            found.append((now, hint))
    return found


def test_full_scale_again_and_again_is_too_loud_and_a_knock_is_not() -> None:
    assert told(RawEar(), [1.0, 0.2, 0.1, 1.0, 1.0, 0.3] + [0.2] * 40, is_open=True) == []
    assert told(RawEar(), [1.0, 0.4] * 20, is_open=True) == [(0.8, Hint.TOO_LOUD)]
    assert told(RawEar(), [1.0] + [0.4] * 60 + [1.0, 0.4] * 4, is_open=True) == []
    assert told(RawEar(), [0.99] * 60, is_open=True) == []


def test_the_same_is_not_told_again_soon() -> None:
    ear = RawEar()
    assert len(told(ear, [1.0] * 300, is_open=True)) == 1
    assert len(told(ear, [1.0] * 10, is_open=True, since=AGAIN_AFTER_S + 5)) == 1


def test_speech_while_muted_is_told_within_two_seconds() -> None:
    ((at, hint),) = told(RawEar(), [ROOM] * 10 + TALK, is_open=False)
    assert hint is Hint.SPOKE_WHILE_MUTED
    assert 1.5 < at < 3.0


def test_speech_while_open_is_nothing_to_tell() -> None:
    assert told(RawEar(), [ROOM] * 10 + TALK, is_open=True) == []


def test_a_fan_that_is_switched_on_a_cough_and_a_whisper_next_door_are_no_speech() -> None:
    assert told(RawEar(), [ROOM] * 20 + [0.1] * 100, is_open=False) == []
    assert told(RawEar(), [ROOM] * 20 + [0.4] * 4 + [ROOM] * 40, is_open=False) == []
    assert told(RawEar(), [peak / 40 for peak in TALK], is_open=False) == []


def test_what_the_speaker_plays_is_not_taken_for_us() -> None:
    ear = RawEar()
    for number, peak in enumerate([ROOM] * 10 + TALK):
        now = Seconds(number / 10)
        ear.hear_others(0.3, now)
        assert ear.hear(peak, peak, now, is_open=False) is None
    later = 4 + OTHERS_HOLD_S
    assert told(ear, [ROOM] * 10 + TALK, is_open=False, since=later) != []


def test_what_was_said_before_muting_does_not_count() -> None:
    ear = RawEar()
    told(ear, TALK, is_open=True)
    assert told(ear, [ROOM] * 40, is_open=False, since=3) == []
