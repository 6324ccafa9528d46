import asyncio
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
