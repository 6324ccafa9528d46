"""Where engines are looked for."""

import os
from pathlib import Path

import pytest

from woxly_tui.control.paths import engine_paths, private_folder
from woxly_tui.errors import UsageError, WoxlyError


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WOXLY_ENGINE", raising=False)
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))


def test_the_usual_engine(tmp_path: Path) -> None:
    paths = engine_paths()
    assert paths.socket == tmp_path / "run" / "engine.sock"
    assert paths.lock == tmp_path / "run" / "engine.lock"
    assert paths.call == tmp_path / "run" / "engine.call"


def test_an_engine_is_named_by_argument_before_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WOXLY_ENGINE", "second")
    assert engine_paths().socket.name == "second.sock"
    assert engine_paths("third").socket.name == "third.sock"


@pytest.mark.parametrize("name", ["../x", "a b", "-x", "ü", "x" * 33, "a/b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        engine_paths(name)


def test_the_folder_is_made_private_and_kept_so(tmp_path: Path) -> None:
    paths = engine_paths()
    assert private_folder(paths) == tmp_path / "run"
    (tmp_path / "run").chmod(0o755)
    private_folder(paths)
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o777)
    with pytest.raises(WoxlyError, match="only you"):
        private_folder(engine_paths())


def test_a_link_to_a_folder_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WoxlyError, match="only you"):
        private_folder(engine_paths())


def test_a_private_runtime_directory_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("WOXLY_RUNTIME_DIR")
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert engine_paths().folder == runtime / "woxly"


@pytest.mark.parametrize("runtime", ["", "relative", "/nowhere/at/all", "open"])
def test_one_that_is_not_private_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runtime: str
) -> None:
    monkeypatch.delenv("WOXLY_RUNTIME_DIR")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    given = str(tmp_path / "open") if runtime == "open" else runtime
    monkeypatch.setenv("XDG_RUNTIME_DIR", given)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert engine_paths().folder == tmp_path / "woxly-4000000"


def test_a_path_too_long_for_a_socket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", "/tmp/" + "x" * 100)  # noqa: S108 - never made
    with pytest.raises(UsageError, match="too long"):
        engine_paths()
