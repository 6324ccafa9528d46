import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from tests.unit.media.fakes import FakeRemote, FakeRoom, FakeSound
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.media import heard
from woxly_tui.media.flow import FRESH, FlowReading
from woxly_tui.media.heard import TOPIC, Ears, HeardBy, interval, packet, read_packet
from woxly_tui.media.hearing import Hearing
from woxly_tui.media.link import LinkMeter
from woxly_tui.media.sight import Sight
from woxly_tui.types import Identity, Seconds

ANN, BOB = Identity("ann"), Identity("bob")
LATE = packet(hears=True, rtt_ms=None, is_late=True)
YES, NO = packet(hears=True, rtt_ms=40), packet(hears=False, rtt_ms=None)


class Rig:
    def __init__(self) -> None:
        self.now = 100.0
        self.room = FakeRoom()
        self.sight = Sight(LinkMeter(1))
        self.hearing = Hearing(lambda _publication, _on: True)
        self.ears = Ears(self.hearing, self.sight)
        self.news: list[dict[Identity, bool | None]] = []
        self.sent: list[tuple[bytes, list[str]]] = []
        self.room.local_participant.publish_data = self.publish  # type: ignore[method-assign, assignment]
        self.heard_by = HeardBy(
            cast(Any, self.room),
            self.ears,
            self.sight,
            TaskOwner("test"),
            self.news.append,
            lambda: self.now,
        )
        self.packets = 0

    async def publish(
        self, payload: bytes, *, reliable: bool, destination_identities: list[str], topic: str
    ) -> None:
        assert not reliable
        assert topic == TOPIC
        assert destination_identities, "everybody would be told"
        self.sent.append((payload, destination_identities))

    def come(self, name: str, **changes: Any) -> FakeSound:
        sound = FakeSound(f"TR_{name}")
        self.room.remote_participants[name] = FakeRemote(name, sound, **changes)
        return sound

    def look(self, *, plays: bool = True, flowing: bool = True) -> None:
        """As the monitor does, everybody flowing or nobody."""
        self.packets += 10 if flowing else 0
        readings = {w: FlowReading(self.packets, self.packets, 0) for w in self.names}
        owners = {who: Identity(who) for who in self.names}
        self.sight.flows.look(readings, owners, Seconds(self.now), plays=plays)

    @property
    def names(self) -> list[str]:
        return list(self.room.remote_participants)

    async def tick(self, after_s: float = 1.0) -> list[tuple[bytes, list[str]]]:
        self.now += after_s
        self.sent.clear()
        await self.heard_by.tick()
        return list(self.sent)

    def hear(self, data: bytes, sender: str | None = "ann", topic: str = TOPIC) -> None:
        who = self.room.remote_participants.get(sender or "")
        participant = who if who or sender is None else FakeRemote(sender)
        packet = SimpleNamespace(data=data, topic=topic, participant=participant)
        self.heard_by.on_data(cast(Any, packet))

    async def told(self) -> dict[Identity, bool | None]:
        """What was told of the others since."""
        await asyncio.sleep(0.02)
        told: dict[Identity, bool | None] = {}
        for news in self.news:
            told |= news
        self.news.clear()
        return told


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(heard, "SAY_AFTER", Seconds(0.001))
    rig = Rig()
    yield rig
    rig.heard_by.close()


def verdicts(rig: Rig) -> dict[Identity, bool]:
    others = cast(Any, list(rig.room.remote_participants.values()))
    return rig.ears.judge(others, Seconds(rig.now))


# Whom we hear


def test_nothing_is_said_before_the_sound_runs(rig: Rig) -> None:
    rig.come("ann")
    assert verdicts(rig) == {}


def test_who_flows_is_heard_and_who_is_muted_is_nobody_to_hear(rig: Rig) -> None:
    rig.come("ann")
    rig.come("bob").muted = True
    rig.look()
    rig.look()
    assert verdicts(rig) == {ANN: True}


def test_who_sends_nothing_is_given_time_and_then_is_not_heard(rig: Rig) -> None:
    rig.come("ann")
    rig.look(flowing=False)
    assert verdicts(rig) == {}
    rig.now += FRESH
    assert verdicts(rig) == {ANN: False}


def test_who_stops_in_mid_call_is_heard_no_more(rig: Rig) -> None:
    rig.come("ann")
    rig.look()
    rig.look()
    assert verdicts(rig) == {ANN: True}
    rig.now += FRESH + 1
    rig.look(flowing=False)
    assert verdicts(rig) == {ANN: False}


@pytest.mark.parametrize("why", ["deafened", "silenced", "null", "no speaker"])
def test_what_is_not_played_is_not_heard_though_it_flows(rig: Rig, why: str) -> None:
    rig.come("ann")
    rig.look()
    rig.look(plays=why != "null")
    if why == "deafened":
        rig.hearing.is_deafened = True
    if why == "silenced":
        rig.hearing.set_volumes({ANN: 0})
    rig.ears.is_loud = why != "no speaker"
    assert verdicts(rig) == {ANN: False}


def test_a_recorder_of_the_server_is_nobody_to_hear(rig: Rig) -> None:
    rig.come("ann", kind=rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS)
    rig.look()
    rig.look()
    assert verdicts(rig) == {}


# What we tell


async def test_news_are_told_twice_and_then_rarely(rig: Rig) -> None:
    rig.come("ann")
    rig.look()
    rig.look()
    for _ in range(2):
        assert await rig.tick() == [(packet(hears=True, rtt_ms=None), ["ann"])]
    for name in (f"p{number}" for number in range(99)):
        rig.come(name).muted = True
    assert await rig.tick() == []
    rig.now += interval(100)
    rig.look()
    assert await rig.tick(0) == [(packet(hears=True, rtt_ms=None), ["ann"])]


async def test_each_is_told_only_of_itself(rig: Rig) -> None:
    rig.come("ann")
    rig.come("bob")
    rig.look()
    rig.look()
    rig.hearing.set_volumes({BOB: 0})
    assert await rig.tick() == [
        (packet(hears=True, rtt_ms=None), ["ann"]),
        (packet(hears=False, rtt_ms=None), ["bob"]),
    ]


async def test_a_change_is_told_at_the_next_tick(rig: Rig) -> None:
    rig.come("ann")
    rig.look()
    rig.look()
    await rig.tick()
    rig.hearing.set_volumes({ANN: 0})
    assert await rig.tick() == [(packet(hears=False, rtt_ms=None), ["ann"])]


async def test_nobody_who_speaks_nothing_to_say(rig: Rig) -> None:
    rig.come("ann").muted = True
    rig.look()
    assert await rig.tick() == []


async def test_a_token_without_data_tells_nothing(rig: Rig) -> None:
    rig.room.local_participant.permissions.can_publish_data = False
    rig.come("ann")
    rig.look()
    rig.look()
    assert await rig.tick() == []


async def test_a_hundred_who_speak_fit_into_packets(rig: Rig) -> None:
    for number in range(100):
        rig.come(f"p{number}")
    rig.look()
    rig.look()
    sent = await rig.tick()
    assert [len(to) for _, to in sent] == [heard.MAX_TO] * 5
    assert (interval(3), interval(100)) == (Seconds(1), Seconds(5))


# What we are told


async def test_a_word_is_told_and_taken_back_when_it_is_old(rig: Rig) -> None:
    rig.come("ann")
    rig.hear(YES)
    assert await rig.told() == {ANN: True}
    assert rig.heard_by.rtt_ms(ANN) == 40
    rig.now += 1
    rig.hear(NO)
    assert await rig.told() == {ANN: False}
    await rig.tick(heard.LAPSE)
    assert await rig.told() == {ANN: None}


async def test_who_left_is_forgotten(rig: Rig) -> None:
    rig.come("ann")
    rig.hear(YES)
    await rig.told()
    del rig.room.remote_participants["ann"]
    await rig.tick()
    assert await rig.told() == {ANN: None}


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01", b"\x01\x01\x00", b"\x02\x01\x00\x00", b"\xff" * 9, b"\x01" * 65, b"{}" * 30],
)
async def test_what_is_no_word_is_ignored(rig: Rig, data: bytes) -> None:
    rig.come("ann")
    rig.hear(data)
    assert await rig.told() == {}
    assert read_packet(data) is None


async def test_a_longer_word_of_a_later_woxly_is_read(rig: Rig) -> None:
    rig.come("ann")
    rig.hear(YES + b"more to come")
    assert await rig.told() == {ANN: True}


async def test_who_is_not_there_and_who_has_no_name_cannot_speak(rig: Rig) -> None:
    rig.come("ann")
    rig.hear(YES, sender="ghost")
    rig.hear(YES, sender=None)
    rig.hear(YES, topic="other")
    assert await rig.told() == {}


async def test_of_a_flood_little_is_taken(rig: Rig) -> None:
    rig.come("ann")
    rig.hear(YES)
    for _ in range(1000):
        rig.now += 0.0001
        rig.hear(NO)
    assert await rig.told() == {ANN: True}
    assert len(rig.news) == 0


# Whose sound waits needlessly


def late_flow(rig: Rig, samples: int) -> None:
    one = FlowReading(rig.packets, samples, 0, samples * 0.03, samples * 0.02, samples)
    readings = {"ann": one}
    rig.sight.flows.look(readings, {"ann": ANN}, Seconds(rig.now), plays=True)
    rig.packets += 1


async def test_who_waits_in_our_jitter_buffer_needlessly_is_told(rig: Rig) -> None:
    rig.come("ann")
    late_flow(rig, 0)
    late_flow(rig, 48_000)
    assert await rig.tick() == [(LATE, ["ann"])]
    assert read_packet(LATE) == (True, True, None)
    rig.hearing.is_deafened = True
    assert await rig.tick() == [(NO, ["ann"])]


async def test_our_own_sound_is_late_where_all_who_hear_it_say_so(rig: Rig) -> None:
    async def is_late(ann: bytes, bob: bytes | None) -> bool:
        rig.hear(ann)
        if bob is not None:
            rig.hear(bob, sender="bob")
        await rig.tick()
        return rig.sight.is_late_needlessly

    rig.come("ann")
    rig.come("bob")
    assert not await is_late(LATE, None), "bob said nothing"
    assert not await is_late(LATE, YES), "bob has no time to spare"
    assert await is_late(LATE, LATE)
    assert await is_late(LATE, NO), "bob does not listen"
    assert not await is_late(NO, NO), "nobody listens"


async def test_who_is_alone_is_late_for_nobody(rig: Rig) -> None:
    await rig.tick()
    assert not rig.sight.is_late_needlessly
