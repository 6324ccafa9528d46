"""Engine here, screen there: `woxly attach` at the far end of a real `ssh -R` on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rig import ROOT
from tests.rig.ssh import HOST, SshServer, sshd_path
from tests.tui.pseudo_terminal import Terminal
from woxly_tui import __version__

pytestmark = pytest.mark.skipif(sshd_path() is None, reason="there is no sshd here")


@pytest.fixture(scope="module")
def ssh() -> Iterator[SshServer]:
    bin_folder = Path(sys.executable).parent
    with SshServer(path=f"{bin_folder}:{os.environ['PATH']}", root=str(ROOT)) as server:
        yield server


@contextmanager
def served(path: Path, *arguments: str) -> Iterator[None]:
    """An engine in a call, with a socket here."""
    command = [sys.executable, "-m", "tests.tui.served_call", str(path), *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            process.kill()
            path.unlink(missing_ok=True)


@pytest.fixture
def near(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runtime folder of the machine where the user sits."""
    return tmp_path_factory.mktemp("near")


def doctor_here(ssh: SshServer, near: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    env = os.environ | {
        "WOXLY_RUNTIME_DIR": str(near),
        "PATH": f"{ssh.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    command = [sys.executable, "-P", "-m", "woxly_tui.cli.main", "doctor", "ssh", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def type_line(ssh: SshServer, near: Path, line: str, *more: str) -> Terminal:
    """A terminal in whose shell the line is typed, as is."""
    path = f"{ssh.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    code = (
        "import os, sys; os.environ.update(PATH=sys.argv[1], WOXLY_RUNTIME_DIR=sys.argv[2]);"
        "os.execv('/bin/sh', ['sh', '-c', sys.argv[3]])"
    )
    return Terminal("-c", code, path, str(near), " ".join([line, *more]))


def findings(text: str) -> dict[str, dict[str, str]]:
    return {finding["check"]: finding for finding in json.loads(text)["findings"]}


def test_the_line_of_the_doctor_leads_to_the_call(ssh: SshServer, near: Path) -> None:
    with served(near / "engine.sock"):
        report = json.loads(doctor_here(ssh, near, HOST, "--json").stdout)
        line = report["lines"]["call here, screen there"]
        stale = ssh.home / ".woxly" / "laptop.sock"
        stale.parent.mkdir(mode=0o700, exist_ok=True)
        stale.touch()
        far_call = "-t 'TERM=xterm-256color woxly attach'"
        with type_line(ssh, near, line, far_call) as terminal:
            assert b"keys" in terminal.read(30, until=b"keys")
            assert stale.stat().st_mode & 0o077 == 0
            terminal.press(b"m")
            assert b"M U T E D" in terminal.read(10, until=b"M U T E D")
            terminal.press(b"m")
            assert b"L I V E" in terminal.read(10, until=b"L I V E")


def test_the_doctor_at_the_far_end_tells_what_is_wrong(ssh: SshServer, near: Path) -> None:
    forwarded = ssh.home / ".woxly" / "laptop.sock"
    forwarded.unlink(missing_ok=True)
    look = "woxly doctor ssh --json"
    before = json.loads(ssh.run(look).stdout)
    assert findings(json.dumps(before))["forwarded engine"]["status"] == "note"
    line = before["lines"]["call at home, screen here"]
    assert f"-p {ssh.port}" in line
    assert str(forwarded) in line
    assert "@127.0.0.1" in line

    path = near / "engine.sock"
    link = ssh.forward(forwarded, path)
    nobody = findings(ssh.run(look).stdout)["forwarded engine"]
    assert "no engine runs at its other end" in nobody["evidence"]
    with served(path, "--version", "0.0.0-old"):
        answers = findings(ssh.run(look).stdout)["forwarded engine"]
        assert f"woxly 0.0.0-old answers at {forwarded}" in answers["evidence"]
        assert f"this is woxly {__version__}" in answers["evidence"]
    link.kill()
    link.wait()
    stale = ssh.run(look)
    assert "left over from a link that is gone" in stale.stdout
    assert stale.returncode == 1
    attached = ssh.run("woxly attach")
    assert "`woxly doctor ssh` says what is wrong" in attached.stderr
    assert "Traceback" not in attached.stderr
    forwarded.unlink()


def test_the_line_typed_at_home_names_the_real_socket(ssh: SshServer, near: Path) -> None:
    with served(near / "engine.sock"):
        (ssh.home / ".woxly" / "laptop.sock").unlink(missing_ok=True)
        line = json.loads(ssh.run("woxly doctor ssh --json").stdout)["lines"][
            "call at home, screen here"
        ]
        with type_line(ssh, near, line, "-t 'TERM=xterm-256color woxly attach'") as terminal:
            assert b"keys" in terminal.read(30, until=b"keys")


def test_without_a_host_or_a_session_the_doctor_asks_for_one(ssh: SshServer, near: Path) -> None:
    done = doctor_here(ssh, near)
    assert done.returncode == 2
    assert "woxly doctor ssh HOST" in done.stderr
