import asyncio
import os
from pathlib import Path

import pytest

from tests.process.sfu.conftest import GOOD_PROGRAM, RecordingReporter, ReleaseSite
from woxly_tui.errors import SfuError
from woxly_tui.sfu import install
from woxly_tui.sfu.install import ensure_server, find_server
from woxly_tui.sfu.release import fetch_release
from woxly_tui.sfu.reporter import Reporter


async def fails(_folder: Path, _reporter: Reporter) -> Path:
    raise SfuError("this way is closed")


async def makes(folder: Path, _reporter: Reporter) -> Path:
    program = folder / "server"
    program.write_bytes(GOOD_PROGRAM)
    return program


async def test_a_fetched_server_is_kept_and_found_again(
    cache: Path, site: ReleaseSite, reporter: RecordingReporter
) -> None:
    binary = await ensure_server(reporter, (fetch_release,))
    assert binary == cache / "1.13.5" / "livekit-server"
    assert os.access(binary, os.X_OK)
    hits = len(site.hits)
    assert await ensure_server(reporter, (fetch_release,)) == binary
    assert len(site.hits) == hits
    assert list(cache.glob("tmp-*")) == []


@pytest.mark.usefixtures("cache")
async def test_the_next_way_is_tried_and_the_failure_told(reporter: RecordingReporter) -> None:
    binary = await ensure_server(reporter, (fails, makes))
    assert binary.is_file()
    assert reporter.notes == ["this way is closed"]


async def test_when_no_way_works_the_remedy_says_how(
    cache: Path, reporter: RecordingReporter
) -> None:
    with pytest.raises(SfuError, match="this way is closed") as caught:
        await ensure_server(reporter, (fails,))
    for word in ("brew install livekit", "docker run", "PATH"):
        assert word in caught.value.remedy
    assert list(cache.glob("tmp-*")) == []


@pytest.mark.usefixtures("cache")
async def test_a_program_that_does_not_run_is_not_kept(reporter: RecordingReporter) -> None:
    async def makes_broken(folder: Path, _reporter: Reporter) -> Path:
        (folder / "server").write_bytes(b"#!/bin/sh\nexit 3\n")
        return folder / "server"

    with pytest.raises(SfuError, match=r"does not run here \(code 3\)"):
        await ensure_server(reporter, (makes_broken,))
    assert find_server() is None


@pytest.mark.usefixtures("cache")
async def test_two_at_once_get_it_once(reporter: RecordingReporter) -> None:
    made = 0

    async def slowly(folder: Path, reporter: Reporter) -> Path:
        nonlocal made
        made += 1
        await asyncio.sleep(0.1)
        return await makes(folder, reporter)

    both = await asyncio.gather(
        ensure_server(reporter, (slowly,)), ensure_server(reporter, (slowly,))
    )
    assert both[0] == both[1]
    assert made == 1
    assert any("another woxly" in step for step in reporter.steps)


async def test_cancelled_it_leaves_nothing_and_frees_the_lock(
    cache: Path, reporter: RecordingReporter
) -> None:
    entered = asyncio.Event()

    async def hangs(folder: Path, _reporter: Reporter) -> Path:
        (folder / "half").write_bytes(b"half a download")
        entered.set()
        await asyncio.sleep(60)
        return folder

    async with asyncio.TaskGroup() as group:
        task = group.create_task(ensure_server(reporter, (hangs,)))
        await entered.wait()
        task.cancel()
    assert list(cache.glob("tmp-*")) == []
    assert (await ensure_server(reporter, (makes,))).is_file()


async def test_what_a_killed_installer_left_is_removed(
    cache: Path, reporter: RecordingReporter
) -> None:
    stale = cache / "tmp-stale"
    stale.mkdir(parents=True)
    (stale / "half").write_bytes(b"half a download")
    await ensure_server(reporter, (makes,))
    assert not stale.exists()


@pytest.mark.usefixtures("cache")
async def test_the_variable_names_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reporter: RecordingReporter
) -> None:
    own = tmp_path / "my-server"
    own.write_bytes(GOOD_PROGRAM)
    monkeypatch.setenv(install.BINARY_VARIABLE, str(own))
    with pytest.raises(SfuError, match="not a program"):
        await ensure_server(reporter, ())
    own.chmod(0o755)
    assert await ensure_server(reporter, ()) == own


async def test_a_cache_that_cannot_be_written_is_said_plainly(
    cache: Path, reporter: RecordingReporter
) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(SfuError, match="cannot be used"):
        await ensure_server(reporter, (makes,))
