"""Alembic runs this: migrate over the connection that `migrate.py` hands over."""

from alembic import context

from woxly_tui.server.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
