from woxly_tui.call.roster import Roster
from woxly_tui.call.snapshot import ParticipantView
from woxly_tui.call.volumes import KEPT, Volumes, needs_gain
from woxly_tui.types import Identity

ANN, BOB = Identity("ann"), Identity("bob")


def test_everybody_is_as_they_come_until_told_otherwise() -> None:
    volumes = Volumes()
    assert volumes.of(ANN) == 100
    volumes.set(ANN, 50)
    volumes.set(BOB, 0)
    assert volumes.all() == {ANN: 50, BOB: 0}
    volumes.set(ANN, 100)
    assert volumes.all() == {BOB: 0}


def test_what_was_saved_is_brought_into_range() -> None:
    volumes = Volumes({ANN: 900, BOB: -3})
    assert volumes.all() == {ANN: 200, BOB: 0}


def test_only_so_many_are_remembered_the_oldest_is_forgotten() -> None:
    volumes = Volumes()
    for number in range(KEPT + 1):
        volumes.set(Identity(f"friend {number}"), 50)
    assert len(volumes.all()) == KEPT
    assert volumes.of(Identity("friend 0")) == 100


def test_without_a_mixer_the_silenced_stay_silent() -> None:
    volumes = Volumes({ANN: 150, BOB: 0})
    volumes.give_up_fine()
    assert volumes.all() == {BOB: 0}


def test_only_silence_and_normal_need_no_gain() -> None:
    assert [p for p in (0, 10, 100, 110, 200) if needs_gain(p)] == [10, 110, 200]


def test_rows_carry_the_volume_whenever_somebody_comes() -> None:
    volumes = Volumes()
    roster = Roster(volumes)
    volumes.set(ANN, 70)
    roster.update(ParticipantView(ANN, "Ann"))
    roster.update(ParticipantView(BOB, "Bob"))
    assert [row.volume_percent for row in roster.rows()] == [70, 100]
