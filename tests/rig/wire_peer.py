"""A participant made of the plain SDK, run as a process: hears every track, sends what it is told.

Standard input, JSON lines: {"send_file": PATH} plays mono 48 kHz s16 once, {"publish": QUEUE_MS},
{"mute": true}, {"count": IDENTITY}, {"leave": true}; in the chat {"say": TEXT}, {"begin": TEXT}
of a message without end, and {"legacy": TEXT} as components sent it before text streams. Standard
output: what happened, and the sound of every track as base64 s16 at WIRE_RATE_HZ with the time
each 10 ms came.

Its sound goes through an `AudioSource`: no device, no processing. Without a queue, each 10 ms go
to the encoder when this process hands them over; with one, a thread of the library sends them,
and nobody hears how late this process was.
"""

import asyncio
import base64
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from livekit import rtc

from woxly_tui._lib.aio import TaskOwner

WIRE_RATE_HZ: Final = 16_000
"""Rate at which received sound is reported: enough for speech, cheap to carry."""

_RATE_HZ: Final = 48_000
_FRAME: Final = _RATE_HZ // 100
_BATCH: Final = 5
"""Frames in one report."""

_LATEST_S: Final = 0.25
"""How far the sender may fall behind before it lets the past go."""


def say(message: dict[str, Any]) -> None:
    """Report one thing that happened."""
    sys.stdout.write(json.dumps({"at": time.monotonic(), **message}) + "\n")
    sys.stdout.flush()


class WirePeer:
    """The participant."""

    def __init__(self) -> None:
        self._room = rtc.Room()
        self._tasks = TaskOwner("wire-peer")
        self._source = rtc.AudioSource(_RATE_HZ, 1, queue_size_ms=0)
        self._queue_s = 0.0
        self._track: rtc.LocalAudioTrack | None = None
        self._sending: asyncio.Task[None] | None = None
        self._hearing: dict[str, asyncio.Task[None]] = {}
        self._writer: rtc.TextStreamWriter | None = None
        self._done = asyncio.Event()

    async def run(self, url: str, token: str) -> None:
        self._listen_to_room()
        await self._room.connect(url, token)
        say({"type": "joined", "identity": self._room.local_participant.identity})
        for identity, participant in self._room.remote_participants.items():
            say({"type": "present", "identity": identity})
            self._attributes(dict(participant.attributes), participant)
        loop = asyncio.get_running_loop()
        commands: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        threading.Thread(target=_read_commands, args=(loop, commands), daemon=True).start()
        self._tasks.start(self._obey(commands), name="obey")
        await self._done.wait()
        await self._tasks.aclose()
        await self._room.disconnect()
        say({"type": "left"})

    def _listen_to_room(self) -> None:
        room = self._room
        room.on("track_subscribed", self._subscribed)
        room.on("track_unsubscribed", self._unsubscribed)
        room.on("participant_connected", self._came)
        room.on("participant_disconnected", lambda p: say({"type": "went", "identity": p.identity}))
        room.on("track_muted", lambda p, _: self._mute_shown(p, True))
        room.on("track_unmuted", lambda p, _: self._mute_shown(p, False))
        room.on("track_published", self._published)
        room.on("participant_attributes_changed", self._attributes)
        room.on("data_received", self._data)
        room.on("disconnected", self._disconnected)
        room.register_text_stream_handler("lk.chat", self._chat)

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        say({"type": "came", "identity": participant.identity})
        self._attributes(dict(participant.attributes), participant)

    def _mute_shown(self, participant: rtc.Participant, on: bool) -> None:
        say({"type": "mute", "identity": participant.identity, "on": on})

    def _attributes(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        if changed:
            say({"type": "attributes", "identity": participant.identity, "changed": changed})

    def _data(self, packet: rtc.DataPacket) -> None:
        sender = packet.participant.identity if packet.participant else ""
        text = packet.data.decode(errors="replace")
        say({"type": "data", "identity": sender, "topic": packet.topic, "text": text})

    def _chat(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._tasks.start(self._read(reader, identity), name="read")

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        say({"type": "chat", "identity": identity, "text": await reader.read_all()})

    def _disconnected(self, reason: Any) -> None:
        say({"type": "disconnected", "reason": int(reason)})
        self._done.set()

    def _published(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        who = participant.identity
        say({"type": "published", "identity": who, "muted": publication.muted})

    def _subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        if isinstance(track, rtc.RemoteAudioTrack):
            who = participant.identity
            say({"type": "track", "identity": who, "muted": publication.muted})
            self._stop_hearing(track.sid)
            self._hearing[track.sid] = self._tasks.start(self._hear(track, who), name="hear")

    def _unsubscribed(self, track: rtc.Track, *_: object) -> None:
        self._stop_hearing(track.sid)

    def _stop_hearing(self, sid: str) -> None:
        # A stream whose track is gone goes on delivering silence.
        if (task := self._hearing.pop(sid, None)) is not None:
            task.cancel()

    async def _hear(self, track: rtc.RemoteAudioTrack, identity: str) -> None:
        times: list[float] = []
        sound = bytearray()
        stream = rtc.AudioStream(track, sample_rate=WIRE_RATE_HZ, num_channels=1)
        try:
            async for event in stream:
                times.append(round(time.monotonic(), 4))
                sound += bytes(event.frame.data)
                if len(times) >= _BATCH:
                    pcm = base64.b64encode(sound).decode("ascii")
                    say({"type": "sound", "identity": identity, "times": times, "pcm": pcm})
                    times, sound = [], bytearray()
        finally:
            await stream.aclose()

    async def _obey(self, commands: "asyncio.Queue[dict[str, Any]]") -> None:
        while True:
            command = await commands.get()
            if "publish" in command:
                await self._publish(command["publish"])
            elif "mute" in command and self._track is not None:
                (self._track.mute if command["mute"] else self._track.unmute)()
            elif "send_file" in command:
                await self._stop_sending()
                sound = Path(command["send_file"]).read_bytes()
                self._sending = self._tasks.start(self._send(sound), name="send")
            elif "hush" in command:
                await self._stop_sending()
            elif "count" in command:
                await self._count(command["count"])
            elif "leave" in command:
                self._done.set()
            else:
                await self._write(command)
            say({"type": "done", "command": command})

    async def _count(self, identity: str) -> None:
        """Say how many packets came of the tracks that a participant has now."""
        packets = []
        for publication in self._room.remote_participants[identity].track_publications.values():
            if publication.track is None:
                continue
            rows = await publication.track.get_stats()
            # A track of which nothing ever came has no such row.
            inbound = [row.inbound_rtp for row in rows if row.WhichOneof("stats") == "inbound_rtp"]
            packets.append(sum(row.received.packets_received for row in inbound))
        say({"type": "packets", "identity": identity, "of_tracks": packets})

    async def _write(self, command: dict[str, Any]) -> None:
        me = self._room.local_participant
        if "say" in command:
            await me.send_text(command["say"], topic="lk.chat")
        elif "begin" in command:
            self._writer = await me.stream_text(topic="lk.chat")
            await self._writer.write(command["begin"])
        elif "legacy" in command:
            message = {"id": "1", "timestamp": 1, "message": command["legacy"]}
            await me.publish_data(json.dumps(message), topic="lk-chat-topic")
        elif "data" in command:
            data = bytes.fromhex(command["data"])
            for _ in range(command["times"]):
                await me.publish_data(data, reliable=False, topic=command["topic"])

    async def _publish(self, queue_ms: int) -> None:
        if queue_ms:
            self._queue_s = queue_ms / 1000
            self._source = rtc.AudioSource(_RATE_HZ, 1, queue_size_ms=queue_ms)
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(self._track, options)

    async def _stop_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
            self._sending = None

    async def _send(self, sound: bytes) -> None:
        due = time.monotonic() - self._queue_s / 2
        for at in range(0, len(sound) - 2 * _FRAME + 1, 2 * _FRAME):
            chunk = sound[at : at + 2 * _FRAME]
            await self._source.capture_frame(rtc.AudioFrame(chunk, _RATE_HZ, 1, _FRAME))
            due += 0.01
            now = time.monotonic()
            if due < now - _LATEST_S - self._queue_s:
                due = now
            await asyncio.sleep(max(0.0, due - now))


def _read_commands(
    loop: asyncio.AbstractEventLoop, commands: "asyncio.Queue[dict[str, Any]]"
) -> None:
    for line in sys.stdin:
        loop.call_soon_threadsafe(commands.put_nowait, json.loads(line))


async def main(url: str, token: str) -> None:
    """Join and stay until told to leave; `rtc.Room` is born inside its loop."""
    await WirePeer().run(url, token)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
