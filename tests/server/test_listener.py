import asyncio
import contextlib
import socket

import pytest
from starlette.types import Receive, Scope, Send

from woxly_tui.errors import UsageError
from woxly_tui.server import listener as module
from woxly_tui.server.listener import Listener, open_port


def test_the_port_is_one_whose_connections_do_not_wait_to_send() -> None:
    with open_port("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


async def test_a_connection_on_which_nothing_is_asked_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ASK_WITHIN_S", 0.05)
    listener = Listener(answering, open_port("127.0.0.1", 0))
    listener.start()
    try:
        for part in (b"", b"GET / HTTP/1.1\r\nHost:"):
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(part)
            async with asyncio.timeout(5):
                assert await reader.read() == b""
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"204" in await reader.readline()
        writer.close()
    finally:
        await listener.aclose()


async def ask(port: int, *parts: bytes) -> bytes:
    """What is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(5):
            for part in parts:
                writer.write(part)
                await writer.drain()
            found = await reader.read()
    writer.close()
    return found


async def test_a_request_that_comes_in_crumbs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ASK_WITHIN_S", 0.05)
    listener = Listener(reading, open_port("127.0.0.1", 0))
    listener.start()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    try:
        assert await ask(listener.port, head, b"slow") == b""
        assert b"204" in await ask(listener.port, head, b"123456789" + head[:-2])
    finally:
        await listener.aclose()


async def test_a_request_that_comes_slowly_but_steadily_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ASK_WITHIN_S", 0.1)
    monkeypatch.setattr(module, "LEAST_BYTES", 1)
    listener = Listener(reading, open_port("127.0.0.1", 0))
    listener.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n")
        for _ in range(30):
            writer.write(b"x")
            await asyncio.sleep(0.01)
        async with asyncio.timeout(5):
            assert b"204" in await reader.readline()
        writer.close()
    finally:
        await listener.aclose()


@pytest.mark.parametrize("flood", [b"X: y\r\n" * 100_000, b"X: " + b"y" * 1_000_000])
async def test_a_head_without_an_end_is_refused(flood: bytes) -> None:
    listener = Listener(answering, open_port("127.0.0.1", 0))
    listener.start()
    try:
        said = await ask(listener.port, b"GET / HTTP/1.1\r\nHost: x\r\n", flood)
        assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
        assert b"204" in await ask(
            listener.port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
    finally:
        await listener.aclose()


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await answering(scope, receive, send)


async def answering(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    with open_port("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}") as refused:
            open_port("127.0.0.1", port)
        assert "--port" in refused.value.remedy


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        open_port("192.0.2.1", 0)
