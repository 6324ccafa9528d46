from typing import Any

from livekit import rtc

from tests.unit.media.fakes import FakeRemote, FakeRoom, FakeSound
from woxly_tui.media.hearing import Hearing
from woxly_tui.types import Identity


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


def test_somebody_at_no_volume_is_silent_and_the_others_are_not() -> None:
    room = room_of(FakeRemote("ann", FakeSound("TR_A")), FakeRemote("bob", FakeSound("TR_B")))
    ears = Ears()
    hearing = Hearing(ears)
    assert hearing.set_volume(room, Identity("ann"), 0)
    assert ears.audible == {"TR_A": False}
    assert hearing.set_volume(room, Identity("ann"), 150)
    assert ears.audible == {"TR_A": True}
    assert hearing.percent("ann") == 150
    assert hearing.percent("bob") == 100


def test_deafen_beats_volume_and_leaves_it_as_it_was() -> None:
    room = room_of(FakeRemote("ann", FakeSound("TR_A")), FakeRemote("bob", FakeSound("TR_B")))
    ears = Ears()
    hearing = Hearing(ears)
    hearing.set_volume(room, Identity("ann"), 0)
    hearing.set_deafened(room, on=True)
    assert hearing.set_volume(room, Identity("bob"), 200)
    assert ears.audible == {"TR_A": False, "TR_B": False}
    assert hearing.percent("bob") == 0
    hearing.set_deafened(room, on=False)
    assert ears.audible == {"TR_A": False, "TR_B": True}
    assert hearing.percent("bob") == 200


def test_a_silenced_person_stays_so_with_a_new_track() -> None:
    ears = Ears()
    hearing = Hearing(ears)
    hearing.set_volumes({Identity("ann"): 0})
    late: Any = FakeSound("TR_2")
    assert hearing.on_subscribed(late, FakeRemote("ann", late))
    assert ears.audible == {"TR_2": False}


def test_only_a_volume_between_or_above_wants_gain_and_only_of_those_present() -> None:
    hearing = Hearing(Ears())
    hearing.set_volumes({Identity("ann"): 0, Identity("bob"): 60})
    assert not hearing.wants_gain(["ann", "cid"])
    assert hearing.wants_gain(["ann", "bob"])
    hearing.give_up_gain()
    assert not hearing.wants_gain(["ann", "bob"])
    assert hearing.percent("ann") == 0
