"""A link is read, and every kind of answer is understood or explained."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from woxly_tui.errors import ServerUnreachable, TokenError, UsageError, WoxlyError
from woxly_tui.lobby import invites
from woxly_tui.lobby.invites import GuestPass, InviteLink, is_link, parse_link, redeem, renew

CODE: Final = "k3hq7wx2mnp4rstuvwxyz23456a"

GOOD: Final = {
    "token": "t0ken",
    "url": "wss://lk.example/",
    "roomName": "room-5",
    "room": "standup\x1b[2J",
    "identity": "guest-0123456789abcdef",
    "name": "Zoe",
    "guestToken": "gu3st",
    "guestUntil": "2026-11-24T18:25:52.000Z",
}


class Server:
    """Answers every request alike, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.body = json.dumps(GOOD).encode()
        self.headers = {"Content-Type": "application/json"}
        self.raw: bytes | None = None
        self.asked: list[tuple[str, bytes]] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = [
                int(line.partition(":")[2])
                for line in head.lower().splitlines()
                if line.startswith("content-length:")
            ]
            body = await reader.readexactly(length[0]) if length else b""
            self.asked.append((head, body))
            if self.raw is not None:
                writer.write(self.raw)
            else:
                headers = self.headers | {"Content-Length": str(len(self.body))}
                lines = [f"HTTP/1.1 {self.status}", *(f"{k}: {v}" for k, v in headers.items())]
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + self.body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def aclose(self) -> None:
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.aclose()


def link_to(server: Server) -> InviteLink:
    return parse_link(f"{server.url}/j/{CODE}")


# --- links -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "server", "label", "is_exposed"),
    [
        (f"https://woxly.example/j/{CODE}", "https://woxly.example", "woxly.example", False),
        (f" HTTPS://woxly.example/j/{CODE}/. ", "https://woxly.example", "woxly.example", False),
        (f"http://10.0.0.7:3001/j/{CODE}", "http://10.0.0.7:3001", "10.0.0.7:3001", True),
        (f"http://localhost:3001/j/{CODE}", "http://localhost:3001", "localhost:3001", False),
        (f"http://[::1]:3001/j/{CODE}", "http://[::1]:3001", "[::1]:3001", False),
        (f"https://x.example/woxly/j/{CODE}", "https://x.example/woxly", "x.example", False),
    ],
)
def test_a_link_is_read(typed: str, server: str, label: str, is_exposed: bool) -> None:
    link = parse_link(typed)
    assert (link.server, link.label, link.code) == (server, label, CODE)
    assert link.is_exposed is is_exposed
    assert CODE not in repr(link)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("https://woxly.example", "no invitation"),
        ("https://woxly.example/", "no invitation"),
        ("https:///j/abc", "no invitation"),
        ("https://woxly.example/room/abc", "no invitation"),
        ("https://woxly.example/j/", "no invitation"),
        ("https://woxly.example/j/a b", "damaged"),
        ("https://woxly.example/j/../../etc", "damaged"),
        ("https://woxly.example/j/abc%2f..", "damaged"),
        ("https://woxly.example/j/abc?x=1", "damaged"),
        ("https://ann:pw@woxly.example/j/abc", "damaged"),
        ("https://woxly.example/j/" + "a" * 201, "damaged"),
        ("https://woxly.example:99999/j/abc", "cannot be read"),
        ("https://[::1/j/abc", "cannot be read"),
    ],
)
def test_what_is_no_invitation_is_refused(typed: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse_link(typed)


@pytest.mark.parametrize("room", ["standup", "j/abc", "httpx", "ws://x/j/abc", "5"])
def test_a_room_is_no_link(room: str) -> None:
    assert not is_link(room)


# --- answers -----------------------------------------------------------------------------


async def test_an_invitation_is_used(server: Server) -> None:
    found = await redeem(link_to(server), "Zoe")
    assert (found.url, found.room, found.name) == ("wss://lk.example", "standup[2J", "Zoe")
    assert found.server == server.url
    head, body = server.asked[0]
    assert head.startswith(f"POST /api/invites/{CODE}/redeem HTTP/1.1")
    assert json.loads(body) == {"name": "Zoe"}
    assert "t0ken" not in repr(found)
    assert "gu3st" not in repr(found)


async def test_a_guest_asks_for_another_token(server: Server) -> None:
    assert (await renew(server.url, "gu3st")).token == "t0ken"
    assert "authorization: bearer gu3st" in server.asked[0][0].lower()


async def test_a_room_without_a_name_has_the_one_livekit_knows(server: Server) -> None:
    server.body = json.dumps(GOOD | {"room": ""}).encode()
    assert (await redeem(link_to(server), "Zoe")).room == "room-5"


async def test_where_a_redirect_led_the_next_token_is_asked_for(server: Server) -> None:
    first = Server()
    await first.start()
    first.status = "308 Permanent Redirect"
    first.headers = {"Location": f"{server.url}/api/invites/{CODE}/redeem"}
    try:
        found = await redeem(link_to(first), "Zoe")
    finally:
        await first.aclose()
    assert found.server == server.url
    assert json.loads(server.asked[0][1]) == {"name": "Zoe"}


BAD: Final[tuple[tuple[str, dict[str, Any], type[WoxlyError], str], ...]] = (
    ("expired", {"status": "404 Not Found", "body": b'{"error":"x"}'}, TokenError, "expired"),
    (
        "an old server",
        {"status": "404 Not Found", "body": b'{"error":"Route not found"}'},
        ServerUnreachable,
        "knows no invitations",
    ),
    (
        "a web page",
        {"headers": {"Content-Type": "text/html; x"}, "body": b"<h1>"},
        *(ServerUnreachable, r"answers with a web page \(200\)"),
    ),
    ("no JSON", {"body": b"{"}, ServerUnreachable, "not JSON"),
    ("deep JSON", {"body": b"[" * 50_000}, ServerUnreachable, "not JSON"),
    ("no UTF-8", {"body": b"\xff\xfe"}, ServerUnreachable, "not JSON"),
    ("a list", {"body": b"[]"}, ServerUnreachable, "another kind"),
    ("half", {"body": b'{"token":"t"}'}, ServerUnreachable, "lacks what a guest needs"),
    ("a number", {"body": json.dumps(GOOD | {"token": 7}).encode()}, ServerUnreachable, "lacks"),
    (
        "a bad URL",
        {"body": json.dumps(GOOD | {"url": "ftp://x"}).encode()},
        *(ServerUnreachable, "LiveKit server that cannot be one"),
    ),
    ("a flood", {"body": b" " * 200_000}, ServerUnreachable, "does not end"),
    (
        "too many",
        {"status": "429 Too Many", "body": b"{}", "headers": {"Retry-After": "7"}},
        ServerUnreachable,
        "asked too often",
    ),
    (
        "a name",
        {"status": "400 Bad", "body": b'{"error":"No\\u001b[2J"}'},
        *(UsageError, r"refuses: No\[2J: give"),
    ),
    (
        "a failure",
        {"status": "500 Oh", "body": b'{"error":"Oh"}'},
        *(ServerUnreachable, r"failed \(500\): Oh"),
    ),
    (
        "circles",
        {"status": "302 Found", "headers": {"Location": "/a"}, "body": b""},
        *(ServerUnreachable, "circles"),
    ),
    ("no HTTP", {"raw": b"SSH-2.0-OpenSSH\r\n"}, ServerUnreachable, "speaks no HTTP"),
    ("silence", {"raw": b""}, ServerUnreachable, "cannot be reached"),
)


@pytest.mark.parametrize(
    ("answer", "kind", "why"), [one[1:] for one in BAD], ids=[b[0] for b in BAD]
)
async def test_every_other_answer_is_explained(
    server: Server, answer: dict[str, Any], kind: type[WoxlyError], why: str
) -> None:
    for name, value in answer.items():
        setattr(server, name, value)
    with pytest.raises(kind, match=why) as caught:
        await redeem(link_to(server), "Zoe")
    assert caught.value.remedy
    assert CODE not in str(caught.value)


async def test_a_dead_server_is_said_to_be_dead(server: Server) -> None:
    link = link_to(server)
    await server.aclose()
    with pytest.raises(ServerUnreachable, match="nothing answers there"):
        await redeem(link, "Zoe")


async def test_a_name_that_leads_nowhere_is_said_to() -> None:
    with pytest.raises(ServerUnreachable, match=r"nowhere\.invalid cannot be reached: \w"):
        await redeem(parse_link(f"http://nowhere.invalid/j/{CODE}"), "Zoe")


async def test_https_where_there_is_no_tls(server: Server) -> None:
    link = parse_link(f"https://127.0.0.1:{server.port}/j/{CODE}")
    with pytest.raises(ServerUnreachable, match="speaks no TLS that fits"):
        await redeem(link, "Zoe")


def test_a_certificate_nobody_trusts_is_named() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    told = invites._unreachable(error, "https://x.example", "x.example")
    assert "not good: self-signed certificate" in told.message
    assert "SSL_CERT_FILE" in told.remedy


def test_a_pass_tells_no_secret() -> None:
    fields = {name: f"<{name}>" for name in GuestPass.__slots__}
    assert "<token>" not in repr(GuestPass(**fields))  # type: ignore[arg-type] # only shown
