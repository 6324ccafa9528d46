"""Signing in: servers that are none, that fail or take for ever; accounts, one and several."""

import io
import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from woxly_tui.cli.main import main
from woxly_tui.errors import ExitCode
from woxly_tui.lobby import rest

PASSWORD: Final = "Correct-1-horse"
USER: Final = {"id": 3, "username": "annie", "woxlyId": "WX1003", "twoFactorSecret": "SECRET"}
SIGNED_IN: Final = {"user": USER, "accessToken": "acc-3", "refreshToken": "ref-3"}


class Server(ThreadingHTTPServer):
    """Answers each request with the next of a list, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, dict[str, str], str]] = []
        self.asked: list[tuple[str, str]] = []
        self.waits_s = 0.0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are what is tested here."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def says(self, status: int, body: Any, **headers: str) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "text/html" if isinstance(body, str) else "application/json"
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, {"Content-Type": kind} | shown, text))


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append((self.path, body.decode()))
        time.sleep(self.server.waits_s)
        answers = self.server.answers
        status, headers, text = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.shutdown()
    made.server_close()


Typing = Callable[..., int]


@pytest.fixture
def type_(monkeypatch: pytest.MonkeyPatch) -> Typing:
    monkeypatch.setenv("WOXLY_KEYRING", "off")

    def typed(*words: str, stdin: str = f"{PASSWORD}\n") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        return main(words)

    return typed


def login(server: Server, type_: Typing, *words: str) -> int:
    return type_("login", server.url, "--email", "annie@example.org", *words)


def html(server: Server) -> None:
    server.says(200, "<html><h1>Welcome</h1></html>")


def missing_page(server: Server) -> None:
    server.says(404, "<html>no such page</html>")


def redirect(server: Server) -> None:
    server.says(302, "<html>moved</html>", Location="https://elsewhere.example/login")


def wrong_password(server: Server) -> None:
    server.says(401, {"error": "Неверный email или пароль"})


def too_often(server: Server) -> None:
    server.says(429, {"error": "no"}, Retry_After="17")


def too_often_without_a_word(server: Server) -> None:
    server.says(429, "<html>slow down</html>")


def broken(server: Server) -> None:
    server.says(502, "<html>bad gateway</html>")


def failed(server: Server) -> None:
    server.says(500, {"error": "Ошибка входа"})


def other_json(server: Server) -> None:
    server.says(200, {"hello": "world"})


def slow(server: Server) -> None:
    server.says(200, SIGNED_IN)
    server.waits_s = 1.0


def hostile(server: Server) -> None:
    server.says(400, {"error": "a\x1b]0;owned\x07b\n\u202ec" * 9000})


@pytest.mark.parametrize(
    ("stage", "code", "words", "way_on"),
    [
        (html, ExitCode.UNREACHABLE, "is no Woxly server", "check the address"),
        (missing_page, ExitCode.UNREACHABLE, "is no Woxly server", "check the address"),
        (redirect, ExitCode.UNREACHABLE, "to https://elsewhere.example/login", "check the address"),
        (wrong_password, ExitCode.FAILED, "wrong e-mail address or password", "check e-mail"),
        (too_often, ExitCode.FAILED, "has had enough of us", "in 17 seconds"),
        (too_often_without_a_word, ExitCode.FAILED, "has had enough of us", "in a minute"),
        (broken, ExitCode.FAILED, "status 502", "try again later"),
        (failed, ExitCode.FAILED, "signing in failed there", "try again later"),
        (other_json, ExitCode.FAILED, "may be no Woxly server", "check the address"),
        (slow, ExitCode.UNREACHABLE, "did not answer within", "try again later"),
        (hostile, ExitCode.FAILED, "The server refuses: a", ""),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_whatever_answers_the_user_gets_one_sentence_and_a_way_on(
    server: Server,
    type_: Typing,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    stage: Callable[[Server], None],
    code: ExitCode,
    words: str,
    way_on: str,
) -> None:
    monkeypatch.setattr(rest, "ANSWER_LIMIT_S", 0.4)
    stage(server)
    assert login(server, type_) == code
    told = capsys.readouterr()
    assert told.out == ""
    sentence, *remedy = told.err.splitlines()
    assert words in sentence
    assert (way_on in remedy[0]) if way_on else remedy == []
    assert len(remedy) <= 1
    assert len(sentence) < 240
    assert not {"\x1b", "\x07", "\u202e"} & set(told.err)
    assert not list(home.rglob("accounts.json"))


def certificate(folder: Path, *options: str) -> tuple[Path, Path]:
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)]
    command += ["-out", str(cert), "-subj", "/CN=localhost", *options]
    subprocess.run(command, check=True, capture_output=True)
    return key, cert


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_certificate_that_nobody_signed_and_a_port_without_tls(
    server: Server, type_: Typing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html(server)
    key, cert = certificate(tmp_path)
    secure = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    for port in (secure.server_port, server.server_port):
        words = ("login", f"https://127.0.0.1:{port}", "--email", "annie@example.org")
        assert type_(*words) == ExitCode.UNREACHABLE
        sentence, remedy = capsys.readouterr().err.splitlines()
        assert "does not prove who it is" in sentence
        assert "clock" in remedy
    secure.shutdown()
    secure.server_close()


def test_nobody_there_and_addresses_that_are_none(
    type_: Typing, capsys: pytest.CaptureFixture[str]
) -> None:
    for address, code in [
        ("http://127.0.0.1:9", ExitCode.UNREACHABLE),
        ("http://woxly.example", ExitCode.USAGE),
        ("woxly.example", ExitCode.USAGE),
        ("https://", ExitCode.USAGE),
    ]:
        assert type_("login", address, "--email", "annie@example.org") == code
        assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_clock_that_is_off_by_a_day_is_said_and_stops_nothing(
    server: Server, type_: Typing, capsys: pytest.CaptureFixture[str]
) -> None:
    server.says(200, SIGNED_IN, Date=formatdate(time.time() - 86_400, usegmt=True))
    assert login(server, type_) == 0
    told = capsys.readouterr()
    assert "24 hours ahead of" in told.err
    assert "signed in" in told.out


def test_the_password_is_never_shown_nor_kept_and_nothing_secret_of_the_answer(
    server: Server, type_: Typing, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.says(200, SIGNED_IN)
    assert login(server, type_) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"signed in to 127.0.0.1:{server.server_port} as annie (WX1003)\n")
    assert "which only you can read (WOXLY_KEYRING is off)" in told.out
    kept = "".join(path.read_text() for path in home.rglob("*.json"))
    for secret in (PASSWORD, "SECRET"):
        assert secret not in told.out + told.err + kept
    assert json.loads(server.asked[0][1])["password"] == PASSWORD


def account(number: int, name: str) -> dict[str, Any]:
    user = {"id": number, "username": name, "woxlyId": f"WX100{number}"}
    return {"user": user, "accessToken": f"acc-{number}", "refreshToken": f"ref-{number}"}


def test_two_accounts_on_one_server_are_listed_chosen_and_signed_out(
    server: Server, type_: Typing, capsys: pytest.CaptureFixture[str]
) -> None:
    assert type_("accounts") == 0
    assert "no accounts here yet" in capsys.readouterr().out
    server.says(200, account(3, "annie"))
    server.says(201, account(4, "bobby"))
    server.says(200, {"friends": [], "requests": [], "message": "ok"})
    assert login(server, type_) == 0
    assert login(server, type_, "--register", "bobby") == 0
    host = f"127.0.0.1:{server.server_port}"
    capsys.readouterr()
    type_("accounts")
    assert capsys.readouterr().out == f"* bobby@{host} (WX1004)\n  annie@{host} (WX1003)\n"
    assert type_("account", "use", "annie") == 0
    capsys.readouterr()
    type_("accounts")
    assert capsys.readouterr().out.startswith(f"* annie@{host}")
    assert type_("friends", "--account", "WX1004") == 0
    assert type_("friends", "--account", "carol") == ExitCode.USAGE
    assert f"there is annie@{host}" in capsys.readouterr().err
    assert type_("logout", "--all") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"signed out of annie@{host}",
        f"signed out of bobby@{host}",
    ]
    assert type_("logout") == ExitCode.USAGE


@pytest.mark.parametrize(
    ("status", "words"),
    [(200, "on every device"), (404, "cannot sign other devices out")],
)
def test_signing_out_everywhere_says_what_the_server_can_do(
    server: Server, type_: Typing, capsys: pytest.CaptureFixture[str], status: int, words: str
) -> None:
    server.says(200, SIGNED_IN)
    server.says(status, {"error": "Route not found", "message": "ok"})
    login(server, type_)
    assert type_("logout", "--everywhere") == 0
    assert words in capsys.readouterr().out
    assert server.asked[-1][0] == "/api/auth/logout-all"


def test_without_an_address_it_is_the_last_server_again(
    server: Server, type_: Typing, capsys: pytest.CaptureFixture[str]
) -> None:
    assert type_("login", "--email", "annie@example.org") == ExitCode.USAGE
    assert "which server?" in capsys.readouterr().err.lower()
    server.says(200, SIGNED_IN)
    login(server, type_)
    assert type_("login", "--email", "annie@example.org") == 0


@pytest.mark.parametrize("stdin", ["", "\n"])
def test_without_a_password_nothing_is_asked_for(server: Server, type_: Typing, stdin: str) -> None:
    assert type_("login", server.url, "--email", "a@b.c", stdin=stdin) == ExitCode.USAGE
    assert server.asked == []
