"""`program …`: versions that never change, and messages that name file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import select

from bridge.db import Database
from bridge.programme import service
from bridge.programme.models import ProgrammeVersion
from bridge.workspaces.service import workspace_id

from .conftest import Cli

GOOD = """\
programme: Acme B2B
currency: EUR
groups:
  gold:
    name: Gold
    base: General
price_lists:
  gold-prices:
    groups: gold
    prices:
      SKU-1: [{from: 1, price: 9.50}, {from: 10, price: 9.00}]
"""
BAD_ROW = GOOD + "      SKU-2: [{from: 1, percent: 120}]\n"
BROKEN = GOOD.replace("groups: gold\n", "groups: golf\n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "programme.yaml"
    path.write_text(GOOD)
    return path


def test_load_makes_a_version_and_only_a_change_makes_another(cli, file: Path) -> None:
    assert "Version 1, loaded: 1 group, 1 price list." in cli.ok("program", "load", str(file))
    file.write_text("# a comment changes nothing\n" + GOOD)
    assert "Version 1, unchanged" in cli.ok("program", "load", str(file))
    file.write_text(GOOD.replace("9.00", "8.00"))
    assert "Version 2, loaded" in cli.ok("program", "load", str(file))
    file.write_text(GOOD)
    assert "Version 3, loaded" in cli.ok("program", "load", str(file))
    assert [entry["number"] for entry in cli.json("program", "versions")["versions"]] == [3, 2, 1]


def test_dump_is_a_file_that_says_the_same(cli, file: Path) -> None:
    cli.ok("program", "load", str(file))
    file.write_text(cli.ok("program", "dump"))
    assert "Version 1, unchanged" in cli.ok("program", "load", str(file))


def test_dump_of_an_older_version(cli, file: Path) -> None:
    cli.ok("program", "load", str(file))
    file.write_text(GOOD.replace("Acme B2B", "Acme Two"))
    cli.ok("program", "load", str(file))
    assert "Acme B2B" in cli.ok("program", "dump", "--version", "1")
    assert "Acme Two" in cli.ok("program", "dump")
    assert "no version 9" in cli.error("program", "dump", "--version", "9")


def test_a_file_that_is_not_understood_changes_nothing(cli, file: Path, opened: Database) -> None:
    file.write_text(BROKEN)
    result = cli("program", "load", str(file))
    assert result.exit_code == 1
    assert 'programme.yaml:9 price_lists.gold-prices.groups[1]: there is no group "golf"' in (
        result.stderr
    )
    assert "Nothing was stored" in result.stderr
    with opened.reading() as session:
        assert session.exec(select(ProgrammeVersion)).all() == []


def test_a_bad_row_is_listed_and_the_rest_is_loaded(cli, file: Path, opened: Database) -> None:
    file.write_text(BAD_ROW)
    result = cli("program", "load", str(file))
    assert result.exit_code == 0
    assert "programme.yaml:12 " in result.stderr
    assert "Version 1, loaded" in result.stdout
    with opened.reading() as session:
        (version,) = session.exec(select(ProgrammeVersion)).all()
    (problem,) = json.loads(version.problems)
    assert (problem["file"], problem["line"], problem["severity"]) == (
        "programme.yaml",
        12,
        "error",
    )


def test_the_current_programme_is_the_newest(cli, file: Path, opened: Database) -> None:
    with opened.reading() as session:
        workspace = workspace_id(session, "default")
        assert service.current(session, workspace) is None
    cli.ok("program", "load", str(file))
    file.write_text(GOOD.replace("9.50", "9.25"))
    cli.ok("program", "load", str(file))
    with opened.reading() as session:
        found = service.current(session, workspace)
    assert found is not None
    number, programme = found
    assert number == 2
    assert str(programme.price_lists["gold-prices"].prices["SKU-1"][0].price) == "9.25"


def test_versions_of_another_workspace_are_not_seen(cli, file: Path) -> None:
    cli.ok("init", "--workspace", "acme")
    cli.ok("program", "load", str(file))
    assert cli.json("--workspace", "acme", "program", "versions") == {"versions": []}
    assert "No programme was loaded" in cli.error("--workspace", "acme", "program", "dump")


@pytest.mark.parametrize(
    ("text", "code", "usable", "lines"),
    [(GOOD, 0, True, []), (BAD_ROW, 1, True, [12]), (BROKEN, 1, False, [9])],
    ids=["good", "bad row", "broken"],
)
def test_validate_says_where_and_stores_nothing(
    bare, file: Path, text: str, code: int, usable: bool, lines: list[int]
) -> None:
    file.write_text(text)
    result = bare("program", "validate", str(file), "--json")
    assert result.exit_code == code
    told = json.loads(result.stdout)
    assert told["usable"] is usable
    assert [problem["line"] for problem in told["problems"]] == lines
    assert not bare.home.exists()


def test_stores_that_are_not_connected_are_named_with_their_line(cli, shops, file: Path) -> None:
    file.write_text(GOOD + "    stores: [berln, berlin/outlt]\n")
    assert cli("program", "validate", str(file)).exit_code == 0
    cli.add("berlin")
    result = cli("program", "validate", str(file))
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert "programme.yaml:12 price_lists.gold-prices.stores[1]: there is no installation" in first
    assert "Did you mean berlin?" in first
    assert 'berlin has no store "outlt". Did you mean outlet?' in second
    assert cli("program", "load", str(file)).exit_code == 0


def test_a_version_of_another_release_is_one_line(cli, file: Path, opened: Database) -> None:
    cli.ok("program", "load", str(file))
    with opened.writing() as session:
        version = session.exec(select(ProgrammeVersion)).one()
        version.document = '{"programme": "x", "currency": "EUR", "points": 5}'
        session.add(version)
    assert "cannot be read by this release" in cli.error("program", "dump")


def test_what_a_new_version_leaves_out_is_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "programme.yaml"
    head = "programme: Acme\ncurrency: EUR\n"
    path.write_text(head + "points: {}\ngroups: {gold: {name: G, base: B}}\n")
    assert "also had" not in cli("program", "load", str(path)).output
    path.write_text("programme: Acme\ncurrency: EUR\n")
    told = cli("program", "load", str(path))
    assert told.exit_code == 0
    assert "Version 1 also had groups: gold; points" in told.output
