import argparse
import json
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from woxly_tui import __version__
from woxly_tui._lib.logs import log_folder
from woxly_tui.cli import join, token
from woxly_tui.cli.main import build_parser, main
from woxly_tui.errors import (
    INTERRUPTED,
    CredentialsMissing,
    MediaError,
    ServerUnreachable,
    TokenError,
    UsageError,
    WoxlyError,
)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes `woxly join` and `woxly token` fail in a given way."""

    def fail_with(error: BaseException) -> None:
        def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - the commands' signature
            raise error

        monkeypatch.setattr(join, "run", run)
        monkeypatch.setattr(token, "run", run)

    return fail_with


def test_alone_it_says_the_three_first_things_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert [word for word in ("woxly demo", "woxly join", "woxly token") if word not in out] == []
    assert max(map(len, out.splitlines())) <= 80


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"woxly {__version__}\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WoxlyError("it broke", "mend it"), 1),
        (CredentialsMissing("it broke", "mend it"), 2),
        (TokenError("it broke", "mend it"), 3),
        (ServerUnreachable("it broke", "mend it"), 4),
        (MediaError("it broke", "mend it"), 8),
    ],
)
def test_an_error_is_two_lines_and_its_exit_code(
    failing: Callable[[BaseException], None],
    capsys: pytest.CaptureFixture[str],
    error: WoxlyError,
    code: int,
) -> None:
    failing(error)
    assert main(["join", "lobby"]) == code
    captured = capsys.readouterr()
    assert captured.err == "woxly: It broke\n  mend it\n"
    assert captured.out == ""


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("bad.toml:2: unknown key 'urll'", "bad.toml:2: unknown key 'urll'"),
        ("bad: not valid TOML", "bad: not valid TOML"),
        ("localhost:3001 cannot be reached", "localhost:3001 cannot be reached"),
        ("no, it broke", "No, it broke"),
    ],
)
def test_what_others_named_keeps_its_letters(
    failing: Callable[[BaseException], None],
    capsys: pytest.CaptureFixture[str],
    message: str,
    told: str,
) -> None:
    failing(UsageError(message))
    assert main(["join"]) == 2
    assert capsys.readouterr().err == f"woxly: {told}\n"


def test_headless_says_it_to_the_program_too(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(TokenError("it broke", "mend it"))
    assert main(["join", "--headless"]) == 3
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "type": "error",
        "message": "It broke",
        "remedy": "mend it",
        "code": 3,
    }
    assert "It broke" in captured.err


def test_ctrl_c_is_quiet(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(KeyboardInterrupt())
    assert main(["join"]) == INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_a_bug_shows_no_traceback_but_a_private_log_without_secrets(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(ValueError("bad eyJhbGciOi.eyJzdWIi.c2ln"))
    assert main(["join"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" not in err
    (path,) = log_folder().glob("*.log")
    assert str(path) in err
    text = path.read_text()
    assert "Traceback" in text
    assert "eyJ" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "words", [["joi"], ["join", "--bakend", "null"], ["token"], ["config"], ["join", "a", "b"]]
)
def test_a_wrong_command_line_is_a_usage_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    err = capsys.readouterr().err
    assert err.startswith("woxly: ")
    assert "--help" in err


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [["join"], ["demo"], ["token"], ["config"], ["config", "show"]]
    for words in commands:
        with pytest.raises(SystemExit) as caught:
            build_parser().parse_args([*words, "--help"])
        assert caught.value.code == 0
        assert "usage: woxly" in capsys.readouterr().out


def test_the_installed_command_is_this_one() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"woxly": "woxly_tui.cli.main:script"}
