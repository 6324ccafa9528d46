"""The way to a sound server that is not here: forwarded by ssh, or on the network.

    as the user set it up ──answers──► leave everything as it is
          │ does not                                           (hint if it is elsewhere)
          ▼
    the same without shared memory ──answers──► our own client configuration, and the hint
          │ does not
          ▼
    the forwarded socket ~/.woxly/pulse.sock ──answers──► the same, and that server

libpulse passes memory as descriptors, which no tunnel carries: it gives up, and PortAudio and
the native library then list no device at all. `enable-shm = no` is all it takes. It is told by
a file of ours that only this process sees (PULSE_CLIENTCONFIG), with the user's included.
Found with PulseAudio 16.1 behind `ssh -R`.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any, Final

from woxly_tui._lib.forwarded import SOUND, forwarded_socket, is_over_ssh
from woxly_tui.media.device_world import World
from woxly_tui.media.devices import Answer, SoundServer, ask_sound_server
from woxly_tui.types import DeviceKind

LATENCY_MS: Final = 20
"""What clients ask a distant server to buffer; libpulse's own wish is two seconds."""

PROBE_TIMEOUT_S: Final = 2.0
"""Longest wait for one server: some round trips of a slow link."""

OVER_SSH: Final = (
    "over SSH, and no sound is forwarded: keep the call on your own machine, or forward its "
    "sound; `woxly doctor ssh` prints both lines"
)

_CONFIG: Final = "PULSE_CLIENTCONFIG"
_SERVER: Final = "PULSE_SERVER"
_HINT: Final = "PULSE_LATENCY_MSEC"

_log = logging.getLogger(__name__)

Ask = Callable[[], Answer]


def find_sound(
    environ: MutableMapping[str, str] = os.environ,
    ask: Ask = lambda: ask_sound_server(PROBE_TIMEOUT_S),
) -> SoundServer:
    """Point libpulse, through the environment, at a server that answers.

    Blocks. Call it before a library that uses libpulse is loaded, and before there are other
    threads: those read the environment when they please.

    Returns:
        How the server took it; where none answers, the environment is as it was.
    """
    return find_way(environ, ask)[0].server


def find_way(environ: MutableMapping[str, str], ask: Ask) -> tuple[Answer, str]:
    """As `find_sound`, with where the server is, and the name of the way to it."""
    if not sys.platform.startswith("linux"):
        return Answer(SoundServer.NO_MICROPHONE), ""  # there is none; the list of devices decides
    before = dict(environ)
    first: SoundServer | None = None
    for way in _ways(environ):
        if way is _without_shared_memory and first is SoundServer.SILENT:
            continue  # it took the connection: its silence has another reason
        _restore(environ, before)
        way(environ)
        answer = ask()
        first = first or answer.server
        if answer.server.is_reached:
            if answer.is_elsewhere or environ.get(_CONFIG) != before.get(_CONFIG):
                environ.setdefault(_HINT, str(LATENCY_MS))
                _log.info("sound comes through a link: %s", way.__name__.strip("_"))
            return answer, way.__name__.strip("_")
        if answer.server is SoundServer.NO_LIBRARY:
            break
    _restore(environ, before)
    return Answer(first or SoundServer.ABSENT), ""


def cause_of(server: SoundServer, environ: MutableMapping[str, str] = os.environ) -> str:
    """Why there is no sound, in words for people; over SSH the remedy is another."""
    is_missing = server in (
        SoundServer.ABSENT,
        SoundServer.NO_LIBRARY,
        SoundServer.NO_SPEAKER,
        SoundServer.TUNNELLED,
    )
    return OVER_SSH if is_missing and is_over_ssh(environ) else server.value


Way = Callable[[MutableMapping[str, str]], None]


def _ways(environ: MutableMapping[str, str]) -> Iterator[Way]:
    """What to try, most wished for first; a forwarded socket was made on purpose."""
    is_forwarded = forwarded_socket(SOUND, environ) is not None
    usual: list[Way] = [_as_it_is, _without_shared_memory]
    if not is_forwarded:
        yield from usual
    elif environ.get(_SERVER):
        yield from [*usual, _forwarded]
    else:
        yield from [_forwarded, *usual]


def _as_it_is(environ: MutableMapping[str, str]) -> None:
    """Change nothing."""


def _without_shared_memory(environ: MutableMapping[str, str]) -> None:
    environ[_CONFIG] = own_configuration(environ)


def _forwarded(environ: MutableMapping[str, str]) -> None:
    environ[_CONFIG] = own_configuration(environ)
    environ[_SERVER] = f"unix:{forwarded_socket(SOUND, environ)}"


def _restore(environ: MutableMapping[str, str], before: dict[str, str]) -> None:
    for name in (_CONFIG, _SERVER):
        if name in before:
            environ[name] = before[name]
        else:
            environ.pop(name, None)


def own_configuration(environ: MutableMapping[str, str]) -> str:
    """Write what libpulse would have read, and our two lines after it, into memory.

    Returns:
        A path that leads to it for as long as this process lives; nothing is left behind.
    """
    lines = [f".include {path}" for path in _users_files(environ)]
    lines += ["autospawn = no", "enable-shm = no"]
    file = os.memfd_create("woxly-pulse-client.conf")
    os.write(file, "".join(f"{line}\n" for line in lines).encode())
    return f"/proc/{os.getpid()}/fd/{file}"


def _users_files(environ: MutableMapping[str, str]) -> list[Path]:
    """The files libpulse reads where nothing else is said, in its order."""
    home = Path(environ.get("HOME") or Path.home())
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    named = environ.get(_CONFIG)
    places = (
        [Path(named)]
        if named
        else [
            config / "pulse/client.conf",
            home / ".pulse/client.conf",
            Path("/etc/pulse/client.conf"),
        ]
    )
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        return []
    parts = sorted(found.with_name(found.name + ".d").glob("*.conf"))
    return [found.absolute(), *(part.absolute() for part in parts)]


def devices_meant(
    world: World, environ: MutableMapping[str, str] = os.environ
) -> dict[str, dict[str, Any]]:
    """Microphone and speaker that programs are given, and how the system's mixer sets them."""
    told = {}
    for kind, variable in (
        (DeviceKind.MICROPHONE, "PULSE_SOURCE"),
        (DeviceKind.SPEAKER, "PULSE_SINK"),
    ):
        named = environ.get(variable, "")
        found = world.named(kind, named or world.defaults.get(kind, ""))
        told[kind.value] = {"variable": variable if named else "", "is_there": found is not None}
        if found is not None:
            told[kind.value] |= {
                "shown": found.description,
                "is_muted": found.is_muted,
                "percent": found.percent,
                "is_monitor": found.is_monitor,
            }
    return told


def main() -> None:
    """Say as one line of JSON how this environment leads to sound."""
    answer, way = find_way(os.environ, lambda: ask_sound_server(PROBE_TIMEOUT_S))
    report: dict[str, Any] = {
        "server": answer.server.name,
        "is_reached": answer.server.is_reached,
        "is_elsewhere": answer.is_elsewhere,
        "way": way,
        "cause": cause_of(answer.server),
    }
    if answer.server.is_reached and way:
        from woxly_tui.media.pulse_watch import look_once

        report["devices"] = devices_meant(look_once())
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
