"""The keyring over a real D-Bus session; and one that is locked, asks, is frozen, or is none."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.bus import HAS_BUS, Bus
from tests.unit.lobby.test_accounts import ANN
from woxly_tui._lib.session_bus import session_bus
from woxly_tui.errors import SignInNeeded
from woxly_tui.lobby.accounts import AccountStore
from woxly_tui.lobby.secret_service import SecretService
from woxly_tui.lobby.vault import Entry, VaultClosed, desktop_vault

pytestmark = pytest.mark.skipif(not HAS_BUS, reason="needs dbus-daemon")

ONE = Entry("https://one.example#1", "woxly: ann")
OTHER = Entry("https://one.example#2", "woxly: bob")


@pytest.fixture
def bus() -> Iterator[Bus]:
    with Bus() as made:
        yield made


def test_secrets_are_kept_replaced_and_forgotten_each_by_itself(bus: Bus) -> None:
    bus.services()
    vault = SecretService(bus.address)
    assert vault.get(ONE) is None
    vault.put(ONE, "first")
    vault.put(OTHER, "other ünï")
    vault.put(ONE, "second")
    assert vault.get(ONE) == "second"
    vault.remove(ONE)
    vault.remove(ONE)
    assert (vault.get(ONE), vault.get(OTHER)) == (None, "other ünï")


@pytest.mark.parametrize(
    ("switch", "why"), [("locked", "locked"), ("no-default", "set up"), ("asks", "asks")]
)
def test_a_keyring_that_wants_somebody_is_not_waited_for(bus: Bus, switch: str, why: str) -> None:
    bus.services(switch)
    with pytest.raises(VaultClosed, match=why):
        SecretService(bus.address).put(ONE, "first")


def test_without_a_keyring_the_file_keeps_the_tokens_and_it_is_said_why(
    bus: Bus, tmp_path: Path
) -> None:
    store = AccountStore(tmp_path / "accounts.json", SecretService(bus.address))
    assert "there is none" in store.put(ANN)
    assert store.find() == ANN
    assert store.path.stat().st_mode & 0o777 == 0o600


def test_a_frozen_bus_costs_its_time_limit_and_no_more(bus: Bus, tmp_path: Path) -> None:
    bus.services()
    vault = SecretService(bus.address, limit_s=0.3)
    store = AccountStore(tmp_path / "accounts.json", vault)
    assert store.put(ANN) == ""
    bus.freeze()
    began = time.monotonic()
    with pytest.raises(SignInNeeded, match="does not answer"):
        store.find()
    assert "does not answer" in store.put(ANN)
    assert time.monotonic() - began < 5  # not the 25 s of D-Bus, nor for ever
    assert store.find() == ANN


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", "tcp:host=x,port=1"])
def test_a_bus_that_is_not_there_is_no_keyring(address: str) -> None:
    with pytest.raises(VaultClosed):
        SecretService(address, limit_s=0.3).get(ONE)


def test_the_switch_and_a_machine_without_a_desktop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WOXLY_KEYRING", "off")
    with pytest.raises(VaultClosed, match="WOXLY_KEYRING"):
        desktop_vault().get(ONE)
    monkeypatch.delenv("WOXLY_KEYRING")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert session_bus() is None


@pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("secret-tool")),
    reason="needs gnome-keyring-daemon and secret-tool",
)
def test_the_keyring_of_gnome(bus: Bus, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    env |= {"DBUS_SESSION_BUS_ADDRESS": bus.address, "HOME": str(tmp_path)}
    env |= {"XDG_RUNTIME_DIR": str(tmp_path)}
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
    )
    assert daemon.stdin is not None
    assert daemon.stdout is not None
    try:
        daemon.stdin.write(b"a password\n")
        daemon.stdin.close()
        daemon.stdout.readline()  # it says where it is once it is on the bus
        vault = SecretService(bus.address)
        vault.put(ONE, "kept there")
        words = ["secret-tool", "lookup", "application", "woxly", "account", ONE.key]
        told = subprocess.run(
            words, env=env, capture_output=True, text=True, timeout=10, check=True
        )
        assert told.stdout.strip() == "kept there"
        vault.remove(ONE)
        assert vault.get(ONE) is None
    finally:
        daemon.kill()
        daemon.wait()
        daemon.stdout.close()
