"""Two price lists that speak of the same row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.programme.document import Group, Hold, PriceList, Programme, Rule
from bridge.programme.issues import Place
from bridge.programme.resolved import Resolved
from bridge.programme.rules import ladders
from bridge.programme.tiers import Tier

SHOP = "magento-de"
NINE = (Tier(1, Decimal(9)),)
EIGHT = (Tier(1, Decimal(8)),)


def resolve(catalogue: Any, **price_lists: PriceList) -> Resolved:
    chosen = Programme(
        name="Acme",
        currency="EUR",
        groups={name: Group(name=name, base={"*": "General"}) for name in ("gold", "silver")},
        price_lists=price_lists,
    )
    places = {
        f"price_lists.{key}.prices.A": Place("programme.yaml", line)
        for line, key in enumerate(price_lists, start=10)
    }
    return ladders(chosen, catalogue, SHOP, places)


def for_gold(**fields: Any) -> PriceList:
    return PriceList(groups=("gold",), **fields)


def test_different_prices_for_one_row_are_held_with_both_places(product: Any, shop: Any) -> None:
    resolved = resolve(
        shop(product("A"), product("B")),
        one=PriceList(groups=("gold", "silver"), prices={"A": NINE, "B": NINE}),
        two=for_gold(prices={"A": EIGHT}),
    )
    assert {(ladder.sku, ladder.group_key) for ladder in resolved.ladders} == {
        ("A", "silver"),
        ("B", "gold"),
        ("B", "silver"),
    }
    assert {(ladder.sku, ladder.group_key) for ladder in resolved.held} == {("A", "gold")}
    assert [str(problem) for problem in resolved.problems] == [
        "programme.yaml:11 price_lists.two.prices.A: wants other prices than "
        "programme.yaml:10 price_lists.one.prices.A for A (group gold): keep one of the two; "
        "until then the shops keep what they have"
    ]


def test_equal_prices_are_wanted_once_for_the_whole_installation(product: Any, shop: Any) -> None:
    resolved = resolve(
        shop(product("A")),
        one=for_gold(prices={"A": NINE}, stores=("magento-de/base",)),
        two=for_gold(prices={"A": NINE}),
    )
    (ladder,) = resolved.ladders
    assert (ladder.list_key, ladder.store_code) == ("two", None)
    assert resolved.held == resolved.problems == ()


def test_a_store_and_its_installation_want_the_same_row(product: Any, shop: Any) -> None:
    resolved = resolve(
        shop(product("A")),
        one=for_gold(prices={"A": NINE}),
        two=for_gold(prices={"A": EIGHT}, stores=("magento-de/base",)),
    )
    assert resolved.ladders == ()
    assert {ladder.store_code for ladder in resolved.held} == {None, "base"}


def test_other_stores_and_currencies_are_other_rows(product: Any, shop: Any) -> None:
    resolved = resolve(
        shop(product("A")),
        one=for_gold(prices={"A": NINE}, stores=("magento-de/base",)),
        two=for_gold(prices={"A": EIGHT}, stores=("magento-de/outlet",)),
        three=for_gold(prices={"A": EIGHT}, currency="CHF"),
    )
    assert len(resolved.ladders) == 3
    assert resolved.held == resolved.problems == ()


def test_what_one_list_holds_no_other_list_writes(product: Any, shop: Any) -> None:
    resolved = resolve(
        shop(product("A")),
        one=for_gold(hold=(Hold(sku="A"),)),
        two=for_gold(prices={"A": EIGHT}),
    )
    assert resolved.ladders == ()
    assert {ladder.list_key for ladder in resolved.held} == {"one", "two"}


def test_two_rules_that_differ_are_one_message(product: Any, shop: Any) -> None:
    resolved = resolve(
        shop(*(product(f"A-{number}") for number in range(30))),
        one=for_gold(rules=(Rule(sku=("*",), tiers=(Tier(1, percent=Decimal(5)),)),)),
        two=for_gold(rules=(Rule(sku=("*",), tiers=(Tier(1, percent=Decimal(6)),)),)),
    )
    assert resolved.ladders == ()
    assert len(resolved.held) == 60
    (problem,) = resolved.problems
    assert "for A-0, A-1, A-2, A-3, A-4 and 25 more (group gold)" in problem.message
