"""Getting livekit-client: whatever happens, what is served is the original or nothing."""

import asyncio
import base64
import hashlib
import http.server
import io
import os
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from woxly_tui.server.web import client
from woxly_tui.server.web.client import (
    FILE_VARIABLE,
    REGISTRY_VARIABLE,
    SCRIPT,
    VERSION,
    ClientMissing,
    ClientScript,
    get_script,
    unpacked,
)

BODY: Final = b"var LivekitClient = {};"


def package(body: bytes = BODY) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        entry = tarfile.TarInfo(f"package/dist/{SCRIPT}")
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    return made.getvalue()


def believe(monkeypatch: pytest.MonkeyPatch, made: bytes, body: bytes = BODY) -> None:
    """Make a package of our own the right one."""
    integrity = base64.b64encode(hashlib.sha512(made).digest()).decode()
    monkeypatch.setattr(client, "INTEGRITY", integrity)
    monkeypatch.setattr(client, "SCRIPT_SHA256", hashlib.sha256(body).hexdigest())


class _Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        server.asked.append(self.path)
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    status = 200
    body = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Registry)
        self.asked: list[str] = []

    @property
    def environ(self) -> dict[str, str]:
        return {REGISTRY_VARIABLE: f"http://127.0.0.1:{self.server_port}/npm/", "PATH": ""}


@pytest.fixture
def registry() -> Iterator[_Server]:
    server = _Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


async def test_a_registry_s_package_is_kept_and_not_asked_for_again(
    registry: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.body = package()
    believe(monkeypatch, registry.body)
    for _ in range(2):
        assert await get_script(tmp_path, registry.environ) == BODY
    assert registry.asked == [f"/npm/livekit-client/-/livekit-client-{VERSION}.tgz"]
    assert [path.name for path in tmp_path.iterdir()] == [VERSION]


async def test_a_copy_that_was_changed_is_got_anew(
    registry: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.body = package()
    believe(monkeypatch, registry.body)
    kept = tmp_path / VERSION / SCRIPT
    kept.parent.mkdir()
    kept.write_bytes(BODY + b"evil()")
    assert await get_script(tmp_path, registry.environ) == BODY
    assert kept.read_bytes() == BODY


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, package(), "its checksum is wrong"),
        (200, b"<html>", "its checksum is wrong"),
        (404, b"no", "cannot be got from WOXLY_NPM_REGISTRY"),
    ],
)
async def test_anything_else_is_refused_and_nothing_kept(
    registry: _Server, tmp_path: Path, status: int, body: bytes, why: str
) -> None:
    registry.status, registry.body = status, body
    with pytest.raises(ClientMissing, match=why) as caught:
        await get_script(tmp_path, registry.environ)
    assert "WOXLY_LIVEKIT_CLIENT" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


async def test_a_flood_is_cut_off(
    registry: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_MAX_PACKAGE_BYTES", 1000)
    registry.body = b"x" * 100_000
    with pytest.raises(ClientMissing, match="too large"):
        await get_script(tmp_path, registry.environ)


def test_the_right_package_with_another_script_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = package(b"other")
    believe(monkeypatch, made)
    with pytest.raises(ClientMissing, match="holds another"):
        unpacked(made)


async def test_without_npm_the_remedy_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClientMissing, match="no npm") as caught:
        await get_script(tmp_path, {"PATH": str(tmp_path)})
    assert "install npm" in caught.value.remedy


async def test_an_npm_that_fails_is_quoted(tmp_path: Path) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho 'npm error network is down' >&2\nexit 1\n")
    npm.chmod(0o755)
    with pytest.raises(ClientMissing, match="network is down"):
        await get_script(tmp_path / "cache", {"PATH": str(npm.parent)})


async def test_a_named_file_ends_the_search(tmp_path: Path) -> None:
    named = tmp_path / "mine.js"
    named.write_bytes(BODY)
    assert await get_script(tmp_path / "cache", {FILE_VARIABLE: str(named)}) == BODY
    named.write_bytes(b"<html>")
    with pytest.raises(ClientMissing, match="is not livekit-client"):
        await get_script(tmp_path / "cache", {FILE_VARIABLE: str(named)})
    with pytest.raises(ClientMissing, match="No such file"):
        await get_script(tmp_path / "cache", {FILE_VARIABLE: str(tmp_path / "none")})


async def test_trouble_is_told_once_and_overcome_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RETRY_S", (0.01,))
    named = tmp_path / "mine.js"
    told: list[ClientMissing] = []
    has_told = asyncio.Event()

    def tell(trouble: ClientMissing) -> None:
        told.append(trouble)
        has_told.set()

    script = ClientScript(tmp_path, environ={FILE_VARIABLE: str(named)}, on_trouble=tell)
    script.start()
    async with asyncio.timeout(5):
        await has_told.wait()
        assert (script.file, script.trouble) == (None, told[0])
        named.write_bytes(BODY)
        await asyncio.gather(*script._tasks._tasks)  # it ends once the script is here
    await script.aclose()
    assert getattr(script.file, "body", None) == BODY
    assert len(told) == 1


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm here")
async def test_npm_gets_the_very_script_that_is_pinned(
    request: pytest.FixtureRequest,
) -> None:
    folder = request.config.cache.mkdir("livekit-client")
    try:
        body = await get_script(folder, os.environ)
    except ClientMissing as error:
        pytest.skip(str(error))
    assert hashlib.sha256(body).hexdigest() == client.SCRIPT_SHA256
    assert b"LivekitClient" in body
