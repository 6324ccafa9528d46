"""What we take from a room's WebRTC statistics.

With a single peer connection everything arrives as publisher statistics; both lists are read.
A remote stream is known by its receiver's track id: the id of the publication with two peer
connections, a random one with a single one.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from livekit import rtc

from woxly_tui.media.flow import FlowReading
from woxly_tui.media.levels import EnergyReading

OWN_STREAM: Final = "own microphone"
"""Key of our own microphone among the streams."""


@dataclass(frozen=True, slots=True)
class StatsReading:
    """One look at a room's counters."""

    streams: dict[str, EnergyReading]
    """By receiver track id; our own under OWN_STREAM."""
    playout_samples: int | None
    """Samples pulled from all remote streams together; None where there is no stream."""
    rtt_s: float | None
    flows: dict[str, FlowReading] = field(default_factory=dict)
    """By receiver track id."""

    @property
    def captured_s(self) -> float:
        """Sound the microphone delivered since it was published."""
        own = self.streams.get(OWN_STREAM)
        return own.duration_s if own is not None else 0.0


def read_stats(stats: rtc.RtcStats, ignored: Container[str] = ()) -> StatsReading:
    """Pick out of a room's statistics what we use, without our streams that are no voice."""
    streams: dict[str, EnergyReading] = {}
    flows: dict[str, FlowReading] = {}
    samples: int | None = None
    selected = ""
    pairs: dict[str, float] = {}
    for row in (*stats.publisher_stats, *stats.subscriber_stats):
        kind = row.WhichOneof("stats")
        if kind == "inbound_rtp" and row.inbound_rtp.stream.kind == "audio":
            inbound = row.inbound_rtp.inbound
            streams[inbound.track_identifier] = EnergyReading(
                inbound.total_audio_energy, inbound.total_samples_duration
            )
            flows[inbound.track_identifier] = FlowReading(
                row.inbound_rtp.received.packets_received,
                inbound.total_samples_received,
                inbound.concealed_samples - inbound.silent_concealed_samples,
                inbound.jitter_buffer_delay,
                inbound.jitter_buffer_target_delay,
                inbound.jitter_buffer_emitted_count,
            )
            samples = (samples or 0) + inbound.total_samples_received
        elif kind == "media_source" and row.media_source.source.kind == "audio":
            if row.media_source.source.track_identifier in ignored:
                continue
            audio = row.media_source.audio
            streams[OWN_STREAM] = EnergyReading(
                audio.total_audio_energy, audio.total_samples_duration
            )
        elif kind == "transport":
            selected = row.transport.transport.selected_candidate_pair_id or selected
        elif kind == "candidate_pair" and row.candidate_pair.candidate_pair.nominated:
            pair = row.candidate_pair
            pairs[pair.rtc.id] = pair.candidate_pair.current_round_trip_time
    rtt_s = pairs.get(selected) or max(pairs.values(), default=0.0) or None
    return StatsReading(streams, samples, rtt_s, flows)


def receiver_id(rows: Iterable[Any]) -> str | None:
    """The receiver track id in the statistics of one remote track; None before it flows."""
    for row in rows:
        if row.WhichOneof("stats") == "inbound_rtp":
            return str(row.inbound_rtp.inbound.track_identifier) or None
    return None
