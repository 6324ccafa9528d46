from typing import Any

import pytest
from livekit import rtc

from tests.unit.media.fakes import FakeRemote, FakeSound
from woxly_tui.media.messages import LinkQuality, RemoteLeft, RemoteUpdated
from woxly_tui.media.roster import Roster, link_quality
from woxly_tui.types import Identity

ANN = Identity("ann")


def said_of(participant: FakeRemote, roster: Roster | None = None) -> RemoteUpdated:
    said = (roster or Roster(7)).update(participant)
    assert said is not None
    return said


def test_a_participant_is_told_once_and_again_when_changed() -> None:
    roster, sound = Roster(7), FakeSound()
    ann = FakeRemote("ann", sound)
    assert said_of(ann, roster) == RemoteUpdated(
        session=7,
        identity=ANN,
        name="Ann",
        is_muted=False,
        is_deafened=False,
        has_microphone=True,
        is_connecting=False,
        quality=LinkQuality.UNKNOWN,
    )
    assert roster.update(ann) is None
    sound.muted = True
    assert said_of(ann, roster).is_muted


def test_without_any_sound_there_is_no_microphone() -> None:
    said = said_of(FakeRemote("ann", FakeSound(kind=rtc.TrackKind.KIND_VIDEO)))
    assert not said.has_microphone
    assert said.is_muted


def test_one_open_sound_of_two_is_heard() -> None:
    assert not said_of(FakeRemote("ann", FakeSound("1", muted=True), FakeSound("2"))).is_muted


def test_names_are_made_harmless() -> None:
    assert said_of(FakeRemote("ann", name="A\x1b[2Jn\u202en\n")).name == "A[2Jnn"
    assert said_of(FakeRemote("ann", name="")).name == "ann"
    assert said_of(FakeRemote("a", name="\x07")).name == "a"


def test_recorders_are_hidden() -> None:
    recorder = FakeRemote("rec", kind=rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS)
    roster = Roster(1)
    assert roster.update(recorder) is None
    assert roster.remove(recorder) is None


def test_somebody_whose_sound_has_not_arrived_is_connecting() -> None:
    sound = FakeSound("TR_X", subscribed=False)
    ann, roster = FakeRemote("ann", sound), Roster(1)
    assert said_of(ann, roster).is_connecting
    roster.note_failed("TR_X")
    assert not said_of(ann, roster).is_connecting


def test_nobody_is_connecting_for_ever_where_we_may_not_listen() -> None:
    ann = FakeRemote("ann", FakeSound(subscribed=False))
    said = Roster(1).update(ann, may_subscribe=False)
    assert said is not None
    assert not said.is_connecting


def test_somebody_still_joining_is_connecting() -> None:
    joining = FakeRemote("ann", state=rtc.ParticipantState.PARTICIPANT_STATE_JOINED)
    assert said_of(joining).is_connecting


def test_deafened_is_read_from_the_attribute() -> None:
    assert said_of(FakeRemote("ann", attributes={"voice.deafened": "1"})).is_deafened
    assert not said_of(FakeRemote("ann", attributes={"voice.deafened": "0"})).is_deafened


def test_deafened_is_read_from_data_too() -> None:
    ann, roster = FakeRemote("ann"), Roster(1)
    said_of(ann, roster)
    roster.note_state_data("ann", b'{"deafened": true}')
    assert said_of(ann, roster).is_deafened
    roster.note_state_data("ann", b'{"deafened": false}')
    assert not said_of(ann, roster).is_deafened


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b'{"deafened": 1}', b"{}", b"[" * 900, b" " * 2000 + b"{}"]
)
def test_strange_data_changes_nothing(data: bytes) -> None:
    ann, roster = FakeRemote("ann"), Roster(1)
    said_of(ann, roster)
    roster.note_state_data("ann", data)
    assert roster.update(ann) is None


def test_data_of_strangers_is_not_kept() -> None:
    roster = Roster(1)
    roster.note_state_data("ann", b'{"deafened": true}')
    assert not said_of(FakeRemote("ann"), roster).is_deafened


def test_who_leaves_is_told_once_and_comes_back_fresh() -> None:
    ann, roster = FakeRemote("ann"), Roster(7)
    said_of(ann, roster)
    roster.note_state_data("ann", b'{"deafened": true}')
    assert roster.remove(ann) == RemoteLeft(7, ANN)
    assert roster.remove(ann) is None
    assert not said_of(ann, roster).is_deafened


def test_who_is_not_present_any_more_is_told() -> None:
    roster = Roster(7)
    for name in ("ann", "bob"):
        said_of(FakeRemote(name), roster)
    assert roster.prune({"bob": None}) == [RemoteLeft(7, ANN)]
    assert roster.prune({"bob": None}) == []


def test_qualities_are_livekits() -> None:
    qualities: Any = rtc.ConnectionQuality
    assert link_quality(qualities.QUALITY_LOST) is LinkQuality.LOST
    assert link_quality(qualities.QUALITY_UNKNOWN) is LinkQuality.UNKNOWN
