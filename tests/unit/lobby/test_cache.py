"""What was shown last is there at once; a damaged file is none."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.lobby.test_happenings import BOOK, DM, ME
from woxly_tui._lib.json_file import MAX_BYTES
from woxly_tui.lobby.book import Book, Thread
from woxly_tui.lobby.cache import MAX_ACCOUNTS, MAX_MESSAGES, MAX_ROOMS, LobbyCache
from woxly_tui.social.model import Friend, MessageKind, PastCall, Person, Reaction, RoomMessage
from woxly_tui.types import MessageId, RoomId, Seconds, UserId

ORIGIN = "https://woxly.example"
NOW = Seconds(1_800_000_000.0)

CALL = PastCall(DM, "bob", Seconds(5.0), 12, is_incoming=True, server_id=3)
FULL = replace(BOOK, calls=(CALL,))


@pytest.fixture
def cache(tmp_path: Path) -> LobbyCache:
    return LobbyCache(tmp_path / "lobby", ORIGIN, ME)


def file_of(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "lobby").glob("*.json")
    return path


def test_a_book_comes_back_as_it_was_with_its_age(cache: LobbyCache, tmp_path: Path) -> None:
    assert cache.load() is None
    cache.save(FULL, NOW)
    found = cache.load()
    assert found == replace(FULL, as_of=NOW)
    path = file_of(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "woxly.example" not in path.name
    assert found is not None
    cache.save(found, Seconds(NOW + 999))  # nothing new came: it is as old as before
    again = cache.load()
    assert again is not None
    assert again.as_of == NOW


def test_every_account_has_its_own(cache: LobbyCache, tmp_path: Path) -> None:
    cache.save(FULL, NOW)
    assert LobbyCache(tmp_path / "lobby", ORIGIN, UserId(9)).load() is None
    assert LobbyCache(tmp_path / "lobby", "https://other.example", ME).load() is None
    cache.forget()
    assert cache.load() is None
    cache.forget()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "",
        lambda _: "[]",
        lambda text: text.replace('"version": 1', '"version": 2'),
        lambda text: text.replace('"friends": [', '"friends": [7, '),
        lambda text: text.replace('"messages": [', '"messages": [{"type": "friend"}, '),
        lambda text: text.replace('"5": {', '"five": {'),
        lambda text: text.replace(str(NOW), '"soon"'),
        lambda text: text.replace(f"{ORIGIN}#", "https://evil.example#"),
        lambda _: "[" * 100_000,
        lambda text: text + " " * MAX_BYTES,
    ],
)
def test_a_damaged_file_is_none(cache: LobbyCache, tmp_path: Path, damage: object) -> None:
    cache.save(FULL, NOW)
    path = file_of(tmp_path)
    assert callable(damage)
    path.write_text(damage(path.read_text()))
    assert cache.load() is None
    cache.save(FULL, NOW)
    assert cache.load() is not None


def message(number: int, text: str) -> RoomMessage:
    return RoomMessage(
        MessageId(number),
        DM,
        Person(UserId(2), "bob"),
        text,
        Seconds(1.0),
        MessageKind.TEXT,
        reactions=(Reaction("👍", (UserId(2),)),),
    )


def test_what_is_kept_is_bounded_and_the_newest_stays(cache: LobbyCache) -> None:
    many = tuple(message(number, "x" * 16_000) for number in range(400))
    rooms = tuple(replace(FULL.rooms[1], room=RoomId(DM + number)) for number in range(500))
    friends = tuple(Friend(Person(UserId(number), "n" * 64)) for number in range(1, 2000))
    book = replace(FULL, rooms=rooms, friends=friends, threads={DM: Thread(DM, many, False)})
    cache.save(book, NOW)
    found = cache.load()
    assert found is not None
    assert len(found.rooms) == MAX_ROOMS
    kept = found.threads[DM]
    assert 0 < len(kept.messages) <= MAX_MESSAGES
    assert kept.messages[-1].message == 399
    assert kept.has_older


def test_who_is_in_a_call_is_not_kept(cache: LobbyCache) -> None:
    live = replace(FULL.rooms[0], live=(Person(UserId(2), "bob"),), live_since=Seconds(4.0))
    cache.save(replace(FULL, rooms=(live,)), NOW)
    found = cache.load()
    assert found is not None
    assert (found.rooms[0].live, found.rooms[0].live_since) == ((), None)


def test_files_of_accounts_long_gone_are_removed(tmp_path: Path) -> None:
    for number in range(1, MAX_ACCOUNTS + 5):
        LobbyCache(tmp_path / "lobby", ORIGIN, UserId(number)).save(Book(UserId(number)), NOW)
    assert len(list((tmp_path / "lobby").iterdir())) == MAX_ACCOUNTS


def test_a_disk_that_fails_costs_only_the_memory_of_it(tmp_path: Path) -> None:
    (tmp_path / "lobby").write_text("no folder")
    cache = LobbyCache(tmp_path / "lobby", ORIGIN, ME)
    cache.save(FULL, NOW)
    assert cache.load() is None
    LobbyCache(None, ORIGIN, ME).save(FULL, NOW)
    assert json.dumps(LobbyCache(None, ORIGIN, ME).load()) == "null"
