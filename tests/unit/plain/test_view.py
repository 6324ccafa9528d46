from dataclasses import replace

import pytest

from tests.tui.fake_engine import FRIENDS, YOU, in_call, person
from tests.unit.plain.calls import call, seen
from woxly_tui.call.snapshot import (
    CallPhase,
    Ending,
    EndReason,
    Microphone,
    MicState,
    Snapshot,
)
from woxly_tui.plain.view import NO_CALL, CallView


@pytest.mark.parametrize("phase", list(CallPhase))
@pytest.mark.parametrize("state", list(MicState))
def test_the_state_is_that_of_the_screen(phase: CallPhase, state: MicState) -> None:
    snapshot = in_call(phase=phase, microphone=Microphone(state=state))
    view = seen(snapshot)
    if phase in (CallPhase.IDLE, CallPhase.ENDED):
        assert view.state == NO_CALL
        assert view.people == ()
    else:
        assert view.state == snapshot.state_word.lower()
        assert view.is_open == (state is MicState.OPEN)


def test_a_snapshot_of_nothing_is_no_call() -> None:
    assert seen(Snapshot()) == CallView(backend="null")


def test_everybody_is_there_with_ourselves_first() -> None:
    view = call()
    assert [p.name for p in view.people] == ["Ines", "ann", "bob", "Echo"]
    assert view.you == view.people[0]
    assert [p.is_muted for p in view.others] == [False, True, False]


def test_what_strangers_chose_is_made_harmless() -> None:
    evil = replace(person("x"), name="\x1b[31mred\n\u202eder")
    view = call((YOU, evil), room="stand\x1b]0;up\x07", trouble="a\nb\x1b[2J")
    assert view.others[0].name == "[31mred der"
    assert view.room.isprintable()
    assert view.trouble.isprintable()


def test_somebody_without_a_name_is_called_by_identity() -> None:
    nameless = replace(person("zoe"), name="")
    assert call((YOU, nameless)).others[0].name == "id-zoe"


def test_a_call_that_is_over_says_why() -> None:
    ending = Ending(EndReason.EVICTED, "You joined elsewhere")
    view = seen(replace(in_call(FRIENDS), phase=CallPhase.ENDED, ending=ending))
    assert (view.state, view.ending, view.trouble) == (NO_CALL, "evicted", "You joined elsewhere")
