"""Sessions on the database, whichever it is."""

import asyncio
import contextlib
import logging
import threading
import weakref
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from sqlalchemy import create_engine, event, func, make_url, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import NullPool, PoolProxiedConnection

from woxly_tui.errors import ConfigError
from woxly_tui.server.db.questions import Question, Worded, worded

BUSY_TIMEOUT_S: Final = 5.0
"""How long a writer of SQLite waits for one of another process, such as `woxly serve admin`."""

MIGRATING: Final = 0x776F78
CALL_NEWS: Final = MIGRATING + 1
"""Turns that are waited for (see `wait_turn`)."""

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}

_log = logging.getLogger(__name__)


def database_url(raw: str) -> URL:
    """The address of a database, with the driver that suits us.

    Raises:
        ConfigError: It cannot be read, or names a database that is not supported.
    """
    try:
        url = make_url(raw)
    except ArgumentError:
        raise ConfigError("DATABASE_URL cannot be read", _EXAMPLE) from None
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise ConfigError(f"DATABASE_URL names a {url.drivername} database", _EXAMPLE)
    return url.set(drivername=driver)


_EXAMPLE: Final = "write postgresql://USER:PASSWORD@HOST/NAME, or leave it out to use SQLite"


class Database:
    """One engine. SQLite allows one writer: ours wait in line, not in a poll. One event loop."""

    def __init__(self, url: URL) -> None:
        self.url: Final = url
        self.is_sqlite: Final = url.get_backend_name() == "sqlite"
        self._turn: contextlib.AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.is_sqlite else contextlib.nullcontext()
        )
        self.engine: Final = _make_engine(url, is_sqlite=self.is_sqlite)
        self._threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        event.listen(self.engine.sync_engine, "connect", self._note_thread)
        writing = self.engine.execution_options(is_writing=True)
        # No transaction to begin and to end: a third of the way to the database and back.
        self._asking = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._asking_here = _Asker(url) if self.is_sqlite else None
        self._words: dict[Question, Worded] = {}
        self._readers = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writers = async_sessionmaker(writing, expire_on_commit=False)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one moment of the database."""
        async with self._readers() as session:
            yield session

    async def ask(self, question: Question, **given: Any) -> Sequence[Any] | None:
        """The first row of an answer, as it is at this moment; None where there is none.

        A reader of SQLite waits for nobody, and a query by key is done before another thread
        would have woken up: it is asked in this one.
        """
        words = self._words.get(question)
        if words is None:
            words = self._words[question] = worded(question, self.engine.dialect)
        if self._asking_here is not None:
            rows: list[tuple[Any, ...]] = self._asking_here(words.sql, words.values(given))
            return rows[0] if rows else None
        async with self._asking.connect() as connection:
            found = await connection.exec_driver_sql(words.sql, words.values(given))
            return found.first()

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, undone by an exception."""
        async with self._turn, self._writers.begin() as session:
            yield session

    async def wait_turn(self, db: AsyncSession, what: int, which: int = 0) -> None:
        """Let one transaction after the other do something, whatever connection it is on.

        Args:
            db: A transaction of `write`; its end is the turn's end.
            what: One of the numbers in this file.
            which: A room, or what else may go on beside one another.
        """
        if not self.is_sqlite:  # there, every writer waits for the one before
            await db.execute(select(func.pg_advisory_xact_lock(what, which)))

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            async with asyncio.timeout(2.0), self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("the database does not answer: %s", type(error).__name__)
            return False
        return True

    async def aclose(self) -> None:
        """Close every connection, and wait for what a cancelled query left in its thread."""
        if self._asking_here is not None:
            self._asking_here.close()
        await self.engine.dispose()
        for thread in [thread for thread in self._threads if thread.is_alive()]:
            await asyncio.to_thread(thread.join, BUSY_TIMEOUT_S)

    def _note_thread(self, connection: Any, _record: Any) -> None:
        # The driver's own name for it: it tells nobody when it is done.
        thread = getattr(connection.driver_connection, "_thread", None)
        if isinstance(thread, threading.Thread):
            self._threads.add(thread)


def _make_engine(url: URL, *, is_sqlite: bool) -> AsyncEngine:
    if not is_sqlite:
        return create_async_engine(
            url, pool_size=10, max_overflow=10, pool_pre_ping=True, skip_autocommit_rollback=True
        )
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


class _Asker:
    """The one connection of the event loop's own thread; no transaction is ever on it."""

    def __init__(self, url: URL) -> None:
        engine = create_engine(
            url.set(drivername="sqlite"),
            connect_args={"timeout": BUSY_TIMEOUT_S},
            poolclass=NullPool,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        self._engine = engine
        self._held: PoolProxiedConnection | None = None
        self._raw: Any = None

    def __call__(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._raw is None:
            self._held = self._engine.raw_connection()
            self._raw = self._held.driver_connection
        # All of them: a cursor that is not at its end would keep this moment's database.
        found: list[tuple[Any, ...]] = self._raw.execute(sql, values).fetchall()
        return found

    def close(self) -> None:
        if self._held is not None:
            self._held.close()
        self._raw = self._held = None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    # A reader that turns writer midway is refused when another wrote since; so say it at once.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("is_writing") else "BEGIN")
