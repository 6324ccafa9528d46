import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine_server import EngineServer
from woxly_tui._lib.text import MAX_TEXT_BYTES, MAX_TEXT_LINES, clean_text
from woxly_tui.cli.main import main
from woxly_tui.cli.say import MAX_BYTES, MAX_LINES, end_of_text, read_end
from woxly_tui.control.frames import FRONT_END_FRAMES, MAX_LINE_BYTES, Request
from woxly_tui.control.messages import COMMANDS, SendChat
from woxly_tui.errors import UsageError


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineServer]:
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))
    with EngineServer(tmp_path / "run") as server:
        yield server


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_the_caps_are_those_of_the_chat() -> None:
    assert (MAX_BYTES, MAX_LINES) == (MAX_TEXT_BYTES, MAX_TEXT_LINES)


def test_what_comes_through_a_pipe_is_said_without_its_colours(
    engine: EngineServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe(monkeypatch, b"\x1b[31merror:\x1b[0m it broke\nat line 3\n")
    assert main(["say", "-"]) == 0
    assert engine.sent[-1] == SendChat("error: it broke\nat line 3")
    assert capsys.readouterr() == ("said to 3 people in standup\n", "")


def test_of_much_only_the_end_is_said_and_that_is_told(
    engine: EngineServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = b"".join(b"line %07d\n" % number for number in range(200_000))
    pipe(monkeypatch, data)
    assert main(["say", "-"]) == 0
    sent = engine.sent[-1]
    assert isinstance(sent, SendChat)
    first, second, *_, last = sent.text.split("\n")
    assert first.startswith("[only the end: ")
    assert f"of {len(data)} bytes" in first
    assert second.startswith("line ")
    assert last == "line 0199999"
    assert "only the end was sent" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["é" * 40_000, "x" * 16_385, "\n".join("a" * 2000), "𝄞" * 9000])
def test_what_is_sent_is_never_cut_again(text: str) -> None:
    sent, note = end_of_text(text, len(text.encode()))
    assert note
    assert clean_text(sent) == sent
    line = FRONT_END_FRAMES.encode(Request(1, COMMANDS.to_dict(SendChat(sent))))
    assert len(line) < MAX_LINE_BYTES


def test_what_just_fits_is_sent_whole() -> None:
    for text in ("x" * MAX_BYTES, "\n".join("a" * MAX_LINES)):
        assert end_of_text(text, len(text)) == (text, "")


def test_a_stream_without_end_fills_no_memory() -> None:
    class Endless(io.RawIOBase):
        left = 500

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return b"y\n" * (size // 2) if self.left else b""

    held, total = read_end(Endless())  # type: ignore[arg-type]  # it reads like a file
    assert total > 30_000_000
    assert len(held) <= 4 * MAX_BYTES


@pytest.mark.parametrize("text", ["", " \n ", "\x1b[0m"])
def test_nothing_visible_is_nothing_to_say(text: str) -> None:
    with pytest.raises(UsageError, match="nothing to say"):
        end_of_text(text, len(text))


def test_the_end_begins_at_the_beginning_of_a_line() -> None:
    text = "\n".join(f"line {number:0100}" for number in range(400))
    _, first, *_ = end_of_text(text, len(text)).text.split("\n")
    assert first.startswith("line 0")
