from typing import Any

import pytest

from tests.tui.fake_engine import NOON, YOU, person
from tests.unit.plain.calls import call
from woxly_tui.call.snapshot import CallPhase, Ending, EndReason, Microphone, MicState, Quality
from woxly_tui.plain.lines import chat_lines, duration, person_line, state_line
from woxly_tui.plain.view import CallView, Person


def test_the_state_with_time_and_delay_or_without() -> None:
    assert state_line(call()) == "live in standup, 4 people"
    assert state_line(call(), NOON) == "live in standup, 4 people, 12:41, 38 ms"
    assert state_line(call((YOU,))) == "live in standup, 1 person"


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"microphone": Microphone(state=MicState.MUTED)}, "muted in standup"),
        (
            {"microphone": Microphone(state=MicState.MUTED, is_failing=True)},
            "muted (not confirmed) in standup",
        ),
        (
            {"microphone": Microphone(state=MicState.MUTED, is_deafened=True)},
            "deafened in standup",
        ),
        (
            {"microphone": Microphone(state=MicState.OPEN, is_deafened=True)},
            "live, hearing nobody, in standup",
        ),
        ({"microphone": Microphone(backend="native")}, "no microphone in standup"),
        ({"microphone": Microphone(backend="null")}, "no sound in standup"),
        ({"phase": CallPhase.CONNECTING}, "connecting to standup"),
        ({"phase": CallPhase.RECONNECTING}, "reconnecting to standup"),
    ],
)
def test_each_state_has_its_words(fields: dict[str, Any], line: str) -> None:
    assert state_line(call(**fields)) == f"{line}, 4 people"


def test_why_it_is_so_comes_last() -> None:
    line = state_line(call(phase=CallPhase.RECONNECTING, trouble="The network is gone."), NOON)
    assert line.endswith(", the network is gone")


def test_no_call_says_why_where_one_has_ended() -> None:
    assert state_line(CallView()) == "no call"
    over = call(phase=CallPhase.ENDED, ending=Ending(EndReason.REMOVED, "A moderator removed you"))
    assert state_line(over) == "no call (a moderator removed you)"


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "bob: open"),
        ({"is_you": True}, "bob (you): open"),
        ({"is_muted": True, "volume_percent": 50}, "bob: muted, volume 50 %"),
        ({"is_deafened": True, "is_muted": True}, "bob: deafened"),
        ({"has_microphone": False}, "bob: no microphone"),
        ({"is_connecting": True}, "bob: connecting"),
        ({"quality": "poor"}, "bob: open, poor connection"),
        ({"quality": "lost"}, "bob: open, connection lost"),
    ],
)
def test_a_participant_in_words(fields: dict[str, object], line: str) -> None:
    assert person_line(Person("id-bob", "bob")._replace(**fields)) == line  # type: ignore[arg-type]  # real fields


def test_qualities_have_the_names_the_engine_uses() -> None:
    for quality in (Quality.POOR, Quality.LOST):
        (bob,) = call((person("bob", quality=quality),)).people
        assert "connection" in person_line(bob)


def test_a_message_of_many_lines_is_indented() -> None:
    assert chat_lines("ann", "one\ntwo") == ["ann: one", "  two"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "00:00"), (-3, "00:00"), (761.9, "12:41"), (3723, "1:02:03")]
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
