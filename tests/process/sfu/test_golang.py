import sys
from pathlib import Path

import pytest

from tests.process.sfu.conftest import RecordingReporter
from woxly_tui.errors import SfuError
from woxly_tui.sfu import golang
from woxly_tui.sfu.golang import build_server, parse_go_version

FAKE_GO = """#!/bin/sh
if [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit; fi
[ "$CGO_ENABLED" = 0 ] || exit 9
{build}
"""


def fake_go(folder: Path, version: str, build: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "go"
    program.write_text(FAKE_GO.format(version=version, build=build))
    program.chmod(0o755)
    return program


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def only_go(monkeypatch: pytest.MonkeyPatch, go: Path | None) -> None:
    """Nothing is on PATH but this Go."""
    found = {"go": str(go) if go else None}
    monkeypatch.setattr("shutil.which", found.get)
    monkeypatch.setattr("os.access", lambda path, _mode: str(path) == found["go"])


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26)),
        ("go version go1.27rc1 darwin/arm64", (1, 27)),
        ("command not found", None),
    ],
)
def test_versions_of_go(text: str, version: tuple[int, int] | None) -> None:
    assert parse_go_version(text) == version


async def test_the_systems_go_builds_the_pinned_version(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reporter: RecordingReporter
) -> None:
    monkeypatch.setenv("LIVEKIT_API_SECRET", "s3cret")
    build = 'mkdir -p "$GOBIN"; echo "$LIVEKIT_API_SECRET$@" > "$GOBIN/server"'
    only_go(monkeypatch, fake_go(tmp_path / "sys", "1.26.8", build))
    built = await build_server(work, reporter)
    words = built.read_text()
    assert words.startswith("install ")
    assert words.endswith("livekit-server/cmd/server@v1.13.5\n")
    assert len(reporter.steps) == 1
    assert reporter.seconds


async def test_a_failed_build_says_what_go_said(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reporter: RecordingReporter
) -> None:
    build = "echo 'dial tcp: no such host' >&2; exit 1"
    only_go(monkeypatch, fake_go(tmp_path / "sys", "1.26.8", build))
    with pytest.raises(SfuError, match=r"`go` failed with code 1: dial tcp: no such host"):
        await build_server(work, reporter)


async def test_an_old_go_is_passed_over_for_one_from_pypi(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reporter: RecordingReporter
) -> None:
    only_go(monkeypatch, fake_go(tmp_path / "sys", "1.22.0", "exit 7"))
    build = 'mkdir -p "$GOBIN"; echo "$GOPATH" > "$GOBIN/server"'
    new = fake_go(tmp_path / "new", "1.27.3", build)

    def copies(target: Path) -> list[str]:
        script = "import shutil, sys, pathlib; pathlib.Path(sys.argv[2]).mkdir(parents=True); "
        script += "shutil.copy(sys.argv[1], sys.argv[2])"
        return [sys.executable, "-c", script, str(new), str(target / "go" / "bin")]

    monkeypatch.setattr(golang, "_installer", copies)
    monkeypatch.setattr(golang, "_ROOM_BYTES", 0)
    built = await build_server(work, reporter)
    assert built.read_text().strip() == str(work / "gopath")
    assert reporter.steps[0].startswith("getting Go")


async def test_without_go_uv_and_pip_it_says_so(
    work: Path, monkeypatch: pytest.MonkeyPatch, reporter: RecordingReporter
) -> None:
    only_go(monkeypatch, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr(golang, "_ROOM_BYTES", 0)
    with pytest.raises(SfuError, match="neither uv nor pip"):
        await build_server(work, reporter)


async def test_too_little_disk_is_said_before_anything_is_fetched(
    work: Path, monkeypatch: pytest.MonkeyPatch, reporter: RecordingReporter
) -> None:
    only_go(monkeypatch, None)
    monkeypatch.setattr(golang, "_ROOM_BYTES", 1 << 60)
    with pytest.raises(SfuError, match="free disk"):
        await build_server(work, reporter)
