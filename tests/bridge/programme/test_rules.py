"""From price lists to the ladders of one installation."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bridge.programme.document import Group, Hold, Policy, PriceList, Programme, Rule
from bridge.programme.loading import LoadedProgramme
from bridge.programme.resolved import Resolved
from bridge.programme.rules import ladders
from bridge.programme.tiers import Tier
from connectors.base import Basis, ProductKind, Severity, Step

SHOP = "magento-de"


def price(amount: str, quantity: int = 1, **more: Any) -> Tier:
    return Tier(quantity, Decimal(amount), **more)


def off(percent: int, quantity: int = 1, **more: Any) -> Tier:
    return Tier(quantity, percent=Decimal(percent), **more)


def programme(**price_lists: PriceList) -> Programme:
    names = ("gold", "silver")
    return Programme(
        name="Acme",
        currency="EUR",
        groups={name: Group(name=name.title(), base={"*": "General"}) for name in names},
        price_lists=price_lists,
    )


def gold(**fields: Any) -> PriceList:
    return PriceList(groups=("gold",), **fields)


def wanted(resolved: Resolved) -> dict[str, tuple[Step, ...]]:
    """Steps by SKU, of programmes that serve one group in one store and currency."""
    return {ladder.sku: ladder.steps for ladder in resolved.ladders}


def held(resolved: Resolved) -> set[tuple[str, str]]:
    return {(ladder.sku, ladder.group_key) for ladder in resolved.held}


def messages(resolved: Resolved) -> list[str]:
    return [str(problem) for problem in resolved.problems]


# -- what a ladder says ----------------------------------------------------------------------


def test_a_ladder_carries_what_its_price_list_says(product: Any, shop: Any) -> None:
    entry = PriceList(
        groups=("gold", "silver"),
        stores=("magento-de/base", "shopware-de"),
        currency="CHF",
        prices_are=Basis.GROSS,
        policy=Policy.RESTORE,
        take_over=True,
        prices={"A": (price("8.90", 10), price("9.90"))},
    )
    first, second = ladders(programme(b2b=entry), shop(product("A")), SHOP).ladders
    assert (first.sku, first.group_key, first.store_code) == ("A", "gold", "base")
    assert (first.currency, first.basis) == ("CHF", Basis.GROSS)
    assert (first.policy, first.take_over, first.list_key) == (Policy.RESTORE, True, "b2b")
    assert first.steps == (Step(1, Decimal("9.9")), Step(10, Decimal("8.9")))
    assert first.origin.field == "price_lists.b2b.prices.A"
    assert second.group_key == "silver"
    assert second.steps is first.steps


def test_currency_and_basis_come_from_the_programme_by_default(product: Any, shop: Any) -> None:
    entry = gold(prices={"A": (price("1"),)})
    chosen = programme(b2b=entry).model_copy(update={"prices_are": Basis.GROSS})
    (ladder,) = ladders(chosen, shop(product("A")), SHOP).ladders
    assert (ladder.currency, ladder.basis, ladder.store_code) == ("EUR", Basis.GROSS, None)


def test_a_list_for_other_stores_says_nothing_here(product: Any, shop: Any) -> None:
    entry = gold(stores=("shopware-de",), prices={"A": (price("1"),), "Z": (price("1"),)})
    assert ladders(programme(b2b=entry), shop(product("A")), SHOP) == Resolved()


def test_a_group_with_own_tiers_takes_only_those(product: Any, shop: Any) -> None:
    tiers = (price("9"), price("8", 10), price("7", group="gold"), price("6", currency="CHF"))
    entry = PriceList(groups=("gold", "silver"), prices={"A": tiers})
    found = ladders(programme(b2b=entry), shop(product("A")), SHOP).ladders
    assert {(one.group_key, one.currency): one.steps for one in found} == {
        ("gold", "EUR"): (Step(1, Decimal(7)),),
        ("silver", "EUR"): (Step(1, Decimal(9)), Step(10, Decimal(8))),
        ("silver", "CHF"): (Step(1, Decimal(6)),),
    }


# -- rules -----------------------------------------------------------------------------------


def test_own_prices_win_over_rules_and_the_first_rule_over_later_ones(
    product: Any, shop: Any
) -> None:
    entry = gold(
        prices={"A": (price("1"),)},
        rules=(
            Rule(category=("Tools",), tiers=(off(5),)),
            Rule(sku=("*",), tiers=(off(2),)),
        ),
    )
    catalogue = shop(product("A", "Tools"), product("B", "Tools/Saws"), product("C", "Toys"))
    assert wanted(ladders(programme(b2b=entry), catalogue, SHOP)) == {
        "A": (Step(1, Decimal(1)),),
        "B": (Step(1, percent=Decimal(5)),),
        "C": (Step(1, percent=Decimal(2)),),
    }


@pytest.mark.parametrize(
    ("category", "skus"),
    [
        ("Fasteners", {"A", "B"}),
        ("fasteners ", {"A", "B"}),
        ("Tools/Fasteners", {"A"}),
        ("Tools / Fasteners / Screws", {"A"}),
        ("Default Category/Toys", {"B", "C"}),
        ("Tools", {"A", "D"}),
    ],
)
def test_a_category_is_a_name_or_a_path_with_all_below(
    product: Any, shop: Any, category: str, skus: set[str]
) -> None:
    entry = gold(rules=(Rule(category=(category,), tiers=(off(5),)),))
    catalogue = shop(
        product("A", "Tools/Fasteners/Screws"),
        product("B", "Toys/Fasteners"),
        product("C", "Toys"),
        product("D", "Tools", "Sale"),
        product("E"),
    )
    assert set(wanted(ladders(programme(b2b=entry), catalogue, SHOP))) == skus


def test_a_name_of_several_categories_is_a_warning(product: Any, shop: Any) -> None:
    entry = gold(rules=(Rule(category=("Bags",), tiers=(off(5),)),))
    catalogue = shop(product("A", "Men/Bags"), product("B", "Women/Bags"))
    (message,) = messages(ladders(programme(b2b=entry), catalogue, SHOP))
    assert '"Bags" is the name of 2 categories in magento-de' in message
    assert "default category/men/bags, default category/women/bags" in message


@pytest.mark.parametrize(
    ("rule", "skus"),
    [
        ({"sku": "B2B-1*"}, {"B2B-1001", "B2B-1013"}),
        ({"sku": "b2b-1*"}, {"B2B-1001", "B2B-1013"}),
        ({"sku": "B2B-?001"}, {"B2B-1001", "B2B-2001"}),
        ({"sku": "B2B-1*", "exclude": ["B2B-1013"]}, {"B2B-1001"}),
        ({"sku": "*", "exclude": ["B2B-*"]}, {"X[1]"}),
        ({"sku": "X[1]"}, {"X[1]"}),
        ({"sku": ["X*", "*2001"], "category": "Tools"}, {"B2B-2001"}),
    ],
)
def test_patterns_pick_skus(product: Any, shop: Any, rule: Any, skus: set[str]) -> None:
    entry = gold(rules=(Rule(tiers=(off(5),), **rule),))
    catalogue = shop(
        product("B2B-1001"), product("B2B-1013"), product("B2B-2001", "Tools"), product("X[1]")
    )
    assert set(wanted(ladders(programme(b2b=entry), catalogue, SHOP))) == skus


def test_products_of_one_rule_share_their_steps(product: Any, shop: Any) -> None:
    entry = gold(rules=(Rule(sku=("*",), tiers=(off(5), off(9, 10))),))
    first, second = ladders(programme(b2b=entry), shop(product("A"), product("B")), SHOP).ladders
    assert first.steps is second.steps
    assert first.origin is second.origin


def test_what_a_rule_names_and_the_shop_lacks_is_said(product: Any, shop: Any) -> None:
    entry = gold(
        rules=(
            Rule(sku=("A*",), exclude=("A-13", "B-99"), tiers=(off(5),)),
            Rule(sku=("Q*",), tiers=(off(5),)),
        )
    )
    resolved = ladders(programme(b2b=entry), shop(product("A-12"), product("B-99")), SHOP)
    assert {problem.severity for problem in resolved.problems} == {Severity.WARNING}
    assert messages(resolved) == [
        'price_lists.b2b.rules[1].exclude: there is no product "A-13" in magento-de to leave out. '
        "Did you mean A-12?",
        "price_lists.b2b.rules[2]: matches no product in magento-de",
    ]


def test_an_unknown_category_takes_no_price_away(product: Any, shop: Any) -> None:
    """A category renamed in the shop must not hand its products to the catch-all rule."""
    entry = gold(
        rules=(
            Rule(sku=("A*",), tiers=(off(9),)),
            Rule(category=("Fastener",), exclude=("X",), tiers=(off(5),)),
            Rule(category=("Tools",), tiers=(off(3),)),
            Rule(sku=("*",), tiers=(off(2),)),
        )
    )
    catalogue = shop(
        product("A"), product("T", "Tools"), product("F", "Fasteners"), product("X", "Toys")
    )
    resolved = ladders(programme(b2b=entry), catalogue, SHOP)
    assert {sku: steps[0].percent for sku, steps in wanted(resolved).items()} == {
        "A": 9,
        "T": 3,
        "X": 2,
    }
    assert held(resolved) == {("F", "gold")}
    (message,) = messages(resolved)
    assert message.startswith(
        'price_lists.b2b.rules[2].category: there is no category "Fastener" with products in '
        "magento-de. Did you mean fasteners?"
    )


def test_what_is_on_hold_is_neither_wanted_nor_forgotten(product: Any, shop: Any) -> None:
    entry = PriceList(
        groups=("gold", "silver"),
        prices={"A": (price("1"),), "B": (price("2"),)},
        hold=(Hold(sku="A", group="silver"), Hold(sku="C")),
        rules=(
            Rule(sku=("D",), hold=True),
            Rule(sku=("*",), tiers=(off(5),)),
        ),
    )
    catalogue = shop(*map(product, "ABCDE"))
    resolved = ladders(programme(b2b=entry), catalogue, SHOP)
    assert held(resolved) == {
        ("A", "silver"),
        ("C", "gold"),
        ("C", "silver"),
        ("D", "gold"),
        ("D", "silver"),
    }
    assert {(one.sku, one.group_key) for one in resolved.ladders} == {
        ("A", "gold"),
        ("B", "gold"),
        ("B", "silver"),
        ("E", "gold"),
        ("E", "silver"),
    }


# -- SKUs ------------------------------------------------------------------------------------


def test_an_unknown_sku_is_named_with_its_line_and_the_rest_applies(
    loaded: Callable[..., LoadedProgramme], head: str, product: Any, shop: Any
) -> None:
    text = (
        f"{head}price_lists:\n  b2b:\n    groups: gold\n    prices:\n"
        "      B2B-1O01: [{from: 1, price: 2}]\n      B2B-1002: [{from: 1, price: 2}]\n"
    )
    found = loaded(text)
    catalogue = shop(product("B2B-1001"), product("B2B-1002"))
    resolved = ladders(found.document, catalogue, SHOP, found.places)
    assert set(wanted(resolved)) == {"B2B-1002"}
    assert messages(resolved) == [
        'programme.yaml:10 price_lists.b2b.prices.B2B-1O01: there is no product "B2B-1O01" in '
        "magento-de. Did you mean B2B-1001?"
    ]


def test_other_capitals_are_understood_with_a_note(product: Any, shop: Any) -> None:
    entry = gold(prices={"b2b-1": (price("1"),)})
    resolved = ladders(programme(b2b=entry), shop(product("B2B-1")), SHOP)
    assert set(wanted(resolved)) == {"B2B-1"}
    (note,) = resolved.problems
    assert note.severity is Severity.NOTE
    assert note.message == "magento-de writes this SKU B2B-1; it is used"


def test_capitals_that_fit_two_products_are_not_guessed(product: Any, shop: Any) -> None:
    entry = gold(prices={"Abc": (price("1"),), "ABC": (price("2"),)})
    resolved = ladders(programme(b2b=entry), shop(product("ABC"), product("abc")), SHOP)
    assert wanted(resolved) == {"ABC": (Step(1, Decimal(2)),)}
    assert 'there is no product "Abc"' in messages(resolved)[0]


def test_one_product_under_two_spellings_is_held(product: Any, shop: Any) -> None:
    entry = gold(prices={"a": (price("1"),), "A": (price("2"),)})
    resolved = ladders(programme(b2b=entry), shop(product("A")), SHOP)
    assert resolved.ladders == ()
    assert held(resolved) == {("A", "gold")}
    assert "is the same product as price_lists.b2b.prices.a" in messages(resolved)[-1]


def test_a_parent_stands_for_its_variants_without_own_prices(product: Any, shop: Any) -> None:
    catalogue = shop(
        product("P", "Tools", kind=ProductKind.PARENT),
        product("P-1", kind=ProductKind.VARIANT, parent="P"),
        product("P-2", kind=ProductKind.VARIANT, parent="P"),
        product("Q", "Tools", kind=ProductKind.PARENT),
        product("Q-1", kind=ProductKind.VARIANT, parent="Q"),
        product("R", "Tools", kind=ProductKind.PARENT),
        product("R-1", kind=ProductKind.VARIANT, parent="R"),
    )
    entry = gold(
        prices={"P": (price("5"),), "P-2": (price("4"),)},
        rules=(Rule(category=("Tools",), exclude=("R",), tiers=(off(3),)),),
    )
    assert wanted(ladders(programme(b2b=entry), catalogue, SHOP)) == {
        "P-1": (Step(1, Decimal(5)),),
        "P-2": (Step(1, Decimal(4)),),
        "Q-1": (Step(1, percent=Decimal(3)),),
    }


def test_a_parent_without_variants_is_said(product: Any, shop: Any) -> None:
    entry = gold(prices={"P": (price("5"),)})
    resolved = ladders(programme(b2b=entry), shop(product("P", kind=ProductKind.PARENT)), SHOP)
    assert resolved.ladders == ()
    assert messages(resolved) == [
        "price_lists.b2b.prices.P: is sold through variants, and magento-de has none of them"
    ]


def test_a_catalogue_that_was_not_pulled_is_not_an_empty_wish(shop: Any) -> None:
    resolved = ladders(programme(b2b=gold(prices={"A": (price("1"),)})), shop(), SHOP)
    assert messages(resolved) == ["no product of magento-de is known yet: pull its catalogue first"]


# -- size ------------------------------------------------------------------------------------


def test_a_hundred_thousand_steps_resolve_in_seconds(product: Any, shop: Any) -> None:
    names = [f"g{number}" for number in range(5)]
    prices = {
        f"SKU-{sku:04}": tuple(
            Tier(quantity, Decimal(10_000 + sku - quantity - number) / 100, group=group)
            for number, group in enumerate(names)
            for quantity in range(1, 11)
        )
        for sku in range(2_000)
    }
    chosen = Programme(
        name="Acme",
        currency="EUR",
        groups={name: Group(name=name, base={"*": "General"}) for name in names},
        price_lists={"all": PriceList(groups=names, prices=prices)},
    )
    catalogue = shop(*(product(sku, "Tools") for sku in prices))
    started = time.perf_counter()
    resolved = ladders(chosen, catalogue, SHOP)
    assert time.perf_counter() - started < 3
    assert sum(len(ladder.steps) for ladder in resolved.ladders) == 100_000
