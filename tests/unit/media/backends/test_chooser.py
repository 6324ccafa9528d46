import pytest

from woxly_tui.media.backends.chooser import BACK_AFTER, BackendChooser
from woxly_tui.media.messages import BackendChoice
from woxly_tui.types import Seconds

NATIVE, MIXER, NULL = BackendChoice.NATIVE, BackendChoice.MIXER, BackendChoice.NULL


def at(seconds: float) -> Seconds:
    return Seconds(seconds)


def test_auto_takes_the_mixer_at_once_and_leaves_it_late() -> None:
    chooser = BackendChooser(BackendChoice.AUTO)
    assert chooser.wanted(NATIVE, at(0), wants_gain=False) is NATIVE
    assert chooser.look_again(at(0)) is None
    assert chooser.wanted(NATIVE, at(1), wants_gain=True) is MIXER
    chooser.changed()
    assert chooser.wanted(MIXER, at(2), wants_gain=False) is MIXER
    assert chooser.look_again(at(3)) == BACK_AFTER - 1
    assert chooser.wanted(MIXER, at(2 + BACK_AFTER), wants_gain=False) is NATIVE


def test_a_key_held_across_100_percent_changes_nothing() -> None:
    chooser = BackendChooser(BackendChoice.AUTO)
    for step in range(40):
        wanted = chooser.wanted(MIXER, at(step * 0.5), wants_gain=step % 3 != 0)
        assert wanted is MIXER


@pytest.mark.parametrize("choice", [NATIVE, MIXER, NULL])
def test_what_the_user_chose_stays(choice: BackendChoice) -> None:
    chooser = BackendChooser(choice)
    assert chooser.wanted(choice, at(0), wants_gain=True) is choice
    assert chooser.wanted(choice, at(99), wants_gain=False) is choice


def test_where_nothing_plays_or_the_other_did_not_open_it_stays() -> None:
    chooser = BackendChooser(BackendChoice.AUTO)
    assert chooser.wanted(NULL, at(0), wants_gain=True) is NULL
    chooser.give_up()
    assert chooser.wanted(NATIVE, at(1), wants_gain=True) is NATIVE


def test_where_the_way_back_did_not_open_it_does_not_look_again_and_again() -> None:
    chooser = BackendChooser(BackendChoice.AUTO)
    chooser.wanted(MIXER, at(0), wants_gain=False)
    assert chooser.wanted(MIXER, at(BACK_AFTER), wants_gain=False) is NATIVE
    chooser.give_up()
    assert chooser.wanted(MIXER, at(BACK_AFTER + 1), wants_gain=False) is MIXER
    assert chooser.look_again(at(BACK_AFTER + 1)) is None
