"""Queries on paths that many take, and what cancelled ones leave behind."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, text

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.server.db.database import Database, database_url
from woxly_tui.server.db.migrate import migrate
from woxly_tui.server.db.models import WebhookSeen
from woxly_tui.server.db.questions import Question

WHEN = Question(select(WebhookSeen.received_at).where(WebhookSeen.id == bindparam("id")))
LATE = Question(
    select(WebhookSeen.id).where(WebhookSeen.id == bindparam("id"), WebhookSeen.received_at > 5)
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(database_url(f"sqlite:///{tmp_path / 'a.db'}"))
    await migrate(database)
    yield database
    await database.aclose()


async def note(database: Database, name: str, at: int) -> None:
    async with database.write() as db:
        await db.merge(WebhookSeen(id=name, received_at=at))


async def test_a_question_is_answered_as_things_are_now(database: Database) -> None:
    assert await database.ask(WHEN, id="a") is None
    for at in (1, 2):
        await note(database, "a", at)
        row = await database.ask(WHEN, id="a")
        assert row is not None
        assert row[0] == at


async def test_values_of_the_question_itself_count(database: Database) -> None:
    await note(database, "a", 5)
    assert await database.ask(LATE, id="a") is None
    await note(database, "a", 6)
    assert await database.ask(LATE, id="a") is not None


async def test_what_was_asked_keeps_no_old_moment(database: Database, tmp_path: Path) -> None:
    for number in range(3):
        await note(database, str(number), 1)
        assert await database.ask(WHEN, id="0") is not None
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("COMMIT")
        found = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert found.scalar() == 0, "somebody still reads"
        await connection.exec_driver_sql("BEGIN")
    assert (tmp_path / "a.db-wal").stat().st_size == 0


async def test_queries_cancelled_midway_leave_no_thread(tmp_path: Path) -> None:
    query = text(
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 50000)"
        " SELECT max(x) FROM c"
    )

    async def go_on(database: Database) -> None:
        while True:
            async with database.read() as db:
                await db.execute(query)

    before = threading.active_count()
    for wait_s in (0.0, 0.005, 0.02):
        database = Database(database_url(f"sqlite:///{tmp_path / 'b.db'}"))
        tasks = TaskOwner("queries")
        for number in range(4):
            tasks.start(go_on(database), name=str(number))
        await asyncio.sleep(wait_s)
        await tasks.aclose()
        await database.aclose()
    assert threading.active_count() <= before + 1  # asyncio's own, for `to_thread`
