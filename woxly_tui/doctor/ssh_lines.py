"""The lines to type, for this pair of hosts. Nothing is asked, nothing is touched."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from woxly_tui._lib.forwarded import FOLDER

SOCKET_COMMAND: Final = "woxly doctor ssh --print-socket"
SOUND_COMMAND: Final = "woxly doctor ssh --print-sound-socket"
"""What prints, on the machine where the user sits, the sockets to forward."""


@dataclass(frozen=True, slots=True)
class Session:
    """The SSH session we are in, as its server tells it in SSH_CONNECTION."""

    client: str
    server: str
    port: str
    user: str

    @classmethod
    def of(cls, environ: Mapping[str, str], user: str) -> "Session | None":
        """The session of this environment; None where there is none."""
        fields = environ.get("SSH_CONNECTION", "").split()
        if len(fields) == 4:
            return cls(client=fields[0], server=fields[2], port=fields[3], user=user)
        fields = environ.get("SSH_CLIENT", "").split()
        if len(fields) == 3:
            return cls(client=fields[0], server="", port=fields[2], user=user)
        return None

    def target(self, host: str) -> str:
        """Options and destination for the client, with the host's name where no address is."""
        port = "" if self.port == "22" else f"-p {self.port} "
        return f"{port}{shlex.quote(f'{self.user}@{self.server or host}')}"


def from_here(host: str, port: int | None, local: Path, name: str) -> str:
    """The line for the machine where the user sits.

    The server is asked for the place by the line itself, which makes the private folder and
    takes a stale socket away: sshd does neither.
    """
    far = f"~/{FOLDER}/{name}"
    prepare = f"umask 077; mkdir -p ~/{FOLDER}; rm -f {far}; echo {far}"
    target = (f"-p {port} " if port else "") + shlex.quote(host)
    return f"ssh -R \"$(ssh {target} '{prepare}')\":{shlex.quote(str(local))} {target}"


def from_there(session: Session, hostname: str, remote: Path, ask_socket: str) -> str:
    """The line to type on the other machine, seen from the server's end."""
    far = shlex.quote(str(PurePosixPath(remote)))
    return f'ssh -R {far}:"$({ask_socket})" {session.target(hostname)}'
