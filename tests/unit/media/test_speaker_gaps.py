import pytest

from woxly_tui.media.speaker_gaps import SpeakerGaps
from woxly_tui.types import Seconds

RATE_HZ, BLOCK = 48_000, 240
EMPTY = 4 * BLOCK
FILLED = EMPTY - BLOCK


def gaps(looks: list[tuple[int, bool]], *, begins_empty: bool = True) -> list[bool]:
    """Which blocks came after a gap, by the room before each and whether the device told of one."""
    speaker = SpeakerGaps(RATE_HZ, begins_empty=begins_empty)
    return [wrote(speaker, room, is_told=is_told) for room, is_told in looks]


def wrote(speaker: SpeakerGaps, room: int, *, is_told: bool = False, late_s: float = 0.0) -> bool:
    speaker.look(room, Seconds(1.0))
    return speaker.had_gap(is_told=is_told, written_at=Seconds(1.0 + late_s))


@pytest.mark.parametrize(
    ("looks", "found"),
    [
        ([(EMPTY, False), (FILLED, False), (FILLED, False)], [False, False, False]),
        ([(EMPTY, False), (FILLED, True), (FILLED, False)], [False, True, False]),
        ([(EMPTY, False), (FILLED, False), (EMPTY - 1, False)], [False, False, True]),
        ([(EMPTY, False)] * 4, [False] * 4),
    ],
    ids=["none", "told", "hidden", "without a clock"],
)
def test_a_gap_is_told_by_the_device_or_seen_by_its_room(
    looks: list[tuple[int, bool]], found: list[bool]
) -> None:
    assert gaps(looks) == found


def test_one_gap_that_is_seen_and_then_told_counts_once() -> None:
    looks = [(EMPTY, False), (FILLED, False), (EMPTY, False), (FILLED, True), (FILLED, True)]
    assert gaps(looks) == [False, False, True, False, True]


def test_one_that_is_seen_and_told_at_once_hides_no_other() -> None:
    assert gaps([(EMPTY, False), (FILLED, False), (EMPTY, True), (FILLED, True)])[2:] == [True] * 2


def test_of_a_device_that_begins_full_only_what_it_says_counts() -> None:
    looks = [(BLOCK, False), (0, False), (BLOCK, False), (0, False), (BLOCK, True)]
    assert gaps(looks, begins_empty=False) == [False, False, False, False, True]


def test_a_device_opened_anew_is_yet_to_be_filled() -> None:
    speaker = SpeakerGaps(RATE_HZ, begins_empty=True)
    assert not wrote(speaker, EMPTY)
    assert not wrote(speaker, FILLED)
    speaker.opened()
    assert not wrote(speaker, 2 * EMPTY)
    assert not wrote(speaker, 2 * EMPTY - 1)


@pytest.mark.parametrize(("late_s", "is_gap"), [(0.004, False), (0.006, True)])
def test_what_is_taken_between_look_and_block_counts(late_s: float, is_gap: bool) -> None:
    speaker = SpeakerGaps(RATE_HZ, begins_empty=True)
    wrote(speaker, EMPTY)
    assert wrote(speaker, FILLED, late_s=late_s) is is_gap
