"""`woxly login`, `friends`, `rooms` and `logout` against a `woxly serve` that runs."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.server.running import PASSWORD, Running
from woxly_tui.errors import ExitCode


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("server")) as running:
        yield running


class Home:
    """Somebody's home directory, and what they type there."""

    def __init__(self, folder: Path, server: Running) -> None:
        self.server = server
        self.env = server.env | {"HOME": str(folder)}
        self.accounts = folder / ".local" / "share" / "woxly" / "accounts.json"
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            self.env.pop(name, None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def __call__(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "woxly_tui.cli.main", *words],
            env=self.env,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def register(self, name: str) -> None:
        words = ("login", self.url, "--register", name, "--email", f"{name}@example.org")
        done = self(*words, typed=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr
        assert f"as {name} (WX" in done.stdout


@pytest.mark.skipif(sys.platform == "darwin", reason="accounts are elsewhere there")
def test_two_people_register_become_friends_and_sign_out(server: Running, tmp_path: Path) -> None:
    ann, bob = Home(tmp_path / "ann", server), Home(tmp_path / "bob", server)
    ann.register("annie")
    bob.register("bobby")
    assert ann.accounts.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in ann.accounts.read_text()
    assert ann("friends", "add", "bobby").stdout.startswith("asked bobby")
    assert "annie" in bob("friends").stdout
    assert bob("friends", "accept", "annie").stdout.startswith("accepted annie")
    assert "bobby" in ann("friends").stdout
    assert ann("rooms").returncode == 0
    again = ann("friends", "add", "bobby")
    assert (again.returncode, again.stdout) == (ExitCode.FAILED, "")
    assert "The server refuses" in again.stderr
    assert ann("logout").stdout.startswith("signed out of 127.0.0.1")
    assert ann("friends").returncode == ExitCode.TOKEN


def test_a_wrong_password_is_one_sentence_and_no_traceback(server: Running, tmp_path: Path) -> None:
    home = Home(tmp_path, server)
    done = home("login", home.url, "--email", "nobody@example.org", typed="wrong\n")
    assert done.returncode == ExitCode.FAILED
    assert len(done.stderr.splitlines()) == 2
    assert "Traceback" not in done.stderr
    assert not home.accounts.exists()
