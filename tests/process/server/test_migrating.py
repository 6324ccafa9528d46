"""Several processes that start at once on a database of an older version: one migrates it."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, text

from tests.process.server.running import env_for, woxly
from tests.rig.stores import PostgresServer, find_postgres
from woxly_tui.server.db.database import Database, database_url
from woxly_tui.server.db.migrate import alembic_config, head

AT_ONCE: Final = 4

OLD_USER: Final = text(
    "INSERT INTO users (id, woxly_id, email, username, username_key, user_tag, password_hash,"
    " status, email_verified, two_factor_enabled, created_at, updated_at) VALUES (1, 'WX1000',"
    " 'old@example.org', 'oldie', 'oldie', '0001', 'x', 'offline', false, false, 1, 1)"
)


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    if find_postgres() is None:
        pytest.skip("PostgreSQL is not installed")
    with PostgresServer() as server:
        yield server


def fill_old(connection: Connection) -> None:
    """The first version's tables, with somebody in them."""
    from alembic import command

    command.upgrade(alembic_config(connection), "0001")
    connection.execute(OLD_USER)


def state(connection: Connection) -> tuple[Any, list[str]]:
    versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(versions), list(connection.execute(text("SELECT email FROM users")).scalars())


async def on(url: str, act: Any) -> Any:
    database = Database(database_url(url))
    try:
        async with database.engine.begin() as connection:
            return await connection.run_sync(act)
    finally:
        await database.aclose()


def start_at_once(url: str, tmp_path: Path) -> None:
    asyncio.run(on(url, fill_old))
    words = ("serve", "admin", "users", "--database", url)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = list(pool.map(lambda _: woxly(*words, env=env_for(tmp_path)), range(AT_ONCE)))
    for one in ended:
        assert one.returncode == 0, one.stderr
        assert "old@example.org" in one.stdout
    assert asyncio.run(on(url, state)) == ([head()], ["old@example.org"])


def test_on_sqlite(tmp_path: Path) -> None:
    start_at_once(f"sqlite:///{tmp_path / 'old.db'}", tmp_path)


def test_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    start_at_once(postgres.database("old"), tmp_path)
