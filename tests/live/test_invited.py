"""`woxly join https://HOST/j/CODE` on a real server: in, back after a loss, out when withdrawn."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.rig import ROOT
from tests.rig.peer import Peer
from tests.rig.process import LineProcess, python_module
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly_server import WoxlyServer

pytestmark = pytest.mark.live


class Guest(LineProcess):
    """`woxly join LINK --headless` of a user with no settings."""

    def __init__(self, server: WoxlyServer, link: str, name: str) -> None:
        self.env = {k: v for k, v in server.env.items() if not k.startswith("LIVEKIT_")}
        self.env |= {"WOXLY_RUNTIME_DIR": str(server.home / f"run-{name}")}
        self.words = ["--name", name, "--headless", "--backend", "null"]
        command = python_module("woxly_tui.cli.main", "join", link, *self.words)
        super().__init__(name, command, self.env)

    def wait_phase(self, phase: str, timeout_s: float = 20.0, since: int = 0) -> None:
        self.wait_for(phase, lambda m: m.get("phase") == phase, timeout_s, since)

    def try_again(self, link: str) -> subprocess.CompletedProcess[str]:
        """Use a link in another terminal of the same user."""
        return subprocess.run(
            python_module("woxly_tui.cli.main", "join", link, *self.words),
            env=self.env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@pytest.fixture
def server(own_sfu: LiveKitServer) -> Iterator[WoxlyServer]:
    with WoxlyServer(own_sfu, WOXLY_LIVEKIT_CLIENT=os.devnull) as server:
        yield server


def test_a_guest_is_in_comes_back_and_goes(server: WoxlyServer, own_sfu: LiveKitServer) -> None:
    annie = server.person("annie")
    room = server.room(annie, "standup")
    link = server.invite(annie, room, maxUses=1)
    with Guest(server, link["url"], "Tom") as tom:
        with Peer(own_sfu, f"room-{room}", "bob") as bob:
            tom.wait_phase("established")
            came = bob.wait_for("tom", lambda m: m["type"] in ("came", "present"))
            guest = came["identity"]
            assert guest.startswith("guest-")
            shown = tom.wait_for("the room", lambda m: m.get("room") == "standup")
            assert "token" not in str(shown)

        refused = tom.try_again(link["url"])
        assert "already in a call" in refused.stderr or "in a call in standup" in refused.stderr

        since = len(tom.messages)
        own_sfu.kill()
        tom.wait_phase("reconnecting", since=since)
        own_sfu.start()
        tom.wait_phase("established", 60, since)
        own_sfu.wait_identities(f"room-{room}", {guest}, 10)

        server.withdraw(annie, link)
        ended = tom.wait_for("the end", lambda m: m.get("phase") == "ended", 20)
        assert ended["ending"]["reason"] == "removed"
        assert tom.wait_exit(10) == 6

    again = tom.try_again(link["url"])
    assert again.returncode == 3
    assert "it has expired, is used up or was withdrawn" in again.stderr
