import socket
from pathlib import Path

import pytest

from tests.engine_server import EngineServer
from woxly_tui.control.frames import Refused
from woxly_tui.doctor.ssh import check_forwarded_engine, check_sshd


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "note"),
        ("#StreamLocalBindUnlink yes\n", "note"),
        ("StreamLocalBindUnlink yes\n", "ok"),
        ("AllowStreamLocalForwarding no\n", "bad"),
        ("DisableForwarding yes\n", "bad"),
    ],
)
def test_sshd_s_settings_are_judged(tmp_path: Path, text: str, status: str) -> None:
    path = tmp_path / "sshd_config"
    path.write_text(text, "utf-8")
    assert check_sshd(path).status == status


def test_settings_that_cannot_be_read_are_no_fault(tmp_path: Path) -> None:
    assert check_sshd(tmp_path / "none").status == "note"


@pytest.fixture
def forwarded(tmp_path: Path) -> Path:
    """Where ssh would put the socket; the folder is private, and empty."""
    folder = tmp_path / ".woxly"
    folder.mkdir(mode=0o700)
    return folder / "engine.sock"


def test_an_engine_that_answers_is_told_with_what_it_does(forwarded: Path) -> None:
    with EngineServer(forwarded.parent) as engine:
        found = check_forwarded_engine(engine.path)
    assert "in a call (established)" in found.evidence
    assert found.status == "note", "this engine is of another version"


def test_a_socket_that_others_could_have_put_there_is_not_asked(forwarded: Path) -> None:
    forwarded.parent.chmod(0o770)
    with EngineServer(forwarded.parent) as engine:
        found = check_forwarded_engine(engine.path)
    assert (found.status, "others can write" in found.evidence) == ("bad", True)
    assert "chmod 700" in found.remedy


def test_no_socket_is_nothing_wrong(forwarded: Path) -> None:
    assert check_forwarded_engine(forwarded).status == "note"


def test_a_socket_left_over_and_one_without_an_engine_are_told_apart(forwarded: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(forwarded))
    found = check_forwarded_engine(forwarded)
    assert (found.status, f"rm {forwarded}" in found.remedy) == ("bad", True)
    listener.close()
    with EngineServer(forwarded.parent) as engine:
        engine.protocol_refusal = Refused("the engine is another one", "update it")
        found = check_forwarded_engine(engine.path)
    assert (found.status, found.evidence) == ("bad", "the engine is another one")
