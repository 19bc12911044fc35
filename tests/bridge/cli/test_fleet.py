"""`fleet`: every workspace of the database."""

from __future__ import annotations

from .conftest import Cli


def test_every_workspace_is_listed(cli: Cli) -> None:
    cli.ok("--workspace", "other", "init")
    found = cli.json("fleet")
    assert [one["workspace"] for one in found] == sorted(one["workspace"] for one in found)
    assert {one["level"] for one in found} == {"ok"} and len(found) == 2
    assert "other" in cli.ok("fleet")
