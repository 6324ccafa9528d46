"""Messages survive the wire, and nothing else does."""

import typing
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.call.snapshot import (
    CallPhase,
    Ending,
    EndReason,
    Levels,
    Microphone,
    MicState,
    ParticipantLevel,
    ParticipantView,
    Snapshot,
)
from woxly_tui.control import frames
from woxly_tui.control import messages as control
from woxly_tui.errors import ProtocolError
from woxly_tui.media import messages as media
from woxly_tui.types import Dbfs, Identity, RoomName, Seconds


@pytest.mark.parametrize(
    "message",
    [
        Snapshot(
            rev=4,
            phase=CallPhase.ESTABLISHED,
            room=RoomName("caf\u00e9 \u202e \x1b[31m"),
            established_at=Seconds(1.5),
            microphone=Microphone(state=MicState.OPEN),
            ending=Ending(EndReason.LEFT, "bye"),
            participants=(ParticipantView(Identity("a"), "Ann"),),
        ),
        Levels((ParticipantLevel(Identity("a"), Dbfs(-20.0), True),)),
        control.Reply(ok=False, snapshot=Snapshot(), error="no"),
    ],
)
def test_updates_round_trip(message: Snapshot | Levels | control.Reply) -> None:
    line = control.UPDATES.encode(message)
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert control.UPDATES.decode(line) == message


@given(st.one_of(*[st.builds(cls) for cls in typing.get_args(control.Command)]))
def test_commands_round_trip(command: control.Command) -> None:
    assert control.COMMANDS.decode(control.COMMANDS.encode(command)) == command


@given(
    st.builds(
        media.LevelsMeasured,
        session=st.integers(0),
        levels_dbfs=st.dictionaries(st.text(), st.floats(-90, 0)),
    )
)
def test_worker_events_round_trip(event: media.LevelsMeasured) -> None:
    assert media.EVENTS.decode(media.EVENTS.encode(event)) == event


JOIN: Final = '{"type": "join", "url": "", "server": "", "room": "", "environment": %s}'


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ("{}", "unknown message type"),
        ('{"type": ["set_mute"]}', "unknown message type"),
        ('{"type": "set_mut", "on": true}', "known types are .*set_mute"),
        ('{"type": "set_mute"}', "incomplete"),
        ('{"type": "set_mute", "on": 1}', "set_mute.on must be bool"),
        ('{"type": "set_mute", "on": null}', "set_mute.on must be bool"),
        ('{"type": "set_mute", "on": true, "of": 1}', "no field 'of'"),
        ('{"type": "drill", "scenario": 5}', "drill.scenario must be str"),
        ('{"type": "send_chat", "text": "a\\ud800b"}', "send_chat.text holds half a character"),
        (JOIN % '{"A": "\\udcff"}', "join.environment holds half a character"),
        (JOIN % '{"\\udcff": "A"}', "join.environment holds half a character"),
    ],
)
def test_bad_lines_say_what_is_wrong(line: str, why: str) -> None:
    with pytest.raises(ProtocolError, match=why):
        control.COMMANDS.decode(line)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1" + "0" * 400])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(ProtocolError):
        frames.FRONT_END_FRAMES.decode(f'{{"type": "attach", "levels_hz": {number}}}')


@given(st.text())
def test_any_text_is_refused_politely(line: str) -> None:
    with pytest.raises(ProtocolError):
        control.COMMANDS.decode(line)


def test_an_enum_is_read_strictly() -> None:
    with pytest.raises(ProtocolError, match="must be one of"):
        media.EVENTS.decode('{"type": "disconnected", "session": 1, "cause": "boredom"}')
