"""The SDK's own ways to hold a call, as programs to compare woxly with.

    python -m tests.rig.subjects platform URL TOKEN
    python -m tests.rig.subjects media-devices URL TOKEN

Each is what the SDK's documentation leads one to write, and says {"type": "joined"}.
"""

import asyncio
import json
import signal
import sys

from livekit import rtc

_MICROPHONE = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)


async def platform(room: rtc.Room, stop: asyncio.Event) -> None:
    """Microphone and speaker by `PlatformAudio`."""
    audio = rtc.PlatformAudio()
    source = audio.create_audio_source(rtc.PlatformAudioOptions())
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    await room.local_participant.publish_track(track, _MICROPHONE)
    _joined()
    await stop.wait()
    await room.local_participant.unpublish_track(track.sid)
    audio.close()


async def media_devices(room: rtc.Room, stop: asyncio.Event) -> None:
    """Microphone and speaker by `MediaDevices`."""
    devices = rtc.MediaDevices()
    microphone = devices.open_input()
    player = devices.open_output()

    @room.on("track_subscribed")
    def _(track: rtc.Track, *_: object) -> None:
        adding.append(asyncio.run_coroutine_threadsafe(player.add_track(track), loop))

    loop = asyncio.get_running_loop()
    adding = [
        asyncio.run_coroutine_threadsafe(player.add_track(publication.track), loop)
        for participant in room.remote_participants.values()
        for publication in participant.track_publications.values()
        if publication.track is not None
    ]
    await player.start()
    track = rtc.LocalAudioTrack.create_audio_track("microphone", microphone.source)
    await room.local_participant.publish_track(track, _MICROPHONE)
    _joined()
    await stop.wait()
    await microphone.aclose()
    await player.aclose()


def _joined() -> None:
    sys.stdout.write(json.dumps({"type": "joined"}) + "\n")
    sys.stdout.flush()


SUBJECTS = {"platform": platform, "media-devices": media_devices}


async def main(subject: str, url: str, token: str) -> None:
    """Join, hold the call until SIGTERM, leave."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    room = rtc.Room()
    await room.connect(url, token)
    await SUBJECTS[subject](room, stop)
    await room.disconnect()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
