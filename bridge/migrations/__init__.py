"""The schema's history. :func:`migrate` brings a database to the newest version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from bridge.db import Database
from bridge.migrations.statistics import tell_the_planner
from bridge.models import metadata


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def migrate(database: Database, revision: str = "head") -> None:
    """Runs what is missing, each migration in a transaction. Repeatable."""
    config = _config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tell_the_planner(connection, metadata)
