import pytest

from tests.tui.fake_engine import StillClock, person
from woxly_tui.tui.volume import WISH_LASTS, VolumeWishes
from woxly_tui.tui.widgets.roster import with_volume
from woxly_tui.tui.words import row_states


def test_a_held_key_goes_on_from_what_it_asked_for_not_from_what_is_shown() -> None:
    clock = StillClock()
    wishes = VolumeWishes(clock)
    ann = person("ann")
    assert [wishes.stepped(ann, 10) for _ in range(3)] == [110, 120, 130]
    clock.now += WISH_LASTS
    assert wishes.stepped(ann, 10) == 110


def test_it_ends_at_silence_and_at_twice_as_loud() -> None:
    wishes = VolumeWishes(StillClock())
    assert wishes.stepped(person("ann", volume_percent=195), 10) == 200
    assert wishes.stepped(person("bob", volume_percent=5), -10) == 0


def test_silence_remembers_how_loud_it_was() -> None:
    clock = StillClock()
    wishes = VolumeWishes(clock)
    assert wishes.toggled(person("ann", volume_percent=140)) == 0
    assert wishes.toggled(person("ann", volume_percent=140)) == 140
    clock.now += WISH_LASTS
    assert wishes.toggled(person("bob", volume_percent=0)) == 100
    assert wishes.normal(person("bob", volume_percent=30)) == 100


@pytest.mark.parametrize(
    ("fields", "speaking", "words"),
    [
        ({}, False, ["listening"]),
        ({"volume_percent": 50}, False, ["vol 50%"]),
        ({"volume_percent": 50}, True, ["vol 50%", "speaking"]),
        ({"volume_percent": 150, "is_muted": True}, False, ["muted", "vol 150%"]),
        ({"volume_percent": 0}, False, ["silenced", "listening"]),
        ({"volume_percent": 0, "is_muted": True}, False, ["silenced", "muted"]),
        ({"volume_percent": 50, "is_local": True}, False, ["listening"]),
    ],
)
def test_a_row_says_how_loud(fields: dict[str, object], speaking: bool, words: list[str]) -> None:
    someone = person("ann", **fields)
    states = row_states(someone, is_speaking=speaking, is_connected=True)
    assert [state.word for state in with_volume(someone, states)] == words
