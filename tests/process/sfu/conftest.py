"""A stand-in for the release server, and an empty cache."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from woxly_tui.sfu import install, release

ASSET = f"livekit_{release.VERSION}_linux_amd64.tar.gz"

GOOD_PROGRAM = b"#!/bin/sh\necho livekit-server version 1.13.5\n"


class RecordingReporter:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.notes: list[str] = []
        self.bytes: list[tuple[int, int | None]] = []
        self.seconds: list[float] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def progress(self, done_bytes: int, total_bytes: int | None) -> None:
        self.bytes.append((done_bytes, total_bytes))

    def elapsed(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def note(self, text: str) -> None:
        self.notes.append(text)


def tar_of(members: dict[str, bytes]) -> bytes:
    """A .tar.gz of the given members."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


@dataclass
class ReleaseSite:
    """Serves one version; what it does wrong is set by the test."""

    archive: bytes = b""
    checksums: str | None = None
    missing: bool = False
    truncate_at: int | None = None
    hang: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False
    hits: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.archive = tar_of({"LICENSE": b"text", "livekit-server": GOOD_PROGRAM})

    def answer(self, path: str) -> bytes | None:
        if self.missing or not path.startswith(f"/v{release.VERSION}/"):
            return None
        if path.endswith("/checksums.txt"):
            if self.checksums is not None:
                return self.checksums.encode()
            return f"{hashlib.sha256(self.archive).hexdigest()}  {ASSET}\n".encode()
        return self.archive


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseSite]:
    site = ReleaseSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.hits.append(self.path)
            if site.hangs:
                site.hang.wait(10)
                return
            body = site.answer(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            whole = body or b""
            cut = site.truncate_at if self.path.endswith(".gz") else None
            self.wfile.write(whole[:cut])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv(release.RELEASES_VARIABLE, f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    yield site
    site.hang.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reporter() -> RecordingReporter:
    return RecordingReporter()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no server anywhere else."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(install, "cache_folder", lambda: folder)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.delenv(install.BINARY_VARIABLE, raising=False)
    return folder
