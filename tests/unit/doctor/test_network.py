import dataclasses
import email.utils
import http.server
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from woxly_tui.doctor.network import (
    Page,
    Place,
    _certificate_remedy,
    check_livekit,
    check_port,
    check_tls,
    judge_clock,
    judge_livekit,
)

NOW = 1_800_000_000.0


def page(status: int, body: str = "", date: str = "") -> Page:
    return Page(status, body, date, NOW, 0.01)


class Nothing(http.server.BaseHTTPRequestHandler):
    """A web server that is no LiveKit server."""

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.send_error(404)


@pytest.fixture
def web() -> Iterator[Place]:
    with http.server.HTTPServer(("127.0.0.1", 0), Nothing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Place("127.0.0.1", server.server_port, is_tls=False)
        server.shutdown()
        thread.join()


def test_urls_become_places() -> None:
    assert Place.of("wss://h.example/lk") == Place("h.example", 443, is_tls=True, path="/lk")
    assert Place.of("ws://[::1]:7880") == Place("::1", 7880, is_tls=False)


def test_a_closed_port_and_an_unknown_host_are_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        found = check_port(Place("127.0.0.1", port, is_tls=False))
    assert (found.status, "connection refused" in found.evidence) == ("bad", True)
    found = check_port(Place("no-such-host.invalid", 1, is_tls=False))
    assert (found.status, "is unknown" in found.evidence) == ("bad", True)


def test_a_web_server_is_not_taken_for_livekit(web: Place) -> None:
    assert check_port(web).status == "ok"
    found = check_livekit(web)
    assert (found.status, "not a LiveKit server" in found.evidence) == ("bad", True)


def test_tls_to_a_plain_port_is_named(web: Place) -> None:
    found = check_tls(Place(web.host, web.port, is_tls=True))
    assert found is not None
    assert (found.status, "speaks no TLS" in found.evidence) == ("bad", True)
    assert check_tls(web) is None


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (page(401, "no permissions to access the room"), "ok", "LiveKit server answers"),
        (page(400, "Client sent an HTTP request to an HTTPS server."), "bad", "speaks TLS"),
        (page(502), "bad", "a proxy without its server"),
        (page(200, "<html>"), "bad", "not a LiveKit server"),
        ("it speaks no HTTP (BadStatusLine)", "bad", "speaks no HTTP"),
    ],
)
def test_what_answers_is_told_from_its_answer(answer: Page | str, status: str, words: str) -> None:
    found = judge_livekit(answer)
    assert (found.status, words in found.evidence) == (status, True)


@pytest.mark.parametrize(
    ("off_s", "status", "words"),
    [
        (0.0, "ok", "to a second or two"),
        (-30.0, "note", "30 seconds behind"),
        (86400.0, "bad", "1.0 days ahead"),
    ],
)
def test_clocks_are_compared(off_s: float, status: str, words: str) -> None:
    date = email.utils.formatdate(NOW - off_s - 0.5, usegmt=True)
    found = judge_clock(page(200, date=date))
    assert (found.status, words in found.evidence) == (status, True)


@pytest.mark.parametrize("answer", [page(200), page(200, date="yesterday"), "refused"])
def test_a_server_without_a_clock_is_no_fault(answer: Page | str) -> None:
    assert judge_clock(answer).status == "note"


class Tls:
    """A port that speaks TLS, with a certificate nobody trusts."""

    def __init__(self, folder: Path) -> None:
        files = ["-keyout", str(folder / "key"), "-out", str(folder / "certificate")]
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other"]
        subprocess.run([*words, *files], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "certificate", folder / "key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nothing)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Place]:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate")
    server = Tls(tmp_path).server
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Place("127.0.0.1", server.server_port, is_tls=True)
        server.shutdown()
        thread.join()


def test_a_url_that_forgets_tls_is_told_so(tls: Place) -> None:
    found = check_livekit(dataclasses.replace(tls, is_tls=False))
    assert (found.status, found.remedy) == ("bad", "use wss:// in the URL")


def test_a_certificate_that_nobody_trusts_is_named(tls: Place) -> None:
    found = check_tls(tls)
    assert found is not None
    assert (found.status, "self-signed" in found.evidence) == ("bad", True)
    assert "Let's Encrypt" in found.remedy


@pytest.mark.parametrize(
    ("code", "word"),
    [(9, "clock"), (10, "renews"), (62, "host name"), (18, "issuer"), (99, "trust")],
)
def test_each_fault_of_a_certificate_has_its_own_remedy(code: int, word: str) -> None:
    assert word in _certificate_remedy(code)
