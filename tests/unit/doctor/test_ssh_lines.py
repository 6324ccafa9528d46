from pathlib import Path

import pytest

from woxly_tui.doctor.ssh_lines import Session, from_here, from_there


def test_a_session_is_read_from_what_sshd_says() -> None:
    session = Session.of({"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 2222"}, "ann")
    assert session is not None
    assert (session.client, session.target("far")) == ("10.0.0.1", "-p 2222 ann@10.0.0.2")
    session = Session.of({"SSH_CLIENT": "10.0.0.1 50000 22"}, "ann")
    assert session is not None
    assert session.target("far") == "ann@far"


@pytest.mark.parametrize("said", ["", "nonsense", "1 2 3"])
def test_what_says_nothing_is_no_session(said: str) -> None:
    assert Session.of({"SSH_CONNECTION": said}, "ann") is None


def test_lines_quote_what_a_shell_would_read() -> None:
    line = from_here("a host;rm", 2222, Path("/run/my dir/e.sock"), "laptop.sock")
    assert "'a host;rm'" in line
    assert "'/run/my dir/e.sock'" in line
    assert line.startswith('ssh -R "$(ssh -p 2222')
    session = Session("10.0.0.1", "10.0.0.2", "22", "ann")
    there = from_there(session, "far", Path("/home/my ann/.woxly/laptop.sock"), "ask")
    assert there == "ssh -R '/home/my ann/.woxly/laptop.sock':\"$(ask)\" ann@10.0.0.2"
