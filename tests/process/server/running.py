"""`woxly serve` as a process."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import httpx

from tests.rig.sfu import free_ports

PASSWORD: Final = "Correct-1-horse"

START_WITHIN_S: Final = 60.0
"""Long enough for any machine; how fast it is, benchmarks tell."""


def env_for(folder: Path, **more: str) -> dict[str, str]:
    """The environment of somebody with nothing configured."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LIVEKIT_", "WOXLY_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "HOST", "PORT", "FRONTEND_URL", "SMTP_HOST"):
        kept.pop(name, None)
    return kept | {"HOME": str(folder), "WOXLY_SERVER_DATA": str(folder / "data")} | more


def woxly(*words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "woxly_tui.cli.main", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=START_WITHIN_S,
        check=False,
    )


class Running:
    """A server, and somebody who uses it."""

    def __init__(self, folder: Path, *, module: str = "woxly_tui.cli.main", **more: str) -> None:
        (self.port,) = free_ports(1)
        self.env = env_for(folder, **more)
        self.data = folder / "data"
        words = ("serve", "--host", "127.0.0.1", "--port", str(self.port))
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *words],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}/api", timeout=10)
        self.greeting = self._greeting()

    def _greeting(self) -> str:
        assert self.process.stdout is not None
        said = ""
        while line := self.process.stdout.readline():
            said += line
            if "Ctrl-C" in line:
                return said
        assert self.process.stderr is not None
        raise AssertionError(f"it ended: {self.process.stderr.read()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.http.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(START_WITHIN_S)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def register(self) -> dict[str, Any]:
        """A new user, as the answer has them."""
        name = f"u{secrets.token_hex(4)}"
        body = {"email": f"{name}@example.org", "username": name, "password": PASSWORD}
        answer = self.http.post("/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def ask(self, who: dict[str, Any], method: str, path: str, body: Any = None) -> httpx.Response:
        """A request of somebody."""
        headers = {"Authorization": f"Bearer {who['accessToken']}"}
        return self.http.request(method, path, json=body, headers=headers)

    def eventually(self, who: dict[str, Any], path: str, fits: Any) -> Any:
        """What a path answers once it fits."""
        deadline = time.monotonic() + 20
        while not fits(found := self.ask(who, "GET", path).json()):
            assert time.monotonic() < deadline, found
            time.sleep(0.05)
        return found
