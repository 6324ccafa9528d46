"""Listens here only: to devices that are tried, and to our own microphone for hints.

    TryMicrophone ─► PulseAside ─► MicrophoneTried        while it is asked for again and again
    TrySpeaker ───► PulseAside ─► tone ─► SpeakerTried
    our microphone ─► PulseAside, or the mixer ─► RawEar ─► MicrophoneHint
    it, and our speaker ─► PulseAside ─► CouplingWatch ─► CouplingLearnt

Nothing of this is sent. What we are told of our own microphone is what the engine is told.
"""

import asyncio
import math
import sys
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from woxly_tui.media.coupling_watch import CouplingWatch
from woxly_tui.media.cue_probe import Aside as ProbeAside
from woxly_tui.media.device_world import DeviceNews
from woxly_tui.media.messages import (
    AudioLost,
    AudioReady,
    BackendChoice,
    Connect,
    Disconnected,
    MicrophoneApplied,
    MicrophoneHint,
    MicrophoneTried,
    MutedHint,
    PlayCue,
    SpeakerTried,
    TryMicrophone,
    WorkerEvent,
)
from woxly_tui.media.peaks import Peaks
from woxly_tui.media.pulse_aside import TONE_RATE_HZ, PulseAside, Told
from woxly_tui.media.raw_ear import RawEar
from woxly_tui.media.tones import render
from woxly_tui.types import SILENCE_DBFS, Dbfs, Seconds

LEASE_S: Final = 4.0
"""How long a microphone is measured after it was last asked for."""

TAIL_S: Final = 0.5
"""How long after its end a tone may still come out of a speaker, and be heard in the room."""

PEAK_S: Final = 0.1
"""Between two looks at the mixer's peaks."""

_TRY: Final = "try"
_OWN: Final = "own"
_OTHERS: Final = "others"

_DEFAULT: Final = "@DEFAULT_MONITOR@"
"""What the default speaker plays."""

_SINE_CREST_DB: Final = 3
"""As in `levels`: a peak reads as the RMS of a sine."""


class Aside(ProbeAside, Protocol):
    """What measures and plays, for as long as the worker runs."""

    def close(self) -> None: ...


AsideFactory: TypeAlias = Callable[[Told], Aside]


def level_of(peak: float) -> Dbfs:
    """A peak on the scale of the other meters, in whole dB."""
    if peak <= 0:
        return SILENCE_DBFS
    level = round(20 * math.log10(min(1.0, peak))) - _SINE_CREST_DB
    return Dbfs(float(max(SILENCE_DBFS, level)))


class Listening:
    """What is listened to now. Use from the event loop.

    Args:
        emit: Takes the events.
        take_peaks: Asks the session for the peaks of a backend that captures by itself.
        make: Makes what measures; tests put a fake here.
    """

    def __init__(
        self,
        emit: Callable[[WorkerEvent], None],
        take_peaks: Callable[[], Peaks | None],
        make: AsideFactory = PulseAside,
    ) -> None:
        self._emit = emit
        self._take_peaks = take_peaks
        self._make = make
        self._aside: Aside | None = None
        self._can_measure = sys.platform.startswith("linux")
        self._tried: str | None = None
        self._level: tuple[Dbfs, bool] | None = None
        self._lease: asyncio.TimerHandle | None = None
        self._speaker = ""
        self._tones = 0
        """Tones that are not over yet."""
        self._is_hushed = False
        self._on_tone_over: Callable[[], None] | None = None
        self._session = 0
        self._muted_hint = MutedHint.AUTO
        self._backend = BackendChoice.NULL
        self._has_microphone = False
        self._is_open = False
        self._devices = ("", "")
        self._ear = RawEar()
        self._own: tuple[str, str | None] | None = None
        """What is measured for the hints: microphone, and speaker where that matters."""
        self._tick: asyncio.TimerHandle | None = None
        self._coupling = CouplingWatch(emit, can_measure=self._can_measure)

    # Devices that are tried

    def try_microphone(self, asked: TryMicrophone) -> None:
        """Measure it for LEASE_S from now on, or no more."""
        if self._lease is not None:
            self._lease.cancel()
            self._lease = None
        if not asked.is_on:
            self._stop_trying()
            return
        if asked.name != self._tried:
            self._tried, self._level = asked.name, None
        if not self._can_measure:
            self._tell_level(SILENCE_DBFS, is_deaf=True)
            return
        self._lease = asyncio.get_running_loop().call_later(LEASE_S, self._stop_trying)
        self._measure().listen(_TRY, asked.name)

    def _stop_trying(self) -> None:
        self._tried = self._lease = None
        if self._aside is not None:
            self._aside.listen(_TRY, None)

    def _tell_level(self, level: Dbfs, *, is_deaf: bool) -> None:
        if self._tried is not None and self._level != (level, is_deaf):
            self._level = (level, is_deaf)
            self._emit(MicrophoneTried(self._tried, level, is_deaf))

    def play_tone(self, speaker: str, on_over: Callable[[], None]) -> None:
        """Play a tone there; `on_over` is called once, when it cannot be heard any more."""
        from woxly_tui.media.trial_tone import trial_tone

        self.hush()
        self._speaker, self._on_tone_over = speaker, on_over
        self._tones += 1
        self._is_hushed = False
        if self._can_measure:
            self._measure().play(speaker, trial_tone())
        else:
            self._end_tone(was_played=False)

    def hush(self) -> None:
        """End the tone now, and a cue that is sounded first: nobody waits for its end any more."""
        self._coupling.probe.cancel()
        if self._on_tone_over is not None and self._aside is not None:
            self._is_hushed = True
            self._aside.hush()

    def _end_tone(self, *, was_played: bool) -> None:
        self._tones -= 1
        if self._tones == 0:
            self._emit(SpeakerTried(self._speaker, was_played or self._is_hushed))
            asyncio.get_running_loop().call_later(TAIL_S, self._end_tail)

    def _end_tail(self) -> None:
        if self._tones == 0 and (on_over := self._on_tone_over) is not None:
            self._on_tone_over = None
            on_over()

    def sound_first(self, cue: PlayCue, on_over: Callable[[], None]) -> None:
        """Sound a cue before our microphone opens: it may tell whether that hears the speaker.

        Args:
            cue: Which, and how loud.
            on_over: Called once it is heard no more, unless `hush` comes first.
        """
        if not self._can_measure or self._tones:
            on_over()
            return
        samples = render(cue.cue, TONE_RATE_HZ, cue.percent).tobytes()
        self._coupling.probe.begin(self._measure(), self._devices, samples, on_over)

    def hurry(self) -> None:
        """End what `sound_first` plays: whoever waits for it waits no more."""
        self._coupling.probe.give_up()

    def close(self) -> None:
        """Listen to nothing any more."""
        for timer in (self._lease, self._tick):
            if timer is not None:
                timer.cancel()
        if self._aside is not None:
            self._aside.close()

    # Our own microphone

    def begin(self, command: Connect) -> None:
        """Another session: nothing is known of its microphone."""
        self._session, self._muted_hint = command.session, command.muted_hint
        self._has_microphone = self._is_open = False
        self._coupling.begin()
        self._follow()

    def note(self, event: WorkerEvent) -> None:
        """The engine is told this."""
        match event:
            case AudioReady():
                self._backend, self._has_microphone = event.backend, event.has_microphone
                self._is_open = False
            case MicrophoneApplied():
                self._is_open = event.is_open
            case AudioLost() | Disconnected():
                self._has_microphone = self._is_open = False
            case _:
                return
        self._follow()

    def see(self, news: DeviceNews) -> None:
        """The devices in use may be others now."""
        self._devices = (news.view.microphone, news.view.speaker)
        self._coupling.see(news)
        self._follow()

    def _follow(self) -> None:
        """Listen to our own microphone where that costs the user nothing, or was asked for."""
        is_mixed = self._backend is BackendChoice.MIXER and self._has_microphone
        if self._tick is not None and not is_mixed:
            self._tick.cancel()
            self._tick = None
        if self._tick is None and is_mixed:
            self._tick = asyncio.get_running_loop().call_later(PEAK_S, self._look)
        wanted = self._own_wanted()
        if wanted != self._own:
            self._own = wanted
            microphone, others = wanted or (None, None)
            self._coupling.pause()
            self._measure().listen(_OWN, microphone)
            self._measure().listen(_OTHERS, others)

    def _own_wanted(self) -> tuple[str, str | None] | None:
        """Native sound captures in the library, so the device is measured beside it."""
        if self._backend is not BackendChoice.NATIVE or not self._has_microphone:
            return None
        if not self._can_measure:
            return None
        microphone, speaker = self._devices
        played = f"{speaker}.monitor" if speaker else _DEFAULT
        if self._is_open:
            return microphone, None if self._coupling.is_worn else played
        return (microphone, played) if self._muted_hint is MutedHint.ALWAYS else None

    def _look(self) -> None:
        self._tick = asyncio.get_running_loop().call_later(PEAK_S, self._look)
        if (peaks := self._take_peaks()) is not None:
            self._hear(peaks)

    def _hear(self, peaks: Peaks) -> None:
        now = Seconds(time.monotonic())
        if not self._is_open and self._muted_hint is MutedHint.OFF:
            return
        hint = self._ear.hear(peaks.raw, peaks.clean, now, is_open=self._is_open)
        if hint is not None:
            self._emit(MicrophoneHint(self._session, hint))

    # What the aside says, brought to the event loop

    def _measure(self) -> Aside:
        if self._aside is None:
            self._aside = self._make(_OnLoop(asyncio.get_running_loop(), self))
        return self._aside

    def on_peak(self, slot: str, peak: float) -> None:
        """A device was heard."""
        match slot:
            case "try":
                self._tell_level(level_of(peak), is_deaf=False)
            case "own":
                self._coupling.hear_microphone(peak, Seconds(time.monotonic()))
                self._hear(Peaks(peak, peak))
            case "others":
                self._coupling.hear_speaker(peak, Seconds(time.monotonic()))
                self._ear.hear_others(peak, Seconds(time.monotonic()))
            case "probe":
                self._coupling.probe.hear(peak)

    def on_deaf(self, slot: str) -> None:
        """A device is not heard."""
        if slot == _TRY:
            self._tell_level(SILENCE_DBFS, is_deaf=True)
        elif slot == _OWN:
            self._coupling.on_deaf()

    def on_tone_over(self, *, was_played: bool) -> None:
        """What was played is over, however it ended."""
        if not self._coupling.probe.tone_over(was_played=was_played):
            self._end_tone(was_played=was_played)


class _OnLoop:
    """Passes what is said on another thread to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, listening: Listening) -> None:
        self._loop = loop
        self._listening = listening

    def on_peak(self, slot: str, peak: float) -> None:
        self._pass(lambda: self._listening.on_peak(slot, peak))

    def on_deaf(self, slot: str) -> None:
        self._pass(lambda: self._listening.on_deaf(slot))

    def on_tone_over(self, *, was_played: bool) -> None:
        self._pass(lambda: self._listening.on_tone_over(was_played=was_played))

    def _pass(self, say: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(say)
