import logging
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from woxly_tui._lib import logs


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log folder of our own, and the process's logging as it was."""
    monkeypatch.setattr(logs, "log_folder", lambda: tmp_path / "log")
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    root = logging.getLogger()
    level, before = root.level, list(root.handlers)
    yield tmp_path / "log"
    logging.captureWarnings(capture=False)
    root.setLevel(level)
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()


def test_a_log_is_private_and_named_after_the_process(folder: Path) -> None:
    path = logs.setup_logging()
    logging.getLogger("woxly").info("hello")
    assert path == folder / f"woxly-{os.getpid()}.log"
    assert "hello" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_tokens_and_secrets_are_blotted_out_tracebacks_included() -> None:
    path = logs.setup_logging(secrets=["hush-hush", ""])
    try:
        raise ValueError("signed with hush-hush")
    except ValueError:
        logging.getLogger().exception("url ws://h?access_token=eyJhbGci.eyJzdWIi.Sig-_9 end")
    text = path.read_text()
    assert "hush-hush" not in text
    assert "eyJ" not in text
    assert "<token> end" in text
    assert "signed with <secret>" in text


def test_the_level_decides_what_is_written() -> None:
    path = logs.setup_logging("warning")
    logging.getLogger("woxly").info("quiet")
    logging.getLogger("woxly").warning("loud")
    assert "quiet" not in path.read_text()
    assert "loud" in path.read_text()


def test_a_second_setup_replaces_the_first() -> None:
    logs.setup_logging()
    path = logs.setup_logging()
    logging.getLogger().error("once")
    assert path.read_text().count("once") == 1


def test_a_log_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_LOG_BYTES", 2000)
    logs.setup_logging()
    for _ in range(100):
        logging.getLogger().error("x" * 100)
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 4500
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_old_files_go(folder: Path) -> None:
    folder.mkdir()
    for number in range(30):
        old = folder / f"woxly-{number}.log"
        old.touch()
        os.utime(old, (number, number))
    logs.setup_logging()
    assert len(list(folder.iterdir())) == logs.MAX_LOG_FILES
    assert not (folder / "woxly-0.log").exists()
    assert (folder / "woxly-29.log").exists()


def test_the_worker_log_is_set_aside_when_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_LOG_BYTES", 10)
    path = logs.worker_log_path()
    path.write_text("x" * 11)
    assert logs.worker_log_path() == path
    assert path.stat().st_size == 0
    assert (folder / f"{path.name}.1").read_text() == "x" * 11


def test_a_folder_that_cannot_be_made_loses_the_log_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(logs, "log_folder", lambda: tmp_path / "file" / "log")
    assert logs.setup_logging() == Path(os.devnull)
    assert logs.worker_log_path() == Path(os.devnull)
    logging.getLogger().error("dropped")


def test_a_crash_goes_to_the_log_even_when_none_was_set_up() -> None:
    path = logs.log_crash(ValueError("oh"))
    assert "ValueError: oh" in path.read_text()


def test_what_others_wrote_cannot_move_a_readers_terminal() -> None:
    record = logging.makeLogRecord({"msg": "topic \x1b[2J\u202e %s", "args": ("\x9b31m\nnext",)})
    text = logs.RedactingFormatter().format(record)
    assert text.endswith("topic \\x1b[2J\\x202e \\x9b31m\nnext")


def test_a_stream_somebody_else_opened_is_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_LOG_BYTES", 1000)
    path = tmp_path / "worker.log"
    with path.open("a") as stream:
        handler = logs.BoundedStream(stream)
        for number in range(200):
            handler.emit(logging.makeLogRecord({"msg": f"line {number} {'x' * 40}"}))
    assert path.stat().st_size < 1100
    assert "line 199" in path.read_text()


def test_a_full_disk_costs_the_log_and_not_the_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = logs.setup_logging()
    (handler,) = (one for one in logging.getLogger().handlers if isinstance(one, logs._PrivateFile))
    with monkeypatch.context() as full:
        full.setattr(logs, "_open_private", lambda _: os.open("/dev/full", os.O_WRONLY))
        handler.handle(logging.makeLogRecord({"msg": "lost"}))
    assert capsys.readouterr().err == ""
    assert path.read_text() == ""
    handler.handle(logging.makeLogRecord({"msg": "%d", "args": ("no number",)}))
    assert "Logging error" in capsys.readouterr().err
    logs.setup_logging()
