"""`init` makes what everything else needs, once, and says so; other commands ask for it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from bridge.db import Database
from bridge.schema import revisions


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_makes_home_key_database_and_workspace(bare) -> None:
    said = bare.ok("init")
    assert mode(bare.home) == 0o700
    assert mode(bare.home / "loyalty-bridge.keys") == 0o600
    assert (bare.home / "loyalty-bridge.db").exists()
    assert "Database made" in said
    assert "Keep a copy" in said
    assert "store add" in said.splitlines()[-1]


def test_keeps_what_is_there(bare) -> None:
    bare.ok("init")
    key = (bare.home / "loyalty-bridge.keys").read_bytes()
    said = bare.ok("init")
    assert (bare.home / "loyalty-bridge.keys").read_bytes() == key
    assert "was there already" in said


def test_makes_a_second_workspace(cli) -> None:
    made = cli.ok("init", "--workspace", "acme")
    assert "Workspace made: acme" in made
    there = cli.ok("--workspace", "acme", "init")
    assert "was there already: acme" in there
    for said in (made, there):
        assert "Next: loyalty-bridge --workspace acme store add" in said
    cli.ok("--workspace", "acme", "store", "list")


def test_refuses_a_workspace_name_that_marks_could_not_hold(cli) -> None:
    assert "cannot be a workspace" in cli.error("init", "--workspace", "a/b")


@pytest.mark.parametrize(
    "command",
    [
        ("store", "list"),
        ("store", "check"),
        ("store", "remove", "x"),
        ("program", "dump"),
        ("program", "versions"),
        ("keys", "rotate"),
    ],
    ids=" ".join,
)
def test_other_commands_ask_for_init(bare, command: tuple[str, ...]) -> None:
    assert "Run `loyalty-bridge init` first" in bare.error(*command)
    assert not bare.home.exists()


def test_an_empty_postgresql_database_asks_for_init_too(
    bare, postgresql_url: str, open_database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_database(postgresql_url).migrating() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", postgresql_url)
    assert "Run `loyalty-bridge init` first" in bare.error("store", "list")


def test_an_unknown_workspace_is_named_with_the_nearest(cli) -> None:
    cli.ok("init", "--workspace", "acme")
    line = cli.error("--workspace", "acne", "store", "list")
    assert "There is no workspace `acne`. Did you mean `acme`?" in line


@pytest.mark.parametrize(
    ("other", "advice"), [("newer", "newer version"), ("older", "loyalty-bridge init")]
)
def test_a_database_of_another_version_is_left_alone(
    cli, opened: Database, monkeypatch: pytest.MonkeyPatch, other: str, advice: str
) -> None:
    if other == "older":
        known = revisions()
        monkeypatch.setattr("bridge.schema.revisions", lambda: ("9999", *known))
    else:
        with opened.migrating() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert advice in cli.error("store", "list")


def test_a_lost_key_file_is_not_replaced_while_credentials_need_it(cli, shops) -> None:
    cli.add()
    (cli.home / "loyalty-bridge.keys").unlink()
    assert "is missing" in cli.error("init")
    assert not (cli.home / "loyalty-bridge.keys").exists()


def test_a_lost_key_file_is_made_anew_while_nothing_needs_it(cli) -> None:
    (cli.home / "loyalty-bridge.keys").unlink()
    assert "Encryption key made" in cli.ok("init")


def test_keys_of_the_environment_need_no_file(bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_BRIDGE_KEYS", bare.ok("keys", "new").strip())
    bare.ok("init")
    assert not (bare.home / "loyalty-bridge.keys").exists()
