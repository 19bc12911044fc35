"""What the lines of an order earn: every rule by hand, then what always holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.earning.conditions import is_in_share
from bridge.earning.earning import earned
from bridge.earning.facts import Buyer, Earned, ProductFacts
from bridge.programme.points import PointsSettings
from connectors.sales import NO_MONEY, LineKind, Money, Order, OrderLine

Line = Callable[..., OrderLine]
MakeOrder = Callable[..., Order]
Points = Callable[..., PointsSettings]
BERLIN = ZoneInfo("Europe/Berlin")
ONE = Decimal(1)
BASE = {"per_amount": {"points": 1, "each": 10}}

PRODUCTS = {
    "p-a": ProductFacts((("Default Category", "Tools", "Fasteners", "Screws"),)),
    "p-b": ProductFacts((("Default Category", "Paint"),), parent_sku="PAINT-SET"),
}


def books(entries: tuple[Earned, ...]) -> dict[str, dict[str, int]]:
    """Points by rule and line."""
    found: dict[str, dict[str, int]] = {}
    for entry in entries:
        assert entry.line_id not in found.get(entry.rule, {})
        found.setdefault(entry.rule, {})[entry.line_id] = entry.points
    return found


@pytest.fixture
def earn(points: Points, buyer: Buyer) -> Callable[..., dict[str, dict[str, int]]]:
    def earn(
        rules: Mapping[str, Any],
        order: Order,
        *,
        rate: Decimal = ONE,
        who: Buyer = buyer,
        paid: Money = NO_MONEY,
        **more: Any,
    ) -> dict[str, dict[str, int]]:
        found = earned(points(dict(rules), **more), order, rate, who, PRODUCTS, paid, BERLIN)
        assert all(entry.points > 0 for entry in found)
        return books(found)

    return earn


Earn = Callable[..., dict[str, dict[str, int]]]


# -- amounts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # a: 29.90 net, 35.581 gross, 5.00 off; b: 10.00; shipping 20.00, 4.00 off.
        ({}, {"a": 2, "b": 1}),
        ({"basis": {"price": "gross"}}, {"a": 3, "b": 1}),
        ({"basis": {"discounts": "before"}}, {"a": 2, "b": 1}),
        ({"basis": {"price": "gross", "discounts": "before"}}, {"a": 3, "b": 1}),
        ({"basis": {"shipping": "yes"}}, {"a": 2, "b": 1, "shipping": 1}),
        ({"basis": {"shipping": "yes", "discounts": "before"}}, {"a": 2, "b": 1, "shipping": 2}),
        ({"rounding": {"to": "up"}}, {"a": 3, "b": 1}),
        ({"rounding": {"to": "nearest"}}, {"a": 2, "b": 1}),
        # 24.90 + 10.00 = 34.90: 3 points by the order, and b's share is 0.86.
        ({"rounding": {"per": "order"}}, {"a": 2, "b": 1}),
        ({"rounding": {"per": "order", "to": "up"}}, {"a": 3, "b": 1}),
    ],
)
def test_per_amount(
    earn: Earn, line: Line, order: MakeOrder, more: dict[str, Any], expected: dict[str, int]
) -> None:
    bought = order(
        line("a", "29.90", gross="35.581", discount="5"),
        line("b", 10),
        shipping=Money(Decimal(20), Decimal(20)),
        shipping_discount=Money(Decimal(4), Decimal(4)),
    )
    assert earn({"base": BASE}, bought, **more) == {"base": expected}


@pytest.mark.parametrize(
    ("amount", "rate", "per", "rounding", "expected"),
    [
        ("100", "1.05", (1, 10), "down", 10),
        ("100", "0.952381", (1, 10), "down", 9),
        ("9.99", "1", (1, 10), "down", 0),
        ("10", "1", (1, 3), "down", 3),
        ("0.30", "1", (1, "0.1"), "down", 3),
        ("25", "1", (1, 10), "nearest", 3),
        ("24.99", "1", (1, 10), "nearest", 2),
        ("10.01", "1", (1, 10), "up", 2),
        ("100", "1", ("0.5", 1), "down", 50),
    ],
)
def test_amounts_are_exact(
    earn: Earn,
    line: Line,
    order: MakeOrder,
    amount: str,
    rate: str,
    per: tuple[Any, Any],
    rounding: str,
    expected: int,
) -> None:
    rules = {"base": {"per_amount": {"points": per[0], "each": per[1]}}}
    found = earn(rules, order(line("a", amount)), rate=Decimal(rate), rounding={"to": rounding})
    assert found == ({"base": {"a": expected}} if expected else {})


def test_a_rule_can_have_a_basis_of_its_own(earn: Earn, line: Line, order: MakeOrder) -> None:
    rules = {"net": BASE, "gross": {**BASE, "basis": {"price": "gross"}}}
    found = earn(rules, order(line("a", 100, gross=119)))
    assert found == {"net": {"a": 10}, "gross": {"a": 11}}


@pytest.mark.parametrize(
    ("paid", "discounts", "expected"),
    [
        # 100 and 100, each 20 off, of which a voucher for points paid `paid` in all.
        (0, "after", {"a": 80, "b": 80}),
        (40, "after", {"a": 80, "b": 80}),  # it is in the discounts already
        (0, "before", {"a": 100, "b": 100}),
        (40, "before", {"a": 80, "b": 80}),
        (20, "before", {"a": 90, "b": 90}),
        (60, "after", {"a": 70, "b": 70}),  # 20 of it no line shows as a discount
        (60, "before", {"a": 70, "b": 70}),
        (500, "before", {}),
    ],
)
def test_what_points_paid_earns_none(
    earn: Earn,
    line: Line,
    order: MakeOrder,
    paid: int,
    discounts: str,
    expected: dict[str, int],
) -> None:
    bought = order(line("a", 100, discount=20), line("b", 100, discount=20))
    found = earn(
        {"base": {"per_amount": {"points": 1, "each": 1}}},
        bought,
        paid=Money(Decimal(paid), Decimal(paid)),
        basis={"discounts": discounts},
    )
    assert found == ({"base": expected} if expected else {})


# -- the other rules -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"per_item": 5}, {"a": 15, "b": 5}),
        ({"per_item": 5, "when": {"category": "screws"}}, {"a": 15}),
        ({"per_order": 10}, {"a": 8, "b": 2}),
        ({"per_order": 10, "when": {"worth": 40}}, {"a": 8, "b": 2}),
        ({"per_order": 10, "when": {"worth": "40.01"}}, {}),
        ({"per_order": 10, "when": {"category": "Tools/Fasteners"}}, {"a": 10}),
        ({"per_order": 10, "when": {"sku": "b*"}}, {"b": 10}),
        ({"per_order": 10, "when": {"sku": "paint-set"}}, {"b": 10}),
        ({"per_order": 10, "when": {"sku": "*", "exclude": "B"}}, {"a": 10}),
        ({"per_order": 10, "when": {"sku": "C"}}, {}),
        ({"bought_together": {"sku": ["A", "B"], "points": 7}}, {"a": 6, "b": 1}),
        ({"bought_together": {"sku": "A", "category": "Paint", "points": 5}}, {"a": 4, "b": 1}),
        ({"bought_together": {"sku": ["A", "C"], "points": 7}}, {}),
        ({"bought_together": {"sku": ["A", "?"], "points": 5}}, {"a": 4, "b": 1}),
        # One line cannot stand for two things.
        ({"bought_together": {"sku": "A", "category": "Screws", "points": 7}}, {}),
    ],
)
def test_rules_on_lines(
    earn: Earn, line: Line, order: MakeOrder, rule: dict[str, Any], expected: dict[str, int]
) -> None:
    bought = order(line("a", 32, quantity=3), line("b", 8))
    assert earn({"r": rule}, bought) == ({"r": expected} if expected else {})


def test_points_for_an_order_of_free_lines_are_shared_by_pieces(
    earn: Earn, line: Line, order: MakeOrder
) -> None:
    bought = order(line("a", 0, quantity=3), line("b", 0))
    assert earn({"r": {"per_order": 8}}, bought) == {"r": {"a": 6, "b": 2}}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # Exactly 2.5 and 1 points: 5 and 2 are 3 and 1 more than 2 and 1.
        ({"double": {"multiply": 2}}, {"double": {"a": 3, "b": 1}}),
        ({"double": {"multiply": 2, "when": {"category": "Screws"}}}, {"double": {"a": 3}}),
        ({"half-more": {"multiply": "1.5"}}, {"half-more": {"a": 1}}),
        (
            {"double": {"multiply": 2}, "triple": {"multiply": 3, "when": {"sku": "A"}}},
            {"double": {"b": 1}, "triple": {"a": 5}},
        ),
        (
            # 2.5 -> 5 -> 15; 1 -> 2 -> 6
            {"double": {"multiply": 2}, "more": {"multiply": 3, "stack": "yes"}},
            {"double": {"a": 3, "b": 1}, "more": {"a": 10, "b": 4}},
        ),
        (
            {"bonus": {"per_order": 10}, "double": {"multiply": 2, "rules": "bonus"}},
            {"bonus": {"a": 7, "b": 3}, "double": {"a": 7, "b": 3}},
        ),
        (
            {"bonus": {"per_order": 10}, "x": {"multiply": 2, "rules": ["base", "bonus"]}},
            {"bonus": {"a": 7, "b": 3}, "x": {"a": 10, "b": 4}},
        ),
        ({"x": {"multiply": 2, "when": {"sku": "C"}}}, {}),
    ],
)
def test_multipliers(
    earn: Earn,
    line: Line,
    order: MakeOrder,
    more: dict[str, Any],
    expected: dict[str, dict[str, int]],
) -> None:
    found = earn({"base": BASE, **more}, order(line("a", 25), line("b", 10)))
    assert found == {"base": {"a": 2, "b": 1}, **expected}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"nothing": "yes", "when": {"category": "Screws"}}, {"base": {"b": 1}, "bonus": {"b": 9}}),
        (
            {"nothing": "yes", "rules": "base", "when": {"category": "Screws"}},
            {"base": {"b": 1}, "bonus": {"a": 6, "b": 3}},
        ),
        ({"nothing": "yes", "when": {"group": "Wholesale"}}, {}),
        ({"nothing": "yes", "rules": "bonus"}, {"base": {"a": 2, "b": 1}}),
    ],
)
def test_a_rule_can_take_points_away(
    earn: Earn, line: Line, order: MakeOrder, rule: dict[str, Any], expected: dict[str, Any]
) -> None:
    bought = order(line("a", 20), line("b", 10))
    assert earn({"base": BASE, "bonus": {"per_order": 9}, "off": rule}, bought) == expected


# -- who, where, when ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"group": "wholesale"}, True),
        ({"group": ["Retailer", "gold"]}, True),
        ({"group": "Retailer"}, False),
        ({"segment": ["lapsed", "regulars"]}, True),
        ({"segment": "lapsed"}, False),
        ({"tier": "silver"}, True),
        ({"tier": "gold"}, False),
        ({"company": "muster  gmbh"}, True),
        ({"company": "Muster*"}, True),
        ({"company": "*"}, True),
        ({"company": "Beispiel AG"}, False),
        ({"store": "magento-de"}, True),
        ({"store": "magento-de/base"}, True),
        ({"store": "magento-de/other"}, False),
        ({"store": ["shopware-de", "magento-at"]}, False),
        ({"tier": "silver", "segment": "lapsed"}, False),
    ],
)
def test_conditions_on_the_buyer(
    earn: Earn, line: Line, order: MakeOrder, when: dict[str, Any], holds: bool
) -> None:
    found = earn({"r": {"per_order": 5, "when": when}}, order(line("a", 1)))
    assert bool(found) is holds


def test_a_person_without_company_is_of_none(
    earn: Earn, line: Line, order: MakeOrder, buyer: Buyer
) -> None:
    rules = {"r": {"per_order": 5, "when": {"company": "*"}}}
    assert earn(rules, order(line("a", 1)), who=replace(buyer, company="")) == {}


@pytest.mark.parametrize(
    ("placed", "holds"),
    [
        ("2026-02-28T22:59:59+00:00", False),
        ("2026-02-28T23:00:00+00:00", True),  # 1 March in Berlin
        ("2026-03-31T21:59:59+00:00", True),
        ("2026-03-31T22:00:00+00:00", False),  # 1 April, clocks have changed
    ],
)
def test_rules_begin_and_end_by_the_days_of_the_programme(
    earn: Earn, line: Line, order: MakeOrder, placed: str, holds: bool
) -> None:
    rules = {"r": {"per_order": 5, "from": "2026-03-01", "until": "2026-03-31"}}
    bought = order(line("a", 1), placed_at=datetime.fromisoformat(placed))
    assert bool(earn(rules, bought)) is holds


@pytest.mark.parametrize(
    "exclude",
    [{"group": "gold"}, {"group": "WHOLESALE"}, {"sku": "?"}, {"category": ["Paint", "Tools"]}],
)
def test_who_and_what_is_excluded_earns_nothing(
    earn: Earn, line: Line, order: MakeOrder, exclude: dict[str, Any]
) -> None:
    bought = order(line("a", 100), line("b", 100), line("d", 0, is_gift=True))
    rules = {"base": BASE, "items": {"per_item": 1}, "bonus": {"per_order": 5}}
    assert earn(rules, bought, exclude=exclude) == {}


def test_an_excluded_product_leaves_the_others_theirs(
    earn: Earn, line: Line, order: MakeOrder
) -> None:
    bought = order(line("a", 100), line("b", 100))
    found = earn({"base": BASE, "bonus": {"per_order": 5}}, bought, exclude={"sku": "B"})
    assert found == {"base": {"a": 10}, "bonus": {"a": 5}}


def test_gifts_and_cancelled_orders_earn_nothing(earn: Earn, line: Line, order: MakeOrder) -> None:
    rules = {"base": BASE, "items": {"per_item": 1}, "bonus": {"per_order": 5}}
    gift = line("b", 100, is_gift=True)
    assert set(earn(rules, order(line("a", 100), gift))["bonus"]) == {"a"}
    assert earn(rules, order(gift)) == {}
    cancelled = order(line("a", 100), cancelled_at=datetime(2026, 3, 11, tzinfo=UTC))
    assert earn(rules, cancelled) == {}


def test_what_is_no_product_earns_by_amount_and_not_by_piece(
    earn: Earn, line: Line, order: MakeOrder
) -> None:
    bought = order(line("a", 50, kind=LineKind.OTHER, product_id=""))
    assert earn({"base": BASE, "items": {"per_item": 3}}, bought) == {"base": {"a": 5}}


def test_a_share_of_the_members_is_always_the_same_and_as_large_as_asked() -> None:
    members = range(1, 5001)
    inside = {number for number in members if is_in_share("base", 30, number)}
    assert inside == {number for number in members if is_in_share("base", 30, number)}
    assert 0.27 < len(inside) / 5000 < 0.33
    wider = {number for number in members if is_in_share("base", 60, number)}
    assert inside < wider
    other = {number for number in members if is_in_share("other", 30, number)}
    assert 0.05 < len(inside & other) / 5000 < 0.13


def test_a_rule_for_a_share_holds_for_its_members_alone(
    earn: Earn, line: Line, order: MakeOrder, buyer: Buyer
) -> None:
    rules = {"trial": {"per_order": 5, "share": 50}}
    for number in range(1, 30):
        found = earn(rules, order(line("a", 1)), who=replace(buyer, member_number=number))
        assert bool(found) is is_in_share("trial", 50, number)


def test_the_calculation_can_be_read(
    points: Points, line: Line, order: MakeOrder, buyer: Buyer
) -> None:
    settings = points({"base": BASE, "double": {"multiply": 2}})
    bought = order(line("a", "29.90"))
    base, double = earned(settings, bought, Decimal("1.05"), buyer, {}, NO_MONEY, BERLIN)
    assert base.why == {
        "kind": "per_amount",
        "amount": "31.395",
        "basis": "net, after discounts",
        "per": "1 for each 10",
        "exact": "3.1395",
        "rounded": "down, per line",
        "rate": "1.05",
    }
    assert double.why == {"kind": "multiply", "factor": "2", "of": "base"}


# -- what always holds -----------------------------------------------------------------------

money = st.decimals(0, 2_000, places=2)
amounts = st.lists(st.tuples(money, st.integers(0, 100), st.integers(1, 9)), min_size=1, max_size=6)
ROUND = {"down": floor, "up": ceil, "nearest": lambda exact: floor(exact + Fraction(1, 2))}


@given(
    amounts,
    st.sampled_from(list(ROUND)),
    st.decimals(Decimal("0.01"), 50, places=2),
    st.decimals(Decimal("0.1"), 3, places=6),
    st.decimals(Decimal("1.1"), 5, places=1),
)
def test_rounded_per_order_the_lines_sum_to_the_rounding_of_the_whole(
    bought: list[tuple[Decimal, int, int]],
    to: str,
    each: Decimal,
    rate: Decimal,
    factor: Decimal,
) -> None:
    settings = PointsSettings.model_validate(
        {
            "rounding": {"to": to, "per": "order"},
            "rules": {
                "base": {"per_amount": {"points": 1, "each": str(each)}},
                "more": {"multiply": str(factor)},
            },
        }
    )
    found = books(earned(settings, _order(bought), rate, SOMEBODY, {}, NO_MONEY, BERLIN))
    after = sum(Fraction(price) * (100 - percent) / 100 for price, percent, _ in bought)
    exact = after * Fraction(rate) / Fraction(each)
    base = sum(found.get("base", {}).values())
    assert base == ROUND[to](exact)
    extra = sum(found.get("more", {}).values())
    assert base + extra == ROUND[to](exact * Fraction(factor))


@given(amounts, st.integers(1, 500))
def test_points_for_an_order_are_all_given(
    bought: list[tuple[Decimal, int, int]], number: int
) -> None:
    settings = PointsSettings.model_validate({"rules": {"bonus": {"per_order": number}}})
    found = earned(settings, _order(bought), ONE, SOMEBODY, {}, NO_MONEY, BERLIN)
    assert sum(entry.points for entry in found) == number


SOMEBODY = Buyer("magento-de", "base")


def _order(bought: list[tuple[Decimal, int, int]]) -> Order:
    placed = datetime(2026, 1, 1, tzinfo=UTC)
    lines = tuple(
        OrderLine(
            f"{at}",
            LineKind.PRODUCT,
            "",
            "",
            "",
            Decimal(quantity),
            Money(price, price),
            Money(price * percent / 100, price * percent / 100),
        )
        for at, (price, percent, quantity) in enumerate(bought)
    )
    return Order("1", "1", "de", "EUR", placed, placed, lines=lines)
