"""What was shown is kept while its account is signed in, and no longer."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.lobby.test_accounts import ANN
from woxly_tui._lib.clock import SystemClock
from woxly_tui.engine import lobby_memory
from woxly_tui.engine.lobby_memory import LobbyMemory
from woxly_tui.lobby.accounts import AccountStore
from woxly_tui.lobby.book import Book
from woxly_tui.social.model import Friend, Person
from woxly_tui.types import UserId

BOOK = Book(UserId(ANN.user_id), ANN.origin, friends=(Friend(Person(UserId(2), "bob")),))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AccountStore:
    monkeypatch.setenv("WOXLY_PROFILE", str(tmp_path))
    made = AccountStore.own()
    made.put(ANN)
    return made


def memory(store: AccountStore) -> LobbyMemory:
    return LobbyMemory(ANN, store, SystemClock(), lambda: BOOK)


async def test_it_is_there_at_the_next_start(store: AccountStore) -> None:
    first = memory(store)
    assert await first.recall() is None
    first.note()
    first.note()
    await first.aclose()
    found = await memory(store).recall()
    assert found is not None
    assert found.as_of is not None
    assert replace(found, as_of=None) == BOOK


async def test_changes_are_written_while_it_runs(
    store: AccountStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lobby_memory, "SETTLE_S", 0.0)
    one = memory(store)
    one.note()
    (task,) = one._tasks._tasks
    await task
    assert await one.recall() is not None
    await one.aclose()


async def test_nothing_is_kept_of_who_signed_out(store: AccountStore, tmp_path: Path) -> None:
    one = memory(store)
    one.note()
    await one.aclose()
    store.remove(ANN)
    late = memory(store)
    late.note()
    await late.aclose()
    assert list((tmp_path / "lobby").glob("*.json")) == []
