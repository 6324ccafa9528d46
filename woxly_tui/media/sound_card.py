"""Microphone and speaker by PortAudio: opened as they can be, used as 10 ms of 48 kHz mono.

Blocking streams, each in a thread of its own: PortAudio's callback is its own, in C, so no
Python ever runs on the thread of the device. Rates and channels that a device lacks are made up
for here.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from woxly_tui.errors import MediaError
from woxly_tui.media.conversion import PcmFifo, RateConverter
from woxly_tui.media.cushion import RUNGS_S, Cushion
from woxly_tui.media.devices import NO_DEVICE
from woxly_tui.media.playout_buffer import RATE_HZ, Samples
from woxly_tui.media.priority import ask_for_thread
from woxly_tui.media.speaker_gaps import SpeakerGaps
from woxly_tui.types import Seconds

CAPTURE_LATENCY_S: Final = 0.01
"""What we ask of PortAudio; it gives what the device can. For the speaker see `cushion`."""

MAX_BACKLOG: Final = 5
"""Captured frames that may wait; the oldest are dropped beyond, so that delay never stays."""

AT_ONCE_S: Final = 0.002
"""Less than that is no wait for a device."""

MOST_A_SECOND_S: Final = 1.5
"""More sound than this in one second comes from no device."""

PATIENCE: Final = 0.5
"""Share of a block that the speaker may run emptier while what is next is not there yet."""

LATE_S: Final = 0.0005
"""How much later than there should be room the speaker is looked at: mostly there is, then."""

END_LIMIT_S: Final = 0.5
"""How long a thread may take to end; a device that hangs is left to itself."""

CROWD_S: Final = 0.02
"""What the speaker holds at least where many speak: it is fed twice as much half as often then,
which is a twentieth of what such a call costs."""

STARTUP: Final = Seconds(3.0)
"""Gaps before that are those of a machine that starts much else at once, and tell nothing of what
the speaker is to hold."""

QUIET: Final = 32
"""Peak of what nobody misses, -60 dBFS: noise that decoders make up in a silence is no louder."""

_HALF: Final = 2
"""Devices work in halves of our frames: they hold less, and wait less for the rest."""

_OTHER_RATES: Final = (44_100, 32_000, 16_000, 8_000)

_log = logging.getLogger(__name__)


def is_quiet(samples: Samples) -> bool:
    """Whether there is nothing to be heard in it."""
    return bool(samples.max() <= QUIET and samples.min() >= -QUIET)


def load_portaudio() -> Any:
    """The `sounddevice` module, which looks for devices as it is loaded. Blocks; for a thread.

    Raises:
        MediaError: There is no PortAudio.
    """
    try:
        import sounddevice
    except OSError:
        raise MediaError(
            "the PortAudio library is missing: install libportaudio2 (Fedora: portaudio)"
        ) from None
    return sounddevice


class Pace:
    """Keeps a device that has no clock, as ALSA's `null`, from being served without end.

    A real one is never half again as fast as the time; a little fast it may be for ever.
    """

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._done_s = 0.0

    def wait_s(self, done_s: float) -> float:
        """So much sound was moved; returns how long to do nothing now."""
        spent_s = time.monotonic() - self._since
        if spent_s >= 1.0:
            self._since, self._done_s, spent_s = self._since + spent_s, 0.0, 0.0
        self._done_s += done_s
        return 1.0 - spent_s if self._done_s > MOST_A_SECOND_S else 0.0


class _Device:
    """One open stream and the thread that serves it."""

    kind = ""

    def __init__(self, stream: Any, rate_hz: int, channels: int) -> None:
        self._stream = stream
        self._rate_hz = rate_hz
        self._channels = channels
        self._is_ending = threading.Event()
        self._pace = Pace()
        self._thread = threading.Thread(target=self._run, name=f"{self.kind} device", daemon=True)
        self.failure = ""
        """Why it stopped by itself. Written by its thread."""
        self.xruns = 0
        """Written by its thread."""

    @property
    def latency_s(self) -> float:
        """What PortAudio says the device adds."""
        return float(self._stream.latency)

    def start(self) -> None:
        """Begin.

        Raises:
            MediaError: The device refuses.
        """
        sound = load_portaudio()
        try:
            self._stream.start()
        except sound.PortAudioError as error:
            raise MediaError(NO_DEVICE) from error
        self._thread.start()

    def close(self) -> None:
        """End the thread, then free the device. Blocks for END_LIMIT_S at most."""
        self._is_ending.set()
        if self._thread.is_alive():
            self._thread.join(END_LIMIT_S)
            if self._thread.is_alive():
                _log.warning("the %s device hangs; it is left open", self.kind)
                return
        try:
            self._stream.close()
        except load_portaudio().PortAudioError as error:
            _log.info("%s device not closed: %s", self.kind, error)

    def _run(self) -> None:
        _log.info("%s thread: %s priority", self.kind, "more" if ask_for_thread() else "usual")
        try:
            while not self._is_ending.is_set():
                wait_s = self._pace.wait_s(self._step())
                if wait_s > 0:
                    self._is_ending.wait(wait_s)
        except Exception as error:  # noqa: BLE001 - whatever a device does, the call must learn of it
            if not self._is_ending.is_set():
                _log.warning("%s device failed: %s", self.kind, error)
                self.failure = f"the {self.kind} device stopped"

    def _step(self) -> float:
        """Move some sound; returns how much, in seconds."""
        raise NotImplementedError


class CaptureDevice(_Device):
    """A microphone.

    Args:
        on_frame: Takes each 10 ms, on this device's thread.
    """

    kind = "recording"

    def __init__(
        self, stream: Any, rate_hz: int, channels: int, on_frame: Callable[[Samples], None]
    ) -> None:
        super().__init__(stream, rate_hz, channels)
        self._on_frame = on_frame
        self._converter = RateConverter(rate_hz, RATE_HZ)
        self._fifo = PcmFifo()
        self._block = rate_hz // 100
        self._has_backlog = True
        """As far as is known: what did not have to be waited for may be followed by more."""

    def _step(self) -> float:
        while self._has_backlog and self._stream.read_available > MAX_BACKLOG * self._block:
            self._stream.read(self._block)
            self.xruns += 1
        began_s = time.monotonic()
        data, has_overflowed = self._stream.read(self._block)
        self._has_backlog = time.monotonic() - began_s < AT_ONCE_S
        self.xruns += bool(has_overflowed)
        samples = np.frombuffer(data, dtype=np.int16)
        if self._channels > 1:
            samples = samples.reshape(-1, self._channels).mean(axis=1).astype(np.int16)
        for frame in self._fifo.put(self._converter.convert(samples)):
            self._on_frame(frame)
        return self._block / self._rate_hz


class PlayoutDevice(_Device):
    """A speaker.

    Args:
        next_part: Gives the next few milliseconds, 5 where that can be, on this device's thread,
            as late as can be.
        is_ready: Whether nothing is gained by asking for it a little later.
        is_crowded: Whether many speak.
        reopen: Opens the same device to hold that many seconds of sound.
        begins_empty: Whether all its room is free as it is opened.
    """

    kind = "playout"

    def __init__(
        self,
        stream: Any,
        rate_hz: int,
        channels: int,
        next_part: Callable[[], Samples],
        is_ready: Callable[[], bool],
        is_crowded: Callable[[], bool],
        reopen: Callable[[float], Any],
        *,
        begins_empty: bool,
    ) -> None:
        super().__init__(stream, rate_hz, channels)
        self._is_ready = is_ready
        self._is_crowded = is_crowded
        self._reopen = reopen
        self._cushion = Cushion(Seconds(time.monotonic()))
        self._next_part = next_part
        self._converter = RateConverter(RATE_HZ, rate_hz)
        self._block = rate_hz // 100 // _HALF
        self._counts_from = Seconds(time.monotonic() + STARTUP)
        self._gaps = SpeakerGaps(rate_hz, begins_empty=begins_empty)
        self.played = 0
        """Samples the device took. Written by its thread."""

    def _step(self) -> float:
        # Mixed only once there is room for it: what is mixed early is late when it is heard.
        is_crowded = self._is_crowded()
        parts = 2 if is_crowded and self._cushion.wanted_s >= CROWD_S else 1
        looked_at = Seconds(time.monotonic())
        room = self._stream.write_available
        self._gaps.look(room, looked_at)
        missing = parts * self._block + self._slack() - room
        if missing > 0:
            time.sleep(min(0.01, missing / self._rate_hz + LATE_S))
            return 0.0
        if missing > -self._block * PATIENCE and not self._is_ready():
            time.sleep(0.001)
            return 0.0
        samples = self._converter.convert(self._next_part())
        if parts > 1:
            samples = np.concatenate((samples, self._converter.convert(self._next_part())))
        written_at = Seconds(time.monotonic())
        has_gap = self._gaps.had_gap(is_told=self._write(samples), written_at=written_at)
        self.xruns += has_gap
        now, least_s = Seconds(time.monotonic()), CROWD_S if is_crowded else 0.0
        if has_gap and now >= self._counts_from:
            is_changed = self._cushion.gap(now)
        else:
            is_changed = self._cushion.wants_change(now, least_s) and is_quiet(samples)
            is_changed = is_changed and self._cushion.calm(now, least_s)
        if is_changed:
            self._change_cushion()
        return len(samples) / self._rate_hz

    def _slack(self) -> int:
        """Samples that the device is filled less than it could be; never so few are left that
        it runs out between two blocks."""
        slack_s = self._cushion.slack_s(Seconds(time.monotonic()))
        most = int(self.latency_s * self._rate_hz) - _HALF * self._block
        return max(0, min(int(slack_s * self._rate_hz), most))

    def _write(self, samples: Samples) -> bool:
        """Give it to the device; returns whether that says that it had run out of sound before."""
        if self._channels > 1:
            samples = np.repeat(samples, self._channels)
        has_gap = bool(self._stream.write(samples.tobytes()))
        self.played += len(samples) // self._channels
        return has_gap

    def _change_cushion(self) -> None:
        """Open the device anew, to hold more or less; heard as one more gap, or not at all."""
        _log.info("the speaker is to hold %.0f ms", 1000 * self._cushion.wanted_s)
        self._stream.close()
        self._stream = self._reopen(self._cushion.wanted_s)
        self._gaps.opened()
        self._stream.start()


def open_capture(on_frame: Callable[[Samples], None]) -> CaptureDevice:
    """Open the default microphone. Blocks; for a thread.

    Raises:
        MediaError: There is none, or it cannot be opened.
    """
    sound = load_portaudio()
    stream, rate_hz, channels = _open(
        sound, sound.RawInputStream, "input", (1, 2), CAPTURE_LATENCY_S
    )
    return CaptureDevice(stream, rate_hz, channels, on_frame)


def open_playout(
    next_part: Callable[[], Samples],
    is_ready: Callable[[], bool] = lambda: True,
    is_crowded: Callable[[], bool] = lambda: False,
) -> PlayoutDevice:
    """Open the default speaker. Blocks; for a thread.

    Raises:
        MediaError: There is none, or it cannot be opened.
    """
    sound = load_portaudio()
    make = sound.RawOutputStream
    stream, rate_hz, channels = _open(sound, make, "output", (2, 1), RUNGS_S[0])

    def reopen(latency_s: float) -> Any:
        return make(**_form(rate_hz, channels, latency_s))

    return PlayoutDevice(
        stream,
        rate_hz,
        channels,
        next_part,
        is_ready,
        is_crowded,
        reopen,
        begins_empty=_is_by_alsa(sound),
    )


def _is_by_alsa(sound: Any) -> bool:
    """Whether the default speaker, which there is, is one of ALSA's."""
    api = sound.query_hostapis(sound.query_devices(kind="output")["hostapi"])
    return str(api["name"]) == "ALSA"


def _form(rate_hz: int, channels: int, latency_s: float) -> dict[str, Any]:
    return {
        "samplerate": rate_hz,
        "blocksize": rate_hz // 100 // _HALF,
        "channels": channels,
        "dtype": "int16",
        "latency": latency_s,
    }


def _open(
    sound: Any, make: Any, kind: str, channel_counts: tuple[int, ...], latency_s: float
) -> tuple[Any, int, int]:
    """The first stream that opens: at our rate, or else at the device's own, or at a usual one."""
    try:
        own_hz = round(sound.query_devices(kind=kind)["default_samplerate"])
    except (sound.PortAudioError, ValueError, KeyError) as error:
        _log.info("no %s device: %s", kind, error)
        raise MediaError(NO_DEVICE) from None
    for rate_hz in dict.fromkeys((RATE_HZ, own_hz, *_OTHER_RATES)):
        for channels in channel_counts:
            try:
                stream = make(**_form(rate_hz, channels, latency_s))
            except (sound.PortAudioError, ValueError) as error:
                _log.info("%s at %d Hz, %d channels: %s", kind, rate_hz, channels, error)
                continue
            _log.info(
                "%s at %d Hz, %d channels, %.0f ms", kind, rate_hz, channels, 1000 * stream.latency
            )
            return stream, rate_hz, channels
    raise MediaError(NO_DEVICE)
