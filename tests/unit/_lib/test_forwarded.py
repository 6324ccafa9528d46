import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from woxly_tui._lib.forwarded import ENGINE, distrust, forwarded_path, forwarded_socket, is_over_ssh


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


@pytest.fixture
def made(home: dict[str, str]) -> Iterator[Path]:
    path = forwarded_path(ENGINE, home)
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        yield path


def test_a_socket_of_ours_is_found(home: dict[str, str], made: Path) -> None:
    assert forwarded_socket(ENGINE, home) == made
    assert distrust(made) == ""


def test_a_folder_that_others_can_write_to_is_not_trusted(home: dict[str, str], made: Path) -> None:
    made.parent.chmod(0o770)
    assert forwarded_socket(ENGINE, home) is None
    assert "others can write" in distrust(made)


def test_what_is_no_socket_is_not_taken_for_one(home: dict[str, str]) -> None:
    path = forwarded_path(ENGINE, home)
    assert forwarded_socket(ENGINE, home) is None
    path.parent.mkdir(mode=0o700)
    assert "not there" in distrust(path)
    path.touch()
    assert "no socket" in distrust(path)


@pytest.mark.parametrize(("name", "is_it"), [("SSH_TTY", True), ("SSH_AUTH_SOCK", False)])
def test_an_agent_alone_makes_no_session(name: str, is_it: bool) -> None:
    assert is_over_ssh({name: "/dev/pts/1"}) is is_it
