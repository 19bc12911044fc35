"""`gifts status` on the command line."""

from __future__ import annotations

from pathlib import Path

from .conftest import Cli, Shops

PROGRAMME = """
programme: Acme
currency: EUR
gifts:
  mug: {basket: 50, sku: MUG-1}
"""


def load(cli: Cli, tmp_path: Path, text: str = PROGRAMME) -> None:
    path = tmp_path / "programme.yaml"
    path.write_text(text)
    cli.ok("program", "load", str(path))


def test_a_store_that_was_never_read_is_said(cli: Cli, shops: Shops, tmp_path: Path) -> None:
    cli.add()
    load(cli, tmp_path)
    (record,) = cli.json("gifts", "status")
    name = record["store"]
    assert record["level"] == "not possible"
    assert f"loyalty-bridge pull {name}" in record["why"]
    assert (record["in_shop"], record["in_baskets"]) == (False, 0)
    said = cli.ok("gifts", "status")
    assert f"mug\t{name}\tnot possible\tno\t0\t0" in said
    assert f"mug in {name}: Nothing is known of it yet." in said
    planned = cli("plan").stdout
    assert f"{name}: Nothing is known of it yet." in planned
    assert f"{name}: {name}" not in planned, "it is named once"


def test_without_gifts_it_says_so(cli: Cli, tmp_path: Path) -> None:
    load(cli, tmp_path, "programme: Acme\ncurrency: EUR\n")
    assert cli.ok("gifts", "status") == "The programme has no gifts.\n"
    assert cli.json("gifts", "status") == []
