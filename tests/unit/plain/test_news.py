import json
from dataclasses import replace

import pytest

from tests.tui.fake_engine import FRIENDS, YOU, in_call, person
from tests.unit.plain.calls import call, seen
from woxly_tui.call.snapshot import (
    CallPhase,
    ChatMessage,
    Ending,
    EndReason,
    Levels,
    Microphone,
    MicState,
    Notice,
    Ptt,
    Quality,
    Severity,
    Snapshot,
)
from woxly_tui.control.messages import UPDATES
from woxly_tui.plain.news import Event, Reporter, news
from woxly_tui.plain.view import CallView
from woxly_tui.types import Identity, Seconds

MUTED = Microphone(state=MicState.MUTED)


def lines(events: list[Event]) -> list[str]:
    return [line for event in events for line in event.lines]


def test_nothing_new_is_no_news() -> None:
    assert news(call(), call(rtt_ms=99)) == []
    better = call((*FRIENDS[:3], person("Echo", quality=Quality.EXCELLENT)))
    assert news(call(), better) == []


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (call(microphone=MUTED), ["muted in standup, 4 people"]),
        (
            call(microphone=Microphone(state=MicState.OPEN, ptt=Ptt(is_down=True))),
            ["live (key down) in"],
        ),
        (call((*FRIENDS, person("zoe"))), ["zoe joined"]),
        (call(FRIENDS[:-1]), ["Echo left"]),
        (call((*FRIENDS[:3], person("Echo", is_muted=True))), ["Echo: muted"]),
        (call((*FRIENDS[:3], person("Echo", volume_percent=0))), ["Echo: open, volume 0 %"]),
        (call(phase=CallPhase.RECONNECTING), ["reconnecting to standup"]),
        (call(phase=CallPhase.ENDED, ending=Ending(EndReason.LEFT, "You left")), ["no call (you"]),
        (CallView(), ["no call"]),
    ],
)
def test_each_change_is_one_line(after: CallView, said: list[str]) -> None:
    found = lines(news(call(), after))
    assert len(found) == len(said)
    assert [
        line for line, start in zip(found, said, strict=True) if not line.startswith(start)
    ] == []


def test_hearing_again_is_told() -> None:
    deaf = call(microphone=Microphone(state=MicState.OPEN, is_deafened=True))
    assert lines(news(deaf, call())) == ["live in standup, 4 people"]


def test_a_call_that_begins_is_told_once_not_person_by_person() -> None:
    assert lines(news(CallView(), call())) == ["live in standup, 4 people"]


def test_our_own_row_is_told_by_the_state_alone() -> None:
    me = replace(YOU, is_muted=True)
    assert lines(news(call(), call((me, *FRIENDS[1:])))) == []


def test_events_for_programs_are_flat_ascii_json() -> None:
    (event,) = news(call((YOU,)), call((YOU, person("Zoë"))))
    text = json.dumps(event.as_json())
    assert text.isascii()
    assert json.loads(text)["type"] == "joined"
    assert json.loads(text)["name"] == "Zoë"


def reported(reporter: Reporter, *updates: object, pid: int = 1) -> list[str]:
    return [
        line
        for update in updates
        for line in lines(reporter.take(UPDATES.to_dict(update), pid))  # type: ignore[arg-type]  # updates
    ]


def chat(number: int, text: str) -> ChatMessage:
    return ChatMessage(number, Identity("id-ann"), "ann", text, Seconds(0.0))


def test_the_first_state_is_told_whatever_it_is() -> None:
    assert reported(Reporter(), Snapshot()) == ["no call"]
    assert reported(Reporter(), in_call()) == ["live in standup, 4 people"]


def test_chat_is_told_once_even_where_it_is_sent_again() -> None:
    reporter = Reporter()
    assert reported(reporter, chat(1, "hi\nyou"), chat(1, "hi\nyou")) == ["ann: hi", "  you"]
    assert reported(reporter, chat(1, "after a restart"), pid=2) == ["ann: after a restart"]


def test_chat_and_notices_cannot_reach_the_terminal() -> None:
    notice = Notice(Severity.ERROR, "it\nbroke.", "mend\x1b[2J it")
    said = reported(Reporter(), chat(1, "\x1b]0;x\x07\rfake"), notice)
    assert [line for line in said if not line.isprintable()] == []
    assert said[-1] == "it broke: mend [2J it"


def test_levels_are_no_news() -> None:
    assert Reporter().take(UPDATES.to_dict(Levels())) == []


def test_the_end_of_an_engine_is_told_once() -> None:
    reporter = Reporter()
    reported(reporter, in_call())
    assert lines(reporter.engine_gone()) == ["no call"]
    assert reporter.engine_gone() == []
    assert reported(reporter, in_call(), pid=2) == ["live in standup, 4 people"]
    assert reporter.call == seen(in_call())


def test_those_who_are_there_already_when_the_call_begins_have_not_joined() -> None:
    before = call((YOU,), phase=CallPhase.CONNECTING)
    assert lines(news(before, call())) == ["live in standup, 4 people"]


def test_who_does_not_hear_us_is_told_and_that_all_do_again() -> None:
    well = call((*FRIENDS[:2], person("bob", hears_us=True)))
    ill = call((*FRIENDS[:2], person("bob", hears_us=False)))
    assert lines(news(well, ill)) == ["not heard by bob"]
    (event,) = news(well, ill)
    assert event.as_json() == {
        "type": "heard",
        "heard_by": 0,
        "heard_of": 1,
        "not_heard_by": ["bob"],
        "heard_unknown": 1,
    }
    assert lines(news(ill, well)) == ["heard by everyone who tells"]
    assert news(call((*FRIENDS[:2], person("bob"))), well) == []


def test_nobody_is_counted_while_we_are_muted() -> None:
    ill = (*FRIENDS[:2], person("bob", hears_us=False))
    muted = call(ill, microphone=MUTED)
    assert muted.hearers.known == 0
    assert lines(news(muted, call(ill))) == ["live in standup, 3 people"]
    assert call(ill).you is not None
    assert "not by bob" in call(ill).you.heard  # type: ignore[union-attr]  # just asked
