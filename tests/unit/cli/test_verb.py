"""Every verb, against an engine on a socket that notes what it was asked."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine_server import EngineServer, muted
from tests.tui.fake_engine import FRIENDS, in_call, person
from woxly_tui._lib.forwarded import ENGINE, forwarded_path
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import CallPhase, Ending, EndReason, Snapshot
from woxly_tui.cli import STARTED_NS
from woxly_tui.cli.main import main
from woxly_tui.cli.status import StatusCode
from woxly_tui.cli.verb import FORWARDED
from woxly_tui.control import messages
from woxly_tui.control.messages import Command
from woxly_tui.errors import ExitCode
from woxly_tui.types import Identity, RecordFormat

OVER = replace(
    in_call(), phase=CallPhase.ENDED, ending=Ending(EndReason.EVICTED, "You joined elsewhere")
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


@pytest.fixture
def engine(folder: Path) -> Iterator[EngineServer]:
    with EngineServer(folder) as server:
        yield server


@pytest.mark.parametrize(
    ("words", "command", "printed"),
    [
        (["mute"], messages.ToggleMute(), "muted in standup, 4 people"),
        (["mute", "toggle"], messages.ToggleMute(), "muted in standup, 4 people"),
        (["mute", "on"], messages.SetMute(on=True), "muted in standup, 4 people"),
        (["mute", "off"], messages.SetMute(on=False), "live in standup, 4 people"),
        (["deafen"], messages.ToggleDeafen(), "deafened in standup, 4 people"),
        (["deafen", "on"], messages.SetDeafen(on=True), "deafened in standup, 4 people"),
        (["deafen", "off"], messages.SetDeafen(on=False), "live in standup, 4 people"),
        (
            ["ptt", "down"],
            messages.SetPtt(True, STARTED_NS),
            "live (key down) in standup, 4 people",
        ),
        (["ptt", "up"], messages.SetPtt(False, STARTED_NS), "muted in standup, 4 people"),
        (
            ["volume", "ANN", "50"],
            messages.SetVolume(Identity("id-ann"), 50),
            "ann: volume 50 %",
        ),
        (["volume", "id-bob", "0%"], messages.SetVolume(Identity("id-bob"), 0), "bob: volume 0 %"),
        (["volume", "ec"], messages.GetSnapshot(), "Echo: volume 100 %"),
        (["say", "good", "day"], messages.SendChat("good day"), "said to 3 people in standup"),
        (["leave"], messages.Leave(), "left standup"),
        (["rejoin"], messages.Rejoin(), "connecting to standup, 4 people"),
    ],
    ids=str,
)
def test_a_verb_asks_for_one_thing_and_prints_what_came_of_it(
    engine: EngineServer,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    command: Command,
    printed: str,
) -> None:
    assert main(words) == ExitCode.OK
    assert engine.sent[-1] == command
    assert capsys.readouterr() == (f"{printed}\n", "")


def test_an_engine_named_by_its_socket_takes_presses_as_they_come(
    engine: EngineServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ptt", "down", "--socket", str(engine.path)]) == ExitCode.OK
    assert engine.sent[-1] == messages.SetPtt(True, 0)
    assert capsys.readouterr().err == ""


VERBS = (
    ["mute"],
    ["deafen", "on"],
    ["ptt", "down"],
    ["volume", "ann", "50"],
    ["volume", "ann"],
    ["leave"],
    ["who"],
    ["who", "--json"],
    ["who", "--details"],
    ["record", "on"],
    ["record", "status"],
    ["say", "hello"],
)


@pytest.mark.parametrize("words", [*VERBS, ["rejoin"], ["say", "-"]], ids=" ".join)
def test_without_an_engine_there_is_no_call_and_none_is_started(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == ExitCode.NO_CALL
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("woxly: No call\n")
    assert not folder.exists()


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
@pytest.mark.parametrize("state", [Snapshot(), OVER], ids=["idle", "over"])
def test_an_engine_without_a_call_is_no_call_too(
    engine: EngineServer, capsys: pytest.CaptureFixture[str], words: list[str], state: Snapshot
) -> None:
    engine.snapshot = state
    assert main(words) == ExitCode.NO_CALL
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("woxly: No call")


def test_a_call_that_is_over_says_why_and_how_to_return(
    engine: EngineServer, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.snapshot = OVER
    main(["mute"])
    assert capsys.readouterr().err == (
        "woxly: No call (you joined elsewhere)\n  `woxly rejoin` returns to it\n"
    )


@pytest.mark.parametrize("words", [["mute"], ["say", "x"], ["volume", "ann", "5"]], ids=" ".join)
def test_what_the_engine_refuses_is_told_in_its_words(
    engine: EngineServer, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    engine.refusal = "the worker is gone"
    assert main(words) == ExitCode.FAILED
    assert capsys.readouterr().err == "woxly: The worker is gone\n  wait\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["volume", "carol", "50"], "Nobody here is called 'carol'"),
        (["volume", "ann", "201"], "The volume cannot be '201'"),
        (["volume", "ann", "-5"], "-5"),
        (["volume", "ann", "loud"], "The volume cannot be 'loud'"),
        (["volume", "Ines", "50"], "Nobody here is called 'Ines'"),
        (["mute", "maybe"], "invalid choice: 'maybe'"),
        (["ptt"], "key"),
        (["say", "\x1b[0m"], "There is nothing to say"),
        (["mute", "--engine", "../x"], "cannot be the name of an engine"),
    ],
    ids=str,
)
def test_bad_input_changes_nothing(
    engine: EngineServer, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words) == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert set(map(type, engine.sent)) <= {messages.GetSnapshot}


def test_a_name_of_two_people_lists_both_and_does_nothing(
    engine: EngineServer, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(person("ann"), identity=Identity("id-ann-2"), name="Ann")
    engine.snapshot = in_call((*FRIENDS, other))
    assert main(["volume", "ann", "0"]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert "ann (=id-ann), Ann (=id-ann-2)" in err
    assert "nothing was done" in err
    assert set(map(type, engine.sent)) == {messages.GetSnapshot}
    assert main(["volume", "id-ann-2", "0"]) == ExitCode.OK


def test_an_engine_may_be_named_or_its_socket_given(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with EngineServer(folder / "elsewhere") as server:
        assert main(["mute", "--socket", str(server.path)]) == ExitCode.OK
        server.path.rename(folder / "second.sock")
        assert main(["mute", "--engine", "second"]) == ExitCode.OK
    assert capsys.readouterr().out.count("\n") == 2


def test_a_socket_that_cannot_be_one_is_said_to_be_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mute", "--socket", str(folder / ("x" * 300))]) == ExitCode.FAILED
    assert "annot connect" in capsys.readouterr().err


def test_who_is_there(engine: EngineServer, capsys: pytest.CaptureFixture[str]) -> None:
    zoe = replace(person("zoe"), name="Zoë\x1b[2J\nfake line")
    engine.snapshot = in_call((*FRIENDS, zoe))
    assert main(["who"]) == ExitCode.OK
    assert capsys.readouterr().out.splitlines() == [
        "Ines (you): open",
        "ann: open",
        "bob: muted",
        "Echo: open",
        "Zoë[2J fake line: open",
    ]
    assert main(["who", "--names"]) == ExitCode.OK
    assert capsys.readouterr().out == "ann\nbob\nEcho\nZoë[2J fake line\n"
    assert main(["who", "--json"]) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.isascii()
    assert [(p["identity"], p["muted"]) for p in json.loads(out)][2] == ("id-bob", True)


def test_an_engine_forwarded_by_ssh_is_asked_as_long_as_it_answers(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert home / FORWARDED == forwarded_path(ENGINE, {"HOME": str(home)})
    muted_here = EngineServer(folder, muted(in_call(), True))
    with muted_here, EngineServer(home / ".woxly") as far:
        far.path.rename(home / FORWARDED)
        assert main(["status", "-q"]) == StatusCode.LIVE
        assert main(["status", "-q", "--engine", "engine"]) == StatusCode.MUTED
    with EngineServer(folder, muted(in_call(), True)):
        assert main(["status", "-q"]) == StatusCode.MUTED
    assert capsys.readouterr() == ("", "")


def test_recording_tells_where_to_and_an_engine_is_given_a_whole_path(
    engine: EngineServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "on", "--to", "calls", "--format", "flac"]) == 0
    asked = engine.sent[-1]
    assert asked == messages.SetRecording(
        on=True, directory=str(Path.cwd() / "calls"), format=RecordFormat.FLAC
    )
    assert capsys.readouterr().out.startswith("you record into /home/ines/standup")
    assert main(["record", "off"]) == 0
    assert capsys.readouterr().out == (
        "nobody records; your last recording is in /home/ines/standup\n"
    )
    assert main(["record", "status"]) == 0
    assert engine.sent[-1] == messages.GetSnapshot()


def test_details_are_printed_a_line_each_and_as_json(
    engine: EngineServer, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.details = (ParticipantDetails(Identity("id-ann"), loss_percent=0.4, codec="opus"),)
    assert main(["who", "--details"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Ines (you): nothing measured", "ann: loss 0.4 %, codec opus"]
    assert main(["who", "--details", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["details"] is None
    assert rows[1]["details"]["loss_percent"] == 0.4
