import argparse
import asyncio
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from woxly_tui.cli import call_session, demo
from woxly_tui.cli.call_session import JoinPlan
from woxly_tui.cli.main import main
from woxly_tui.errors import ExitCode, SfuError
from woxly_tui.sfu.server import SfuServer

PLAN = cast("JoinPlan", None)


class Server:
    """Is given up when told to."""

    def __init__(self) -> None:
        self.given_up: asyncio.Future[SfuError] = asyncio.get_running_loop().create_future()

    async def failure(self) -> SfuError:
        return await asyncio.shield(self.given_up)


class Call:
    """Lasts until it is cancelled, or until somebody ends it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.begun = asyncio.Event()
        self.is_cleaned_up = False
        monkeypatch.setattr(call_session, "run_call", self.run)

    async def run(self, _plan: JoinPlan) -> int:
        self.begun.set()
        try:
            return await self.ended
        finally:
            await asyncio.sleep(0)  # as leaving takes a while
            self.is_cleaned_up = True


def held(server: Server) -> Any:
    return demo._call_while_served(PLAN, cast("SfuServer", server))


async def test_a_server_that_is_given_up_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    server, call = Server(), Call(monkeypatch)
    asyncio.get_running_loop().call_later(
        0.01, server.given_up.set_result, SfuError("it keeps dying")
    )
    async with asyncio.timeout(5):
        with pytest.raises(SfuError, match="keeps dying"):
            await held(server)
    assert call.begun.is_set()
    assert call.is_cleaned_up


async def test_a_call_that_ends_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    server, call = Server(), Call(monkeypatch)
    call.ended.set_result(ExitCode.EVICTED)
    assert await held(server) == ExitCode.EVICTED
    assert not server.given_up.cancelled()


async def test_a_call_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    server, call = Server(), Call(monkeypatch)
    call.ended.set_exception(OSError("no worker"))
    with pytest.raises(OSError, match="no worker"):
        await held(server)


def test_another_terminal_can_read_a_file_in_any_folder(tmp_path: Path) -> None:
    file = tmp_path / "Ann's $HOME; here" / "demo.env"
    file.parent.mkdir()
    file.write_text("export LIVEKIT_URL=ws://here\n")
    script = 'woxly() { echo "$LIVEKIT_URL $*"; }\n' + demo._join_words(file)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "ws://here join demo\n"


@pytest.mark.parametrize(
    ("theme", "said"), [("dark", "not a terminal"), ("plaid", "plaid")], ids=["terminal", "theme"]
)
def test_what_the_screen_lacks_is_said_before_a_server_is_looked_for(
    theme: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WOXLY_THEME", theme)
    if theme == "plaid":
        monkeypatch.setattr("woxly_tui.tui.terminal.terminal_problem", lambda: None)
    begun: list[argparse.Namespace] = []
    monkeypatch.setattr(demo, "_demo", lambda args, _loaded: begun.append(args))
    assert main(["demo"]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert begun == []
