from livekit import rtc
from livekit.rtc._proto import stats_pb2

from woxly_tui.media.flow import FlowReading
from woxly_tui.media.levels import EnergyReading
from woxly_tui.media.stats import OWN_STREAM, read_stats, receiver_id


def inbound(stream: str, samples: int, *, kind: str = "audio") -> stats_pb2.RtcStats:
    row = stats_pb2.RtcStats()
    row.inbound_rtp.stream.kind = kind
    row.inbound_rtp.inbound.track_identifier = stream
    row.inbound_rtp.inbound.total_samples_received = samples
    row.inbound_rtp.inbound.total_audio_energy = 0.5
    row.inbound_rtp.inbound.total_samples_duration = samples / 48000
    return row


def microphone(seconds: float) -> stats_pb2.RtcStats:
    row = stats_pb2.RtcStats()
    row.media_source.source.kind = "audio"
    row.media_source.audio.total_samples_duration = seconds
    return row


def pair(key: str, rtt_s: float, *, nominated: bool = True) -> stats_pb2.RtcStats:
    row = stats_pb2.RtcStats()
    row.candidate_pair.rtc.id = key
    row.candidate_pair.candidate_pair.nominated = nominated
    row.candidate_pair.candidate_pair.current_round_trip_time = rtt_s
    return row


def transport(selected: str) -> stats_pb2.RtcStats:
    row = stats_pb2.RtcStats()
    row.transport.transport.selected_candidate_pair_id = selected
    return row


def test_both_lists_are_read() -> None:
    reading = read_stats(rtc.RtcStats([inbound("a", 48000)], [inbound("b", 96000)]))
    assert reading.streams == {"a": EnergyReading(0.5, 1.0), "b": EnergyReading(0.5, 2.0)}
    assert reading.playout_samples == 144000


def test_how_long_sound_waits_in_the_jitter_buffer_is_read() -> None:
    row = inbound("a", 48000)
    row.inbound_rtp.received.packets_received = 50
    row.inbound_rtp.inbound.jitter_buffer_delay = 960.0
    row.inbound_rtp.inbound.jitter_buffer_target_delay = 1440.0
    row.inbound_rtp.inbound.jitter_buffer_emitted_count = 48000
    reading = read_stats(rtc.RtcStats([row], []))
    assert reading.flows == {"a": FlowReading(50, 48000, 0, 960.0, 1440.0, 48000)}


def test_video_is_ignored_and_nothing_heard_is_none() -> None:
    reading = read_stats(rtc.RtcStats([inbound("v", 9, kind="video")], []))
    assert reading.streams == {}
    assert reading.playout_samples is None
    assert reading.captured_s == 0.0


def test_our_own_microphone_counts() -> None:
    reading = read_stats(rtc.RtcStats([microphone(2.5)], []))
    assert reading.captured_s == 2.5
    assert OWN_STREAM in reading.streams


def test_the_selected_pair_gives_the_round_trip_time() -> None:
    rows = [pair("x", 0.2), pair("y", 0.03), pair("z", 0.9, nominated=False), transport("y")]
    assert read_stats(rtc.RtcStats(rows, [])).rtt_s == 0.03


def test_without_a_selected_pair_a_nominated_one_does() -> None:
    assert read_stats(rtc.RtcStats([pair("x", 0.0), pair("y", 0.05)], [])).rtt_s == 0.05
    assert read_stats(rtc.RtcStats([pair("x", 0.0)], [])).rtt_s is None


def test_a_track_tells_its_receiver() -> None:
    assert receiver_id([transport("y"), inbound("uuid", 1)]) == "uuid"
    assert receiver_id([transport("y")]) is None
