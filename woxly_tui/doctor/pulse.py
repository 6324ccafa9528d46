"""Whether sound would be heard where the user sits."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from woxly_tui._lib.forwarded import SOUND, forwarded_path, is_over_ssh
from woxly_tui.doctor.finding import Finding, Status

PROBE_LIMIT_S: Final = 12.0


def check_sound(environ: Mapping[str, str] = os.environ) -> Finding:
    """What a call started here would do about sound; asked in a process of its own."""
    answer = ask_sound(environ)
    return answer if isinstance(answer, Finding) else judge_sound_server(answer, environ)


def ask_sound(environ: Mapping[str, str] = os.environ) -> dict[str, Any] | Finding:
    """How the sound server took a knock; a finding where not even that came about. Blocks."""
    command = [sys.executable, "-P", "-m", "woxly_tui.media.pulse_config"]
    try:
        done = subprocess.run(
            command,
            env=dict(environ),
            capture_output=True,
            timeout=PROBE_LIMIT_S,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return Finding("sound", Status.BAD, f"the probe failed ({type(error).__name__})")
    return answer


def judge_sound_server(answer: Mapping[str, Any], environ: Mapping[str, str]) -> Finding:
    """What its answer means."""
    check = "sound"
    where = environ.get("PULSE_SERVER", "") or "the usual socket"
    if not answer["is_reached"]:
        return Finding(check, Status.NOTE, f"none: {answer['cause']}")
    if answer["way"] == "forwarded":
        where = str(forwarded_path(SOUND, environ))
        return Finding(check, Status.OK, f"comes through {where}, which works")
    if answer["way"] == "without_shared_memory" or answer["is_elsewhere"]:
        return Finding(check, Status.OK, f"comes through {where}, which works")
    if is_over_ssh(environ):
        evidence = f"{where} answers, and plays on this machine, not where you sit"
        return Finding(check, Status.NOTE, evidence, "the lines below bring it to you")
    return Finding(check, Status.OK, f"{where} answers on this machine")


def check_tmux(environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """A shell in tmux keeps the PULSE_SERVER of the link it was started over."""
    server = environ.get("PULSE_SERVER", "")
    if not environ.get("TMUX") or not server.startswith("unix:"):
        return []
    path = Path(server.removeprefix("unix:"))
    if path.is_socket():
        return [Finding("tmux", Status.OK, f"PULSE_SERVER of this pane leads to {path}")]
    evidence = f"PULSE_SERVER of this pane names {path}, which is gone"
    remedy = (
        f"`unset PULSE_SERVER`, and forward to {forwarded_path(SOUND, environ)}, which woxly "
        "finds by itself"
    )
    return [Finding("tmux", Status.BAD, evidence, remedy)]


def local_sound_socket(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The socket of this machine's sound server, if there is one to forward."""
    named = environ.get("PULSE_SERVER", "")
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    places = [Path(named.removeprefix("unix:"))] if named.startswith("unix:") else []
    places += [Path(runtime) / "pulse/native", Path("/var/run/pulse/native")]
    found = next((path for path in places if path.is_socket()), None)
    return found or _asked()


def _asked() -> Path | None:
    """What pactl says, where the server is at an unusual place."""
    if shutil.which("pactl") is None:
        return None
    try:
        done = subprocess.run(
            ["pactl", "info"], capture_output=True, text=True, timeout=3, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    for line in done.stdout.splitlines():
        key, _, value = line.partition(": ")
        path = Path(value.strip().removeprefix("unix:"))
        if key == "Server String" and path.is_socket():
            return path
    return None
