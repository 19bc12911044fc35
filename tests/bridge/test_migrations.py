"""The migrations build exactly the tables the code speaks of."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.db import Database
from bridge.migrations import _config, migrate
from bridge.models import TABLES, metadata
from bridge.schema import revisions


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


def test_names_of_files_tell_the_revisions_and_the_newest() -> None:
    scripts = ScriptDirectory.from_config(_config())
    assert set(revisions()) == {script.revision for script in scripts.walk_revisions()}
    assert revisions()[0] == scripts.get_current_head()
