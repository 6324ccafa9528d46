import asyncio

import pytest

from woxly_tui.media import reach
from woxly_tui.media.messages import ConnectFailure
from woxly_tui.media.reach import check_reachable


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "getproxies", dict)


async def test_an_open_port_is_reachable_and_a_closed_one_is_not() -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert await check_reachable(f"ws://127.0.0.1:{port}") is None
    failure = await check_reachable(f"ws://127.0.0.1:{port}")
    assert failure is not None
    assert failure[0] is ConnectFailure.UNREACHABLE


async def test_a_port_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_args: object, **_options: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio, "open_connection", never)
    monkeypatch.setattr(reach, "KNOCK_TIMEOUT_S", 0.05)
    failure = await check_reachable("wss://example.invalid")
    assert failure == (ConnectFailure.UNREACHABLE, "the server's port does not answer")


async def test_an_impossible_port_is_no_traceback() -> None:
    failure = await check_reachable("ws://127.0.0.1:99999")
    assert failure is not None
    assert failure[0] is ConnectFailure.OTHER


async def test_behind_a_proxy_only_the_sdk_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "getproxies", lambda: {"http": "http://proxy"})
    monkeypatch.setattr(reach, "proxy_bypass", lambda _host: False)
    assert await check_reachable("ws://203.0.113.1:1") is None
