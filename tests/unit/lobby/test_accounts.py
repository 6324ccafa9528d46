"""Who is signed in where, kept in a file."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from woxly_tui.errors import WoxlyError
from woxly_tui.lobby.accounts import Account, AccountStore

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
