"""Alembic's entry: the connection comes from :func:`bridge.migrations.migrate`."""

from __future__ import annotations

from alembic import context

from bridge.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
