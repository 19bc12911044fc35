"""What is known of a shop decides what is done there; not to know is not "nothing"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col
from toyshop import Raises, World, programme

from bridge.catalogue.models import Pull, ShopProduct
from bridge.catalogue.pulling import OVERLAP
from bridge.members.models import ShopCustomer
from bridge.plans.parts import RemarkKind
from bridge.plans.service import pull_all
from bridge.prices.models import ShopPrice
from connectors.errors import AnswerLost, NotFound


def stored(world: World, column: object) -> list[str]:
    with world.app.database.reading() as session:
        return sorted(session.execute(select(column)).scalars())  # type: ignore[call-overload]


def test_a_store_that_was_never_pulled_is_not_planned_for(world: World) -> None:
    world.load(programme())
    (said,) = world.said(RemarkKind.PROBLEM)
    assert "Run `loyalty-bridge pull shop1` first" in said
    world.apply()
    assert not world.shop.calls


def test_a_catalogue_without_products_takes_no_prices_away(world: World) -> None:
    world.set_up(programme())
    products = dict(world.shop.products)
    world.shop.products.clear()
    world.pull()
    assert any("no product of shop1 is known" in one for one in world.said(RemarkKind.PROBLEM))
    sent = len(world.shop.writes())
    world.apply()
    assert len(world.shop.writes()) == sent
    assert len(world.bindings("price")) == 2
    world.shop.products.update(products)
    world.pull()
    assert world.plan().total == 0


def test_a_product_that_vanished_is_forgotten_and_the_others_stay(world: World) -> None:
    tiers = [{"from": 1, "price": "9.00"}]
    lists = {"list": {"groups": ["gold"], "prices": {"A": tiers, "B": tiers}}}
    world.set_up(programme(price_lists=lists))
    gone = world.shop.product_id("B")
    del world.shop.products[gone]
    for key, native in list(world.shop.prices):
        if key.product_id == gone:
            del world.shop.prices[key, native]
    world.pull()
    plan = world.plan()
    assert (plan.total, plan.agreements) == (0, 1)
    world.apply()
    assert [key.split("\t")[0] for key in world.bindings("price")] == [world.shop.product_id("A")]


def test_a_shop_that_refuses_to_speak_of_a_vanished_product_can_be_pulled(world: World) -> None:
    world.pull()
    gone = world.shop.product_id("B")
    del world.shop.products[gone]
    asked: list[str] = []

    def mood(name: str) -> Raises | None:
        if name == "tier_prices":
            asked.extend(world.shop.calls[-1].rows)
            if gone in world.shop.calls[-1].rows:
                return Raises(NotFound("There is no such product"))
        return None

    world.shop.mood = mood
    world.pull()
    assert asked == [world.shop.product_id(sku) for sku in "AC"]
    assert stored(world, col(ShopProduct.product_id)) == asked


@pytest.mark.parametrize("name", ["shop", "groups", "products", "tier_prices", "customers"])
def test_a_pull_that_breaks_off_loses_nothing(world: World, name: str) -> None:
    world.set_up(programme())
    columns = [col(ShopProduct.product_id), col(ShopPrice.key), col(ShopCustomer.customer_id)]
    before = [stored(world, column) for column in columns]
    pulled_at = world.installations()["shop1"].pulled_at
    world.clock.pause(60)
    world.shop.events[name] = [Raises(AnswerLost("Cut off"))]
    if name == "products":
        world.shop.events[name] = [None, Raises(AnswerLost("Cut off"))]
    result = pull_all(world.app)
    assert [failure.installation for failure in result.failures] == ["shop1"]
    assert [stored(world, column) for column in columns] == before
    assert world.installations()["shop1"].pulled_at == pulled_at
    assert world.plan().total == 0
    with world.app.database.reading() as session:
        errors = session.execute(select(Pull.error).order_by(col(Pull.id))).scalars().all()
    assert "Cut off" in errors[-1]
    world.pull()
    assert world.plan().total == 0


def test_one_store_that_fails_does_not_hold_up_another(world: World) -> None:
    second = world.open(world.shop.style, "shop2")
    second.events["groups"] = [Raises(AnswerLost("Cut off"))]
    result = pull_all(world.app)
    assert [report.installation for report in result.reports] == ["shop1"]
    assert [failure.installation for failure in result.failures] == ["shop2"]


def test_customers_are_asked_for_with_an_overlap(world: World) -> None:
    """Change times are whole seconds, and visible only after the shop's transaction ended."""
    world.pull()
    first = world.installations()["shop1"].pulled_at
    assert first is not None
    world.clock.pause(600)
    world.pull()
    asked = [call.rows[0] for call in world.shop.calls if call.name == "customers"]
    assert asked == [None, first - OVERLAP]
    assert timedelta(minutes=1) <= OVERLAP


def test_a_customer_seen_twice_is_stored_as_he_is_last(world: World) -> None:
    world.pull()
    world.clock.pause(1)
    world.shop.move("mia@example.com", "2")
    world.pull()
    world.pull()
    assert stored(world, col(ShopCustomer.group_id)) == ["2"]


def test_addresses_are_compared_as_mail_servers_do(world: World) -> None:
    world.shop.register(" Ada@EXAMPLE.com ")
    world.pull()
    assert "ada@example.com" in stored(world, col(ShopCustomer.email))
