"""Brings the database to the form this version needs."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from woxly_tui.errors import ConfigError
from woxly_tui.server.db.database import MIGRATING, Database
from woxly_tui.server.db.models import Base

FOLDER: Final = Path(__file__).parent / "migrations"

_VERSION: Final = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
)
"""Alembic's own table."""


def head() -> str:
    """The newest revision: its file's name begins with it."""
    names = [path.name for path in (FOLDER / "versions").glob("[0-9]*.py")]
    return max(name.partition("_")[0] for name in names)


async def migrate(database: Database) -> None:
    """Run what is missing of the migrations; nothing where nothing is.

    Raises:
        ConfigError: The database cannot be opened, or a newer woxly made it.
    """
    try:
        async with database.write() as session:
            await database.wait_turn(session, MIGRATING)
            await session.run_sync(lambda _session: upgrade(_session.connection()))
    except (SQLAlchemyError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ConfigError(
            f"the database cannot be used: {cause}",
            "check DATABASE_URL, that the database runs, and who owns the data folder",
        ) from error


def upgrade(connection: Connection) -> None:
    """Migrate over a connection; an empty database gets its tables in one step.

    Raises:
        ConfigError: A newer woxly made the database.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        Base.metadata.create_all(connection)
        _VERSION.create(connection)
        connection.execute(insert(_VERSION).values(version_num=head()))
        return
    current = None
    if _VERSION.name in tables:
        current = connection.scalar(select(_VERSION.c.version_num))
    if current != head():  # Alembic takes a third of a second to load
        _run_alembic(connection, current)


def _run_alembic(connection: Connection, current: str | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config(connection)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise ConfigError(
            "a newer woxly made this database",
            "install that version again, or restore the backup made before the upgrade",
        )
    command.upgrade(config, "head")


def alembic_config(connection: Connection) -> Any:
    """What Alembic's commands need, to work over a connection of ours."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
