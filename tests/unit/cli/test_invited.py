"""What `woxly join https://…/j/CODE` makes of what was typed."""

import argparse
import io
import sys
from pathlib import Path

import pytest

from woxly_tui.cli.call_session import JoinPlan
from woxly_tui.cli.invited import plan_invited
from woxly_tui.cli.main import build_parser
from woxly_tui.errors import UsageError
from woxly_tui.lobby import invites
from woxly_tui.lobby.invites import GuestPass, InviteLink
from woxly_tui.types import Identity, RoomName

LINK = "http://10.0.0.7:3001/j/abc"


class Terminal(io.StringIO):
    """Standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))


@pytest.fixture
def redeemed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[InviteLink, str]]:
    """The invitations used, and by whom."""
    used: list[tuple[InviteLink, str]] = []

    async def redeem(link: InviteLink, name: str) -> GuestPass:
        used.append((link, name))
        return GuestPass(
            url="ws://10.0.0.7:7880",
            token="t0ken",  # noqa: S106 - nobody's
            room=RoomName("standup"),
            identity=Identity("guest-1"),
            name=name,
            server=link.server,
            guest_token="gu3st",  # noqa: S106
        )

    monkeypatch.setattr(invites, "redeem", redeem)
    return used


async def plan(*words: str) -> JoinPlan:
    args: argparse.Namespace = build_parser().parse_args(["join", *words])
    return await plan_invited(args)


async def test_the_invitation_says_where_to_and_the_flags_how(
    redeemed: list[tuple[InviteLink, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    made = await plan(LINK, "--name", "Zoe", "--muted", "--backend", "null", "--plain")
    join = made.join
    assert (join.url, join.server, join.room) == ("ws://10.0.0.7:7880", "10.0.0.7:7880", "standup")
    assert (join.token, join.guest_token) == ("t0ken", "gu3st")
    assert join.woxly_server == "http://10.0.0.7:3001"
    assert (join.is_muted, join.backend, made.is_plain) == (True, "null", True)
    assert [name for _, name in redeemed] == ["Zoe"]
    assert {"t0ken", "gu3st", "abc"} == set(made.secrets)
    assert "whoever is on the way" in capsys.readouterr().err


async def test_what_the_invitation_decides_is_said_to_be_ignored(
    redeemed: list[tuple[InviteLink, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    await plan(LINK, "--headless", "--name", "Zoe", "--url", "ws://x", "--identity", "me")
    assert "--url, --identity is ignored" in capsys.readouterr().err
    assert redeemed


@pytest.mark.parametrize(("typed", "name"), [("Zoe\n", "Zoe"), ("\n", "ann"), ("\x1b\n", "ann")])
async def test_a_terminal_is_asked_for_the_name(
    redeemed: list[tuple[InviteLink, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    name: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    await plan(LINK, "--plain")
    assert [used for _, used in redeemed] == [name]
    assert "Your name in the call [ann]: " in capsys.readouterr().err


async def test_nobody_is_asked_who_gave_a_name_or_is_no_terminal(
    redeemed: list[tuple[InviteLink, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("Eve\n"))
    await plan(LINK, "--plain", "--name", "Zoe")
    await plan(LINK, "--headless")
    monkeypatch.setattr(sys, "stdin", io.StringIO("Eve\n"))
    await plan(LINK, "--plain")
    assert [used for _, used in redeemed] == ["Zoe", "ann", "ann"]
    assert "Your name" not in capsys.readouterr().err


async def test_the_end_of_the_input_uses_nothing_up(
    redeemed: list[tuple[InviteLink, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    with pytest.raises(UsageError, match="no name given"):
        await plan(LINK, "--plain")
    assert redeemed == []


async def test_without_a_screen_to_show_it_on_nothing_is_used_up(
    redeemed: list[tuple[InviteLink, str]],
) -> None:
    with pytest.raises(UsageError):  # the test's output is no terminal
        await plan(LINK, "--name", "Zoe")
    assert redeemed == []
