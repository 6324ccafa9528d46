import asyncio
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.rtc._proto import stats_pb2

from tests.unit.media.fakes import FakeRoom
from woxly_tui.media import details
from woxly_tui.media.detail_messages import ParticipantDetails
from woxly_tui.media.details import Counters, DetailsMeter, difference, read_counters
from woxly_tui.media.link import LinkMeter
from woxly_tui.media.sight import Sight
from woxly_tui.types import Identity, Seconds

ANN, ME = Identity("ann"), Identity("me")


def codec() -> stats_pb2.RtcStats:
    row = stats_pb2.RtcStats()
    row.codec.rtc.id = "C1"
    row.codec.codec.mime_type = "audio/opus"
    return row


def inbound(packets: int, lost: int = 0, *, seconds: float = 0.0) -> stats_pb2.RtcStats:
    row = stats_pb2.RtcStats()
    row.inbound_rtp.stream.kind = "audio"
    row.inbound_rtp.stream.codec_id = "C1"
    row.inbound_rtp.inbound.track_identifier = "one"
    row.inbound_rtp.received.packets_received = packets
    row.inbound_rtp.received.packets_lost = lost
    row.inbound_rtp.received.jitter = 0.0021
    samples = round(seconds * 48000)
    row.inbound_rtp.inbound.total_samples_received = samples
    row.inbound_rtp.inbound.jitter_buffer_emitted_count = samples
    row.inbound_rtp.inbound.jitter_buffer_delay = samples * 0.042
    row.inbound_rtp.inbound.bytes_received = packets * 80
    return row


def outbound(ssrc: int = 7) -> list[stats_pb2.RtcStats]:
    row, told = stats_pb2.RtcStats(), stats_pb2.RtcStats()
    row.outbound_rtp.stream.kind = "audio"
    row.outbound_rtp.stream.ssrc = ssrc
    row.outbound_rtp.stream.codec_id = "C1"
    row.outbound_rtp.sent.packets_sent = 50
    row.outbound_rtp.sent.bytes_sent = 4000
    told.remote_inbound_rtp.stream.ssrc = ssrc
    told.remote_inbound_rtp.received.jitter = 0.001
    told.remote_inbound_rtp.remote_inbound.fraction_lost = 0.25
    return [row, told]


def test_the_others_are_read_by_receiver_and_we_under_none() -> None:
    read = read_counters([codec(), inbound(9, 1, seconds=1.0), *outbound()])
    assert read["one"].codec == read[None].codec == "opus"
    assert (read["one"].packets, read["one"].lost) == (9, 1)
    assert read[None].loss_percent == 25.0


def test_figures_are_about_the_time_between() -> None:
    before = read_counters([codec(), inbound(1000, 100, seconds=20)])["one"]
    after = read_counters([codec(), inbound(1048, 102, seconds=21)])["one"]
    found = difference(ANN, before, after, Seconds(1.0), 21)
    assert found == ParticipantDetails(ANN, 4.0, 2.1, 21, 0.0, "opus", 30.7, 42)


def test_made_up_sound_counts_without_made_up_silence() -> None:
    row = inbound(5, 5, seconds=1.0)
    row.inbound_rtp.inbound.concealed_samples = 24000
    row.inbound_rtp.inbound.silent_concealed_samples = 4800
    found = difference(ANN, Counters(), read_counters([row])["one"], Seconds(1.0), None)
    assert found.concealed_percent == 40.0


def test_who_sends_nothing_has_no_loss_and_no_codec() -> None:
    still = read_counters([codec(), inbound(10, seconds=1)])["one"]
    found = difference(ANN, still, still, Seconds(1.0), None)
    assert found == ParticipantDetails(ANN, bitrate_kbps=0.0)


def test_counters_that_begin_anew_are_no_negative_figures() -> None:
    old = read_counters([inbound(1000, 9, seconds=20)])["one"]
    found = difference(ANN, old, read_counters([inbound(3, seconds=0.1)])["one"], Seconds(1), None)
    assert found.loss_percent is None
    assert found.bitrate_kbps == 0.0


class Rig:
    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.looks = 0
        self.room = cast(Any, FakeRoom())
        self.room.get_rtc_stats = self.look
        self.sight = Sight(LinkMeter(1))
        self.sight.flows.owners = {"one": ANN}
        self.meter = DetailsMeter(self.room, self.sight, lambda _who: 21)

    async def look(self) -> rtc.RtcStats:
        self.looks += 1
        return rtc.RtcStats([codec(), inbound(50 * self.looks, seconds=self.looks)], [])


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "SHORTEST", 0.01)


async def test_the_first_answer_takes_two_looks_and_each_further_one_more() -> None:
    rig = Rig()
    me, ann = await rig.meter.measure()
    assert me.identity == ME
    assert ann.identity == ANN
    assert ann.rtt_ms == 21
    assert rig.looks == 2
    await rig.meter.measure()
    assert rig.looks == 3


async def test_a_stream_of_nobody_known_is_left_out() -> None:
    rig = Rig()
    rig.sight.flows.owners = {}
    assert [one.identity for one in await rig.meter.measure()] == [ME]


async def test_a_library_that_does_not_answer_measures_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(details, "STATS_TIMEOUT_S", 0.01)
    rig = Rig()
    rig.room.get_rtc_stats = asyncio.Event().wait
    assert await rig.meter.measure() == ()
