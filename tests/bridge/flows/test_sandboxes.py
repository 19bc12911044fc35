"""The same on what the two platforms really are like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from toyshop import World, programme

from bridge.application import Application
from bridge.db import Database
from bridge.demo.differences import differences
from bridge.installations.connecting import mark
from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from bridge.plugins import platforms, sandboxes
from connectors.base import Amount, Connection, Connector, TierKey, TierPrice, TierValue
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox

BASES = {"magento": "General", "shopware": "Standard customer group"}
NOT_A_WRITE = ("tier-prices-information", "/api/search/", "/api/oauth/token", "/admin/token")
MEMBER = "anna.albers@example.com"
SKU, OTHER, PARENT = "B2B-1134", "B2B-1135", "B2B-1282"


@dataclass
class Real:
    """A world whose only store is a sandbox."""

    world: World
    running: RunningSandbox
    sandbox: Sandbox

    @property
    def app(self) -> Application:
        return self.world.app

    def connector(self) -> Connector:
        connection = Connection(
            self.running.url,
            self.sandbox.credentials,
            self.sandbox.settings,
            mark(self.app.workspace, "shop"),
        )
        return platforms()[self.sandbox.name].connect(connection)

    def writes(self) -> list[str]:
        return [
            f"{call.method} {call.path}"
            for call in self.running.log.calls()
            if call.method != "GET" and not any(part in call.path for part in NOT_A_WRITE)
        ]

    def programme(self, first: str = "1.00", **more: Any) -> dict[str, Any]:
        base = BASES[self.sandbox.name]
        gold = {"name": "Gold", "base": base, "members": {"emails": MEMBER}, "move_from": ANY}
        tiers = [{"from": 1, "price": first}, {"from": 10, "percent": 90}]
        prices = {SKU: tiers, OTHER: [{"from": 5, "percent": 12.5}], PARENT: OF_VARIANTS}
        entry = {"groups": ["gold"], "prices": prices}
        return programme(groups={"gold": gold}, price_lists={"list": {**entry, **more}})

    def rows(self, sku: str) -> dict[int, TierValue]:
        """What gold pays for a product, by quantity."""
        connector = self.connector()
        (group,) = (one for one in connector.groups() if one.name == "Gold")
        (id_,) = (one.id for one in connector.products() if one.sku == sku)
        found = connector.tier_prices([id_], [connector.audience_id(group.id)])
        return {int(row.key.quantity): row.value for row in found}

    def type_in(self, sku: str, quantity: int, net: str) -> None:
        """Somebody changes a row that is there."""
        connector = self.connector()
        (group,) = (one for one in connector.groups() if one.name == "Gold")
        (id_,) = (one.id for one in connector.products() if one.sku == sku)
        rows = connector.tier_prices([id_], [connector.audience_id(group.id)])
        (row,) = (row for row in rows if row.key.quantity == quantity)
        gross = (Decimal(net) * Decimal("1.19")).quantize(Decimal("0.01"))
        amount = Amount("EUR", Decimal(net), None if self.sandbox.name == "magento" else gross)
        changed = TierPrice(row.key, TierValue(amounts=(amount,), until=row.value.until))
        assert connector.write_tier_prices([TierPrice(row.key, changed.value, row.native_id)]) == []


ANY = ["General", "Standard customer group", "Dealer", "Key account"]
OF_VARIANTS = [{"from": 1, "percent": 5}, {"from": 20, "percent": 10}]


@pytest.fixture(scope="module", params=["magento", "shopware"])
def running(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, RunningSandbox]]:
    sandbox = sandboxes()[request.param]
    with sandbox.serve(products=581, customers=9) as served:
        yield sandbox, served


@pytest.fixture
def real(running: tuple[Sandbox, RunningSandbox], database: Database, tmp_path: Path) -> Real:
    sandbox, served = running
    served.reset()
    world = World(database, tmp_path / "home", more_platforms=platforms())
    world.connect("shop", sandbox.name, served.url, sandbox.credentials, dict(sandbox.settings))
    return Real(world, served, sandbox)


def test_prices_arrive_a_second_apply_sends_nothing_and_undo_restores(real: Real) -> None:
    before = real.running.dump()
    real.world.set_up(real.programme())
    assert set(real.rows(SKU)) == {1, 10}
    assert real.rows(OTHER)
    assert real.world.said(RemarkKind.PROBLEM) == []
    assert any(PARENT in one.label for one in real.world.deliveries(kind="price"))

    sent = len(real.writes())
    assert sent
    assert real.world.apply().written.run is None
    real.world.pull()
    plan = real.world.plan()
    assert (plan.total, plan.agreements) == (0, 0)
    assert len(real.writes()) == sent

    real.world.undo(1)
    assert differences(before, real.running.dump()) == []
    assert not any(real.world.bindings(kind) for kind in ("group", "audience", "price"))


def test_what_someone_changed_is_asked_about_and_decided(real: Real) -> None:
    real.world.set_up(real.programme())
    real.type_in(SKU, 1, "0.77")
    real.world.load(real.programme("0.90"))
    real.world.apply()
    assert real.rows(SKU)[1].amounts[0].net == Decimal("0.77")
    assert real.world.states()["conflict"] == 1
    assert len(real.world.said(RemarkKind.CONFLICT)) == 1
    real.world.resolve(Choice.PROGRAMME)
    real.world.apply()
    assert real.rows(SKU)[1].amounts[0].net == Decimal("0.90")
    assert real.world.states() == {"done": real.world.states()["done"], "cancelled": 1}


def test_taking_everything_down_and_bringing_it_back(real: Real) -> None:
    before = real.running.dump()
    real.world.set_up(real.programme())
    prices = real.rows(SKU), real.rows(OTHER)
    real.world.load(programme(groups={}, price_lists={}))
    real.world.apply()
    assert real.world.states() == {"done": len(real.world.deliveries())}
    assert differences(before, real.running.dump()) == []

    real.world.undo(2)  # Magento gives the group another number
    assert real.world.states() == {"done": len(real.world.deliveries())}
    assert (real.rows(SKU), real.rows(OTHER)) == prices
    real.world.load(real.programme())
    real.world.pull()
    plan = real.world.plan()
    assert (plan.total, plan.of(RemarkKind.CONFLICT)) == (0, [])


def test_rows_of_others_are_never_touched(real: Real) -> None:
    """Whatever the shop had before the bridge came, and one more on the group's own key."""
    connector = real.connector()
    base = next(one for one in connector.groups() if one.name == BASES[real.sandbox.name])
    before = real.running.dump()
    products = {one.sku: one.id for one in connector.products()}
    everything = list(products.values())
    size = connector.capabilities.tier_products_per_read
    foreign = {
        (row.key, row.native_id): row.value
        for start in range(0, len(everything), size)
        for row in connector.tier_prices(everything[start : start + size])
    }
    real.world.set_up(real.programme())
    for (key, native), value in foreign.items():
        there = connector.tier_prices([key.product_id])
        assert TierPrice(key, value, native) in there
    if real.sandbox.name == "magento":
        key = TierKey(SKU, "", base.id, Decimal(1))
        mine = TierPrice(key, TierValue(amounts=(Amount("EUR", net=Decimal("0.55")),)))
        connector.write_tier_prices([mine])
        real.world.undo(1)
        assert mine in connector.tier_prices([SKU])
        connector.remove_tier_prices([mine])
    else:
        real.world.undo(1)
    assert differences(before, real.running.dump()) == []
