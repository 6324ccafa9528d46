"""Every route against everything that should not work. New routes are in by themselves.

Never a 5xx, never a trace of the inside, never another user's data.
"""

import asyncio
import base64
import json
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
import pytest

from tests.server.harness import LIVEKIT, Person, ServedWorld, World, dm, make_server
from woxly_tui.server.keys import load_keys

OPEN: Final = {
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/verify-email"),
    ("POST", "/api/auth/request-password-reset"),
    ("POST", "/api/auth/reset-password"),
    ("POST", "/api/livekit/webhook"),
    ("GET", "/api/health"),
    ("GET", "/api/invites/{code}"),
    ("POST", "/api/invites/{code}/redeem"),
    ("POST", "/api/guests/livekit-token"),
    ("GET", "/uploads/{token}/{name}"),
}
"""Routes that need no account; the webhook needs a signature, guests a code or their token, a
file its address, which nobody guesses."""

MAY_BE_DOWN: Final = {"/api/health"}

BAD_IDS: Final = (
    *("0", "-1", "abc", "1.5", "1e3", "2147483648", "9" * 400, "%00", "%FF", "null", "true"),
    *("1%20OR%201=1", "1;DROP%20TABLE%20users", "..%2F..%2Fetc%2Fpasswd", "%D9%A1"),
)

BAD_VALUES: Final[tuple[Any, ...]] = (
    *(None, "", 0, -1, 1.5, 2**31, 2**63, True, [], {}, [None], {"a": {"b": []}}),
    *("\x00", "\ud800", "x" * 50_000, "' OR 1=1 --", "../../etc/passwd", "<script>", "\u202e"),
    *({"$ne": None}, ["1"], "NaN", [[[[]]]], "٣"),
)

BAD_BODIES: Final[tuple[bytes, ...]] = (
    *(b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b'{"a":"\xc3\x28"}', b"[" * 40_000),
    *(b'{"__proto__":{}}', b"NaN", b'{"a":' + b"9" * 5000 + b"}", b"a=1&b=2", b"\x00" * 10),
)

FORM: Final = "multipart/form-data; boundary=b"
GIF: Final = b"GIF89a" + bytes(9)
OGG: Final = b"OggS" + bytes(9)

LEAKS: Final = re.compile(
    r"Traceback|File \"|sqlalchemy|sqlite|pydantic|site-packages|argon2|SELECT |password_hash"
)


@dataclass(frozen=True, slots=True)
class Route:
    """One route as the description has it."""

    method: str
    path: str
    fields: tuple[str, ...]
    queries: tuple[str, ...]
    file: str
    """The field of its form that holds a file; empty where it takes none."""

    def at(self, **ids: object) -> str:
        """The path with its parameters filled in, all alike unless named."""
        return re.sub(
            r"\{(\w+)\}", lambda found: str(ids.get(found[1], ids.get("any", 1))), self.path
        )


def routes() -> list[Route]:
    """Every route of the OpenAPI description."""

    async def describe() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            server = make_server(Path(folder))
            await server.services.db.aclose()
            return server.app.openapi()

    description = asyncio.run(describe())
    schemas = description["components"]["schemas"]
    return [
        Route(
            method.upper(),
            path,
            tuple(_fields(found, schemas)),
            tuple(_queries(found)),
            _file(found),
        )
        for path, methods in description["paths"].items()
        for method, found in methods.items()
    ]


def _fields(found: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = body.get("schema", {})
    for one in schema.get("anyOf", [schema]):
        name = one.get("$ref", "").rpartition("/")[2]
        yield from schemas.get(name, {}).get("properties", {})


def _file(found: dict[str, Any]) -> str:
    form = found.get("requestBody", {}).get("content", {}).get("multipart/form-data", {})
    fields = form.get("schema", {}).get("properties", {})
    return next((name for name, field in fields.items() if field.get("format") == "binary"), "")


def _queries(found: dict[str, Any]) -> Iterator[str]:
    for parameter in found.get("parameters", ()):
        if parameter["in"] == "query":
            yield parameter["name"]


ROUTES: Final = routes()
GUARDED: Final = [route for route in ROUTES if (route.method, route.path) not in OPEN]


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[World]:
    """A server without sockets."""
    world = await World.start(tmp_path)
    yield world
    await world.aclose()


async def send(
    world: World, route: Route, path: str, who: Person | None, **how: Any
) -> httpx.Response:
    headers = {**how.pop("headers", {})}
    if who is not None:
        headers["Authorization"] = f"Bearer {who.access}"
    answer = await world.http.request(route.method, path, headers=headers, **how)
    assert_harmless(answer, route, how)
    return answer


def assert_harmless(answer: httpx.Response, route: Route, sent: object = None) -> None:
    hint = f"{name_of(route)} {str(sent)[:200]}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500 or route.path in MAY_BE_DOWN, hint
    assert not LEAKS.search(answer.text), hint
    if answer.status_code >= 400:
        said = answer.json()
        assert isinstance(said.get("error", said.get("status")), str), hint


def test_there_are_routes_and_most_are_guarded() -> None:
    assert len(GUARDED) > 40
    assert {(route.method, route.path) for route in ROUTES} >= OPEN


async def test_nothing_works_without_a_token(quiet: World) -> None:
    for route in GUARDED:
        answer = await send(quiet, route, route.at(), None, json={})
        assert answer.status_code == 401, name_of(route)
        assert answer.json() == {"error": "Токен не предоставлен"}


def unsigned(claims: dict[str, Any], header: dict[str, Any], tail: str = "") -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims)}.{tail}"


async def test_no_forged_token_opens_anything(quiet: World, tmp_path: Path) -> None:
    ann = await quiet.person("ann")
    keys = load_keys(tmp_path)
    claims = jwt.decode(ann.access, options={"verify_signature": False})
    past = claims | {"iat": 1, "exp": int(time.time()) - 1}
    secret = keys.access_secret
    forged = {
        "nonsense": "nonsense",
        "empty parts": "..",
        "none": unsigned(claims, {"alg": "none", "typ": "JWT"}),
        "None": unsigned(claims, {"alg": "None"}, "x"),
        "other secret": jwt.encode(claims, "another secret of enough characters", "HS256"),
        "other algorithm": jwt.encode(claims, secret, "HS512"),
        "expired": jwt.encode(past, secret, "HS256"),
        "no end": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, secret, "HS256"),
        "refresh as access": ann.refresh,
        "LiveKit's": jwt.encode(claims, LIVEKIT.api_secret.reveal(), "HS256"),
        "text id": jwt.encode(claims | {"userId": "1"}, secret, "HS256"),
        "true id": jwt.encode(claims | {"userId": True}, secret, "HS256"),
        "another's session": jwt.encode(claims | {"userId": ann.id + 1}, secret, "HS256"),
        "kind": jwt.encode(claims | {"kind": "refresh"}, secret, "HS256"),
        "no session": jwt.encode(claims | {"sid": "f" * 32}, secret, "HS256"),
        "no kind": jwt.encode({"userId": ann.id, "exp": claims["exp"]}, secret, "HS256"),
        "changed": ann.access[:-6] + ann.access[-6:].swapcase(),
        "two": f"{ann.access} {ann.access}",
        "huge": "e" * 20_000,
        "not ASCII": "токен",
    }
    for what, token in forged.items():
        for route in (GUARDED[0], GUARDED[-1]):
            header = f"Bearer {token}".encode()
            answer = await quiet.http.request(
                route.method, route.at(), headers=[(b"Authorization", header)]
            )
            assert answer.status_code == 401, what
            assert_harmless(answer, route, what)
    await ann.ask("GET", "/users/me")


async def test_an_access_token_refreshes_nothing(quiet: World) -> None:
    ann = await quiet.person("ann")
    answer = await quiet.http.post("/api/auth/refresh", json={"refreshToken": ann.access})
    assert answer.status_code == 401


async def test_ids_that_are_none(shared: tuple[World, Person]) -> None:
    world, ann = shared
    for route in (r for r in ROUTES if "{" in r.path):
        for bad in BAD_IDS:
            answer = await send(world, route, route.at(any=bad), ann, json={})
            assert answer.status_code in (400, 404), bad
        unknown = await send(world, route, route.at(any=2**31 - 1), ann, json={})
        assert unknown.status_code < 500


async def test_bodies_with_bad_values(shared: tuple[World, Person]) -> None:
    world, ann = shared
    for route in (r for r in ROUTES if r.fields):
        if route.path.endswith(("logout", "logout-all")):
            continue
        for bad in BAD_VALUES:
            for field in route.fields:
                body = json.dumps({"password": "x", field: bad}).encode()
                await send(world, route, route.at(), ann, content=body, headers=JSON)
            body = json.dumps(dict.fromkeys(route.fields, bad)).encode()
            await send(world, route, route.at(), ann, content=body, headers=JSON)


JSON: Final = {"Content-Type": "application/json"}


async def test_bodies_that_are_none(shared: tuple[World, Person]) -> None:
    world, ann = shared
    for route in (r for r in ROUTES if r.method != "GET"):
        if "logout" in route.path:
            continue
        for body in BAD_BODIES:
            await send(world, route, route.at(), ann, content=body, headers=JSON)
            await send(world, route, route.at(), ann, content=body)


async def test_bad_queries(shared: tuple[World, Person]) -> None:
    world, ann = shared
    for route in (r for r in ROUTES if r.queries):
        for bad in ("", "0", "-1", "x", "9" * 400, "\x00", "%", "' OR 1=1", "1.5", "١"):
            for query in route.queries:
                await send(world, route, route.at(), ann, params={query: bad})
        raw = "&".join(f"{query}=%ff%fe" for query in route.queries)
        await send(world, route, f"{route.at()}?{raw}", ann)


async def test_large_bodies_are_refused_announced_or_not(shared: tuple[World, Person]) -> None:
    world, ann = shared

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(16):
            yield b" " * 65_536

    for route in ROUTES:
        if route.method == "GET" or "logout" in route.path:
            continue
        if route.file:
            headers = {"Content-Type": FORM, "Content-Length": "99999999"}
            answer = await send(world, route, route.at(), ann, content=b"", headers=headers)
            assert answer.status_code == 413
            continue
        for body in (b" " * 1_000_000, chunks()):
            answer = await send(world, route, route.at(), ann, content=body, headers=JSON)
            is_unread = not route.fields and route.path != "/api/livekit/webhook"
            assert answer.status_code == 413 or (is_unread and not isinstance(body, bytes))


async def test_bad_forms_are_answered(shared: tuple[World, Person]) -> None:
    world, ann = shared
    part = b'--b\r\nContent-Disposition: form-data; name="%s"'
    bodies = [
        b"--b--\r\n",
        b"--b\r\n" + b"x" * 90_000,
        b"--b" + b"\r\nA: b" * 9_000 + b"\r\n\r\n\r\n--b--",
        part % b"file" + b"\r\n\r\nno file\r\n--b--\r\n",
        part % b"\xff\xfe" + b'; filename="\xff\x00"\r\n\r\nx\r\n--b--\r\n',
        (part % b"file" + b'; filename="a"\r\n\r\nx\r\n') * 3 + b"--b--\r\n",
        (part % b"f" + b"\r\n\r\nx\r\n") * 500 + b"--b--\r\n",
        part % b"content" + b"\r\n\r\n" + b"x" * 50_000 + b"\r\n--b--\r\n",
    ]
    for route in (route for route in ROUTES if route.file):
        for body in bodies:
            for kind in (FORM, "multipart/form-data", "multipart/form-data; boundary=\xff"):
                headers = {"Content-Type": kind.encode("latin-1")}
                path = route.at()
                answer = await send(world, route, path, ann, content=body, headers=headers)
                assert answer.status_code in (400, 403, 404)
        for value in BAD_VALUES:
            if not isinstance(value, str) or not value.isprintable():
                continue
            fields = {"roomId": value, "replyToId": value, "duration": value, "content": value}
            files = {route.file: (value or "a", GIF)}
            answer = await send(world, route, route.at(), ann, data=fields, files=files)
            assert answer.status_code < 500


async def test_odd_paths_and_methods_are_no_routes(quiet: World) -> None:
    for path in (
        "/api",
        "/api/",
        "/api/users/../../etc/passwd",
        "/api/%2e%2e/x",
        "/uploads/x",
        "//",
    ):
        answer = await quiet.http.get(path)
        assert answer.status_code == 404
        assert answer.json() == {"error": "Route not found", "path": "/", "method": "GET"}
    answer = await quiet.http.request("PATCH", "/api/users/me")
    assert (answer.status_code, answer.json()["method"]) == (404, "PATCH")


async def test_others_rooms_messages_and_requests_are_out_of_reach(quiet: World) -> None:
    ann, bob = await quiet.friends("ann", "bob")
    eve = await quiet.person("eve")
    room = await dm(ann, bob)
    body = {"roomId": room, "content": "the secret"}
    message = (await ann.ask("POST", "/messages", body, status=201))["message"]["id"]
    filler = {"content": "x", "emoji": "x", "name": "x", "roomId": room, "replyToId": message}
    harmless = {"/api/rooms/{room_id}/leave"}
    for route in GUARDED:
        is_of_room = "/rooms/{room_id}" in route.path or route.path.startswith("/api/messages")
        if not is_of_room or route.path in harmless:
            continue
        path = route.at(room_id=room, message_id=message)
        params = {"roomId": room} if "roomId" in route.queries else None
        how: dict[str, Any] = {"json": filler}
        if route.file:
            content = OGG if route.path.endswith("/voice") else GIF
            how = {"data": filler, "files": {route.file: ("a", content)}}
        answer = await send(quiet, route, path, eve, params=params, **how)
        assert answer.status_code in (403, 404), name_of(route)
        assert "the secret" not in answer.text
        assert ann.email not in answer.text
    kept = await bob.ask("GET", "/messages", roomId=room)
    assert [one["content"] for one in kept["messages"]] == ["the secret"]


async def test_no_answer_to_somebody_else_holds_an_address(quiet: World) -> None:
    ann, bob = await quiet.friends("ann", "bob")
    room = await dm(ann, bob)
    await bob.ask("POST", "/messages", {"roomId": room, "content": "hi"}, status=201)
    for route in GUARDED:
        if route.method == "GET":
            params = {"roomId": room, "q": bob.username}
            answer = await send(
                quiet, route, route.at(any=room, user_id=bob.id), ann, params=params
            )
            assert bob.email not in answer.text, name_of(route)


@pytest.fixture
async def shared(quiet: World) -> tuple[World, Person]:
    ann, bob = await quiet.friends("ann", "bob")
    await dm(ann, bob)
    await ann.ask("POST", "/messages", {"roomId": 1, "content": "hi"}, status=201)
    return quiet, ann


async def test_a_thousand_idle_sockets_keep_nobody_out(served: ServedWorld) -> None:
    ann = await served.person("ann")
    idle = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", served.listener.port) for _ in range(1000))
    )
    await ann.ask("GET", "/users/me")
    phone = await served.device(ann)
    assert (await phone.ask("check-active-call", {"friendId": 9}))["ok"] is True
    for _, writer in idle:
        writer.close()
