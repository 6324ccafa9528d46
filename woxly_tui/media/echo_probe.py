"""A call with ourselves through the SFU: `python -P -m woxly_tui.media.echo_probe`.

    mouth ── chirps ──► SFU ── chirps ──► ear          two participants, no device

Reads one JSON line, {"url", "mouth", "ear"}: the last two are tokens for one room. Says as JSON
lines what it found: {"type": "joined"}, then {"type": "echo", …} or {"type": "failed", …}, then
for each of tcp and tls {"type": "path", …}: whether the mouth can also be reached that way.
"""

import asyncio
import contextlib
import logging
import os
import statistics
import time
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.media import ffi
from woxly_tui.media.chirps import FRAME_SAMPLES, RATE_HZ, Samples, find, train
from woxly_tui.media.failures import classify_connect_error
from woxly_tui.media.probe_pipe import ProbePipe
from woxly_tui.media.reach import check_reachable

LIMIT_S: Final = 60.0
"""How long this process may live; whoever asks is less patient."""

CHIRPS: Final = 10
EVERY_S: Final = 0.3
"""Longest delay that can be told, less the chirp itself: later ones are taken for the next."""

_LEAD_S: Final = 0.6
"""Silence first, in which the ear's jitter buffer settles."""

_SUBSCRIBED_WITHIN_S: Final = 8.0
_LEAVE_WITHIN_S: Final = 1.5

PATHS: Final = ("tcp", "tls")
"""What LiveKit falls back to where UDP is blocked; tls is its TURN server, where it has one."""

_PATH_WITHIN_S: Final = 4.0
_PATH_STEP_S: Final = 0.2

_log = logging.getLogger(__name__)


class Failed(Exception):
    """What ends the probe early."""

    def __init__(self, failure: str, detail: str) -> None:
        super().__init__(failure)
        self.failure = failure
        self.detail = detail


class EchoCall:
    """Two rooms of one process, and what went from one to the other. One event loop."""

    def __init__(self, pipe: ProbePipe) -> None:
        self._pipe = pipe
        self._tasks = TaskOwner("echo")
        self._mouth, self._ear = rtc.Room(), rtc.Room()
        self._source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=0)
        self._sent_at: list[float] = []
        """When each frame was handed over, by the monotonic clock."""
        self._heard: list[Samples] = []
        self._heard_at: list[float] = []
        self._is_heard = asyncio.Event()

    async def run(self, url: str, mouth: str, ear: str) -> dict[str, Any]:
        """The whole call; returns what was measured.

        Raises:
            Failed: There was no call.
        """
        failure = await check_reachable(url)
        if failure is not None:
            raise Failed(failure[0].value, failure[1])
        self._ear.on("track_subscribed", self._on_subscribed)
        for room, token in ((self._ear, ear), (self._mouth, mouth)):
            began = time.monotonic()
            try:
                await room.connect(url, token, rtc.RoomOptions())
            except rtc.ConnectError as error:
                kind, detail = classify_connect_error(error.message, token)
                raise Failed(kind.value, detail) from None
            took_s = time.monotonic() - began
            self._pipe.say({"type": "joined", "took_ms": round(1000 * took_s)})
        await self._publish()
        await self._speak()
        return self._measured() | await self._links()

    async def try_path(self, path: str) -> bool:
        """Have the server ask the mouth to come by another path; whether sound then goes there.

        After a path that failed the mouth is lost: try the likeliest first.
        """
        kind = rtc.SimulateScenarioKind.Value(f"SIMULATE_FORCE_{path.upper()}")
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(_PATH_WITHIN_S):
                await self._mouth.simulate_scenario(kind)
                while True:
                    await asyncio.sleep(_PATH_STEP_S)
                    stats = await self._mouth.get_rtc_stats()
                    link = read_link((*stats.publisher_stats, *stats.subscriber_stats))
                    wanted = link.get("relay") if path == "tls" else link.get("protocol")
                    if wanted == path:
                        return True
        return False

    async def aclose(self) -> None:
        """Leave both rooms."""
        await self._tasks.aclose()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_WITHIN_S):
                await asyncio.gather(self._mouth.disconnect(), self._ear.disconnect())

    async def _publish(self) -> None:
        track = rtc.LocalAudioTrack.create_audio_track("echo", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        try:
            await self._mouth.local_participant.publish_track(track, options)
        except rtc.participant.PublishTrackError as error:
            raise Failed("not_published", str(error)) from None

    async def _speak(self) -> None:
        silence = np.zeros(int(_LEAD_S * RATE_HZ), dtype=np.int16)
        keeper = self._tasks.start(self._keep_silence(), name="silence")
        try:
            async with asyncio.timeout(_SUBSCRIBED_WITHIN_S):
                await self._is_heard.wait()
        except TimeoutError:
            raise Failed("nothing_heard", "no sound came back") from None
        finally:
            keeper.cancel()
        self._heard.clear()
        self._heard_at.clear()
        self._sent_at.clear()
        sound = np.concatenate((silence, train(CHIRPS, EVERY_S, -9.0), silence))
        await self._send(sound)

    async def _keep_silence(self) -> None:
        while True:
            await self._send(np.zeros(RATE_HZ, dtype=np.int16))

    async def _send(self, sound: Samples) -> None:
        """Hand over 10 ms every 10 ms."""
        next_at = time.monotonic()
        for start in range(0, len(sound), FRAME_SAMPLES):
            frame = sound[start : start + FRAME_SAMPLES]
            self._sent_at.append(time.monotonic())
            await self._source.capture_frame(
                rtc.AudioFrame(frame.tobytes(), RATE_HZ, 1, len(frame))
            )
            next_at += 0.01
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))

    def _on_subscribed(self, track: rtc.Track, *_: object) -> None:
        if isinstance(track, rtc.RemoteAudioTrack):
            self._tasks.start(self._listen(track), name="ear")

    async def _listen(self, track: rtc.RemoteAudioTrack) -> None:
        stream = rtc.AudioStream(
            track, sample_rate=RATE_HZ, num_channels=1, frame_size_ms=10, capacity=100
        )
        try:
            async for event in stream:
                self._heard.append(np.frombuffer(event.frame.data, dtype=np.int16).copy())
                self._heard_at.append(time.monotonic())
                self._is_heard.set()
        finally:
            await stream.aclose()

    def _measured(self) -> dict[str, Any]:
        delays = delays_ms(self._sent_at, self._heard, self._heard_at)
        found: dict[str, Any] = {"sent": CHIRPS, "heard": len(delays)}
        if delays:
            found["mouth_to_ear_ms"] = round(statistics.median(delays))
            found["spread_ms"] = round(max(delays) - min(delays))
        return found

    async def _links(self) -> dict[str, Any]:
        mouth, ear = await self._mouth.get_rtc_stats(), await self._ear.get_rtc_stats()
        return read_link((*mouth.publisher_stats, *mouth.subscriber_stats)) | read_loss(
            (*ear.publisher_stats, *ear.subscriber_stats)
        )


def delays_ms(sent_at: list[float], heard: list[Samples], heard_at: list[float]) -> list[float]:
    """How late each chirp came, from the frame handed over to the frame decoded."""
    delays: list[float] = []
    if not heard:
        return delays
    times = np.array(heard_at)
    size = len(heard[0])
    first, step = int(_LEAD_S * 100), int(EVERY_S * 100)
    for number in range(CHIRPS):
        at_s = sent_at[first + number * step]
        begin = int(np.searchsorted(times, at_s))
        end = int(np.searchsorted(times, at_s + EVERY_S + 0.1))
        stretch = heard[begin:end]
        arrival = find(np.concatenate(stretch)) if stretch else None
        if arrival is not None:
            frame, rest = divmod(arrival.at, size)
            delays.append(1000 * (times[begin + frame] - at_s + rest / RATE_HZ))
    return delays


def read_link(rows: Iterable[Any]) -> dict[str, Any]:
    """Over what our sound goes, and what else the server offers."""
    pairs, mine, theirs, selected = {}, {}, {}, ""
    for row in rows:
        kind = row.WhichOneof("stats")
        if kind == "transport":
            selected = row.transport.transport.selected_candidate_pair_id or selected
        elif kind == "candidate_pair":
            pairs[row.candidate_pair.rtc.id] = row.candidate_pair.candidate_pair
        elif kind == "local_candidate":
            mine[row.local_candidate.rtc.id] = row.local_candidate.candidate
        elif kind == "remote_candidate":
            theirs[row.remote_candidate.rtc.id] = row.remote_candidate.candidate
    offers = sorted({(c.protocol, c.address, c.port) for c in theirs.values()})
    found: dict[str, Any] = {"offers": [list(offer) for offer in offers]}
    if (pair := pairs.get(selected)) is None:
        return found
    near, far = mine.get(pair.local_candidate_id), theirs.get(pair.remote_candidate_id)
    found["protocol"] = far.protocol if far is not None else ""
    found["relay"] = near.relay_protocol if near is not None and near.relay_protocol else ""
    if pair.responses_received:
        found["rtt_ms"] = round(1000 * pair.total_round_trip_time / pair.responses_received, 1)
    return found


def read_loss(rows: Iterable[Any]) -> dict[str, Any]:
    """Packets the ear missed, and its jitter buffer."""
    for row in rows:
        if row.WhichOneof("stats") == "inbound_rtp" and row.inbound_rtp.stream.kind == "audio":
            got, inbound = row.inbound_rtp.received, row.inbound_rtp.inbound
            emitted = inbound.jitter_buffer_emitted_count
            return {
                "packets": got.packets_received,
                "lost": max(0, got.packets_lost),
                "jitter_ms": round(1000 * got.jitter, 1),
                "buffer_ms": round(1000 * inbound.jitter_buffer_delay / emitted) if emitted else 0,
            }
    return {}


async def _run(pipe: ProbePipe) -> None:
    task = pipe.read_task()
    call = EchoCall(pipe)
    try:
        found = await call.run(task["url"], task["mouth"], task["ear"])
        pipe.say({"type": "echo"} | found)
        for path in PATHS:
            pipe.say({"type": "path", "path": path, "works": await call.try_path(path)})
    except Failed as failed:
        pipe.say({"type": "failed", "failure": failed.failure, "detail": failed.detail})
    finally:
        await call.aclose()


def main() -> None:
    """Measure, say, end."""
    os.environ.pop("DISPLAY", None)
    pipe = ProbePipe(LIMIT_S)
    ffi.quiet_native_logs()
    asyncio.run(_run(pipe))
    pipe.finish()


if __name__ == "__main__":
    main()
