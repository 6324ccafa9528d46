"""What is said at the end of a front end, of a call that outlives it."""

import select

import pytest

from tests.unit.control.served import serving
from tests.unit.engine.fakes import Bench
from woxly_tui.cli.engine_link import detach
from woxly_tui.control.messages import Leave
from woxly_tui.control.socket_client import SocketEngineClient


@pytest.mark.parametrize("has_ended", [False, True])
async def test_a_call_goes_on_only_if_it_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, has_ended: bool
) -> None:
    monkeypatch.setattr(select, "select", lambda *_: ([], [1], []))
    bench = Bench()
    await bench.join()
    async with serving(bench) as served:
        client = await SocketEngineClient.connect(served.path)
        if has_ended:
            await bench.engine.handle(Leave())
        await detach(client)
        await client.aclose()
    said = capsys.readouterr().err
    assert ("the call in standup goes on" in said) is not has_ended
