"""Opening a web address on the machine the screen runs on, where that has a browser to see."""

import asyncio
import os
import shutil
import sys
from typing import Final

_OPENERS: Final = ("xdg-open", "gio open", "wslview")


def opener() -> list[str] | None:
    """The command that opens an address in a window; None where nobody would see one.

    Over SSH there is none, whatever is installed; text browsers would take this terminal.
    """
    if "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ:
        return None
    if sys.platform == "darwin":
        return ["open"]
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    for command in _OPENERS:
        words = command.split()
        if shutil.which(words[0]):
            return words
    return None


async def open_address(command: list[str], target: str) -> bool:
    """Open an address, and wait for the command; returns whether it worked.

    Args:
        command: As `opener` names it.
        target: Begins with http:// or https://; never read by a shell.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            target,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return await process.wait() == 0
