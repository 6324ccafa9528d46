"""Who is signed in where, kept in a file."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from woxly_tui.errors import SignInNeeded, UsageError, WoxlyError
from woxly_tui.lobby.accounts import Account, AccountStore, signed_in
from woxly_tui.lobby.vault import Entry, VaultClosed

ANN: Final = Account("https://one.example", 1, "ann", "WX1000", "access-1", "refresh-1")
OTHER: Final = replace(ANN, origin="https://two.example:8443", user_id=7)


@pytest.fixture
def store(tmp_path: Path) -> AccountStore:
    return AccountStore(tmp_path / "deep" / "accounts.json")


def test_accounts_of_several_servers_are_kept_the_last_one_first(store: AccountStore) -> None:
    store.put(ANN)
    store.put(OTHER)
    assert store.load() == [OTHER, ANN]
    assert store.find() == OTHER
    assert store.find(ANN.origin) == ANN
    store.remove(OTHER)
    assert store.find() == ANN


def test_nobody_else_can_read_the_file(store: AccountStore, tmp_path: Path) -> None:
    store.put(ANN)
    path = tmp_path / "deep" / "accounts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    os.close(store.lock())
    assert {other.stat().st_mode & 0o777 for other in path.parent.iterdir()} == {0o600}
    path.chmod(0o644)
    with pytest.raises(WoxlyError, match="others"):
        store.load()


def test_new_tokens_do_not_bring_back_who_signed_out(store: AccountStore) -> None:
    store.put(ANN)
    assert store.renew(ANN, "access-2", "refresh-2").access_token == "access-2"
    found = store.find()
    assert found is not None
    assert found.refresh_token == "refresh-2"
    store.remove(ANN)
    store.renew(ANN, "access-3", "refresh-3")
    assert store.load() == []


@pytest.mark.parametrize("text", ["", "[]", '{"accounts": 3}', '{"accounts": [{"x": 1}, 2]}'])
def test_a_broken_file_counts_as_none(store: AccountStore, tmp_path: Path, text: str) -> None:
    store.put(ANN)
    (tmp_path / "deep" / "accounts.json").write_text(text)
    assert store.load() == []


def test_tokens_show_in_no_repr() -> None:
    assert "access-1" not in repr(ANN)
    assert "refresh-1" not in repr(ANN)


BOB: Final = replace(ANN, user_id=2, username="bob", woxly_id="WX1001")


def test_two_accounts_on_one_server_are_two(store: AccountStore) -> None:
    store.put(ANN)
    store.put(BOB)
    store.put(Account(ANN.origin, 1, "ann", "WX1000", "access-2", "refresh-2"))
    assert [one.name for one in store.load()] == ["ann@one.example", "bob@one.example"]
    store.use(BOB)
    assert store.find() == BOB
    for which in ("ann", "WX1000", "ann@one.example", "ANN@one.example (wx1000)"):
        found = store.find(which)
        assert found is not None
        assert found.user_id == ANN.user_id
    with pytest.raises(UsageError, match=r"may be several: bob@one\.example"):
        store.find("https://one.example/api/")
    with pytest.raises(UsageError, match="no account is called eve"):
        store.find("eve")
    store.remove(BOB)
    assert [one.username for one in store.load()] == ["ann"]
    store.remove(ANN)
    assert store.find() is None
    with pytest.raises(SignInNeeded, match="not signed in"):
        signed_in(store)


class Box:
    """A keyring that can be locked."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_locked = False

    def _open(self) -> dict[str, str]:
        if self.is_locked:
            raise VaultClosed("the keyring is locked")
        return self.kept

    def get(self, entry: Entry) -> str | None:
        return self._open().get(entry.key)

    def put(self, entry: Entry, secret: str) -> None:
        self._open()[entry.key] = secret

    def remove(self, entry: Entry) -> None:
        self._open().pop(entry.key, None)


def test_tokens_in_a_keyring_are_in_no_file(tmp_path: Path) -> None:
    box = Box()
    store = AccountStore(tmp_path / "accounts.json", box)
    assert store.put(ANN) == ""
    assert store.put(OTHER) == ""
    assert "access-1" not in store.path.read_text()
    assert "refresh-1" not in store.path.read_text()
    found = store.find("ann@one.example")
    assert found == replace(ANN, is_in_keyring=True)
    store.renew(found, "access-2", "refresh-2")
    assert "access-2" not in store.path.read_text()
    again = store.get(ANN)
    assert again is not None
    assert (again.access_token, again.refresh_token) == ("access-2", "refresh-2")
    store.remove(ANN)
    assert len(box.kept) == 1


def test_a_keyring_that_is_locked_meanwhile_loses_no_token(tmp_path: Path) -> None:
    box = Box()
    store = AccountStore(tmp_path / "accounts.json", box)
    store.put(ANN)
    box.is_locked = True
    with pytest.raises(SignInNeeded, match="locked") as caught:
        store.find()
    assert "woxly login https://one.example" in caught.value.remedy
    # Tokens that were renewed just then go where they can go.
    store.renew(ANN, "access-2", "refresh-2")
    found = store.find()
    assert found is not None
    assert found.refresh_token == "refresh-2"
    box.is_locked = False
    box.kept.clear()
    store.put(ANN)
    box.kept.clear()
    with pytest.raises(SignInNeeded, match="not in the keyring"):
        store.find()
    box.kept[f"{ANN.origin}#{ANN.user_id}"] = "nonsense"
    with pytest.raises(SignInNeeded, match="not in the keyring"):
        store.find()
