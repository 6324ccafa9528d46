"""Why a connection failed, read from real failures of the library."""

import socket

import pytest
import socketio

from woxly_tui.lobby.causes import cause_of


async def refused(origin: str, way: str = "websocket") -> Exception:
    client = socketio.AsyncClient(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError) as caught:
        await client.connect(origin, transports=[way])
    await client.eio.disconnect()
    if client.eio.http is not None:
        await client.eio.http.close()
    error: Exception = caught.value
    return error


async def test_a_closed_port_is_a_refused_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await refused(f"http://127.0.0.1:{taken.getsockname()[1]}")
        # The long way tells less, and is tried after it.
        other = await refused(f"http://127.0.0.1:{taken.getsockname()[1]}", "polling")
    assert cause_of(error) == "connection refused"
    assert cause_of(error, other) == "connection refused"


async def test_an_unknown_name_is_told_as_the_system_tells_it() -> None:
    assert "name" in cause_of(await refused("http://nowhere.invalid"))


def test_what_no_system_caused_keeps_its_words() -> None:
    assert cause_of(ValueError("odd answer")) == "odd answer"
    assert cause_of(TimeoutError()) == "TimeoutError"
