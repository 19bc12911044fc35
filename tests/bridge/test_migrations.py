"""The migrations build exactly the tables the code speaks of."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bridge.db import Database
from bridge.migrations import migrate
from bridge.models import TABLES, metadata


def test_migrated_schema_equals_the_models(database: Database) -> None:
    with database.migrating() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    migrate(database)


def test_every_table_of_a_merchant_names_its_workspace() -> None:
    without = {table.__tablename__ for table in TABLES if "workspace_id" not in table.model_fields}
    above = {"users", "user_sessions", "recovery_codes", "sign_in_failures", "web_secrets"}
    assert without == {"workspaces"} | above
