"""`woxly serve` as a process on loopback, with accounts made over its API."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from tests.rig import ROOT
from tests.rig.process import LineProcess
from tests.rig.pulse import clean_env
from tests.rig.sfu import LiveKitServer, free_ports

PASSWORD: Final = "Correct-1-horse"


class WoxlyServer(LineProcess):
    """A server on a LiveKit server that is there already."""

    def __init__(self, sfu: LiveKitServer, **env: str) -> None:
        self.home: Final = Path(tempfile.mkdtemp(prefix="rig-server-"))
        (self.port,) = free_ports(1)
        self.url: Final = f"http://127.0.0.1:{self.port}"
        self.env: Final = (
            clean_env()
            | {
                "HOME": str(self.home),
                "LIVEKIT_URL": sfu.url,
                "LIVEKIT_API_KEY": sfu.key,
                "LIVEKIT_API_SECRET": sfu.secret,
                "WOXLY_SERVER_DATA": str(self.home / "data"),
                "PYTHONUNBUFFERED": "1",
            }
            | env
        )
        command = self._command("serve", "--host", "127.0.0.1", "--port", str(self.port))
        super().__init__("woxly serve", command, self.env)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, self.describe("does not answer")
            time.sleep(0.05)
        self.http: Final = httpx.Client(base_url=f"{self.url}/api", timeout=10)

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "woxly_tui.cli.main", *words]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/health", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def run(self, *words: str) -> str:
        """What `woxly serve …` prints."""
        done = subprocess.run(
            self._command("serve", *words),
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def person(self, name: str) -> dict[str, Any]:
        """Register somebody; their id, and headers that are them."""
        body = {"email": f"{name}@example.org", "username": name, "password": PASSWORD}
        answer = self.http.post("/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        headers = {"Authorization": f"Bearer {made['accessToken']}"}
        return {"id": made["user"]["id"], "headers": headers}

    def room(self, owner: dict[str, Any], name: str) -> int:
        """Make a room to drop in."""
        body = {"type": "VOICE", "name": name, "invitedFriends": []}
        answer = self.http.post("/rooms", json=body, headers=owner["headers"])
        assert answer.status_code == 201, answer.text
        return int(answer.json()["room"]["id"])

    def invite(self, member: dict[str, Any], room_id: int, **body: Any) -> dict[str, Any]:
        """Make an invite."""
        answer = self.http.post(f"/rooms/{room_id}/invites", json=body, headers=member["headers"])
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["invite"]
        return made

    def withdraw(self, member: dict[str, Any], invite: dict[str, Any]) -> None:
        """End an invite."""
        path = f"/rooms/{invite['roomId']}/invites/{invite['id']}"
        assert self.http.delete(path, headers=member["headers"]).status_code == 200

    def close(self) -> None:
        super().close()
        if hasattr(self, "http"):
            self.http.close()
        import shutil

        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
