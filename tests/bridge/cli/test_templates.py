"""`templates`: from one workspace to another by command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database

from .conftest import Cli

sys.path.insert(0, str(Path(__file__).parents[1] / "web" / "admin"))

from agency import APPLE, APPLE_SHOP, PEAR, PEAR_SHOP, Agency


@pytest.fixture
def clients(cli: Cli, opened: Database) -> None:
    agency = Agency(Application(Settings(home=cli.home), opened, 1))
    agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)


NAMES = """\
sku: {APPLE-GIFT: pear-gift}
installation: {apple-m2: pear-sw}
store:
  apple-m2: pear-sw
  apple-m2/apple-de: ~
"""


def test_a_template_is_saved_shown_and_applied(cli: Cli, clients: None, tmp_path: Path) -> None:
    apple, pear = ("--workspace", "apple"), ("--workspace", "pear")
    sections = ("--section", "gifts", "--section", "redemption")
    saved = cli.ok(*apple, "templates", "save", "club", *sections)
    assert "Template club, of version 1: redemption, gifts" in saved
    assert cli.json(*pear, "templates", "list") == []
    (listed,) = cli.json(*pear, "templates", "list", "--all")
    assert (listed["workspace"], listed["sections"]) == ("apple", ["redemption", "gifts"])
    shown = cli.json(*pear, "templates", "show", "club", "--from", "apple")
    assert {one["name"]: one["suggested"] for one in shown["names"]} == {
        "apple-m2": None,
        "apple-m2/apple-de": None,
        "APPLE-GIFT": None,
    }
    refused = cli(*pear, "templates", "apply", "club", "--from", "apple", "--yes")
    assert refused.exit_code == 1 and "sku APPLE-GIFT" in refused.output

    file = tmp_path / "names.yaml"
    file.write_text(NAMES)
    how = ("apply", "club", "--from", "apple", "--map", str(file))
    looked = cli.json(*pear, "templates", *how, "--dry-run")
    assert looked["version"] == 1 and looked["left_out"] == ["redemption.automatic"]
    assert {one["path"][0] for one in looked["differences"]} == {"gifts", "redemption"}
    assert "Version 2 holds from now on." in cli.ok(*pear, "templates", *how, "--yes")
    assert "sku: pear-gift" in cli.ok(*pear, "program", "dump")
    again = cli.json(*pear, "templates", *how, "--yes")
    assert (again["version"], again["differences"]) == (2, [])
    cli.ok(*apple, "templates", "remove", "club")
    assert cli(*pear, "templates", *how, "--yes").exit_code == 1
