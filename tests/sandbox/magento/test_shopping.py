"""People who shop at random: the same with the same seed, and what they tell is what the shop
says."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.magento.sandbox import SANDBOX
from connectors.sandbox.shopper import Deed, Habits, shop_around

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def without_times(deeds: list[Deed]) -> list[Deed]:
    return [replace(deed, at=BEGINNING, sale=replace(deed.sale, at=BEGINNING)) for deed in deeds]


def test_the_same_seed_shops_alike_and_another_one_differently() -> None:
    days = []
    for seed in (5, 5, 6):
        with SANDBOX.serve(products=60, customers=12) as shop:
            days.append(without_times(shop_around(shop, seed, orders=40)))
    assert days[0] == days[1] != days[2]


@pytest.fixture(scope="module")
def day() -> Any:
    with SANDBOX.serve(products=200, customers=30) as shop:
        yield shop, shop_around(shop, seed=11, orders=300)


def test_all_kinds_of_things_happen(day: Any) -> None:
    shop, deeds = day
    kinds = Counter(deed.kind for deed in deeds)
    assert kinds["ordered"] == 300
    assert min(kinds[kind] for kind in ("paid", "sent", "refunded", "cancelled")) >= 10
    states = {order.state for order in shop.state.orders.entries.rows.values()}
    assert states == {"new", "processing", "complete", "closed", "canceled"}
    sales = [deed.sale for deed in deeds if deed.kind == "ordered"]
    assert any(not sale.customer_id for sale in sales)
    assert any(line.discount_net for sale in sales for line in sale.lines)
    assert any(line.net != line.gross for sale in sales for line in sale.lines)


def test_the_money_told_is_the_money_in_the_shop(day: Any) -> None:
    shop, deeds = day
    orders = shop.state.orders.entries.rows
    back: dict[str, Decimal] = defaultdict(Decimal)
    for deed in deeds:
        sale = deed.sale
        lines = sum((line.gross - line.discount_gross for line in sale.lines), Decimal(0))
        assert lines + sale.shipping_gross == sale.total
        if deed.kind == "refunded":
            back[sale.order_id] += sale.total
    for deed in (deed for deed in deeds if deed.kind == "ordered"):
        order = orders[int(deed.sale.order_id)]
        assert order.money["grand_total"] == deed.sale.total
        assert order.amount("total_refunded") == back[deed.sale.order_id]
        assert order.amount("total_refunded") <= order.amount("total_paid")


def test_books_of_every_order_add_up(day: Any) -> None:
    """What was invoiced and cancelled is what was ordered, and rows sum to their order."""
    shop, _ = day
    for order in shop.state.orders.entries.rows.values():
        rows = [row for row in order.rows if not row.is_child]
        for name, of_rows in (
            ("subtotal_invoiced", "row_invoiced"),
            ("tax_invoiced", "tax_invoiced"),
            ("subtotal_refunded", "amount_refunded"),
            ("tax_refunded", "tax_refunded"),
        ):
            total = sum((row.money.get(of_rows, Decimal(0)) for row in rows), Decimal(0))
            assert order.amount(name) == total, (order.number, name)
        for row in rows:
            qty = row.qty
            assert qty.refunded <= qty.invoiced <= qty.ordered - qty.canceled


def test_stock_is_what_was_not_sent_and_not_promised(day: Any) -> None:
    shop, _ = day
    promised: Counter[int] = Counter()
    for order in shop.state.orders.entries.rows.values():
        for row in (row for row in order.rows if not order.children(row)):
            gone = row.qty.shipped + (row.parent or row).qty.canceled
            promised[row.product_id] += int(row.qty.ordered - gone)
    reserved = {one: int(qty) for one, qty in shop.state.stock.reserved.items() if qty}
    sample = {one: count for one, count in promised.items() if count}
    assert {one: reserved.get(one, 0) for one in sample} == sample


def test_months_pass_where_they_are_asked_to(shop: Any) -> None:
    deeds = shop_around(shop, seed=2, orders=30, over=timedelta(days=90))
    times = [deed.at for deed in deeds]
    assert times == sorted(times)
    assert timedelta(days=80) < times[-1] - times[0] <= timedelta(days=90)
    assert times[-1] <= datetime.now(UTC)
    assert abs(shop.state.till().now() - datetime.now(UTC)) < timedelta(minutes=1)
    created = [order.fields["created_at"] for order in shop.state.orders.entries.rows.values()]
    assert created == sorted(created)


def test_a_thousand_orders_take_seconds() -> None:
    with SANDBOX.serve() as shop:
        began = time.monotonic()
        shop_around(shop, seed=1, orders=1000)
        assert time.monotonic() - began < 20


def test_a_shop_without_people_says_so() -> None:
    with SANDBOX.serve(products=0, customers=0) as shop:
        shop.state.customers.remove(1)
        with pytest.raises(LookupError, match="nobody to buy"):
            shop_around(shop, seed=1, orders=1)


def test_habits_can_be_others(shop: Any) -> None:
    always = Habits(guests=1, cancelled=0, paid=1, sent=1, returned=0)
    deeds = shop_around(shop, seed=4, orders=10, habits=always)
    assert Counter(deed.kind for deed in deeds) == {"ordered": 10, "paid": 10, "sent": 10}
    assert {deed.sale.customer_id for deed in deeds} == {""}


def test_new_services_know_faults_privileges_and_the_log(client: Any, shop: Any) -> None:
    shop.faults.set(shop={"missing_privileges": ["Magento_Sales::actions_view"]})
    refused = client("GET", "orders", searchCriteria="")
    assert (refused.status_code, refused.json()["parameters"]) == (
        401,
        {"resources": "Magento_Sales::actions_view"},
    )
    assert [call.path for call in shop.log.calls()][-1] == "/rest/all/V1/orders"


def test_a_reset_forgets_the_sales(shop: Any) -> None:
    before = shop.dump()
    shop_around(shop, seed=9, orders=5)
    assert len(shop.dump()["orders"]) == 7
    shop.reset()
    assert shop.dump() == before
