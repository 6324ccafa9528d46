import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from woxly_tui.errors import ConfigError
from woxly_tui.server.db.database import Database, database_url
from woxly_tui.server.db.migrate import alembic_config, head, migrate
from woxly_tui.server.db.models import Base


async def on(path: Path, act: Any) -> Any:
    """Do something over a connection, and keep it."""
    database = Database(database_url(f"sqlite:///{path}"))
    try:
        async with database.engine.connect() as connection:
            found = await connection.run_sync(act)
            await connection.commit()
            return found
    finally:
        await database.aclose()


async def migrated(path: Path) -> None:
    database = Database(database_url(f"sqlite:///{path}"))
    try:
        await migrate(database)
    finally:
        await database.aclose()


def by_alembic(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def back_to_nothing(connection: Connection) -> None:
    from alembic import command

    command.downgrade(alembic_config(connection), "base")


def differences(connection: Connection) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def revision(connection: Connection) -> Any:
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


async def test_migrations_lead_to_what_the_models_say(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await on(path, by_alembic)
    assert await on(path, differences) == []
    assert await on(path, revision) == head()


async def test_a_new_database_is_the_same_as_a_migrated_one(tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    await migrated(path)
    assert await on(path, differences) == []
    assert await on(path, revision) == head()
    await migrated(path)


async def test_an_old_database_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    await on(path, by_alembic)
    await on(path, back_to_nothing)
    await migrated(path)
    assert await on(path, differences) == []


async def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    await migrated(path)
    await on(path, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(ConfigError, match="newer woxly"):
        await migrated(path)


@pytest.mark.parametrize("url", ["mysql://h/n", "nonsense", "sqlite+what://"])
def test_other_databases_are_refused_with_a_remedy(url: str) -> None:
    if url.startswith("sqlite"):
        assert database_url(url).drivername == "sqlite+aiosqlite"
        return
    with pytest.raises(ConfigError):
        database_url(url)


async def test_a_database_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "e.db").mkdir()
    with pytest.raises(ConfigError, match="cannot be used"):
        await migrated(tmp_path / "e.db")
    for thread in threading.enumerate():  # a connection that failed waits for its thread no more
        if "_connection_worker" in thread.name:
            await asyncio.to_thread(thread.join, 5)
