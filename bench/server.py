"""`woxly serve` under load, beside the plainest server of its kind as the limit.

    python -m bench.server [--clients N] [--rate N] [--seconds N] [--soak MINUTES]

On loopback; stops by itself. One `woxly serve` on SQLite, with limits off and a stand-in for
LiveKit (which is asked for nothing here), and `bench/plain_echo.py`, one after the other, under
the same load: N clients connected, half of them ring the other half at a fixed rate whatever the
answers, and every ring is refused. Then tokens, asked for without a pause.

    ring      from `call-friend` written to `incoming-call` read, as the clients have it
    tokens    POST /api/rooms/:id/livekit-token; for the plain server, a POST that echoes
    memory    resident, of the server's process
    cpu       of the server, for each ring (with its refusal and their acknowledgements) or token;
              it says what an idle machine would do where this one is busy
    generator how late it sent what was due, and how much of a core it used: it is no bottleneck
              where it is far from a whole core and late by far less than what is measured

With `--soak`, rings go on for that long, and what memory grew after the first fifth is told.
"""

import argparse
import asyncio
import http.server
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.load import Crowd, User, requests
from tests.rig.sfu import free_ports
from woxly_tui.server.db.database import Database, database_url
from woxly_tui.server.db.migrate import migrate
from woxly_tui.server.db.models import AuthSession, Friendship, Room
from woxly_tui.server.db.models import User as UserRow
from woxly_tui.server.keys import load_keys
from woxly_tui.server.store.friendships import new_row
from woxly_tui.server.store.rooms import dm_key, new_member
from woxly_tui.server.times import now_ms
from woxly_tui.server.tokens import Tokens
from woxly_tui.wire.words import FriendStatus, MemberStatus

RING_P99_MS: Final = 50.0
MEMORY_MB: Final = 400.0
TOKENS_PER_S: Final = 1000
GROWTH_MB: Final = 10.0
"""More than this over a soak is growth."""

_READY_WITHIN_S: Final = 60.0
_TOKEN_SECONDS: Final = 8.0


class _LiveKit(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_given: Any) -> None: ...


@contextmanager
def fake_livekit() -> Iterator[str]:
    """Something that answers as LiveKit without rooms does; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _LiveKit)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"ws://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


async def seed(folder: Path, count: int) -> list[User]:
    """Accounts in pairs of friends, with a DM and a sign-in each; registering would take long."""
    db = Database(database_url(f"sqlite:///{folder / 'woxly.db'}"))
    tokens, now, half = Tokens(load_keys(folder)), now_ms(), count // 2
    await migrate(db)
    async with db.write() as session:
        for number in range(1, count + 1):
            name = f"user{number}"
            row = UserRow(id=number, woxly_id=f"WX{number}", email=f"{name}@example.org")
            row.username = row.username_key = name
            row.user_tag, row.password_hash, row.status = "0000", "none", "offline"
            row.created_at = row.updated_at = now
            session.add(row)
        await session.flush()
        for one in range(1, half + 1):
            pair: Friendship = new_row(one, one + half, FriendStatus.ACCEPTED)
            room = Room(id=one, name="", type="DM", owner_id=one, dm_key=dm_key(one, one + half))
            room.is_private, room.created_at, room.updated_at = True, now, now
            session.add_all([pair, room])
        await session.flush()
        for number in range(1, count + 1):
            room_id = number if number <= half else number - half
            session.add(new_member(room_id, number, MemberStatus.ACCEPTED))
            sign_in = AuthSession(id=f"{number:032x}", user_id=number, generation=0)
            sign_in.created_at, sign_in.expires_at = now, now + 86_400_000
            session.add(sign_in)
    await db.aclose()
    return [
        User(
            id=number,
            token=tokens.access(number, f"{number:032x}"),
            friend_id=number + half if number <= half else number - half,
            room_id=number if number <= half else number - half,
        )
        for number in range(1, count + 1)
    ]


@contextmanager
def process(words: Sequence[str], ready: str, env: dict[str, str] | None = None) -> Iterator[int]:
    """A server; its process id once it says that it is ready."""
    running = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
    killer = threading.Timer(_READY_WITHIN_S, running.kill)
    killer.start()
    try:
        assert running.stdout is not None  # noqa: S101 - asked for above
        while line := running.stdout.readline():
            if ready in line:
                break
        else:
            raise RuntimeError(f"{words} does not start")
        killer.cancel()
        yield running.pid
    finally:
        killer.cancel()
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(10)
        if running.stdout is not None:
            running.stdout.close()


def resident_mb(pid: int, what: str = "VmRSS") -> float:
    """Memory of a process now, or with VmHWM at its highest."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and worst."""
    if not values:
        return {"p50": 0.0, "p99": 0.0, "worst": 0.0}
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    found = {"p50": statistics.median(ordered), "p99": p99, "worst": ordered[-1]}
    return {name: round(value, 2) for name, value in found.items()}


async def measure(
    port: int, pid: int, users: Sequence[User], path: str, args: argparse.Namespace
) -> dict[str, Any]:
    """Everything about one server."""
    crowd = Crowd(port, users)
    began = time.perf_counter()
    try:
        await crowd.connect()
        connected_s = time.perf_counter() - began
        await crowd.ring(args.rate, 3)  # warm
        used, began = cpu_s(pid), time.perf_counter()
        rings = await crowd.ring(args.rate, args.seconds)
        ring_cpu_s = cpu_s(pid) - used
        server_share = ring_cpu_s / (time.perf_counter() - began)
        used = cpu_s(pid)
        tokens = await requests(port, path, users, _TOKEN_SECONDS)
        answered = max(1, tokens["answered"])
        tokens["server_cpu_ms_each"] = round(1000 * (cpu_s(pid) - used) / answered, 3)
        found = {
            "load": round(os.getloadavg()[0], 2),
            "connect_s": round(connected_s, 1),
            "rings_sent": rings.sent,
            "rings_arrived": len(rings.took_ms),
            "refused": rings.refused,
            "ring_ms": spread(rings.took_ms),
            "server_core_share": round(server_share, 2),
            "server_cpu_ms_each": round(1000 * ring_cpu_s / rings.sent, 3),
            "generator": {
                "late_ms": spread(rings.late_ms),
                "core_share": round(rings.core_share, 2),
            },
            "tokens": tokens,
        }
        if args.soak:
            found["soak"] = await soak(crowd, pid, args)
        found["memory_mb"] = {"now": resident_mb(pid), "highest": resident_mb(pid, "VmHWM")}
        return found
    finally:
        await crowd.aclose()


async def soak(crowd: Crowd, pid: int, args: argparse.Namespace) -> dict[str, Any]:
    """Ring for long, and look at memory ten times."""
    samples = []
    for _ in range(10):
        rings = await crowd.ring(args.rate, args.soak * 6)
        samples.append(resident_mb(pid))
    return {
        "minutes": args.soak,
        "memory_mb": samples,
        "grew_mb": round(samples[-1] - samples[1], 1),
        "last_ring_ms": spread(rings.took_ms),
    }


async def run(args: argparse.Namespace) -> dict[str, Any]:
    """Both servers, one after the other."""
    subjects = {}
    with tempfile.TemporaryDirectory() as name, fake_livekit() as livekit:
        folder = Path(name) / "data"
        folder.mkdir(mode=0o700)
        load_keys(folder)
        users = await seed(folder, args.clients)
        plain = [User(u.id, str(u.id), u.friend_id, u.room_id) for u in users]
        ports = [str(port) for port in free_ports(2)]
        env = {key: value for key, value in os.environ.items() if not key.startswith("WOXLY_")}
        for unwanted in ("DATABASE_URL", "REDIS_URL"):
            env.pop(unwanted, None)
        env |= {"HOME": name, "WOXLY_SERVER_DATA": str(folder), "WOXLY_RATE_LIMITS": "off"}
        env |= {"LIVEKIT_URL": livekit, "LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "s" * 40}
        words = ["-P", "-m", "woxly_tui.cli.main", "serve", "--host", "127.0.0.1", "--port"]
        with process([sys.executable, "-m", "bench.plain_echo", ports[0]], "ready") as pid:
            quick = argparse.Namespace(**{**vars(args), "soak": 0})
            subjects["plain"] = await measure(int(ports[0]), pid, plain, "/echo/{room}", quick)
        with process([sys.executable, *words, ports[1]], "is ready", env) as pid:
            path = "/api/rooms/{room}/livekit-token"
            subjects["woxly"] = await measure(int(ports[1]), pid, users, path, args)
    return subjects


def report(
    subjects: dict[str, Any], args: argparse.Namespace, load_before: float
) -> dict[str, Any]:
    """Everything as one JSON value."""
    plain, woxly = subjects["plain"], subjects["woxly"]
    kept = {
        "ring p99": woxly["ring_ms"]["p99"] <= RING_P99_MS,
        "no ring lost": woxly["rings_arrived"] == woxly["rings_sent"],
        "memory": woxly["memory_mb"]["highest"] <= MEMORY_MB,
        "tokens": woxly["tokens"]["per_s"] >= TOKENS_PER_S and woxly["tokens"]["failed"] == 0,
    }
    if "soak" in woxly:
        kept["no growth"] = woxly["soak"]["grew_mb"] <= GROWTH_MB
    return {
        "figure": "server",
        "clients": args.clients,
        "rings_per_s": args.rate,
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "load_before": round(load_before, 2),
            "load_after": round(os.getloadavg()[0], 2),
        },
        "subjects": subjects,
        "ratios": {
            "ring p50 woxly/plain": round(woxly["ring_ms"]["p50"] / plain["ring_ms"]["p50"], 2),
            "ring p99 woxly/plain": round(woxly["ring_ms"]["p99"] / plain["ring_ms"]["p99"], 2),
            "ring cpu woxly/plain": round(
                woxly["server_cpu_ms_each"] / plain["server_cpu_ms_each"], 2
            ),
            "tokens woxly/plain": round(woxly["tokens"]["per_s"] / plain["tokens"]["per_s"], 2),
        },
        "promised": {
            "ring_p99_ms": RING_P99_MS,
            "memory_mb": MEMORY_MB,
            "tokens_per_s": TOKENS_PER_S,
        },
        "kept": kept,
    }


def main() -> int:
    """Run the benchmark; returns 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description="woxly serve under load.")
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    args = parser.parse_args()
    load_before = os.getloadavg()[0]
    limit_s = 300 + 2 * args.seconds + 90 * args.soak
    subjects = asyncio.run(asyncio.wait_for(run(args), limit_s))
    result = report(subjects, args, load_before)
    print(json.dumps(result, indent=2))
    return 0 if all(result["kept"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
