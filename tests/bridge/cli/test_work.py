"""`work --once` on the command line: what it tells, and its exit codes."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.engine import once
from bridge.engine.bench import Bench
from bridge.engine.protocol import Done, Scope, Step
from bridge.installations.models import Installation
from connectors.errors import Unreachable

DOWN = Unreachable("No connection to the shop")
seen: list[Bench] = []


def read(bench: Bench, shop: Installation) -> Done:
    seen.append(bench)
    if shop.name == "down":
        raise DOWN
    return Done({"fetched": 2}, remarks=("shop: order numbers jumped",))


def handle(bench: Bench) -> Done:
    return Done({"handled": 2})


@pytest.fixture
def cli(cli: Any, shops: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    seen.clear()
    found = (Step("poll", Scope.SHOP, shop=read), Step("handle", Scope.WORKSPACE, workspace=handle))
    monkeypatch.setattr(once, "steps", lambda settings: found)
    cli.add()
    return cli


def test_it_says_what_was_done(cli: Any) -> None:
    result = cli("work", "--once")
    assert result.exit_code == 0
    assert result.stdout == "what\thow many\nfetched\t2\nhandled\t2\n"
    assert "Warning: shop: order numbers jumped" in result.stderr


def test_a_store_that_is_down_is_one_line_and_exit_code_1(cli: Any, shops: Any) -> None:
    cli.add("down", shops.up("https://other.example", "other"))
    result = cli("work", "--once")
    assert result.exit_code == 1
    problem = f"poll: {DOWN}"
    assert f"down: {problem}" in result.stderr.splitlines()
    record = cli.json("work", "--once")
    assert record == {
        "counts": {"fetched": 2, "handled": 2},
        "stores": {"down": {}, "shop": {"fetched": 2}},
        "problems": [{"store": "down", "problem": problem}],
        "remarks": ["shop: order numbers jumped"],
    }


def test_since_is_a_day_of_the_programme(cli: Any, tmp_path: Any) -> None:
    file = tmp_path / "programme.yaml"
    file.write_text("programme: Acme\ncurrency: EUR\ntimezone: Europe/Berlin\n")
    cli.ok("program", "load", str(file))
    cli.ok("work", "--once", "--since", "2026-07-01")
    (bench,) = seen
    assert bench.since is not None
    assert bench.since.isoformat() == "2026-07-01T00:00:00+02:00"


def test_without_once_it_points_at_run(cli: Any) -> None:
    result = cli("work")
    assert result.exit_code == 2
    assert "loyalty-bridge run" in result.stderr
