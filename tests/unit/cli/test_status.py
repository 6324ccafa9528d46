import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine_server import EngineServer, deafened, muted
from tests.tui.fake_engine import in_call
from woxly_tui.call.snapshot import CallPhase, Microphone, Snapshot
from woxly_tui.cli.main import main
from woxly_tui.cli.status import StatusCode
from woxly_tui.control.frames import Refused
from woxly_tui.errors import ExitCode
from woxly_tui.plain.fields import field_names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


@pytest.fixture
def engine(folder: Path) -> Iterator[EngineServer]:
    with EngineServer(folder) as server:
        yield server


@pytest.mark.parametrize(
    ("snapshot", "code"),
    [
        (in_call(), StatusCode.LIVE),
        (muted(in_call(), True), StatusCode.MUTED),
        (deafened(in_call(), True), StatusCode.DEAFENED),
        (Snapshot(), StatusCode.NO_CALL),
        (in_call(phase=CallPhase.ENDED), StatusCode.NO_CALL),
        (in_call(phase=CallPhase.CONNECTING), StatusCode.CONNECTING),
        (in_call(phase=CallPhase.RECONNECTING), StatusCode.CONNECTING),
        (in_call(microphone=Microphone(backend="native")), StatusCode.NO_MIC),
        (in_call(microphone=Microphone(is_starting=True)), StatusCode.CONNECTING),
    ],
)
def test_quiet_tells_the_state_by_its_code(
    engine: EngineServer,
    capsys: pytest.CaptureFixture[str],
    snapshot: Snapshot,
    code: StatusCode,
) -> None:
    engine.snapshot = snapshot
    assert main(["status", "-q"]) == code
    assert capsys.readouterr() == ("", "")


def test_quiet_without_an_engine_is_no_call(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "-q"]) == StatusCode.NO_CALL
    assert capsys.readouterr() == ("", "")
    assert not folder.exists()


def test_what_cannot_be_known_is_never_taken_for_muted(
    engine: EngineServer, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.protocol_refusal = Refused("too old", "update")
    assert main(["status", "-q"]) == StatusCode.UNKNOWN
    assert capsys.readouterr() == ("", "woxly: too old: update\n")
    assert main(["status"]) == ExitCode.FAILED


@pytest.mark.usefixtures("engine")
def test_a_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == ExitCode.OK
    line = capsys.readouterr().out
    assert re.fullmatch(r"live in standup, 4 people, [\d:]+, 38 ms\n", line)


def test_no_call_is_a_state_to_print_with_its_code(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == ExitCode.NO_CALL
    assert main(["status", "--format", "{word} {count}"]) == ExitCode.NO_CALL
    assert main(["status", "--json"]) == ExitCode.NO_CALL
    plain, formatted, as_json = capsys.readouterr().out.splitlines()
    assert (plain, formatted) == ("no call", "NO CALL 0")
    assert json.loads(as_json)["state"] == "no call"
    assert not folder.exists()


def test_json_has_every_field(engine: EngineServer, capsys: pytest.CaptureFixture[str]) -> None:
    engine.snapshot = replace(in_call(), server="sfu:7880")
    assert main(["status", "--json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    assert list(found) == field_names()
    assert (found["server"], found["count"], found["muted"]) == ("sfu:7880", 4, False)


@pytest.mark.parametrize("template", ["{colour}", "{state", "{state.x}"])
@pytest.mark.usefixtures("folder")
def test_a_mistake_in_the_format_shows_in_any_state(
    capsys: pytest.CaptureFixture[str], template: str
) -> None:
    assert main(["status", "--format", template]) == ExitCode.USAGE
    assert "--format" in capsys.readouterr().err
