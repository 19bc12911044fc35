"""A credential is typed once and seen never again: not on the screen, in a log, or at rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from bridge.db import Database
from connectors.errors import ShopFault

SECRET = "S3CR3T-b81fd0-never-shown"
EVERY_COMMAND = [
    ("init",),
    ("store", "list"),
    ("store", "list", "--json"),
    ("store", "check"),
    ("store", "check", "--json"),
    ("store", "set", "shop", "scope=website"),
    ("store", "set", "shop", "--url", "https://www.shop.example"),
    ("store", "set", "shop", "--url", f"https://me:{SECRET}@shop.example"),
    ("keys", "rotate"),
    ("program", "versions"),
    ("store", "remove", "shop", "--yes"),
]


@pytest.fixture
def tables(opened: Database) -> MetaData:
    """Whatever tables there are, those that no model knows too."""
    found = MetaData()
    found.reflect(opened.engine)
    return found


def everything_stored(database: Database, tables: MetaData) -> str:
    with database.reading() as session:
        rows = [row for table in tables.sorted_tables for row in session.execute(select(table))]
    return "\n".join(map(str, rows))


@pytest.fixture(params=["fine", "refused", "repeated"])
def mood(request: pytest.FixtureRequest, shops) -> str:
    """How the shop takes the credentials after it was connected."""
    mood: str = request.param
    return mood


def test_no_command_ever_shows_a_credential(
    cli, shops, mood: str, opened: Database, tables: MetaData
) -> None:
    shops.token = SECRET
    args = ("store", "add", "shop", "--platform", "orchard", "--url", shops.url)
    said = [cli("-v", *args, "--credentials", "-", stdin=f"api_token={SECRET}")]
    assert said[0].exit_code == 0
    if mood == "refused":
        shops.token = "the shop has another one now"
    if mood == "repeated":
        shops.at[shops.url] = ShopFault(f'{{"sent": "{SECRET}", "header": "Bearer {SECRET}"}}')
    shops.up("https://www.shop.example", "main", "outlet")
    for command in EVERY_COMMAND:
        said.append(cli("--verbose", *command))
        assert SECRET not in everything_stored(opened, tables)
    for result in said:
        assert SECRET not in result.output
        assert SECRET not in result.stderr


def test_no_file_holds_a_credential(bare, shops) -> None:
    shops.token = SECRET
    bare.ok("init")
    bare.add(token=SECRET)
    bare.ok("store", "check")
    files = [path for path in bare.home.rglob("*") if path.is_file()]
    assert bare.home / "loyalty-bridge.db" in files
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_credentials_can_be_read_back_with_the_key(cli, shops) -> None:
    """So that the two tests above do not hold because nothing was stored."""
    shops.token = SECRET
    cli.add(token=SECRET)
    cli.ok("store", "check")
    assert shops.seen[-1].credentials == {"api_token": SECRET}


def test_a_credential_in_a_careless_log_line_is_masked(cli, shops) -> None:
    shops.token = SECRET

    def careless(connection):
        import logging

        logging.getLogger("careless").warning("signed in with %s", connection.credentials)
        return connect(connection)

    connect, shops.connect = shops.connect, careless
    args = ("store", "add", "shop", "--platform", "orchard", "--url", shops.url)
    result = cli(*args, "--credentials", "-", stdin=f"api_token={SECRET}")
    assert "signed in with" in result.stderr
    assert SECRET not in result.stderr


@pytest.mark.parametrize("command", ["add", "set"])
def test_credential_files_are_not_repeated_when_they_are_unreadable(
    cli, shops, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "keys"
    file.write_bytes(f"api_token={SECRET}\xff".encode("latin-1"))
    cli.add()
    args = {
        "add": ("add", "other", "--platform", "orchard", "--url", "https://o.example"),
        "set": ("set", "shop"),
    }
    line = cli.error("store", *args[command], "--credentials", str(file))
    assert "not UTF-8" in line
    assert SECRET not in line
