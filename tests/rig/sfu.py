"""A livekit-server on loopback that can be killed and started again in its place."""

import asyncio
import json
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Final

import httpx
import jwt

from tests.rig.pulse import clean_env
from woxly_tui.sfu.install import ensure_server


class _Quiet:
    """Nobody to tell while the server is fetched."""

    def step(self, text: str) -> None: ...
    def progress(self, done_bytes: int, total_bytes: int | None) -> None: ...
    def elapsed(self, seconds: float) -> None: ...
    def note(self, text: str) -> None: ...


def find_binary() -> Path:
    """A livekit-server, found, fetched or built as `woxly demo` does it."""
    return asyncio.run(ensure_server(_Quiet()))


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Ports nobody listens on now."""
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


class LiveKitServer:
    """The SFU as a process: random keys, fixed ports, nothing beyond loopback."""

    def __init__(self, binary: Path) -> None:
        self.key: Final = f"API{secrets.token_hex(6)}"
        self.secret: Final = secrets.token_hex(24)
        self.port, self._tcp_port = free_ports(2)
        (self._udp_port,) = free_ports(1, socket.SOCK_DGRAM)
        self._binary = binary
        self._home = Path(tempfile.mkdtemp(prefix="rig-sfu-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def _config(self) -> str:
        return json.dumps(
            {
                "port": self.port,
                "bind_addresses": ["127.0.0.1"],
                "rtc": {
                    "tcp_port": self._tcp_port,
                    "udp_port": self._udp_port,
                    "use_external_ip": False,
                    "enable_loopback_candidate": True,
                    "interfaces": {"includes": ["lo"]},
                },
                "keys": {self.key: self.secret},
                "logging": {"level": "info"},
            }
        )

    def start(self) -> None:
        """Start, or start again after `kill`, and return when it answers.

        Raises:
            RuntimeError: It ended, or does not answer.
        """
        with (self._home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binary), "--node-ip", "127.0.0.1", "--config-body", self._config()],
                env=clean_env(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 15
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"livekit-server does not answer:\n{self.log()[-2000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def log(self) -> str:
        """What it wrote so far."""
        return (self._home / "server.log").read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=10)
            self._process = None

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def token(
        self,
        room: str,
        identity: str,
        *,
        secret: str | None = None,
        ttl_s: int = 3600,
        **grants: Any,
    ) -> str:
        """A token for a participant, signed by this server's secret unless another is given."""
        video = {"roomJoin": True, "room": room, "canUpdateOwnMetadata": True, **grants}
        return self._signed({"sub": identity, "name": identity, "video": video}, secret, ttl_s)

    def _signed(self, claims: dict[str, Any], secret: str | None, ttl_s: int) -> str:
        now = int(time.time())
        times = {"iss": self.key, "nbf": now - 60 + min(ttl_s, 0), "exp": now + ttl_s}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return jwt.encode(claims | times, secret or self.secret, algorithm="HS256")

    def ask(self, method: str, **body: Any) -> dict[str, Any]:
        """Call the room service, as a moderator: `ask("RemoveParticipant", room=…, identity=…)`."""
        grants = {"roomAdmin": True, "roomCreate": True, "roomList": True, "room": body.get("room")}
        token = self._signed({"video": grants}, None, 60)
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/twirp/livekit.RoomService/{method}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result

    def identities(self, room: str) -> set[str]:
        """Who is in a room as the server sees it."""
        found = self.ask("ListParticipants", room=room).get("participants", [])
        return {str(participant["identity"]) for participant in found}

    def wait_identities(self, room: str, wanted: set[str], timeout_s: float = 2.0) -> None:
        """Wait until exactly these are in a room as the server sees it.

        Raises:
            AssertionError: They are not, at the deadline.
        """
        deadline = time.monotonic() + timeout_s
        while (found := self.identities(room)) != wanted:
            assert time.monotonic() < deadline, f"in the room: {found}, not {wanted}"
            time.sleep(0.05)
