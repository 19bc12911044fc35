"""Makes ``trial`` importable, and gives tests a merchant whose bridge is a real process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

sys.path.insert(0, str(Path(__file__).parent))

from trial.kills import Undisturbed, undisturbed
from trial.merchant import Merchant, Size
from trial.postgresql import PostgresqlCopies
from trial.prepared import Prepared

SMALL = Size(articles=60, rows_each=2)


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str, Size], Prepared]]:
    """Shops that are connected, pulled and planned for, made once; every test begins from a
    copy."""
    made: dict[tuple[str, Size], Prepared] = {}

    def prepare(platform: str, size: Size) -> Prepared:
        if (platform, size) not in made:
            folder = tmp_path_factory.mktemp(platform)
            made[platform, size] = Prepared.make(platform, size, folder)
        return made[platform, size]

    yield prepare
    for one in made.values():
        one.close()


@pytest.fixture(scope="session")
def postgresql_copies(postgresql_server: URL) -> Iterator[PostgresqlCopies]:
    copies = PostgresqlCopies(postgresql_server)
    yield copies
    copies.close()


Merchants = Callable[..., Merchant]


@pytest.fixture
def merchants(
    prepared: Callable[[str, Size], Prepared],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Merchants:
    """``merchants(platform, size, database)``: the shop as at first, and a bridge that knows it
    and has sent nothing yet. Each call begins anew with the same shop."""
    count = 0

    def begin(platform: str, size: Size = SMALL, database: str = "sqlite") -> Merchant:
        nonlocal count
        count += 1
        ready = prepared(platform, size)
        folder = tmp_path / f"{platform}-{count}"
        if database == "sqlite":
            return ready.begin(folder)
        copies: PostgresqlCopies = request.getfixturevalue("postgresql_copies")
        return ready.begin(folder, copies.of(ready))

    return begin


@pytest.fixture(scope="session")
def whole_runs() -> dict[tuple[str, Size, str], Undisturbed]:
    return {}


@pytest.fixture
def whole(
    merchants: Merchants, whole_runs: dict[tuple[str, Size, str], Undisturbed]
) -> Callable[..., Undisturbed]:
    """``whole(platform, size, database)``: the run that nobody hurt, made once."""

    def measure(platform: str, size: Size = SMALL, database: str = "sqlite") -> Undisturbed:
        key = (platform, size, database)
        if key not in whole_runs:
            whole_runs[key] = undisturbed(merchants(*key))
        return whole_runs[key]

    return measure
