"""The macOS Keychain, through the system's own `security`. Blocking, with a deadline.

Secrets go over its standard input and output: arguments can be read by everybody.
"""

import subprocess
from typing import Final

from woxly_tui.lobby.vault import ANSWER_LIMIT_S, Entry, VaultClosed

_SERVICE: Final = "woxly"
_NOT_FOUND: Final = 44
"""Exit code of `security` where there is no such item."""

_MAX_LINE: Final = 3500
"""`security -i` reads lines of 4096 bytes."""


class Keychain:
    """The login keychain.

    Args:
        program: Tests put another one here.
        limit_s: Longest wait of one call; it asks nobody within that time.
    """

    def __init__(self, program: str = "/usr/bin/security", limit_s: float = ANSWER_LIMIT_S) -> None:
        self._program = program
        self._limit_s = limit_s

    def get(self, entry: Entry) -> str | None:
        done = self._run(["find-generic-password", "-s", _SERVICE, "-a", entry.key, "-w"])
        if done.returncode == _NOT_FOUND:
            return None
        if done.returncode != 0:
            raise VaultClosed("the keychain is locked, or refuses")
        try:
            return bytes.fromhex(done.stdout.strip()).decode("utf-8")
        except ValueError:
            return None  # not ours

    def put(self, entry: Entry, secret: str) -> None:
        # Hexadecimal digits need no quoting.
        value = secret.encode("utf-8").hex()
        line = f'add-generic-password -U -s {_SERVICE} -a "{_quoted(entry.key)}" '
        line += f'-l "{_quoted(entry.label)}" -w {value}\n'
        if len(line) > _MAX_LINE:
            raise VaultClosed("the keychain takes nothing as long as this")
        self._run(["-i"], line)
        if self.get(entry) != secret:  # `security -i` ends with 0 whatever happened
            raise VaultClosed("the keychain is locked, or refuses")

    def remove(self, entry: Entry) -> None:
        done = self._run(["delete-generic-password", "-s", _SERVICE, "-a", entry.key])
        if done.returncode not in (0, _NOT_FOUND):
            raise VaultClosed("the keychain is locked, or refuses")

    def _run(self, words: list[str], said: str = "") -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                [self._program, *words],
                input=said,
                capture_output=True,
                text=True,
                timeout=self._limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:  # killed and reaped by then
            raise VaultClosed("the keychain does not answer") from None
        except OSError as error:
            raise VaultClosed(f"the keychain cannot be asked ({error.strerror})") from error


def _quoted(text: str) -> str:
    return "".join(char for char in text if char.isprintable() and char not in "\"\\'")
