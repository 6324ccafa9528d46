"""Plays cues to the speaker: `python -P -m woxly_tui.media.cue_player`, a child of the engine.

    stdin  PlayCue and StopCue, JSON lines; its end is the end of this process
    stderr log

The device is open only while something sounds. Where it cannot be opened the process ends: the
next cue gets a fresh one, with the devices there are then.
"""

import logging
import os
import signal
import sys
import threading
import time
from array import array
from collections.abc import Callable
from typing import Any, Final, Protocol

from woxly_tui._lib.logs import BoundedStream, RedactingFormatter
from woxly_tui.errors import ProtocolError
from woxly_tui.media.cue_messages import CUE_COMMANDS, CueCommand, PlayCue
from woxly_tui.media.cue_mix import CueMix
from woxly_tui.media.pulse_config import find_sound
from woxly_tui.media.tones import Sound
from woxly_tui.types import Seconds

RATE_HZ: Final = 48_000

BLOCK: Final = RATE_HZ // 50
"""Samples written at a time: a loop ends within so much."""

LATENCY: Final = Seconds(0.06)
"""Asked of the device: much less saves nothing that anybody hears."""

TAIL: Final = 8
"""Blocks of silence after the last sound: PortAudio ends an ALSA stream with some of it unheard."""

STALE: Final = Seconds(2.0)
"""A cue that waited longer for the device is news no more."""

_SINK: Final = "PULSE_SINK"

_log = logging.getLogger(__name__)


class Output(Protocol):
    """An open device. Used on one thread."""

    def write(self, block: Sound) -> None:
        """Play, and wait while it has enough.

        Raises:
            OSError: It is gone.
        """

    def close(self) -> None:
        """Play to the end what it has, and let go of it. Never raises."""


class CuePlayer:
    """The playing thread, and what waits for it.

    Args:
        open_output: Opens the named device, or with an empty name the default one; raises OSError
            where none opens.
        fail: Called on the playing thread where it cannot go on.
    """

    def __init__(self, open_output: Callable[[str], Output], fail: Callable[[], None]) -> None:
        self._open_output = open_output
        self._fail = fail
        self._mix = CueMix(RATE_HZ)
        self._has_more = threading.Event()
        self._speaker = ""
        """The last one asked for. Written by the reading thread."""
        self._asked_at = 0.0
        self._is_looped = False
        self._thread = threading.Thread(target=self._run, name="cues", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self, command: CueCommand) -> None:
        """Carry out a command. From the reading thread."""
        if isinstance(command, PlayCue):
            self._speaker, self._asked_at = command.speaker, time.monotonic()
            self._is_looped = command.is_looped
        self._mix.take(command)
        self._has_more.set()

    def _run(self) -> None:
        try:
            while True:
                self._has_more.wait()
                self._play()
        except OSError as error:
            _log.warning("no speaker for cues: %s", error)
        except Exception:  # noqa: BLE001 - whatever a device does, the engine's next cue gets a fresh process
            _log.exception("cues are no longer played")
        self._fail()

    def _play(self) -> None:
        """Open the device where there is something to play, play it all, and close it."""
        self._has_more.clear()
        block = self._mix.pull(BLOCK)
        if block is None:
            return
        speaker = self._speaker
        output = self._open_output(speaker)
        try:
            is_stale = time.monotonic() - self._asked_at > STALE and not self._is_looped
            rest = TAIL
            while rest and speaker == self._speaker:
                if not is_stale:
                    output.write(block or array("h", bytes(2 * BLOCK)))
                block = self._mix.pull(BLOCK)
                rest = TAIL if block is not None else rest - 1
        finally:
            output.close()


class _PortAudioOutput:
    def __init__(self, stream: Any, channels: int, error: type[Exception]) -> None:
        self._stream = stream
        self._channels = channels
        self._error = error

    def write(self, block: Sound) -> None:
        samples = array("h", bytes(2 * self._channels * len(block)))
        for channel in range(self._channels):
            samples[channel :: self._channels] = block
        try:
            self._stream.write(samples.tobytes())
        except self._error as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        try:
            self._stream.stop()
            self._stream.close()
        except self._error as error:
            _log.info("not closed: %s", error)


def open_portaudio(speaker: str) -> Output:
    """Open a device by PortAudio, at our rate: what has another one is behind a sound server.

    Raises:
        OSError: None opens, or PortAudio is missing.
    """
    import sounddevice

    if speaker:
        # Read by libpulse for each new connection; elsewhere it means nothing.
        os.environ[_SINK] = speaker
    failures = []
    for _ in range(2):
        for channels in (2, 1):
            try:
                stream = sounddevice.RawOutputStream(
                    samplerate=RATE_HZ, channels=channels, dtype="int16", latency=LATENCY
                )
                stream.start()
            except (sounddevice.PortAudioError, ValueError) as error:
                failures.append(str(error))
            else:
                return _PortAudioOutput(stream, channels, sounddevice.PortAudioError)
        if os.environ.pop(_SINK, None) is None:
            break  # it was the default device already
    raise OSError(failures[-1])


def main() -> None:
    """Read commands until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.pop("DISPLAY", None)
    handler = BoundedStream(sys.stderr)
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    find_sound()
    player = CuePlayer(open_portaudio, lambda: os._exit(1))
    player.start()
    for line in sys.stdin.buffer:
        try:
            player.take(CUE_COMMANDS.decode(line))
        except ProtocolError as error:
            _log.error("unreadable command: %s", error.message)
    os._exit(0)  # a device that hangs holds nobody up


if __name__ == "__main__":
    main()
