"""A probe in a process of its own: asked by one line, listened to, and always buried."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from woxly_tui._lib.env import child_env

_MAX_LINES: Final = 100


async def ask_child(
    module: str, task: Mapping[str, Any], limit_s: float
) -> tuple[list[dict[str, Any]], bool]:
    """Run a module, and collect its JSON lines.

    The child ends when its standard input does, so that it cannot outlive us; past the limit,
    or when we are cancelled, it is killed.

    Args:
        module: Run as `python -P -m MODULE`.
        task: Handed over on standard input, where `ps` does not look.
        limit_s: How long it may take.

    Returns:
        What it said, and whether it came to its end.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_env(),
        start_new_session=True,
    )
    said: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(limit_s):
            await _talk(process, task, said)
            return said, await process.wait() == 0
    except TimeoutError:
        return said, False
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _talk(
    process: asyncio.subprocess.Process, task: Mapping[str, Any], said: list[dict[str, Any]]
) -> None:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    with contextlib.suppress(ConnectionError):
        process.stdin.write(json.dumps(task).encode("ascii") + b"\n")
        await process.stdin.drain()
    async for line in process.stdout:
        with contextlib.suppress(ValueError):
            message = json.loads(line)
            if isinstance(message, dict) and len(said) < _MAX_LINES:
                said.append(message)
