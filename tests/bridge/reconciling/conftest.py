"""Clean books, made once on each kind of database and copied for each test."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))
sys.path.insert(0, str(Path(__file__).parents[1] / "points"))

from corrupted import Merchant

from bridge.db import Database


@pytest.fixture(scope="session")
def sqlite_books(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Merchant]:
    path = tmp_path_factory.mktemp("books") / "clean.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    made = Merchant(database, path.parent)
    with database.reading() as session:
        session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    database.close()
    return path, made


@pytest.fixture(scope="session")
def postgresql_books(
    postgresql_server: URL, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Merchant]:
    name = f"books_{uuid.uuid4().hex}"
    _execute(postgresql_server, f"CREATE DATABASE {name} TEMPLATE template_bridge")
    database = Database(_url(postgresql_server, name))
    made = Merchant(database, tmp_path_factory.mktemp("books"))
    database.close()
    return name, made


@pytest.fixture
def sqlite_copy(sqlite_books: tuple[Path, Merchant], tmp_path: Path) -> Iterator[Merchant]:
    path, made = sqlite_books
    shutil.copy(path, tmp_path / "books.db")
    database = Database(f"sqlite:///{tmp_path / 'books.db'}")
    yield made.in_copy(database, tmp_path)
    database.close()


@pytest.fixture
def postgresql_copy(
    postgresql_server: URL, postgresql_books: tuple[str, Merchant], tmp_path: Path
) -> Iterator[Merchant]:
    template, made = postgresql_books
    name = f"copy_{uuid.uuid4().hex}"
    _execute(postgresql_server, f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(_url(postgresql_server, name))
    yield made.in_copy(database, tmp_path)
    database.close()
    _execute(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def merchant(request: pytest.FixtureRequest) -> Merchant:
    """Clean books, with a little of everything in them."""
    copied: Merchant = request.getfixturevalue(f"{request.param}_copy")
    return copied


@pytest.fixture
def check_book(merchant: Merchant) -> Callable[[], None]:
    from sound_book import assert_sound

    return lambda: assert_sound(merchant.database, merchant.workspace)


def _url(server: URL, name: str) -> str:
    return server.set(database=name).render_as_string(hide_password=False)


def _execute(server: URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
