"""A Magento that gets the module: its customers see their points with the next round of work,
wherever they earned them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine_world import Merchant, programme

from bridge.engine.once import work_once
from connectors.magento.sandbox.module_desk import ModuleDesk

ANNA = "anna.albers@example.com"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everybodys_points_are_there_at_once(merchants: Callable[..., Merchant]) -> None:
    merchant = merchants()
    merchant.load(programme())
    magento = merchant.shops["magento"].state
    desk = ModuleDesk(magento)
    anna = magento.customers.by_email(ANNA)["id"]
    everybody = {row["id"] for row in magento.customers.rows.values()}

    def buy(shop: str) -> int:
        """What Magento shows her more of."""
        before = shown()
        till = merchant.till(shop)
        till.order(ANNA, {till.skus()[0]: 1}, guest=False)
        work()
        return shown() - before

    def shown() -> int:
        return int(magento.module.balances.get(anna, {}).get("available", 0))

    def work() -> None:
        assert work_once(merchant.app).problems == {}

    assert buy("shopware") == 0
    desk.install()
    work()
    assert magento.module.balances.keys() == everybody
    assert shown() == merchant.points(ANNA)[0] > 0
    assert buy("shopware") > 0
