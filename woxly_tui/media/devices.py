"""Why there is no sound here, in words for people.

On Linux the native backend needs PulseAudio or PipeWire's imitation of it, and waits for it
without end; so the server is asked first whether it answers, with a deadline.
"""

import os
import socket
import sys
import time
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from woxly_tui.media import libpulse

PROBE_TIMEOUT_S: Final = 3.0
"""Longest wait for a sound server; one on an idle machine answers within milliseconds."""

# Where devices are watched, what is plugged in is used at once; elsewhere only at the next join.
_THEN: Final = "and it is used at once" if sys.platform.startswith("linux") else "then rejoin"

NO_MICROPHONE: Final = f"no microphone was found: plug one in, {_THEN}"
SILENT_MICROPHONE: Final = (
    "the microphone delivers nothing but silence: check its own mute switch, that it is not "
    "muted in the sound settings, and that it is the one you mean"
)
NOTHING_DELIVERED: Final = (
    "the microphone delivers no sound at all: unplug it and plug it in again, or choose another "
    "one; if nothing comes, it is opened anew"
)
NOT_PERMITTED: Final = (
    "the microphone delivers nothing but silence, as where macOS does not permit it: allow your "
    "terminal under System Settings, Privacy & Security, Microphone, and start the terminal again"
)
NO_DEVICE: Final = "no sound device could be opened: check the sound settings, then rejoin"
NOT_ALLOWED: Final = "this token does not allow speaking: ask for one that does"

_PRETENDED_SPEAKER: Final = b"auto_null"
"""What PulseAudio and PipeWire offer where there is no device at all."""


class SoundServer(Enum):
    """How the sound server took our knock; the value says it to people, with a remedy."""

    ANSWERS = ""
    NO_LIBRARY = (
        "the PulseAudio client library is missing: install libpulse0 (Fedora: pulseaudio-libs)"
    )
    ABSENT = (
        "no PulseAudio or PipeWire answers: start one (systemctl --user start pipewire-pulse, "
        "or pulseaudio --start), and the sound comes by itself"
    )
    REFUSES = (
        "the sound server refuses us: run as the user who is logged in at the desktop, "
        "or check the permissions of its socket"
    )
    TUNNELLED = (
        "the way to the sound server carries no shared memory: put enable-shm = no into "
        "~/.config/pulse/client.conf, then rejoin"
    )
    """As a socket forwarded by ssh: bytes get through, descriptors do not."""
    SILENT = (
        "the sound server does not answer: restart it (systemctl --user restart pipewire-pulse, "
        "or pulseaudio --kill), and the sound comes by itself"
    )
    NO_SPEAKER = "the sound server knows no speaker: plug one in, and the sound comes by itself"
    """Without a default sink the native library crashes (seen with 1.2.1)."""
    NO_MICROPHONE = NO_MICROPHONE
    """The default source is what the default speaker plays, as where no microphone is."""

    @property
    def plays(self) -> bool:
        """Whether sound can be heard."""
        return self in (SoundServer.ANSWERS, SoundServer.NO_MICROPHONE)

    @property
    def is_reached(self) -> bool:
        """Whether it talked to us, whatever devices it has."""
        return self.plays or self is SoundServer.NO_SPEAKER


@dataclass(frozen=True, slots=True)
class Answer:
    """How the sound server took our knock, and where it is."""

    server: SoundServer
    is_elsewhere: bool = False
    """It runs on another machine: sound crosses a network to it."""


def silence_cause(platform: str = sys.platform) -> str:
    """Why a microphone that is open may deliver exact zeros, and what to do."""
    return NOT_PERMITTED if platform == "darwin" else SILENT_MICROPHONE


def is_real_microphone(name: str) -> bool:
    """Whether a recording device is one, and not the alias of the default.

    The list always begins with that alias, and leaves out monitors of speakers.
    """
    return not name.lower().startswith(("default:", "default ("))


def probe_sound_server(timeout_s: float = PROBE_TIMEOUT_S) -> SoundServer:
    """Ask the sound server for a connection, and drop it. Blocks; for a thread.

    Elsewhere than on Linux there is no server to ask, and the answer is NO_MICROPHONE: the
    list of devices decides.
    """
    return ask_sound_server(timeout_s).server


def ask_sound_server(timeout_s: float = PROBE_TIMEOUT_S) -> Answer:
    """As `probe_sound_server`, and where the server is."""
    if not sys.platform.startswith("linux"):
        return Answer(SoundServer.NO_MICROPHONE)
    try:
        pulse = libpulse.load()
    except OSError:
        return Answer(SoundServer.NO_LIBRARY)
    loop = pulse.pa_mainloop_new()
    context = pulse.pa_context_new(pulse.pa_mainloop_get_api(loop), b"woxly probe")
    try:
        return _knock(pulse, loop, context, time.monotonic() + timeout_s)
    finally:
        pulse.pa_context_disconnect(context)
        pulse.pa_context_unref(context)
        pulse.pa_mainloop_free(loop)


def _knock(pulse: Any, loop: int, context: int, deadline: float) -> Answer:
    if pulse.pa_context_connect(context, None, libpulse.NO_AUTOSPAWN, None) < 0:
        return Answer(refusal(pulse, context))
    while _turn(pulse, loop, deadline):
        state = pulse.pa_context_get_state(context)
        if state == libpulse.READY:
            return _ask_for_speaker(pulse, loop, context, deadline)
        if state > libpulse.READY:
            return Answer(refusal(pulse, context))
    return Answer(SoundServer.SILENT)


def _ask_for_speaker(pulse: Any, loop: int, context: int, deadline: float) -> Answer:
    answers: list[Answer] = []

    def on_info(_context: int, info: Any, _data: int) -> None:
        answers.append(judge(info.contents) if info else Answer(SoundServer.NO_SPEAKER))

    callback = libpulse.OnServerInfo(on_info)  # kept alive until the answer is there
    operation = pulse.pa_context_get_server_info(context, callback, None)
    if not operation:
        return Answer(SoundServer.SILENT)
    while not answers and _turn(pulse, loop, deadline):
        pass
    pulse.pa_operation_cancel(operation)
    pulse.pa_operation_unref(operation)
    return answers[0] if answers else Answer(SoundServer.SILENT)


def judge(info: libpulse.ServerInfo) -> Answer:
    """What a server's defaults mean to us."""
    is_elsewhere = (info.host_name or b"").decode(errors="replace") != socket.gethostname()
    speaker, source = info.default_sink_name or b"", info.default_source_name or b""
    if not speaker:
        return Answer(SoundServer.NO_SPEAKER, is_elsewhere)
    if source not in (b"", speaker + b".monitor") or os.environ.get("PULSE_SOURCE"):
        return Answer(SoundServer.ANSWERS, is_elsewhere)
    is_pretended = speaker == _PRETENDED_SPEAKER and not os.environ.get("PULSE_SINK")
    server = SoundServer.NO_SPEAKER if is_pretended else SoundServer.NO_MICROPHONE
    return Answer(server, is_elsewhere)


def _turn(pulse: Any, loop: int, deadline: float) -> bool:
    """Let libpulse work until something happens; False at the deadline."""
    left_s = deadline - time.monotonic()
    return (
        left_s > 0
        and pulse.pa_mainloop_prepare(loop, int(left_s * 1e6)) >= 0
        and pulse.pa_mainloop_poll(loop) >= 0
        and pulse.pa_mainloop_dispatch(loop) >= 0
    )


def refusal(pulse: Any, context: int) -> SoundServer:
    """Why a context failed."""
    meanings = {
        libpulse.ERR_ACCESS: SoundServer.REFUSES,
        libpulse.ERR_AUTHKEY: SoundServer.REFUSES,
        libpulse.ERR_PROTOCOL: SoundServer.TUNNELLED,
    }
    return meanings.get(pulse.pa_context_errno(context), SoundServer.ABSENT)
