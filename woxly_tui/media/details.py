"""How everybody's sound travels, measured while somebody looks.

    statistics ─► counters ─┬─► difference ─► ParticipantDetails
    those of before ────────┘

Whoever looks asks again and again; each answer is about the time since the one before. The first
one waits for as long as it takes to tell something.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from livekit import rtc

from woxly_tui._lib.text import clean_name
from woxly_tui.media.detail_messages import ParticipantDetails
from woxly_tui.media.sight import Sight
from woxly_tui.types import Identity, Seconds

SHORTEST: Final = Seconds(0.8)
"""Least time that an answer is about."""

LONGEST: Final = Seconds(5.0)
"""Nobody has looked for so long: what was counted before is too old to compare with."""

STATS_TIMEOUT_S: Final = 3.0

MAX_CODEC_CHARS: Final = 24


@dataclass(frozen=True, slots=True)
class Counters:
    """One stream at one instant. Of our own, only what the server tells of it is known."""

    packets: int = 0
    lost: int = 0
    size_bytes: int = 0
    jitter_s: float | None = None
    samples: int = 0
    concealed: int = 0
    delay_s: float = 0.0
    """Time that all samples together spent in the jitter buffer."""
    emitted: int = 0
    codec: str = ""
    loss_percent: float | None = None
    """As the server counted it, of our own."""


@dataclass(frozen=True, slots=True)
class Look:
    """All streams at one instant; our own under None."""

    at: Seconds
    streams: dict[str | None, Counters]


def read_counters(rows: Iterable[Any]) -> dict[str | None, Counters]:
    """Pick the counters out of a room's statistics, by receiver track id."""
    rows = list(rows)
    codecs = {r.codec.rtc.id: r.codec.codec.mime_type for r in rows if _kind(r) == "codec"}
    streams: dict[str | None, Counters] = {}
    for row in rows:
        if _kind(row) == "inbound_rtp" and row.inbound_rtp.stream.kind == "audio":
            inbound = row.inbound_rtp
            streams[inbound.inbound.track_identifier] = _inbound(inbound, codecs)
    if (own := _own(rows, codecs)) is not None:
        streams[None] = own
    return streams


def _kind(row: Any) -> str | None:
    kind: str | None = row.WhichOneof("stats")
    return kind


def _inbound(row: Any, codecs: Mapping[str, str]) -> Counters:
    inbound, received = row.inbound, row.received
    return Counters(
        packets=received.packets_received,
        lost=received.packets_lost,
        size_bytes=inbound.bytes_received,
        jitter_s=received.jitter,
        samples=inbound.total_samples_received,
        concealed=inbound.concealed_samples - inbound.silent_concealed_samples,
        delay_s=inbound.jitter_buffer_delay,
        emitted=inbound.jitter_buffer_emitted_count,
        codec=_codec(row, codecs),
    )


def _own(rows: list[Any], codecs: Mapping[str, str]) -> Counters | None:
    """Of two microphones, as while the backend changes, the newer one."""
    sent = [
        row.outbound_rtp
        for row in rows
        if _kind(row) == "outbound_rtp" and row.outbound_rtp.stream.kind == "audio"
    ]
    if not sent:
        return None
    own = sent[-1]
    told = next(
        (
            row.remote_inbound_rtp
            for row in rows
            if _kind(row) == "remote_inbound_rtp"
            and row.remote_inbound_rtp.stream.ssrc == own.stream.ssrc
        ),
        None,
    )
    return Counters(
        packets=own.sent.packets_sent,
        size_bytes=own.sent.bytes_sent,
        jitter_s=told.received.jitter if told is not None else None,
        codec=_codec(own, codecs),
        loss_percent=100 * told.remote_inbound.fraction_lost if told is not None else None,
    )


def _codec(row: Any, codecs: Mapping[str, str]) -> str:
    name = codecs.get(row.stream.codec_id, "").rpartition("/")[2].lower()
    return clean_name(name, fallback="")[:MAX_CODEC_CHARS]


def difference(
    identity: Identity, before: Counters, after: Counters, over: Seconds, rtt_ms: int | None
) -> ParticipantDetails:
    """What happened between two looks, so many seconds apart."""
    packets = max(0, after.packets - before.packets)
    size_bytes = max(0, after.size_bytes - before.size_bytes)
    # A packet that comes late after all is taken from the lost ones.
    lost = max(0, after.lost - before.lost)
    samples = after.samples - before.samples
    emitted = after.emitted - before.emitted
    concealed = max(0, after.concealed - before.concealed)
    delay_s = (after.delay_s - before.delay_s) / emitted if emitted > 0 else None
    loss = after.loss_percent
    if loss is None and after.samples:
        loss = 100 * lost / (packets + lost) if packets + lost else None
    is_flowing = packets > 0 or lost > 0
    jitter_s = after.jitter_s if is_flowing else None
    return ParticipantDetails(
        identity=identity,
        loss_percent=round(loss, 1) if loss is not None and is_flowing else None,
        jitter_ms=round(1000 * jitter_s, 1) if jitter_s is not None else None,
        rtt_ms=rtt_ms,
        concealed_percent=round(100 * concealed / samples, 1) if samples > 0 else None,
        codec=after.codec if is_flowing else "",
        bitrate_kbps=round(8 * size_bytes / 1000 / over, 1),
        buffer_ms=round(1000 * delay_s) if delay_s is not None else None,
    )


class DetailsMeter:
    """Measures one room when asked. Use from one event loop.

    Args:
        room: Connected, or about to be.
        sight: Whose the streams are, and our own round-trip time.
        rtt_ms: The round-trip time that one of the others told.
    """

    def __init__(
        self, room: rtc.Room, sight: Sight, rtt_ms: Callable[[Identity], int | None]
    ) -> None:
        self._room = room
        self._sight = sight
        self._rtt_ms = rtt_ms
        self._before: Look | None = None

    async def measure(self) -> tuple[ParticipantDetails, ...]:
        """Everybody of whom anything is known; nobody where the library does not answer."""
        try:
            async with asyncio.timeout(STATS_TIMEOUT_S):
                before = self._before
                if before is None or time.monotonic() - before.at > LONGEST:
                    before = await self._look()
                await asyncio.sleep(max(0.0, before.at + SHORTEST - time.monotonic()))
                self._before = after = await self._look()
        except (TimeoutError, RuntimeError):
            return ()
        return tuple(self._people(before, after))

    async def _look(self) -> Look:
        stats = await self._room.get_rtc_stats()
        rows = (*stats.publisher_stats, *stats.subscriber_stats)
        return Look(Seconds(time.monotonic()), read_counters(rows))

    def _people(self, before: Look, after: Look) -> Iterable[ParticipantDetails]:
        me = Identity(self._room.local_participant.identity)
        over = Seconds(after.at - before.at)
        rtt_ms = self._sight.link.rtt_ms
        own = after.streams.get(None)
        if own is None:
            yield ParticipantDetails(me, rtt_ms=rtt_ms)
        else:
            yield difference(me, before.streams.get(None, own), own, over, rtt_ms)
        for stream, counters in after.streams.items():
            owner = self._sight.flows.owners.get(stream) if stream is not None else None
            if owner is not None:
                earlier = before.streams.get(stream, counters)
                yield difference(owner, earlier, counters, over, self._rtt_ms(owner))
