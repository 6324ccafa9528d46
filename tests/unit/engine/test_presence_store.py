"""What an account chose that its friends see, from one engine to the next."""

from dataclasses import replace
from pathlib import Path

import pytest

from woxly_tui.engine.presence_store import FILE_NAME, PresenceStore, reminder
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.social.model import Presence

ANN = Account("http://one.example", 1, "ann", "WX1", "a", "r")
BOB = replace(ANN, user_id=2, username="bob")


@pytest.fixture
def accounts(tmp_path: Path) -> AccountStore:
    store = AccountStore(tmp_path / "accounts.json")
    store.put(ANN)
    store.put(BOB)
    return store


def test_each_account_has_its_own(accounts: AccountStore) -> None:
    PresenceStore(accounts).save(ANN, Presence.DND)
    PresenceStore(accounts).save(BOB, Presence.AWAY)
    kept = PresenceStore(accounts)
    assert (kept.load(ANN), kept.load(BOB)) == (Presence.DND, Presence.AWAY)
    kept.save(ANN, Presence.ONLINE)
    assert (kept.load(ANN), kept.load(BOB)) == (Presence.ONLINE, Presence.AWAY)


def test_an_account_that_was_signed_out_is_forgotten(accounts: AccountStore) -> None:
    kept = PresenceStore(accounts)
    kept.save(ANN, Presence.DND)
    accounts.remove(ANN)
    kept.save(BOB, Presence.BUSY)
    assert (kept.load(ANN), kept.load(BOB)) == (Presence.ONLINE, Presence.BUSY)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"http://one.example#1": 7}', '{"x": "dnd"}'])
def test_what_cannot_be_read_counts_as_online(accounts: AccountStore, text: str) -> None:
    accounts.path.with_name(FILE_NAME).write_text(text)
    assert PresenceStore(accounts).load(ANN) is Presence.ONLINE


def test_whoever_is_not_online_is_reminded() -> None:
    assert [one for one in Presence if reminder(one) is None] == [Presence.ONLINE]
