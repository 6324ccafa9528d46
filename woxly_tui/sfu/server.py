"""Runs a private livekit-server on loopback, and keeps it running."""

import asyncio
import contextlib
import json
import logging
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.env import child_env
from woxly_tui._lib.leashed import LeashedProcess, log_tail
from woxly_tui.errors import SfuError

LOOPBACK: Final = "127.0.0.1"

READY_WITHIN_S: Final = 15.0
"""How long a server may take to answer; it needs 0.3 s on an idle machine."""

STOP_WITHIN_S: Final = 1.5

RESTART_WAITS_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Waits before each restart of a server that keeps dying; after the last we give up."""

STABLE_AFTER_S: Final = 20.0
"""A server that ran this long starts with the first wait again."""

_PROBE_EVERY_S: Final = 0.05
_PORT_TRIES: Final = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server is and what opens it."""

    http_port: int
    udp_port: int
    api_key: str
    api_secret: str = field(repr=False)

    @property
    def url(self) -> str:
        """What a client connects to."""
        return f"ws://{LOOPBACK}:{self.http_port}"


def new_endpoint() -> Endpoint:
    """Free ports and a random key."""
    return Endpoint(
        http_port=free_port(socket.SOCK_STREAM),
        udp_port=free_port(socket.SOCK_DGRAM),
        api_key="woxly" + secrets.token_hex(4),
        api_secret=secrets.token_urlsafe(36),
    )


def loopback_config(endpoint: Endpoint) -> dict[str, Any]:
    """The server's configuration: nothing of it can be reached from another machine.

    Media goes over one UDP port. There is no TCP port for media: the server would open it
    on every address.
    """
    return {
        "port": endpoint.http_port,
        "bind_addresses": [LOOPBACK],
        "keys": {endpoint.api_key: endpoint.api_secret},
        "rtc": {
            "udp_port": endpoint.udp_port,
            "tcp_port": 0,
            "use_external_ip": False,
            "node_ip": LOOPBACK,
            "ips": {"includes": [f"{LOOPBACK}/32"]},
            "enable_loopback_candidate": True,
        },
        "room": {"empty_timeout": 60, "departure_timeout": 20},
        "audio": {"update_interval": 150},
        "logging": {"level": "info", "json": False},
    }


class SfuServer:
    """One livekit-server, started, watched, restarted and stopped.

    A server that dies is started again on the same ports with the same key, so that clients
    find it where they lost it. Use from one event loop.

    Args:
        binary: The program.
        log: Where its output goes.
        make_endpoint: Called for the endpoint, and again where its ports turn out to be taken.
        make_config: The server's configuration for an endpoint.
    """

    def __init__(
        self,
        binary: Path,
        log: Path,
        *,
        make_endpoint: Callable[[], Endpoint] = new_endpoint,
        make_config: Callable[[Endpoint], dict[str, Any]] = loopback_config,
    ) -> None:
        self._binary = binary
        self._log_file = log
        self._make_endpoint = make_endpoint
        self._make_config = make_config
        self._tasks = TaskOwner("sfu")
        self._process: LeashedProcess | None = None
        self._failure: asyncio.Future[SfuError] | None = None
        self.endpoint = make_endpoint()
        self.restarts = 0
        """How often the server had to be started again."""

    @property
    def pid(self) -> int | None:
        """The server's process id; None while there is none."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the server, and return once it answers.

        Raises:
            SfuError: It cannot be run or does not get ready; says how its log ends.
        """
        for left in reversed(range(_PORT_TRIES)):
            try:
                await self._launch()
                break
            except SfuError:
                await self._stop_process()
                if not left or "address already in use" not in log_tail(self._log_file):
                    raise
                self.endpoint = self._make_endpoint()
        self._failure = asyncio.get_running_loop().create_future()
        self._tasks.start(self._supervise(self._failure), name="supervise")

    async def failure(self) -> SfuError:
        """Wait until the server is given up; for ever while it runs. Call after `start`."""
        assert self._failure is not None  # noqa: S101 - a caller's mistake
        return await asyncio.shield(self._failure)

    async def aclose(self) -> None:
        """Stop the server. Cancelled, it still goes."""
        try:
            await self._tasks.aclose()
        finally:
            await self._stop_process()

    async def _stop_process(self) -> None:
        if self._process is not None:
            await self._process.aclose()
            self._process = None

    async def _launch(self) -> None:
        # Not an argument: `ps` would show the secret.
        env = child_env(LIVEKIT_CONFIG=json.dumps(self._make_config(self.endpoint)))
        try:
            self._process = await LeashedProcess.start(
                [str(self._binary)], log=self._log_file, env=env, grace_s=STOP_WITHIN_S
            )
        except OSError as error:
            raise SfuError(
                f"{self._binary} cannot be run", "remove it, or install it anew"
            ) from error
        await self._wait_ready(self._process)

    async def _wait_ready(self, process: LeashedProcess) -> None:
        owner = TaskOwner("sfu-start")
        ended = owner.start(process.wait(), name="ended")
        deadline = time.monotonic() + READY_WITHIN_S
        try:
            while not await _answers(self.endpoint.http_port):
                if ended.done():
                    raise self._error(f"the LiveKit server ended at once (code {ended.result()})")
                if time.monotonic() > deadline:
                    raise self._error(f"the LiveKit server was not ready in {READY_WITHIN_S:.0f} s")
                await asyncio.wait({ended}, timeout=_PROBE_EVERY_S)
        finally:
            await owner.aclose()

    async def _supervise(self, failure: asyncio.Future[SfuError]) -> None:
        deaths = 0
        while (process := self._process) is not None:
            began = time.monotonic()
            code = await process.wait()
            lived = time.monotonic() - began
            deaths = 1 if lived > STABLE_AFTER_S else deaths + 1
            _log.warning("livekit-server ended with code %d after %.1f s", code, lived)
            while deaths <= len(RESTART_WAITS_S):
                await asyncio.sleep(RESTART_WAITS_S[deaths - 1])
                try:
                    await self._launch()
                except SfuError as error:
                    _log.warning("restart failed: %s", error)
                    await self._stop_process()
                    deaths += 1
                else:
                    self.restarts += 1
                    break
            else:
                failure.set_result(
                    self._error("the LiveKit server keeps dying, so it was given up")
                )
                return

    def _error(self, message: str) -> SfuError:
        tail = log_tail(self._log_file)
        return SfuError(message, f"its log, {self._log_file}, ends with:\n{tail}" if tail else "")


async def _answers(port: int) -> bool:
    """Whether the server says it is healthy."""
    try:
        async with asyncio.timeout(2.0):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError):
        return False


def free_port(kind: socket.SocketKind) -> int:
    """A port that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
