"""Who is told that guests see what members write."""

from woxly_tui.call.snapshot import CallPhase, Notice, ParticipantView, Snapshot
from woxly_tui.engine.guests import GuestNews, guests_in
from woxly_tui.types import Identity


def call(*identities: str, phase: CallPhase = CallPhase.ESTABLISHED) -> Snapshot:
    me = ParticipantView(Identity("1"), "me", is_local=True)
    others = (ParticipantView(Identity(one), one) for one in identities)
    return Snapshot(phase=phase, participants=(me, *others))


def words(notice: Notice | None) -> str:
    return "" if notice is None else notice.text


def test_users_are_numbers_and_all_others_are_guests() -> None:
    assert [one.name for one in guests_in(call("2", "guest-a", "٣", "4x"))] == [
        "guest-a",
        "٣",
        "4x",
    ]
    assert not guests_in(call("guest-a", phase=CallPhase.RECONNECTING))


def test_each_guest_is_told_of_once_in_a_call() -> None:
    news = GuestNews()
    assert not news.take(call("2"), is_in_room=True)
    several = call("2", "guest-a", "guest-b", "guest-c", "guest-d")
    assert words(news.take(several, is_in_room=True)) == (
        "guest-a, guest-b, guest-c and 1 more are guests, "
        "and see what members write while this call is on"
    )
    assert not news.take(call("guest-a", phase=CallPhase.RECONNECTING), is_in_room=True)
    assert not news.take(several, is_in_room=True)
    assert words(news.take(call("guest-e"), is_in_room=True)).startswith("guest-e is a guest")
    assert not news.take(Snapshot(), is_in_room=False)
    assert words(news.take(call("guest-a"), is_in_room=True)).startswith("guest-a is a guest")


def test_in_a_call_without_a_room_nobody_is_a_guest() -> None:
    assert not GuestNews().take(call("ann"), is_in_room=False)
