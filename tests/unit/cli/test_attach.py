"""`woxly` alone: back to the call, wherever its engine runs."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine_server import EngineServer
from tests.tui.fake_engine import in_call
from woxly_tui._lib.forwarded import ENGINE, forwarded_path
from woxly_tui.call.snapshot import CallPhase
from woxly_tui.cli import attach, lobby
from woxly_tui.cli.attach import come_back
from woxly_tui.control.link import Link

IDLE = replace(in_call(), phase=CallPhase.IDLE)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Link]:
    """The ways to engines whose call was shown."""
    links: list[Link] = []

    def show(link: Link) -> int:
        links.append(link)
        return 0

    monkeypatch.setattr(attach, "show_running", show)
    return links


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineServer]:
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))
    with EngineServer(tmp_path / "run") as server:
        yield server


@pytest.fixture
def far(tmp_path: Path) -> Iterator[EngineServer]:
    with EngineServer(tmp_path / "laptop") as server:
        path = forwarded_path(ENGINE)
        path.parent.mkdir(mode=0o700)
        os.link(server.path, path)
        yield server


def test_the_call_of_this_machine_is_shown(local: EngineServer, shown: list[Link]) -> None:
    assert come_back("hello") == 0
    assert shown == [Link(local.path)]


@pytest.mark.usefixtures("far", "local")
def test_the_call_where_the_user_sits_is_shown_first(shown: list[Link]) -> None:
    assert come_back("hello") == 0
    assert shown == [Link(forwarded_path(ENGINE), is_forwarded=True)]


def test_a_link_without_a_call_is_passed_over(
    far: EngineServer, local: EngineServer, shown: list[Link], capsys: pytest.CaptureFixture[str]
) -> None:
    far.snapshot = IDLE
    assert come_back("hello") == 0
    assert shown == [Link(local.path)]
    local.snapshot = IDLE
    assert come_back("hello") == 0
    assert len(shown) == 1
    assert capsys.readouterr().out == "hello"


@pytest.fixture
def lobbies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the lobby was shown, to somebody who is signed in at a terminal."""
    shown: list[str] = []

    def show() -> int:
        shown.append("lobby")
        return 0

    monkeypatch.setattr(lobby, "has_lobby", lambda: True)
    monkeypatch.setattr(lobby, "show_lobby", show)
    return shown


def test_who_is_signed_in_gets_the_lobby_with_or_without_a_call(
    local: EngineServer,
    shown: list[Link],
    lobbies: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert come_back("hello") == 0
    local.snapshot = IDLE
    assert come_back("hello") == 0
    assert lobbies == ["lobby", "lobby"]
    assert shown == []
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("far")
def test_the_call_where_the_user_sits_comes_before_the_lobby_here(
    shown: list[Link], lobbies: list[str]
) -> None:
    assert come_back("hello") == 0
    assert lobbies == []
    assert len(shown) == 1


def test_without_a_terminal_nobody_gets_a_lobby() -> None:
    assert not lobby.has_lobby()
