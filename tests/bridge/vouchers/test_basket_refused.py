"""What a shop refuses to take off baskets is given back by itself, as soon as it is over."""

from __future__ import annotations

from typing import Any

import pytest
from basket_world import BasketWorld

from bridge.db import Database
from connectors.errors import Rejected


@pytest.fixture
def shops(database: Database) -> BasketWorld:
    return BasketWorld(database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("ends", ["his time is over", "he takes it back"])
def test_points_that_a_shop_refuses_to_show_come_back_without_a_person(
    shops: BasketWorld, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    def refuses(customer_id: str, held: Any) -> None:
        assert held is None, "nothing was ever written, so nothing is to be cleared"
        raise AssertionError

    def says_no(customer_id: str, held: Any) -> None:
        raise Rejected("The sales channel's currency is another one by now")

    member = shops.begin(1000)
    shops.ask(member, 500)
    monkeypatch.setattr(shops.shop, "hold", says_no)
    for _ in range(3):
        shops.bring()
        shops.later(minutes=15)
    assert shops.only().is_dead
    assert shops.standing(member) == (500, 500, 0)
    monkeypatch.setattr(shops.shop, "hold", refuses)
    if ends == "he takes it back":
        shops.ask(member, 0)
    assert shops.ended(member) == (1000, 0, 0)
