from typing import Any

from livekit import rtc

from tests.unit.media.fakes import FakeRemote, FakeRoom, FakeSound
from woxly_tui.media.hearing import Hearing


class Ears:
    def __init__(self) -> None:
        self.audible: dict[str, bool] = {}
        self.refused: set[str] = set()

    def __call__(self, publication: Any, audible: bool) -> bool:
        if publication.sid in self.refused:
            return False
        self.audible[publication.sid] = audible
        return True


def room_of(*participants: FakeRemote) -> Any:
    room = FakeRoom()
    room.remote_participants = {who.identity: who for who in participants}
    return room


def test_deafening_silences_every_sound_and_nothing_else() -> None:
    video = FakeSound("TR_V", kind=rtc.TrackKind.KIND_VIDEO)
    room = room_of(
        FakeRemote("ann", FakeSound("TR_A"), video), FakeRemote("bob", FakeSound("TR_B"))
    )
    ears = Ears()
    hearing = Hearing(ears)
    assert hearing.set_deafened(room, on=True)
    assert ears.audible == {"TR_A": False, "TR_B": False}
    assert hearing.set_deafened(room, on=False)
    assert ears.audible == {"TR_A": True, "TR_B": True}


def test_a_track_that_refuses_leaves_it_unconfirmed() -> None:
    ears = Ears()
    ears.refused = {"TR_A"}
    hearing = Hearing(ears)
    assert not hearing.set_deafened(room_of(FakeRemote("ann", FakeSound("TR_A"))), on=True)


def test_a_new_track_is_silenced_only_while_deafened() -> None:
    ears = Ears()
    hearing = Hearing(ears)
    late: Any = FakeSound("TR_NEW")
    hearing.on_subscribed(late, FakeRemote("cid", late))
    assert ears.audible == {}
    hearing.set_deafened(room_of(), on=True)
    assert hearing.on_subscribed(late, FakeRemote("cid", late))
    assert ears.audible == {"TR_NEW": False}


def test_a_new_track_that_refuses_to_be_silent_is_told() -> None:
    ears = Ears()
    hearing = Hearing(ears)
    hearing.set_deafened(room_of(), on=True)
    ears.refused = {"TR_NEW"}
    late: Any = FakeSound("TR_NEW")
    assert not hearing.on_subscribed(late, FakeRemote("cid", late))


def test_it_is_applied_again_to_whatever_a_reconnect_brings() -> None:
    ears = Ears()
    hearing = Hearing(ears)
    hearing.set_deafened(room_of(), on=True)
    hearing.reapply(room_of(FakeRemote("ann", FakeSound("TR_2"))))
    assert ears.audible == {"TR_2": False}
