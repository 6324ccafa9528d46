"""What an audio backend is: one way to get sound into a room and out of it."""

from typing import Protocol

from livekit import rtc

from woxly_tui.media.messages import BackendChoice


class AudioBackend(Protocol):
    """Capture and playout of one session. Every method is called from the event loop.

    A change of device or of backend in mid-call is the same operation as a first start: mute
    and unpublish, `aclose`, open another, publish muted, apply the wanted state. A backend that
    plays remote tracks itself takes them from the room it is given; native playout needs no
    such step, since the library plays whatever is subscribed.
    """

    @property
    def choice(self) -> BackendChoice:
        """What this backend is called."""

    @property
    def cause(self) -> str:
        """What is missing and what to do, in words for people; empty where all is well."""

    @property
    def plays(self) -> bool:
        """Whether subscribed tracks are heard, so that playout must advance."""

    def create_track(self) -> rtc.LocalAudioTrack | None:
        """A microphone track that is not published yet; None where there is no microphone.

        Raises:
            MediaError: The device cannot be opened.
        """

    def release_capture(self) -> bool:
        """Let go of the recording device; opening the track takes it again. Never raises.

        Returns:
            False where there is none, or it is closed.
        """

    async def aclose(self) -> None:
        """Free the devices, after the track is unpublished. Never raises; harmless to repeat."""
