"""A PulseAudio server of one's own, with a mouth and an ear for each person."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from tests.rig.analysis import RATE_HZ, Samples
from tests.rig.recorder import Recorder
from tests.rig.recording import ANCHORS_S, Recording

TOOLS: Final = ("pulseaudio", "pactl", "parec", "pacat")

_DAEMON_CONF: Final = f"""\
default-sample-rate = {RATE_HZ}
flat-volumes = no
exit-idle-time = -1
"""

_STEADY_PACE: Final = 0.8 * ANCHORS_S
"""Of a monitor that delivers in real time."""

_CLIENT_CONF: Final = "autospawn = no\n"

_ASOUND_CONF: Final = """\
pcm.!default { type pulse }
ctl.!default { type pulse }
"""


def missing_tools() -> list[str]:
    """PulseAudio commands this machine lacks."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class Playing:
    """A sound on its way into a microphone."""

    def __init__(self, process: "subprocess.Popen[bytes]", sound: Path) -> None:
        self._process = process
        self._sound = sound

    def wait(self) -> None:
        """Return when all of it was played."""
        self._process.wait(timeout=120)
        self._sound.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop at once."""
        self._process.kill()
        self.wait()


class Devices:
    """One person's microphone and speaker.

    `said` is what entered the microphone, `heard` what left the speaker.
    """

    def __init__(self, name: str, server: "SoundServer") -> None:
        self.name: Final = name
        self.said: Final = Recording()
        self.heard: Final = Recording()
        self._server = server

    @property
    def env(self) -> dict[str, str]:
        """Environment in which a program has these as its default devices."""
        return self._server.env | {
            "PULSE_SINK": f"{self.name}_speaker",
            "PULSE_SOURCE": f"{self.name}_mic",
        }

    @property
    def modules(self) -> list[str]:
        """Lines of pactl or `pulseaudio -L` that create them."""
        form = f"rate={RATE_HZ} channels=1"
        return [
            f"module-null-sink sink_name={self.name}_speaker {form}",
            f"module-null-sink sink_name={self.name}_mouth {form}",
            f"module-remap-source source_name={self.name}_mic master={self.name}_mouth.monitor",
        ]

    def monitors(self) -> dict[str, Recording]:
        return {f"{self.name}_speaker.monitor": self.heard, f"{self.name}_mouth.monitor": self.said}

    def say(self, sound: Samples) -> Playing:
        """Play into the microphone, beginning within about 0.1 s."""
        return self._server.play(sound, f"{self.name}_mouth")


class SoundServer:
    """`pulseaudio` with null sinks only, its own socket and no user's configuration.

    A monitor that nobody reads fast lets its sink render up to two seconds ahead, which fakes
    latency; so every monitor is read in 10 ms fragments for as long as the server runs.
    """

    def __init__(self, people: Iterable[str]) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="rig-"))
        self._socket = self._home / "pulse.sock"
        self.people: Final = {name: Devices(name, self) for name in people}
        self._process: subprocess.Popen[bytes] | None = None
        self._recorder: Recorder | None = None
        self._playing: list[Playing] = []
        for name, text in {
            "daemon.conf": _DAEMON_CONF,
            "client.conf": _CLIENT_CONF,
            "asound.conf": _ASOUND_CONF,
        }.items():
            (self._home / name).write_text(text, encoding="ascii")

    @property
    def env(self) -> dict[str, str]:
        """Environment in which a program uses this sound server."""
        return {
            "XDG_RUNTIME_DIR": str(self._home),
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_CLIENTCONFIG": str(self._home / "client.conf"),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{self._home / 'asound.conf'}",
        }

    def start(self) -> None:
        """Start, or start again, and record every device.

        Raises:
            RuntimeError: It does not answer.
        """
        modules = [f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"]
        modules += [line for person in self.people.values() for line in person.modules]
        command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        command += [f"--log-target=file:{self._home / 'pulse.log'}", "--log-level=notice"]
        command += [arg for line in modules for arg in ("-L", line)]
        env = clean_env() | {
            "HOME": str(self._home),
            "XDG_RUNTIME_DIR": str(self._home),
            "PULSE_CONFIG": str(self._home / "daemon.conf"),
        }
        self._process = subprocess.Popen(command, env=env, start_new_session=True)
        self._await_answer()
        monitors = {name: r for p in self.people.values() for name, r in p.monitors().items()}
        self._recorder = Recorder(monitors, clean_env() | self.env)
        deadline = time.monotonic() + 10
        # A sink that was read by nobody is up to two seconds ahead, and pauses until then.
        while any(recording.pace() < _STEADY_PACE for recording in monitors.values()):
            if time.monotonic() > deadline:
                raise RuntimeError("a monitor delivers nothing")
            time.sleep(0.05)

    def _await_answer(self) -> None:
        deadline = time.monotonic() + 10
        while subprocess.run(
            ["pactl", "info"], env=clean_env() | self.env, capture_output=True, check=False
        ).returncode:
            if time.monotonic() > deadline:
                log = (self._home / "pulse.log").read_text(encoding="utf-8")
                raise RuntimeError(f"pulseaudio does not answer:\n{log[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash would; programs see their streams fail."""
        self.hush()
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=10)
            self._process = None
        self._socket.unlink(missing_ok=True)

    def close(self) -> None:
        """End it and remove everything it wrote."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def play(self, sound: Samples, sink: str) -> Playing:
        """Play into a sink, from a file, so that no pipe can hold a backlog."""
        fd, path = tempfile.mkstemp(dir=self._home, suffix=".s16")
        with os.fdopen(fd, "wb") as file:
            file.write((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        command = ["pacat", "--playback", "--raw", f"--device={sink}", "--latency-msec=20"]
        command += [f"--rate={RATE_HZ}", "--channels=1", "--format=s16le", path]
        process = subprocess.Popen(command, env=clean_env() | self.env, start_new_session=True)
        playing = Playing(process, Path(path))
        self._playing.append(playing)
        return playing

    def hush(self) -> None:
        """Stop everything that is played."""
        while self._playing:
            self._playing.pop().stop()

    def control(self, *words: str) -> str:
        """What `pactl` prints; as `load-module`, whose output is the module's number."""
        env = clean_env() | self.env
        command = ["pactl", *words]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, check=True
        ).stdout.strip()

    def streams(self, kind: str) -> list[str]:
        """Lines of `pactl list short KIND`, as sink-inputs or source-outputs."""
        return self.control("list", "short", kind).splitlines()


def clean_env() -> dict[str, str]:
    """This process's environment without what leads to the user's own desktop or calls."""
    dropped = ("PULSE_", "LIVEKIT_", "WOXLY_", "ALSA_", "DBUS_", "XDG_")
    names = {"DISPLAY", "WAYLAND_DISPLAY"}
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(dropped) and key not in names
    }
