"""Promotions on what the two platforms really are like: texts come back as they were sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from toyshop import World

from bridge.db import Database
from bridge.installations.connecting import mark
from bridge.plans.parts import RemarkKind
from bridge.plugins import platforms, sandboxes
from connectors.base import Connection
from connectors.rewards import HeldPromotion
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox

BASES = {"magento": "General", "shopware": "Standard customer group"}
SKU, OTHER = "B2B-1134", "B2B-1135"


@dataclass
class Real:
    world: World
    running: RunningSandbox
    sandbox: Sandbox

    def held(self) -> dict[str, HeldPromotion]:
        connection = Connection(
            self.running.url,
            self.sandbox.credentials,
            self.sandbox.settings,
            mark(self.world.app.workspace, "shop"),
        )
        promotions = platforms()[self.sandbox.name].connect(connection).promotions
        assert promotions is not None
        return {one.key: one for one in promotions.all()}

    def programme(self, basket: str = "50.00") -> dict[str, Any]:
        """A rule for everyone, one for a group that is made in the same run, two discounts."""
        base = BASES[self.sandbox.name]
        return {
            "programme": "Acme",
            "currency": "EUR",
            "timezone": "Europe/Berlin",
            "groups": {"gold": {"name": "Gold", "base": base}},
            "gifts": {
                "mug": {"basket": basket, "sku": SKU, "quantity": 2},
                "cup": {"basket": "80", "sku": OTHER, "when": {"group": "gold"}},
            },
            "campaigns": {
                "sale": {
                    "instant": True,
                    "from": "2026-01-01",
                    "until": "2026-01-07",
                    "give": {"percent": 10},
                },
                "set": {"together": [SKU, OTHER], "give": {"percent": "12.5"}},
            },
        }


@pytest.fixture(scope="module", params=["magento", "shopware"])
def running(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, RunningSandbox]]:
    sandbox = sandboxes()[request.param]
    with sandbox.serve(products=581, customers=9) as served:
        yield sandbox, served


@pytest.fixture
def real(
    running: tuple[Sandbox, RunningSandbox], open_database: Any, sqlite_url: str, tmp_path: Path
) -> Real:
    sandbox, served = running
    served.reset()
    database: Database = open_database(sqlite_url)
    world = World(database, tmp_path / "home", more_platforms=platforms())
    world.connect("shop", sandbox.name, served.url, sandbox.credentials, dict(sandbox.settings))
    return Real(world, served, sandbox)


def rule(key: str) -> str:
    """Without the store."""
    return key.rpartition(":")[0]


def test_they_arrive_once_follow_the_programme_and_go_with_the_undo(real: Real) -> None:
    before = real.running.dump()
    real.world.set_up(real.programme())
    assert real.world.said(RemarkKind.PROBLEM) == []
    first = real.held()
    assert {rule(key) for key in first} == {"gift:mug", "gift:cup", "auto:sale", "auto:set"}
    assert real.world.apply().written.run is None
    real.world.pull()
    assert real.world.plan().total == 0

    real.world.load(real.programme("60.00"))
    real.world.apply()
    changed = real.held()
    assert {rule(key) for key in first if first[key] != changed[key]} == {"gift:mug"}
    assert {key: one.native_id for key, one in changed.items()} == {
        key: one.native_id for key, one in first.items()
    }
    real.world.pull()
    assert real.world.plan().total == 0

    real.world.undo(2)
    assert real.held() == first
    real.world.undo(1)
    assert real.held() == {}
    assert {part: rows for part, rows in real.running.dump().items() if rows != before[part]} == {}


def test_vouchers_a_shop_cannot_make_are_told_before_anybody_is_promised_one(real: Real) -> None:
    """Magento's cart price rules know no end of a percentage."""
    capped = {"percent": 10, "maximum": 50}
    thanks = {"plain": {"give": {"percent": 10}}, "capped": {"give": capped}}
    real.world.set_up({"programme": "Acme", "currency": "EUR", "next_purchase": thanks})
    said = real.world.said(RemarkKind.PROBLEM)
    if real.sandbox.name == "shopware":
        assert said == []
    else:
        assert [line.partition(" in ")[0] for line in said] == ["vouchers of next_purchase.capped"]
        assert "maximum" in said[0] or "at most" in said[0]
    assert real.held() == {}
