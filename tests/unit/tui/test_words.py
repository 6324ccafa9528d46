from dataclasses import replace

import pytest

from woxly_tui.call.snapshot import (
    CallPhase,
    Ending,
    EndReason,
    Microphone,
    MicState,
    ParticipantView,
    Quality,
    Snapshot,
)
from woxly_tui.control.messages import Leave, ToggleDeafen, ToggleMute
from woxly_tui.tui import words
from woxly_tui.types import Identity, Seconds

ANN = ParticipantView(Identity("ann"), "ann")
OPEN = Microphone(state=MicState.OPEN, wanted_muted=False, backend="native")
LIVE = Snapshot(phase=CallPhase.ESTABLISHED, microphone=OPEN, participants=(ANN,))


@pytest.mark.parametrize(
    ("person", "is_speaking", "expected"),
    [
        (ANN, False, ["listening"]),
        (ANN, True, ["speaking"]),
        (replace(ANN, is_muted=True), True, ["muted"]),
        (replace(ANN, is_muted=True, is_deafened=True), False, ["deafened"]),
        (replace(ANN, has_microphone=False), False, ["no mic"]),
        (replace(ANN, is_connecting=True), True, ["connecting"]),
        (replace(ANN, quality=Quality.POOR), True, ["poor connection", "speaking"]),
        (replace(ANN, quality=Quality.LOST, is_muted=True), False, ["muted", "connection lost"]),
    ],
)
def test_row_states(person: ParticipantView, is_speaking: bool, expected: list[str]) -> None:
    states = words.row_states(person, is_speaking=is_speaking)
    assert [state.word for state in states] == expected
    assert all(len(state.glyph) == 1 for state in states)


def test_others_are_unknown_while_we_are_cut_off() -> None:
    assert [s.word for s in words.row_states(ANN, is_speaking=False, is_connected=False)] == [
        "waiting"
    ]


def test_the_sentence_says_who_hears_us() -> None:
    deaf = replace(ANN, identity=Identity("bob"), is_deafened=True)
    assert words.sentence(LIVE) == "Everyone here can hear you."
    assert words.sentence(replace(LIVE, participants=(ANN, deaf))) == "1 of 2 can hear you."
    assert words.sentence(replace(LIVE, participants=(deaf,))) == "Nobody here listens now."
    assert words.sentence(replace(LIVE, participants=())) == "Your microphone is open."


def test_an_unconfirmed_mute_says_that_others_may_hear() -> None:
    assert "may still hear you" in words.unconfirmed(LIVE)
    muted = replace(OPEN, state=MicState.MUTED)
    assert "may still hear" not in words.unconfirmed(replace(LIVE, microphone=muted))


def test_what_is_being_done() -> None:
    muted = replace(LIVE, microphone=replace(OPEN, state=MicState.MUTED))
    assert words.doing_command(ToggleMute(), LIVE) == "muting…"
    assert words.doing_command(ToggleMute(), muted) == "unmuting…"
    assert words.doing_command(ToggleDeafen(), LIVE) == "deafening…"
    assert words.doing_command(Leave(), LIVE) == "leaving…"
    assert words.doing_now(OPEN) == ""
    assert words.doing_now(replace(OPEN, is_pending=True, wanted_muted=True)) == "muting…"
    assert words.doing_now(replace(OPEN, is_pending=True, wanted_deafened=True)) == "deafening…"


def test_troubles_stay_with_their_cause() -> None:
    absent = Microphone(state=MicState.ABSENT, backend="native", cause="it was unplugged")
    (line,) = words.troubles(replace(LIVE, microphone=absent), "")
    assert line == "No microphone, listening only. It was unplugged."
    (line,) = words.troubles(replace(LIVE, microphone=replace(absent, backend="null")), "")
    assert line.startswith("No sound here: you neither hear nor send.")
    cut = replace(LIVE, phase=CallPhase.RECONNECTING, trouble="server is gone", retry_at=Seconds(9))
    assert words.troubles(cut, "Next try in 4 s.") == ["Server is gone. Next try in 4 s."]
    assert words.troubles(LIVE, "") == []


def test_the_ending_is_told_in_its_own_words() -> None:
    ended = replace(LIVE, phase=CallPhase.ENDED, ending=Ending(EndReason.EVICTED, "you left"))
    assert words.sentence(ended) == "You left."


def test_sound_that_is_still_starting_is_no_trouble() -> None:
    you = ParticipantView(Identity("me"), "Ines", is_local=True, has_microphone=False)
    starting = Microphone(is_starting=True, backend="null")
    snapshot = replace(LIVE, microphone=starting, participants=(you, ANN))
    assert words.troubles(snapshot, "") == []
    assert words.sentence(snapshot) == "Starting the sound…"
    own, ann = words.shown_people(snapshot)
    assert [s.word for s in words.row_states(own, is_speaking=False)] == ["connecting"]
    assert ann is ANN
    settled = replace(snapshot, microphone=replace(starting, is_starting=False))
    assert "No sound here" in words.troubles(settled, "")[0]
    assert [
        s.word for s in words.row_states(words.shown_people(settled)[0], is_speaking=False)
    ] == ["no mic"]


def test_the_sentence_trusts_those_who_tell() -> None:
    ann, bob = replace(ANN, hears_us=True), replace(ANN, name="bob", hears_us=False)
    assert words.sentence(replace(LIVE, participants=(ann,))) == "Everyone here hears you."
    assert words.sentence(replace(LIVE, participants=(ann, bob))) == "Not heard by bob."
    assert words.sentence(replace(LIVE, participants=(bob,))) == "Nobody here hears you."
    assert words.sentence(replace(LIVE, participants=(bob, ANN))) == "Not heard by bob."


def test_what_somebody_plays_stands_beside_how_they_speak() -> None:
    person = ParticipantView(Identity("ann"), "Ann", is_muted=True, plays="song.flac")
    states = words.row_states(person, is_speaking=False)
    assert [state.word for state in states] == ["muted", "plays song.flac"]
