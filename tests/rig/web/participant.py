"""Starts Chromium on a page that joins a call, and talks to that page over loopback HTTP."""

import asyncio
import contextlib
import http.server
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

from tests.rig.process import Message
from tests.rig.pulse import clean_env
from tests.rig.sfu import LiveKitServer
from woxly_tui.server.web.client import (
    FILE_VARIABLE,
    SCRIPT,
    VERSION,
    ClientMissing,
    get_script,
)

_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


class Unavailable(Exception):
    """This machine has no browser, or cannot get the client."""


def find_chromium() -> str:
    """A Chromium on PATH.

    Raises:
        Unavailable: There is none.
    """
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    raise Unavailable("no Chromium on PATH")


def fetch_client(folder: Path) -> Path:
    """The client as one script, got once as `woxly serve` gets it.

    Raises:
        Unavailable: There is no npm, or it cannot get it.
    """
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named)
    try:
        asyncio.run(get_script(folder, os.environ))
    except ClientMissing as error:
        raise Unavailable(str(error)) from error
    return folder / VERSION / SCRIPT


class _Site(http.server.ThreadingHTTPServer):
    """Serves the page and the script, collects reports, hands out commands."""

    daemon_threads = True

    def __init__(self, script: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {
            "/": ("text/html", Path(__file__).with_name("page.html").read_bytes()),
            f"/{SCRIPT}": ("text/javascript", script.read_bytes()),
        }
        self.commands: queue.Queue[str] = queue.Queue()
        self.reports: list[Message] = []
        self.changed = threading.Condition()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Site

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/command":
            try:
                command = self.server.commands.get(timeout=5)
            except queue.Empty:
                command = ""
            self._answer("application/json", json.dumps({"command": command}).encode())
        elif path in self.server.files:
            self._answer(*self.server.files[path])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.changed:
            self.server.reports.append({**report, "_at": time.monotonic()})
            self.server.changed.notify_all()
        self._answer("text/plain", b"")

    def _answer(self, kind: str, body: bytes) -> None:
        try:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # the browser has gone

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing on the terminal."""


class WebParticipant:
    """A browser in a call. Its sound comes out of the devices of `env`.

    Args:
        hz: The tone it sends; 0 for its microphone instead.
    """

    def __init__(
        self,
        sfu: LiveKitServer,
        room: str,
        identity: str,
        env: Mapping[str, str],
        *,
        hz: float,
        script: Path,
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="rig-web-"))
        self._site = _Site(script)
        self._thread = threading.Thread(target=self._site.serve_forever, daemon=True)
        self._thread.start()
        parameters = urlencode({"url": sfu.url, "token": sfu.token(room, identity), "hz": hz})
        page = f"http://127.0.0.1:{self._site.server_port}/?{parameters}"
        self._log = (self._home / "chromium.log").open("wb")
        self._browser = subprocess.Popen(
            [find_chromium(), *_FLAGS, f"--user-data-dir={self._home / 'profile'}", page],
            env=clean_env() | {"HOME": str(self._home)} | dict(env),
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def wait_for(
        self, what: str, wanted: Callable[[Message], bool], timeout_s: float = 10.0, since: int = 0
    ) -> Message:
        """The first report from number `since` on that is wanted.

        Raises:
            AssertionError: It did not come in time, or the page failed.
        """
        deadline = time.monotonic() + timeout_s
        with self._site.changed:
            while True:
                for report in self._site.reports[since:]:
                    assert report["type"] != "failed", f"the page failed: {report['text']}"
                    if wanted(report):
                        return report
                left = deadline - time.monotonic()
                assert left > 0, f"no {what} within {timeout_s} s; got {self._site.reports[-6:]}"
                self._site.changed.wait(left)

    def reports(self) -> int:
        """How many reports there are so far."""
        return len(self._site.reports)

    def do(self, command: str) -> None:
        """`mute`, `unmute`, `leave`, `say TEXT`, `attach TEXT`, `garble`; returns when it is done.

        `page.html` says what each does.
        """
        since = len(self._site.reports)
        self._site.commands.put(command)
        self.wait_for(command, lambda r: r.get("command") == command, since=since)

    def close(self) -> None:
        """End the browser with all its processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._browser.pid, signal.SIGKILL)
        self._browser.wait(timeout=10)
        self._log.close()
        self._site.shutdown()
        self._site.server_close()
        self._thread.join(timeout=5)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
