"""What works over SSH between this pair of hosts, and the lines that make it work.

here       no SSH session: the machine with the microphone; prints the line for HOST
there      in an SSH session: looks at what is forwarded, prints what to type at home
"""

import getpass
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from woxly_tui import __version__
from woxly_tui._lib.forwarded import ENGINE, SOUND, distrust, forwarded_path
from woxly_tui.control.direct import DirectLink
from woxly_tui.control.paths import engine_paths
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.pulse import check_sound, check_tmux, local_sound_socket
from woxly_tui.doctor.ssh_lines import (
    SOCKET_COMMAND,
    SOUND_COMMAND,
    Session,
    from_here,
    from_there,
)
from woxly_tui.errors import EngineLost, NoEngine, ProtocolError

_SSHD_CONFIG: Final = Path("/etc/ssh/sshd_config")

_FORBIDDING: Final = (
    ("allowstreamlocalforwarding", "no"),
    ("allowstreamlocalforwarding", "local"),
    ("disableforwarding", "yes"),
)

SECURITY: Final = (
    "whoever can act as you on the server, its administrators too, then rules your microphone "
    "for as long as the link is up"
)


@dataclass(frozen=True, slots=True)
class SshReport:
    """All findings, and the lines to type by what they are for."""

    findings: list[Finding]
    lines: dict[str, str] = field(default_factory=dict)
    typed_on: str = ""
    """Where the lines are to be typed, in words."""


def report_here(host: str, port: int | None = None) -> SshReport:
    """On the machine where the user sits: the lines that lead to a host."""
    findings = [check_ssh(), check_engine_here()]
    sound = local_sound_socket()
    lines = {"call here, screen there": from_here(host, port, engine_paths().socket, ENGINE)}
    if sound is not None:
        lines["call there, sound here"] = from_here(host, port, sound, SOUND)
        evidence = f"the sound server's socket is {sound}"
        findings.append(Finding("sound socket", Status.OK, evidence))
    else:
        findings.append(
            Finding(
                "sound socket",
                Status.NOTE,
                "no PulseAudio or PipeWire socket is here, so sound itself cannot be forwarded",
                "keep the call here, with its screen there: that needs none",
            )
        )
    findings.append(Finding("trust", Status.NOTE, SECURITY, "forward to servers you trust"))
    return SshReport(findings, lines, "on this machine")


def report_there(environ: Mapping[str, str] = os.environ) -> SshReport:
    """At the server's end of an SSH session: what is forwarded, and what to type at home."""
    session = Session.of(environ, getpass.getuser())
    control = forwarded_path(ENGINE, environ)
    _prepare(control.parent)
    findings = [
        check_session(session),
        check_forwarded_engine(control),
        check_sshd(_SSHD_CONFIG),
        check_sound(environ),
        *check_tmux(environ),
    ]
    if session is None:
        return SshReport(findings)
    hostname = socket.gethostname()
    lines = {
        "call at home, screen here": from_there(session, hostname, control, SOCKET_COMMAND),
        "call here, sound at home": from_there(
            session, hostname, forwarded_path(SOUND, environ), SOUND_COMMAND
        ),
    }
    return SshReport(findings, lines, f"on the machine you sit at ({session.client})")


def check_ssh() -> Finding:
    """Whether there is a client to make the link with."""
    found = shutil.which("ssh")
    if found is None:
        return Finding("ssh", Status.BAD, "there is no ssh here", "install OpenSSH's client")
    return Finding("ssh", Status.OK, f"the client is {found}")


def check_engine_here() -> Finding:
    """Whether a call runs here that a screen elsewhere could show."""
    path = engine_paths().socket
    try:
        with DirectLink(path) as engine:
            phase = _phase(engine)
    except NoEngine:
        remedy = "`woxly join ROOM` here first; its screen may then be left with the detach key"
        return Finding("engine", Status.NOTE, "no call runs here yet", remedy)
    except (EngineLost, ProtocolError) as error:
        return Finding("engine", Status.BAD, error.message, error.remedy)
    return Finding("engine", Status.OK, f"answers at {path}, {phase}")


def check_session(session: Session | None) -> Finding:
    """Where the user sits."""
    if session is None:
        evidence = "this is no SSH session, or one that tells nothing about itself (mosh, su)"
        return Finding("session", Status.NOTE, evidence, "`woxly doctor ssh HOST` on your machine")
    where = f"{session.user}@{session.server or socket.gethostname()}, port {session.port}"
    return Finding("session", Status.OK, f"you sit at {session.client}, this is {where}")


def check_forwarded_engine(path: Path) -> Finding:
    """Whether an engine answers through the forwarded socket."""
    check = "forwarded engine"
    if not path.exists():
        remedy = "type the first line below, then `woxly attach` here"
        return Finding(check, Status.NOTE, f"{path} is not there", remedy)
    if reason := distrust(path):
        return Finding(check, Status.BAD, reason, f"rm {path}; chmod 700 {path.parent}")
    try:
        with DirectLink(path) as engine:
            version, phase = engine.version, _phase(engine)
    except NoEngine:
        return _stale_or_empty(path)
    except (EngineLost, ProtocolError) as error:
        return Finding(check, Status.BAD, error.message, "use the same woxly at both ends")
    evidence = f"woxly {version} answers at {path}, {phase}"
    if version != __version__:
        return Finding(check, Status.NOTE, f"{evidence}; this is woxly {__version__}")
    return Finding(check, Status.OK, evidence, "`woxly attach` shows its call")


def _phase(engine: DirectLink) -> str:
    """What it does, in a word."""
    phase = str(engine.ask({"type": "get_snapshot"})["snapshot"]["phase"])
    return "in no call" if phase in ("idle", "ended") else f"in a call ({phase})"


def _stale_or_empty(path: Path) -> Finding:
    """A socket whose link is gone refuses; one whose far end listens to nobody just closes."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            evidence = f"{path} is left over from a link that is gone"
            return Finding("forwarded engine", Status.BAD, evidence, f"rm {path}, and link again")
    evidence = f"the link behind {path} is up, but no engine runs at its other end"
    return Finding("forwarded engine", Status.BAD, evidence, "`woxly join ROOM` there")


def check_sshd(path: Path) -> Finding:
    """What sshd's settings, as far as they can be read, say about forwarded sockets."""
    check = "sshd"
    said: dict[str, str] = {}
    try:
        for file in [path, *sorted(path.with_name(f"{path.name}.d").glob("*.conf"))]:
            for line in file.read_text("utf-8", "replace").splitlines():
                key, _, value = line.strip().partition(" ")
                said.setdefault(key.lower(), value.strip().lower())
    except OSError:
        return Finding(check, Status.NOTE, f"{path} cannot be read")
    for key, value in _FORBIDDING:
        if said.get(key) == value:
            evidence = f"{key} is {value}: no socket can be forwarded to here"
            return Finding(check, Status.BAD, evidence, "ask its administrator")
    if said.get("streamlocalbindunlink") == "yes":
        return Finding(check, Status.OK, "StreamLocalBindUnlink is yes: stale sockets are replaced")
    evidence = "sshd leaves a socket behind when a link ends, and then refuses the next one"
    remedy = (
        "`rm` it first, as the line of `woxly doctor ssh HOST` does; or `StreamLocalBindUnlink "
        f"yes` in {path}"
    )
    return Finding(check, Status.NOTE, evidence, remedy)


def _prepare(folder: Path) -> None:
    """Make the private folder, so that the line works; sshd would not."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        sys.stderr.write(f"woxly: {folder} cannot be made ({error.strerror})\n")
