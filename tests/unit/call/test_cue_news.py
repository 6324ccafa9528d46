from dataclasses import replace

from woxly_tui.call.cue_news import CueNews
from woxly_tui.call.snapshot import (
    CallPhase,
    Microphone,
    MicState,
    ParticipantView,
    Ptt,
    Snapshot,
)
from woxly_tui.types import Cue, Identity

OPEN = Microphone(MicState.OPEN, wanted_muted=False)
MUTED = Microphone(MicState.MUTED)
ME = ParticipantView(Identity("me"), "Me", is_local=True)


def call(*others: str, mic: Microphone = OPEN) -> Snapshot:
    people = (ME, *(ParticipantView(Identity(name), name) for name in others))
    return Snapshot(phase=CallPhase.ESTABLISHED, microphone=mic, participants=people)


class Ear:
    def __init__(self, quiet_above: int = 10) -> None:
        self.news = CueNews()
        self.quiet_above = quiet_above

    def hears(self, *snapshots: Snapshot) -> list[Cue]:
        return [
            cue
            for snapshot in snapshots
            for cue in self.news.see(snapshot, quiet_above=self.quiet_above)
        ]


def in_call(*others: str, mic: Microphone = OPEN, quiet_above: int = 10) -> Ear:
    ear = Ear(quiet_above)
    starting = replace(mic, is_starting=True)
    ear.hears(call(mic=starting), call(*others, mic=starting), call(*others, mic=mic))
    return ear


def test_a_join_is_one_cue_whoever_is_there_and_however_the_microphone_begins() -> None:
    starting = Microphone(is_starting=True)
    opening = Microphone(MicState.MUTED, wanted_muted=False, is_pending=True)
    assert Ear().hears(
        Snapshot(phase=CallPhase.CONNECTING),
        call(mic=starting),
        call("ann", "bob", mic=starting),
        call("ann", "bob", mic=opening),
        call("ann", "bob", mic=OPEN),
    ) == [Cue.JOIN]


def test_who_comes_and_goes_is_heard() -> None:
    ear = in_call("ann")
    assert ear.hears(call("ann", "bob")) == [Cue.JOIN]
    assert ear.hears(call("bob")) == [Cue.LEAVE]
    assert ear.hears(call("ann")) == [Cue.JOIN, Cue.LEAVE]


def test_in_a_crowd_nobody_is_heard_coming_or_going_but_a_mute_is() -> None:
    ear = in_call("ann", quiet_above=2)
    assert ear.hears(call("ann", "bob")) == []
    assert ear.hears(call("ann", "bob", mic=MUTED)) == [Cue.MUTE]
    assert ear.hears(call("ann", mic=MUTED)) == [Cue.LEAVE]


def test_mute_is_heard_once_the_worker_has_confirmed_it() -> None:
    ear = in_call()
    assert ear.hears(call(mic=replace(OPEN, wanted_muted=True, is_pending=True))) == []
    assert ear.hears(call(mic=MUTED), call(mic=MUTED)) == [Cue.MUTE]
    assert ear.hears(call(mic=OPEN)) == [Cue.UNMUTE]


def test_deafen_is_one_cue_and_so_is_its_end() -> None:
    ear = in_call()
    closing = replace(OPEN, wanted_deafened=True, is_pending=True)
    deafened = replace(MUTED, is_deafened=True, wanted_deafened=True)
    assert ear.hears(call(mic=closing), call(mic=deafened)) == [Cue.DEAFEN]
    assert ear.hears(call("ann", mic=deafened)) == []
    opening = replace(MUTED, wanted_muted=False, is_pending=True)
    assert ear.hears(call("ann", mic=opening), call("ann", mic=OPEN)) == [Cue.UNDEAFEN]


def test_whoever_holds_the_talk_key_hears_no_tone_over_their_words() -> None:
    ear = in_call(mic=MUTED)
    down = replace(OPEN, wanted_muted=True, ptt=Ptt(is_down=True))
    pending = replace(OPEN, wanted_muted=True, is_pending=True)
    assert ear.hears(call(mic=down), call(mic=pending), call(mic=MUTED)) == []


def test_a_reconnect_is_silent_and_its_end_for_good_is_not() -> None:
    ear = in_call("ann")
    away = replace(call("ann"), phase=CallPhase.RECONNECTING)
    starting = Microphone(is_starting=True)
    opening = Microphone(MicState.MUTED, wanted_muted=False, is_pending=True)
    assert ear.hears(away, call("ann", mic=starting), call("ann", mic=opening), call("ann")) == []
    assert ear.hears(away, Snapshot(phase=CallPhase.ENDED)) == [Cue.DISCONNECT]
    assert ear.hears(Snapshot(phase=CallPhase.CONNECTING)) == []


def test_a_microphone_that_is_gone_and_comes_back_is_no_mute() -> None:
    ear = in_call()
    assert ear.hears(call(mic=Microphone(MicState.ABSENT)), call(mic=OPEN)) == []


def recorded(*others: str, by: str) -> Snapshot:
    snapshot = call(*others)
    people = (replace(p, is_recording=p.identity == by) for p in snapshot.participants)
    return replace(snapshot, participants=tuple(people))


def test_who_records_is_heard_once_in_any_call_and_by_who_comes_later() -> None:
    ear = in_call("ann", quiet_above=1)
    assert ear.hears(recorded("ann", by="ann"), recorded("ann", by="ann")) == [Cue.RECORDING]
    assert ear.hears(recorded("ann", by="me")) == [Cue.RECORDING]
    assert ear.hears(call("ann")) == []
    assert Ear().hears(recorded("ann", by="ann")) == [Cue.JOIN, Cue.RECORDING]


def test_the_cue_that_an_opening_will_be_worth() -> None:
    news = CueNews()
    starting = call(mic=Microphone(is_starting=True))
    assert news.see(starting, quiet_above=10) == ()
    assert news.due_before_opening(starting) is None
    opening = call(mic=replace(MUTED, wanted_muted=False, is_pending=True))
    assert news.due_before_opening(opening) is Cue.JOIN
    news.see(opening, quiet_above=10)
    assert news.due_before_opening(opening) is None
    news.see(call(mic=MUTED), quiet_above=10)
    assert news.due_before_opening(opening) is Cue.UNMUTE
    held = replace(opening.microphone, ptt=Ptt(is_down=True))
    assert news.due_before_opening(call(mic=held)) is None
    news.see(call(mic=replace(MUTED, is_deafened=True)), quiet_above=10)
    assert news.due_before_opening(opening) is Cue.UNDEAFEN


def test_a_call_whose_sound_does_not_run_yet_is_not_entered() -> None:
    ear = Ear()
    starting = Microphone(is_starting=True)
    away = replace(call(), phase=CallPhase.RECONNECTING)
    assert ear.hears(call(mic=starting), away, call(mic=starting)) == []
    assert ear.hears(call(mic=MUTED)) == [Cue.JOIN]
