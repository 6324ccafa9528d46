"""Brings the database to the form this version needs."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from woxly_tui.errors import ConfigError
from woxly_tui.server.db.database import Database

FOLDER: Final = Path(__file__).parent / "migrations"


async def migrate(database: Database) -> None:
    """Run what is missing of the migrations; nothing where nothing is.

    Raises:
        ConfigError: The database cannot be opened, or a newer woxly made it.
    """
    try:
        async with database.engine.connect() as connection:
            await connection.run_sync(_upgrade)
            await connection.commit()
    except (SQLAlchemyError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ConfigError(
            f"the database cannot be used: {cause}",
            "check DATABASE_URL, that the database runs, and who owns the data folder",
        ) from error


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return
    if current is not None and current not in {step.revision for step in script.walk_revisions()}:
        raise ConfigError(
            "a newer woxly made this database",
            "install that version again, or restore the backup made before the upgrade",
        )
    command.upgrade(config, "head")
