"""The desktop's keyring, if there is one: the Secret Service on Linux, the Keychain on macOS.

Nothing here waits for a person: a keyring that is locked, asks, or does not answer in time counts
as none, and the caller keeps its secret elsewhere.
"""

import os
import sys
from dataclasses import dataclass
from typing import Final, Protocol

SWITCH: Final = "WOXLY_KEYRING"
"""Environment variable: `off` keeps tokens out of the keyring."""

ANSWER_LIMIT_S: Final = 2.0
"""Longest wait for a keyring, all in all."""


class VaultClosed(Exception):
    """The keyring cannot be used now; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a secret is filed under."""

    key: str
    label: str
    """For whoever looks into their keyring."""


class Vault(Protocol):
    """Keeps secrets. Each call blocks for ANSWER_LIMIT_S at most: use a thread."""

    def get(self, entry: Entry) -> str | None:
        """A secret; None where none is kept.

        Raises:
            VaultClosed: It cannot be had now.
        """

    def put(self, entry: Entry, secret: str) -> None:
        """Keep a secret, in place of an older one.

        Raises:
            VaultClosed: It is not kept.
        """

    def remove(self, entry: Entry) -> None:
        """Forget a secret; nothing where none is kept.

        Raises:
            VaultClosed: It may be kept still.
        """


class NoVault:
    """For machines without a keyring, and for who wants none."""

    def __init__(self, why: str) -> None:
        self._why = why

    def get(self, entry: Entry) -> str | None:  # noqa: ARG002 - as of Vault
        raise VaultClosed(self._why)

    def put(self, entry: Entry, secret: str) -> None:  # noqa: ARG002
        raise VaultClosed(self._why)

    def remove(self, entry: Entry) -> None:  # noqa: ARG002
        raise VaultClosed(self._why)


def desktop_vault() -> Vault:
    """This machine's. Costs nothing before it is used."""
    if os.environ.get(SWITCH, "").lower() in ("off", "0", "no", "false"):
        return NoVault(f"{SWITCH} is off")
    if sys.platform == "darwin":
        from woxly_tui.lobby.keychain import Keychain

        return Keychain()
    from woxly_tui._lib.session_bus import session_bus
    from woxly_tui.lobby.secret_service import SecretService

    bus = session_bus()
    return NoVault("there is no desktop session") if bus is None else SecretService(bus)
