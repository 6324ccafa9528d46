"""What an audio backend is: one way to get sound into a room and out of it."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from livekit import rtc

from woxly_tui.media.cue_messages import CueCommand
from woxly_tui.media.messages import BackendChoice, Shaping
from woxly_tui.media.pause_trim import PauseTrim
from woxly_tui.media.peaks import PeakMeter
from woxly_tui.media.playout_buffer import Samples
from woxly_tui.media.strong_suppression import StrongSuppression
from woxly_tui.media.voice_gate import VoiceGate

Tap: TypeAlias = Callable[[str, str | None, Samples], None]
"""Takes 10 ms of a track, by its sid, of a participant; None for what we send. On any thread."""


class BackendState(Protocol):
    """What a backend tells of itself."""

    @property
    def choice(self) -> BackendChoice:
        """What this backend is called."""

    @property
    def cause(self) -> str:
        """What is missing and what to do, in words for people; empty where all is well."""

    @property
    def plays(self) -> bool:
        """Whether subscribed tracks are heard, so that playout must advance."""

    @property
    def played_samples(self) -> int | None:
        """Samples the speaker took; None where only the library counts them."""

    @property
    def peaks(self) -> PeakMeter | None:
        """Of our microphone, sent or not; None where only the library captures."""

    @property
    def gate(self) -> VoiceGate | None:
        """Of our microphone; None where the library alone has it."""

    @property
    def strong(self) -> StrongSuppression | None:
        """Of our microphone; None where only the library cleans it."""

    @property
    def trim(self) -> PauseTrim | None:
        """Of what we send; None where only the library sends it, whole."""

    @property
    def failure(self) -> str:
        """What stopped by itself, in words for people; empty while all goes on."""

    @property
    def xruns(self) -> int | None:
        """Blocks lost or invented so far; None where that is not counted."""


class AudioBackend(BackendState, Protocol):
    """Capture and playout of one session. Every method is called from the event loop.

    A change of device or of backend in mid-call is the same operation as a first start: open
    another, publish muted, apply the wanted state, let go of the old one. Where two are open
    for a moment, only the one that was told `begin` last and `hush` not is heard. Both fade.
    """

    tap: Tap | None
    """Takes every 10 ms that is received of the others, at the volume it comes in, and that is
    sent. Native captures where nobody sees it, and gives nothing."""

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

    def feed(self, is_open: bool) -> None:
        """Hand captured sound to the track, or hand none. Begins with none."""

    def play(self, sid: str, identity: str, track: rtc.Track, percent: int) -> None:
        """A track is subscribed: play it at that volume."""

    def stop_playing(self, sid: str) -> None:
        """That track is gone."""

    def set_volume(self, identity: str, percent: int) -> None:
        """Play somebody this loud from now on; 0 is silence at once."""

    def shape(self, shaping: Shaping) -> None:
        """Gains for all, and what the microphone is cleaned by, at once and without a click;
        as far as the backend can."""

    def cue(self, command: CueCommand) -> None:
        """Play a cue, or end its loop; nothing where the library mixes."""

    async def begin(self) -> None:
        """Be heard from now on."""

    async def hush(self) -> None:
        """Be silent once this returns: another backend is about to be heard."""

    async def aclose(self) -> None:
        """Free the devices, after the track is unpublished. Never raises; harmless to repeat."""


class LibraryPlayout:
    """Where the library plays whatever is subscribed by itself, as loud as it comes, or nothing.

    Silence of one person is that of the track, and no business of a backend.
    """

    played_samples: int | None = None
    peaks: PeakMeter | None = None
    xruns: int | None = None
    failure = ""
    gate: VoiceGate | None = None
    strong: StrongSuppression | None = None
    trim: PauseTrim | None = None

    def feed(self, is_open: bool) -> None:
        """Capture is native too: it follows the track."""

    def play(self, sid: str, identity: str, track: rtc.Track, percent: int) -> None:
        pass

    def stop_playing(self, sid: str) -> None:
        pass

    def set_volume(self, identity: str, percent: int) -> None:
        pass

    def shape(self, shaping: Shaping) -> None:
        pass

    def cue(self, command: CueCommand) -> None:
        pass

    async def begin(self) -> None:
        pass

    async def hush(self) -> None:
        pass
