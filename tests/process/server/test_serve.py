"""`woxly serve` from its start to its end, with a real LiveKit server and without."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.process.server.running import Running, env_for, woxly
from tests.rig.sfu import LiveKitServer, find_binary, free_ports

FAKE_LIVEKIT: Final = f"""#!{sys.executable}
import http.server, json, os
config = json.loads(os.environ["LIVEKIT_CONFIG"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"OK")
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.end_headers(); self.wfile.write(b"{{}}")
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("127.0.0.1", config["port"]), Handler).serve_forever()
"""

PEER: Final = """\
import asyncio, sys
from livekit import rtc
async def main():
    room = rtc.Room()
    await room.connect(sys.argv[1], sys.argv[2])
    print("joined", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await room.disconnect()
asyncio.run(main())
"""


@pytest.fixture
def fake(tmp_path: Path) -> dict[str, str]:
    """The environment that names a stand-in for livekit-server."""
    program = tmp_path / "livekit-server"
    program.write_text(FAKE_LIVEKIT)
    program.chmod(0o755)
    return {"WOXLY_LIVEKIT_SERVER": str(program)}


@pytest.fixture
def running(tmp_path: Path, fake: dict[str, str]) -> Iterator[Running]:
    with Running(tmp_path, **fake) as server:
        yield server


def test_it_says_where_it_is_and_keeps_its_files_private(running: Running) -> None:
    assert f"http://127.0.0.1:{running.port}" in running.greeting
    health = running.http.get("/health").json()
    assert (health["status"], health["database"], health["livekit"]) == ("ok", "ok", "ok")
    files = [path for path in running.data.iterdir() if path.is_file()]
    assert {"secrets.json", "woxly.db", "server.log"} <= {path.name for path in files}
    assert [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_with_clients_connected(running: Running, number: int) -> None:
    with running.http.stream("GET", "/health"):
        running.process.send_signal(number)
        assert running.process.wait(20) == 0


def test_secrets_are_made_once(tmp_path: Path, fake: dict[str, str]) -> None:
    with Running(tmp_path, **fake) as first:
        ann = first.register()
        keys = (first.data / "secrets.json").read_text()
    with Running(tmp_path, **fake) as second:
        assert second.ask(ann, "GET", "/users/me").status_code == 200
        assert (second.data / "secrets.json").read_text() == keys


def test_the_log_is_json_and_holds_no_secret(running: Running) -> None:
    ann = running.register()
    running.ask(ann, "GET", "/rooms/1")
    running.ask({"accessToken": ann["refreshToken"]}, "GET", "/users/me")
    running.process.terminate()
    running.process.wait(20)
    text = (running.data / "server.log").read_text()
    assert all(json.loads(line)["level"] for line in text.splitlines())
    hidden = [*json.loads((running.data / "secrets.json").read_text()).values()]
    hidden += [ann["accessToken"], ann["refreshToken"], ann["user"]["email"]]
    assert [secret for secret in hidden if secret in text] == []


def test_metrics_are_for_this_machine_or_whoever_has_the_token(running: Running) -> None:
    root = f"http://127.0.0.1:{running.port}"
    assert "woxly_http_requests_total" in running.http.get(f"{root}/metrics").text
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert running.http.get(f"{root}/metrics", headers=forwarded).status_code == 401
    token = json.loads((running.data / "secrets.json").read_text())["metrics_token"]
    headers = forwarded | {"Authorization": f"Bearer {token}"}
    assert running.http.get(f"{root}/metrics", headers=headers).status_code == 200


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, fake: dict[str, str]) -> None:
    acknowledged: list[str] = []
    with Running(tmp_path, **fake | {"WOXLY_RATE_LIMITS": "off"}) as server:
        ann, bob = server.register(), server.register()
        body = {"type": "DM", "invitedFriends": [bob["user"]["id"]]}
        room = server.ask(ann, "POST", "/rooms", body).json()["room"]["id"]
        enough = threading.Event()

        def write() -> None:
            for number in range(10_000):
                text = f"message {number}"
                try:
                    said = server.ask(ann, "POST", "/messages", {"roomId": room, "content": text})
                except Exception:  # noqa: BLE001 - the server was killed under it
                    return
                if said.status_code == 201:
                    acknowledged.append(text)
                if number == 30:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(60)
        server.process.kill()
        server.process.wait(20)
        writer.join(60)
    with Running(tmp_path, **fake) as server:
        found = server.ask(ann, "GET", f"/messages?roomId={room}&limit=200").json()["messages"]
    kept = [one["content"] for one in found]
    assert kept[: len(acknowledged)] == acknowledged[-200:]


def test_administration_and_backup_while_it_runs(running: Running, tmp_path: Path) -> None:
    ann = running.register()
    email = ann["user"]["email"]
    listed = woxly("serve", "admin", "users", env=running.env)
    assert email in listed.stdout
    assert woxly("serve", "admin", "ban", email, env=running.env).returncode == 0
    running.eventually(ann, "/users/me", lambda found: "error" in found)
    login = {"email": email, "password": "Correct-1-horse"}
    assert running.http.post("/auth/login", json=login).status_code == 403
    woxly("serve", "admin", "unban", email, env=running.env)
    reset = woxly("serve", "admin", "reset-password", email, env=running.env)
    login["password"] = reset.stdout.split()[-1]
    assert running.http.post("/auth/login", json=login).status_code == 200
    copy = tmp_path / "copy"
    picture = {"avatar": ("a.gif", b"GIF89a" + bytes(9))}
    signed_in = running.http.post("/auth/login", json=login).json()["accessToken"]
    bearer = {"Authorization": f"Bearer {signed_in}"}
    sent = running.http.post("/users/me/avatar", files=picture, headers=bearer).json()["user"]
    assert woxly("serve", "backup", str(copy), env=running.env).returncode == 0
    kept = copy / "uploads" / sent["avatarUrl"].split("/")[2]
    assert kept.read_bytes() == picture["avatar"][1]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, copy / "woxly.db")} == {0o600}
    restored = env_for(tmp_path) | {"WOXLY_SERVER_DATA": str(copy)}
    assert email in woxly("serve", "admin", "users", env=restored).stdout


def test_a_second_server_in_the_folder_is_told_so(running: Running) -> None:
    (port,) = free_ports(1)
    ended = woxly("serve", "--host", "127.0.0.1", "--port", str(port), env=running.env)
    assert ended.returncode == 2
    assert f"nother woxly serve uses {running.data}" in ended.stderr
    assert "--data FOLDER" in ended.stderr


def test_a_second_server_on_the_port_is_told_so(running: Running) -> None:
    words = ("serve", "--host", "127.0.0.1", "--port", str(running.port))
    done = woxly(*words, env=running.env)
    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


KEYED: Final = {"LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "s" * 40}


@pytest.mark.parametrize(
    ("env", "code", "said"),
    [
        ({"LIVEKIT_URL": "ws://127.0.0.1:9"}, 2, "LiveKit API credentials not configured"),
        (KEYED, 2, "LIVEKIT_URL not set"),
        ({"LIVEKIT_URL": "ws://127.0.0.1:9", **KEYED}, 4, "Cannot connect to LiveKit server at"),
        ({"LIVEKIT_URL": "127.0.0.1:9", **KEYED}, 2, "did you mean"),
        ({"DATABASE_URL": "mysql://x/y"}, 2, "postgresql://"),
        ({"PORT": "0"}, 2, "from 1 to 65535"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    tmp_path: Path, fake: dict[str, str], env: dict[str, str], code: int, said: str
) -> None:
    done = woxly("serve", "--host", "127.0.0.1", env=env_for(tmp_path, **fake, **env))
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.live
def test_livekit_s_own_webhooks_tell_who_is_in_the_call(tmp_path: Path) -> None:
    binary = str(find_binary())
    with Running(tmp_path, WOXLY_LIVEKIT_SERVER=binary) as server:
        ann, bob = server.register(), server.register()
        _join_and_be_seen(server, ann, bob)


@pytest.mark.live
def test_a_livekit_server_of_ones_own_is_checked_and_used(tmp_path: Path) -> None:
    livekit = LiveKitServer(find_binary())
    livekit.start()
    try:
        env = {"LIVEKIT_URL": livekit.url, "LIVEKIT_API_KEY": livekit.key}
        wrong = env_for(tmp_path, **env, LIVEKIT_API_SECRET="w" * 40)
        done = woxly("serve", "--host", "127.0.0.1", env=wrong)
        assert (done.returncode, "does not take" in done.stderr) == (3, True)
        with Running(tmp_path, **env, LIVEKIT_API_SECRET=livekit.secret) as server:
            assert server.http.get("/health").json()["livekit"] == "ok"
            ann, bob = server.register(), server.register()
            answer = _token(server, ann, bob)
            assert answer["url"] == livekit.url
    finally:
        livekit.close()


def _token(server: Running, ann: dict[str, Any], bob: dict[str, Any]) -> Any:
    body = {"type": "DM", "invitedFriends": [bob["user"]["id"]]}
    room = server.ask(ann, "POST", "/rooms", body).json()["room"]["id"]
    return server.ask(ann, "POST", f"/rooms/{room}/livekit-token", {}).json()


def _join_and_be_seen(server: Running, ann: dict[str, Any], bob: dict[str, Any]) -> None:
    answer = _token(server, ann, bob)
    room = answer["roomName"].removeprefix("room-")
    peer = subprocess.Popen(
        [sys.executable, "-c", PEER, answer["url"], answer["token"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if k != "DISPLAY"},
        text=True,
    )
    try:
        assert peer.stdout is not None
        assert peer.stdout.readline() == "joined\n"
        found = server.eventually(bob, f"/rooms/{room}/live", lambda found: found["isLive"])
        assert [one["userId"] for one in found["participants"]] == [ann["user"]["id"]]
        peer.communicate("\n", timeout=20)
        server.eventually(bob, f"/rooms/{room}/live", lambda found: not found["isLive"])
        (call,) = server.ask(bob, "GET", f"/rooms/{room}/calls").json()["calls"]
        assert call["participants"][0]["leftAt"] is not None
    finally:
        peer.kill()
        peer.communicate()
