"""Orders that took off points which nobody can be charged for are named to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from basket_world import BasketWorld

from bridge.db import Database
from connectors.sales import Order


@pytest.fixture
def shops(database: Database) -> BasketWorld:
    return BasketWorld(database)


def with_key(order: Order, key: str) -> Order:
    return replace(order, codes=tuple(replace(one, code=key) for one in order.codes))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_points_that_the_books_do_not_know_or_another_customers_are_named(
    shops: BasketWorld,
) -> None:
    shops.begin(1000)
    other = shops.shopper(1000, "c2")
    shops.put_in(other, 500, "c2")
    lost = with_key(shops.order("1", "c2"), "lostwiththedatabase")
    copied = replace(shops.order("2", "c2"), customer_id="c1")
    shops.sells(lost, copied, replace(lost, id="3", cancelled_at=lost.placed_at))
    assert [(one.voucher_id > 0, one.text.partition(":")[0]) for one in shops.odd] == [
        (
            False,
            f"Order {lost.number} took 5.00 EUR off for points (lostwiththedatabase), and nobody "
            "was charged",
        ),
        (
            True,
            f"Order {copied.number} took 5.00 EUR off for points ({copied.codes[0].code}), and "
            "nobody was charged",
        ),
    ]
    assert shops.standing(other) == (500, 500, 0), "what is held for him is still his"
    shops.odd.clear()
    shops.sells(shops.order("4", "c2"))
    assert shops.odd == []
