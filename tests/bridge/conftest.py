"""Makes ``toyshop`` importable, and gives each test a world of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from toyshop import Style, World

from bridge.db import Database


@pytest.fixture
def worlds(database: Database, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes a merchant with stores in toy shops; several share the database."""
    made: list[World] = []

    def make(*styles: Style, workspace: str = "acme") -> World:
        made.append(World(database, tmp_path / "home", workspace))
        for style in styles:
            made[-1].open(style)
        return made[-1]

    yield make


@pytest.fixture
def numbered(worlds: Callable[..., World]) -> World:
    """One store, of a shop that numbers its groups and hangs prices on them."""
    return worlds(Style.NUMBERED)


@pytest.fixture
def ruled(worlds: Callable[..., World]) -> World:
    """One store, of a shop where groups get the id we choose and prices hang on rules."""
    return worlds(Style.RULED)


@pytest.fixture(params=[(Style.NUMBERED, "sqlite"), (Style.RULED, "postgresql")], ids="-".join)
def world(
    request: pytest.FixtureRequest, open_database: Callable[[str], Database], tmp_path: Path
) -> World:
    """One store, of either style; each style on another database, to save half of the time."""
    style, kind = request.param
    world = World(open_database(request.getfixturevalue(f"{kind}_url")), tmp_path / "home")
    world.open(style)
    return world
