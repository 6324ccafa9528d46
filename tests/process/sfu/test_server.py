import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from woxly_tui.errors import SfuError
from woxly_tui.sfu import server as server_module
from woxly_tui.sfu.server import SfuServer, loopback_config, new_endpoint

FAKE = f"""#!{sys.executable}
import http.server, json, os, sys
config = json.loads(os.environ["LIVEKIT_CONFIG"])
print("keys", config["keys"], "argv", sys.argv[1:], flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"OK")
http.server.HTTPServer((config["bind_addresses"][0], config["port"]), Handler).serve_forever()
"""


def program(folder: Path, text: str) -> Path:
    path = folder / "livekit-server"
    path.write_text(text)
    path.chmod(0o755)
    return path


async def eventually(condition: Callable[[], bool], within_s: float = 5.0) -> None:
    for _ in range(int(within_s / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


def test_each_endpoint_has_its_own_ports_and_a_strong_key() -> None:
    one, two = new_endpoint(), new_endpoint()
    assert len(one.api_secret) >= 32
    assert one.api_secret != two.api_secret
    assert one.url == f"ws://127.0.0.1:{one.http_port}"
    assert one.api_secret not in repr(one)


def test_the_configuration_opens_nothing_but_loopback() -> None:
    config = loopback_config(new_endpoint())
    assert config["bind_addresses"] == ["127.0.0.1"]
    assert config["rtc"]["ips"] == {"includes": ["127.0.0.1/32"]}
    assert config["rtc"]["tcp_port"] == 0
    assert config["rtc"]["use_external_ip"] is False


async def test_a_server_starts_answers_and_stops(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = SfuServer(program(tmp_path, FAKE), log)
    await server.start()
    pid = server.pid
    assert pid is not None
    await server.aclose()
    assert server.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "argv []" in log.read_text()
    assert server.endpoint.api_secret in log.read_text()


async def test_a_server_that_dies_comes_back_where_it_was(tmp_path: Path) -> None:
    server = SfuServer(program(tmp_path, FAKE), tmp_path / "log")
    await server.start()
    try:
        endpoint, pid = server.endpoint, server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: server.restarts == 1)
        assert server.endpoint == endpoint
        assert server.pid not in (None, pid)
    finally:
        await server.aclose()


async def test_a_server_that_keeps_dying_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "RESTART_WAITS_S", (0.01, 0.01))
    binary = program(tmp_path, FAKE)
    server = SfuServer(binary, tmp_path / "log")
    await server.start()
    try:
        program(tmp_path, "#!/bin/sh\necho no such luck; exit 4\n")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            error = await server.failure()
        assert "keeps dying" in error.message
        assert "no such luck" in error.remedy
    finally:
        await server.aclose()


async def test_a_server_that_ends_at_once_says_how_its_log_ends(tmp_path: Path) -> None:
    server = SfuServer(program(tmp_path, "#!/bin/sh\necho 'yaml: bad'; exit 1\n"), tmp_path / "log")
    with pytest.raises(SfuError, match="ended at once") as caught:
        await server.start()
    assert "yaml: bad" in caught.value.remedy
    await server.aclose()


async def test_a_port_that_was_taken_meanwhile_is_changed(tmp_path: Path) -> None:
    text = FAKE.replace(
        "class Handler",
        "from pathlib import Path\n"
        f"marker = Path({str(tmp_path / 'tried')!r})\n"
        "if not marker.exists():\n"
        "    marker.touch(); print('listen tcp: bind: address already in use'); sys.exit(1)\n"
        "class Handler",
    )
    server = SfuServer(program(tmp_path, text), tmp_path / "log")
    first = server.endpoint
    await server.start()
    assert server.endpoint.http_port != first.http_port
    await server.aclose()


async def test_a_server_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "READY_WITHIN_S", 0.2)
    server = SfuServer(program(tmp_path, "#!/bin/sh\nexec sleep 600\n"), tmp_path / "log")
    with pytest.raises(SfuError, match="not ready"):
        await server.start()
    assert server.pid is None
