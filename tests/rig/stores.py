"""A Redis and a PostgreSQL of one's own, on loopback ports, from the system's packages."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from tests.rig.sfu import free_ports

START_WITHIN_S: Final = 30.0


def find_redis() -> str | None:
    """The program; None where it is not installed."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def find_postgres() -> Path | None:
    """The folder of its programs, which Debian keeps off the path; None where there is none."""
    folders = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in folders if (one / "pg_isready").exists()), None)


class _Store:
    """A process with a folder of its own, both gone at the end."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.folder = Path(tempfile.mkdtemp(prefix="rig-store-"))
        self._user = _other_user()
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str | Path) -> None:
        """Run a program to its end."""
        subprocess.run(
            words, cwd=self.folder, user=self._user, check=True, capture_output=True, timeout=60
        )

    def spawn(self, *words: str | Path) -> None:
        """Run the server."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, cwd=self.folder, user=self._user, stdout=log, stderr=log
            )

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Wait for the server to answer.

        Raises:
            RuntimeError: It does not.
        """
        deadline = time.monotonic() + START_WITHIN_S
        while not is_ready():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                log = (self.folder / "log").read_text()
                self.close()
                raise RuntimeError(f"it does not start: {log}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
            self._process = None

    def close(self) -> None:
        """End it, and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.close()


def _other_user() -> str | None:
    """PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class RedisServer(_Store):
    """Redis, with nothing on disk."""

    def __init__(self) -> None:
        super().__init__()
        self.start()

    def start(self) -> None:
        """Start, or start again, with nothing in it."""
        program = find_redis()
        assert program is not None
        words = (
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        )
        self.spawn(program, *words, "--dir", self.folder)
        self.wait_until(self._answers)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class PostgresServer(_Store):
    """PostgreSQL, whose databases are made on demand."""

    def __init__(self) -> None:
        super().__init__()
        found = find_postgres()
        assert found is not None
        self._bin: Final = found
        data = self.folder / "data"
        self.run(found / "initdb", "-D", data, "-U", "woxly", "-A", "trust", "-N", "-E", "UTF8")
        where = ("-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder)
        self.spawn(found / "postgres", "-D", data, *where, "-F", "-c", "max_connections=60")
        self.wait_until(self._answers)

    def _answers(self) -> bool:
        words = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(words, check=False, timeout=10).returncode == 0

    def database(self, name: str) -> str:
        """Make an empty one; its address."""
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "woxly")
        self.run(self._bin / "createdb", *where, name)
        return f"postgresql://woxly@127.0.0.1:{self.port}/{name}"
