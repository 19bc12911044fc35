"""`work --once`: from orders in two shops to the book, the tiers and back into the shops."""

from __future__ import annotations

from collections.abc import Callable

from engine_world import Merchant, programme

from bridge.engine.once import work_once

ANNA, BEN = "anna.albers@example.com", "ben.becker@example.com"


def test_orders_of_two_shops_become_one_balance_to_the_point(
    merchants: Callable[..., Merchant],
) -> None:
    """Net prices: Magento 34.00 and 32.00, Shopware 116.91 and 125.55, for Ben 106.52 and 114.39;
    a point for each whole euro of a line. Ben gives one of his second pieces back, in both."""
    merchant = merchants()
    merchant.load(programme())
    assert work_once(merchant.app).problems == {}
    for shop in merchant.shops:
        till = merchant.till(shop)
        first, second = till.skus()[:2]
        for email, pieces in ((ANNA, 3), (BEN, 1)):
            sale = till.order(email, {first: pieces, second: 2}, guest=False)
            till.pay(sale.order_id)
            till.send(sale.order_id)
        till.give_back(sale.order_id, {sale.lines[1].line_id: 1}, shipping=False)
    assert work_once(merchant.app).problems == {}
    anna = (102 + 64) + (350 + 251)
    ben = (34 + 64 - 32) + (106 + 228 - 114)
    assert (merchant.points(ANNA), merchant.points(BEN)) == ((anna, 0), (ben, 0))

    book = merchant.book()
    again = work_once(merchant.app)
    assert (again.problems, again.counts["handled"]) == ({}, 0)
    assert merchant.book() == book


def test_a_shop_that_is_down_holds_up_no_other(merchants: Callable[..., Merchant]) -> None:
    merchant = merchants()
    merchant.load(programme())
    work_once(merchant.app)
    merchant.till("magento").order(ANNA, {"24-MB01": 1}, guest=False)
    merchant.lock_out("shopware")
    result = work_once(merchant.app)
    assert set(result.problems) == {"shopware"}
    assert all("does not accept the access key" in one for one in result.problems["shopware"])
    assert len(result.problems["shopware"]) == 2  # what it was asked, and what it was to be told
    assert (result.is_good, result.shops["magento"]["fetched"]) == (False, 1)
    assert merchant.points(ANNA) == (34, 0)


def test_an_order_that_cannot_be_handled_is_named_and_does_not_hold_up_the_others(
    merchants: Callable[..., Merchant],
) -> None:
    merchant = merchants()
    merchant.load(programme(currency="CHF"))
    work_once(merchant.app)
    sale = merchant.till("magento").order(ANNA, {"24-MB01": 1}, guest=False)
    result = work_once(merchant.app)
    (problem,) = result.problems[""]
    assert problem.startswith(f"magento: order {sale.number}: Order {sale.number} is in EUR, and")
    assert "rates" in problem
    assert result.counts["failed"] == 1
    assert work_once(merchant.app).counts["failed"] == 0
