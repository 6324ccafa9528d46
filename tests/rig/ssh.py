"""A real `sshd` on loopback, with a home of its own for whoever comes in."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.rig.pulse import clean_env

HOST: Final = "farhost"
"""What the client's configuration calls it."""

_SSHD_CONF: Final = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin yes
LogLevel ERROR
SetEnv HOME={home} PATH={path} PYTHONPATH={root}
"""

_SSH_CONF: Final = """\
Host {host} 127.0.0.1
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {folder}/key
    IdentitiesOnly yes
    BatchMode yes
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    ControlMaster no
    LogLevel ERROR
"""


def sshd_path() -> str | None:
    """The server's program; sshd insists on being named in full."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class SshServer:
    """One sshd; `folder / "bin"` holds an `ssh` that knows it as HOST."""

    def __init__(self, path: str = os.environ.get("PATH", ""), root: str = "") -> None:
        # In /tmp, for a socket's path may hold only some hundred bytes.
        self.folder: Final = Path(tempfile.mkdtemp(prefix="rig-ssh-", dir="/tmp"))
        self.home: Final = self.folder / "home"
        self.home.mkdir(mode=0o700)
        self.port: Final = _free_port()
        for name in ("host_key", "key"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run(command, check=True)
        words = {
            "port": self.port, "folder": self.folder, "home": self.home, "host": HOST,
            "user": getpass.getuser(), "path": path, "root": root,
        }  # fmt: skip
        (self.folder / "sshd.conf").write_text(_SSHD_CONF.format(**words), "utf-8")
        (self.folder / "ssh.conf").write_text(_SSH_CONF.format(**words), "utf-8")
        self.bin: Final = self.folder / "bin"
        self.bin.mkdir()
        script = f'#!/bin/sh\nexec {shutil.which("ssh")} -F {self.folder}/ssh.conf "$@"\n'
        (self.bin / "ssh").write_text(script, "utf-8")
        (self.bin / "ssh").chmod(0o700)
        self._server: subprocess.Popen[bytes] | None = None
        self._links: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start it.

        Raises:
            RuntimeError: Nobody gets in.
        """
        sshd = sshd_path()
        assert sshd is not None
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        command = [sshd, "-D", "-e", "-f", str(self.folder / "sshd.conf")]
        log = self.folder / "sshd.log"
        with log.open("wb") as file:
            self._server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=file, start_new_session=True
            )
        deadline = time.monotonic() + 10
        while self.run("true").returncode:
            if time.monotonic() > deadline:
                raise RuntimeError(f"nobody gets in: {log.read_text('utf-8')}")
            time.sleep(0.1)

    def run(self, command: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """Run a shell command there."""
        return subprocess.run(
            [self.bin / "ssh", *options, HOST, command],
            env=clean_env(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def forward(self, remote: Path, local: Path) -> "subprocess.Popen[bytes]":
        """`ssh -R` of a socket of ours to there, up when this returns."""
        remote.parent.mkdir(mode=0o700, exist_ok=True)
        command = [str(self.bin / "ssh"), "-N", "-o", "ExitOnForwardFailure=yes"]
        link = subprocess.Popen(
            [*command, "-R", f"{remote}:{local}", HOST], env=clean_env(), stdin=subprocess.DEVNULL
        )
        self._links.append(link)
        deadline = time.monotonic() + 10
        while not remote.exists():
            assert link.poll() is None, "the link ended"
            assert time.monotonic() < deadline, "the socket did not appear"
            time.sleep(0.05)
        return link

    def close(self) -> None:
        """End it, with every link, and remove what it wrote."""
        for link in self._links:
            link.kill()
            link.wait(timeout=10)
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
