import hashlib
import io
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from tests.process.sfu.conftest import ASSET, GOOD_PROGRAM, RecordingReporter, ReleaseSite, tar_of
from woxly_tui.errors import SfuError
from woxly_tui.sfu import release
from woxly_tui.sfu.release import asset_name, fetch_release


@pytest.mark.parametrize(
    ("system", "machine", "asset"),
    [
        ("Linux", "x86_64", "livekit_1.13.5_linux_amd64.tar.gz"),
        ("Linux", "aarch64", "livekit_1.13.5_linux_arm64.tar.gz"),
        ("Linux", "armv7l", "livekit_1.13.5_linux_armv7.tar.gz"),
        ("Windows", "AMD64", "livekit_1.13.5_windows_amd64.zip"),
        ("Darwin", "arm64", None),
        ("Linux", "riscv64", None),
        ("FreeBSD", "amd64", None),
    ],
)
def test_asset_of_each_platform(system: str, machine: str, asset: str | None) -> None:
    assert asset_name(system, machine) == asset


async def test_a_good_release_is_fetched_and_unpacked(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    binary = await fetch_release(tmp_path, reporter)
    assert binary.read_bytes() == GOOD_PROGRAM
    assert reporter.bytes[-1] == (len(site.archive), len(site.archive))
    assert [path.name for path in tmp_path.iterdir()] == ["livekit-server"]


async def test_a_wrong_checksum_is_refused_and_the_file_removed(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    site.checksums = f"{'0' * 64}  {ASSET}\n"
    with pytest.raises(SfuError, match="checksum is wrong"):
        await fetch_release(tmp_path, reporter)
    assert list(tmp_path.iterdir()) == []


async def test_an_archive_that_is_not_listed_is_not_downloaded(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    site.checksums = f"{'0' * 64}  another.tar.gz\n"
    with pytest.raises(SfuError, match="does not list"):
        await fetch_release(tmp_path, reporter)
    assert site.hits == ["/v1.13.5/checksums.txt"]


async def test_a_truncated_download_is_refused(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    site.truncate_at = 40
    with pytest.raises(SfuError, match="could not be fetched"):
        await fetch_release(tmp_path, reporter)


async def test_a_missing_release_names_the_answer(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    site.missing = True
    with pytest.raises(SfuError, match="answered 404"):
        await fetch_release(tmp_path, reporter)


async def test_a_server_that_hangs_is_given_up(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    site.hangs = True
    began = time.monotonic()
    with pytest.raises(SfuError, match="does not answer"):
        await fetch_release(tmp_path, reporter, read_timeout_s=0.3)
    assert time.monotonic() - began < 3


async def test_offline_fails_at_once(
    tmp_path: Path, reporter: RecordingReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(release.RELEASES_VARIABLE, "http://127.0.0.1:1")
    monkeypatch.setattr(release, "asset_name", lambda _system, _machine: ASSET)
    with pytest.raises(SfuError, match="could not be fetched"):
        await fetch_release(tmp_path, reporter)


async def test_no_path_of_the_archive_is_ever_used(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    site.archive = tar_of({"../../evil": b"x", "../../up/livekit-server": GOOD_PROGRAM})
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert await fetch_release(inner, reporter) == inner / "livekit-server"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "livekit-server"]


async def test_a_link_in_place_of_the_program_is_not_followed(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        link = tarfile.TarInfo("livekit-server")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    site.archive = packed.getvalue()
    with pytest.raises(SfuError, match="does not hold livekit-server"):
        await fetch_release(tmp_path, reporter)


async def test_rubbish_with_the_right_checksum_is_refused(
    site: ReleaseSite, tmp_path: Path, reporter: RecordingReporter
) -> None:
    site.archive = b"this is no archive"
    with pytest.raises(SfuError, match="cannot be unpacked"):
        await fetch_release(tmp_path, reporter)


@pytest.mark.usefixtures("site")
async def test_a_full_disk_is_said_plainly(
    tmp_path: Path, reporter: RecordingReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_archive: Path, _binary: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(release, "_unpack", full)
    with pytest.raises(SfuError, match="disk is full") as caught:
        await fetch_release(tmp_path, reporter)
    assert "150 MB" in caught.value.remedy


async def test_windows_gets_its_zip(
    site: ReleaseSite,
    tmp_path: Path,
    reporter: RecordingReporter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Windows")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("LICENSE", "text")
        archive.writestr("livekit-server.exe", b"MZ")
    site.archive = packed.getvalue()
    asset = "livekit_1.13.5_windows_amd64.zip"
    site.checksums = f"{hashlib.sha256(site.archive).hexdigest()} *{asset}\n"
    binary = await fetch_release(tmp_path, reporter)
    assert (binary.name, binary.read_bytes()) == ("livekit-server.exe", b"MZ")
