import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from woxly_tui._lib import leash
from woxly_tui._lib.leashed import LeashedProcess, log_tail

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and process groups")

STUBBORN = "trap '' TERM; sleep 600 & echo $!; sleep 601"
"""A shell that ignores SIGTERM, with a child that does, too."""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if not Path("/proc").is_dir():
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # gone meanwhile
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def wait_until_dead(*pids: int, within_s: float = 4.0) -> float:
    began = time.monotonic()
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() - began < within_s, "still alive"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def wait_for_text(log: Path) -> str:
    for _ in range(200):
        if text := log_tail(log):
            return text
        await asyncio.sleep(0.02)
    raise AssertionError("nothing was logged")


async def test_input_reaches_the_command_and_output_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "read line; echo got $line; echo err >&2; exit 3"]
    process = await LeashedProcess.start(command, log=log, stdin=b"hello\n")
    assert await process.wait() == 3
    await process.aclose()
    assert log.read_text() == "got hello\nerr\n"
    assert log.stat().st_mode & 0o777 == 0o600


async def test_the_command_does_not_get_the_users_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEKIT_API_SECRET", "s3cret")
    log = tmp_path / "log"
    process = await LeashedProcess.start(["env"], log=log)
    await process.wait()
    await process.aclose()
    assert "PATH=" in log.read_text()
    assert "LIVEKIT" not in log.read_text()


async def test_a_polite_command_ends_at_the_first_request() -> None:
    process = await LeashedProcess.start(["sleep", "600"], grace_s=5.0)
    began = time.monotonic()
    await process.aclose()
    assert time.monotonic() - began < 2.0
    assert not is_alive(process.pid)


async def test_a_second_request_follows_the_first(tmp_path: Path) -> None:
    script = (
        "import signal, sys\n"
        "asked = []\n"
        "def on(*_):\n"
        "    asked.append(1)\n"
        "    if len(asked) == 2: print('twice', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, on); print('ready', flush=True)\n"
        "while True: signal.pause()\n"
    )
    log = tmp_path / "log"
    process = await LeashedProcess.start([sys.executable, "-c", script], log=log, grace_s=5.0)
    await wait_for_text(log)
    await process.aclose()
    assert log.read_text() == "ready\ntwice\n"


async def test_a_stubborn_family_is_killed_at_the_end_of_the_grace(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = await LeashedProcess.start(["sh", "-c", STUBBORN], log=log, grace_s=0.4)
    child = int(await wait_for_text(log))
    began = time.monotonic()
    await process.aclose()
    assert 0.35 < time.monotonic() - began < 2.0
    assert await process.wait() == 128 + signal.SIGKILL
    await wait_until_dead(process.pid, child)


async def test_nothing_survives_a_killed_holder(tmp_path: Path) -> None:
    log = tmp_path / "log"
    holder_script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from woxly_tui._lib.leashed import LeashedProcess\n"
        "async def main():\n"
        "    p = await LeashedProcess.start(['sh', '-c', sys.argv[1]], log=Path(sys.argv[2]))\n"
        "    print(p.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    words = [sys.executable, "-c", holder_script, STUBBORN, str(log)]
    holder = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout is not None
    command = int(await holder.stdout.readline())
    child = int(await wait_for_text(log))
    holder.kill()
    await holder.wait()
    assert await wait_until_dead(command, child) < 3.0


async def test_the_command_is_gone_when_the_leash_was_killed() -> None:
    process = await LeashedProcess.start(["sleep", "600"])
    process._process.kill()
    assert await process.wait() == 128 + signal.SIGKILL
    await wait_until_dead(process.pid)
    await process.aclose()


async def test_a_command_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="cannot be started"):
        await LeashedProcess.start(["/nonexistent/command"])


async def test_the_log_stays_bounded(tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = f"head -c {leash.MAX_LOG_BYTES * 5} /dev/zero; echo the end"
    process = await LeashedProcess.start(["sh", "-c", words], log=log)
    assert await process.wait() == 0
    kept = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert leash.MAX_LOG_BYTES <= kept <= 2 * leash.MAX_LOG_BYTES
    assert log_tail(log).endswith("the end")


def test_the_tail_of_no_log_is_empty(tmp_path: Path) -> None:
    assert log_tail(tmp_path / "none") == ""
