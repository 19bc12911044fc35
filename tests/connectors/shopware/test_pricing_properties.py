"""What shoppers pay, computed from the rows by Shopware's own rule, for any family, any rows of
others and any ladders.

The rule is written down here a second time, from the shop's behaviour (recorded:
variants_and_prices_seen.json), so that it can disagree with the connector's.
"""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import (
    Amount,
    Audience,
    Basis,
    Compiled,
    Currency,
    Family,
    Ladder,
    PricingFacts,
    Product,
    ProductKind,
    Step,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.shopware.pricing import compile as compile_prices

GOLD, SILVER, BASE, OTHER = "rule-gold", "rule-silver", "rule-base", "rule-other"
FACTS = PricingFacts(
    currencies=(Currency("EUR", "e" * 32, is_default=True),),
    stores=(),
    audiences=(
        Audience(GOLD, "gold", ("gold",), 101, ours=True),
        Audience(SILVER, "silver", ("silver",), 102, ours=True),
        Audience(BASE, "base", ("base",), 50),
        Audience(OTHER, "other", ("other",), 40),
    ),
    settings={},
)
QUANTITIES = (1, 2, 4, 5, 9, 10, 11, 50)
VARIANTS = ("blue", "green", "red")

prices = st.integers(1, 30).map(lambda tens: Decimal(tens) * 10)


def both(net: Decimal) -> tuple[Amount, ...]:
    return (Amount("EUR", net, net * Decimal("1.1")),)


def product(product_id: str, net: Decimal, parent: str = "") -> Product:
    return Product(
        product_id,
        product_id,
        product_id,
        ProductKind.VARIANT if parent else ProductKind.SIMPLE,
        parent_id=parent,
        prices=both(net),
        tax_rate=Decimal(10),
    )


@st.composite
def families(draw: st.DrawFn) -> Family:
    ids = VARIANTS[: draw(st.integers(0, 3))]
    own = st.sampled_from([Decimal(100), Decimal(100), Decimal(200)])
    return Family(product("p", Decimal(100)), tuple(product(i, draw(own), "p") for i in ids))


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    found = []
    for quantity in sorted(draw(st.sets(st.sampled_from([1, 2, 5, 10]), min_size=1))):
        if draw(st.booleans()):
            found.append(Step(quantity, price=draw(prices)))
        else:
            found.append(Step(quantity, percent=Decimal(draw(st.sampled_from([0, 10, 50])))))
    return tuple(found)


@st.composite
def ladders(draw: st.DrawFn, family: Family) -> list[Ladder]:
    ids = [family.head.id, *(variant.id for variant in family.variants)]
    targets = draw(
        st.lists(
            st.tuples(st.sampled_from(ids), st.sampled_from([GOLD, SILVER])),
            max_size=5,
            unique=True,
        )
    )
    return [
        Ladder(
            product_id=product_id,
            store="",
            audience_id=audience_id,
            group_id=audience_id.removeprefix("rule-"),
            base_group_id="base",
            currency="EUR",
            basis=Basis.NET,
            steps=draw(steps()),
            source=f"{product_id} {audience_id}",
        )
        for product_id, audience_id in targets
    ]


@st.composite
def foreign_rows(draw: st.DrawFn, family: Family) -> list[TierPrice]:
    ids = [family.head.id, *(variant.id for variant in family.variants)]
    rows = []
    for product_id in draw(st.sets(st.sampled_from(ids))):
        for audience_id in draw(st.sets(st.sampled_from([BASE, OTHER]), min_size=1)):
            for n in range(draw(st.integers(1, 3))):
                quantity = draw(st.sampled_from([-1, 1, 3, 6, 20]))
                until = draw(st.sampled_from([None, quantity + 2, quantity + 10]))
                key = TierKey(product_id, "", audience_id, Decimal(quantity))
                value = TierValue(amounts=both(draw(prices)), until=until)
                rows.append(TierPrice(key, value, f"{product_id}{audience_id}{n}"))
    return rows


@st.composite
def shops(draw: st.DrawFn) -> tuple[Family, list[Ladder], list[TierPrice]]:
    family = draw(families())
    return family, draw(ladders(family)), draw(foreign_rows(family))


def pays(thing: Product, rows: list[TierPrice], rules: list[str], quantity: int) -> Decimal | None:
    """The net price of a piece for a shopper who matches ``rules``, best priority first."""
    own = [row for row in rows if row.key.product_id == thing.id]
    seen = own or [row for row in rows if row.key.product_id == thing.parent_id]
    for rule in rules:
        matching = [row for row in seen if row.key.audience_id == rule]
        if not matching:
            continue
        price = None
        for row in sorted(matching, key=lambda row: (row.key.quantity, row.native_id)):
            price = row.value.amounts[0].net
            end = row.value.until if row.value.until is not None else row.key.quantity
            if quantity <= end:
                break
        return price
    return thing.prices[0].net


def written(result: Compiled) -> list[TierPrice]:
    return [TierPrice(row.key, row.value, f"ours {row.key}") for row in result.rows]


def said(thing: Product, stated: list[Ladder], rule: str, quantity: int) -> Decimal | None:
    """What the merchant's price list says, or ``None`` when it says nothing."""
    for product_id in (thing.id, thing.parent_id):
        for ladder in stated:
            if (ladder.product_id, ladder.audience_id) == (product_id, rule):
                return at(thing, ladder, quantity)
    return None


def at(thing: Product, ladder: Ladder, quantity: int) -> Decimal | None:
    price = None
    for step in ladder.steps:
        if step.quantity <= quantity:
            own = thing.prices[0].net
            assert own is not None
            price = own * (100 - step.percent) / 100 if step.percent is not None else step.price
    return price


@settings(max_examples=150, deadline=None)
@given(shops())
def test_the_group_pays_what_the_price_list_says_or_what_it_paid_before(
    shop: tuple[Family, list[Ladder], list[TierPrice]],
) -> None:
    family, stated, present = shop
    result = compile_prices(family, stated, present, FACTS)
    after = present + written(result)
    refused = {problem.source for problem in result.problems}
    for thing in family.variants or (family.head,):
        for rule in (GOLD, SILVER):
            spoken = [x for x in stated if x.audience_id == rule]
            if {ladder.source for ladder in spoken} & refused:
                continue
            for quantity in QUANTITIES:
                before = pays(thing, present, [BASE], quantity)
                expected = said(thing, spoken, rule, quantity)
                paid = pays(thing, after, [rule, BASE], quantity)
                assert paid == (before if expected is None else expected), (thing.id, quantity)


@settings(max_examples=150, deadline=None)
@given(shops())
def test_nobody_else_pays_anything_else(
    shop: tuple[Family, list[Ladder], list[TierPrice]],
) -> None:
    family, stated, present = shop
    after = present + written(compile_prices(family, stated, present, FACTS))
    for thing in family.variants or (family.head,):
        for rules in ([], [BASE], [OTHER], [BASE, OTHER]):
            for quantity in QUANTITIES:
                before = pays(thing, present, rules, quantity)
                assert pays(thing, after, rules, quantity) == before


@settings(max_examples=150, deadline=None)
@given(shops())
def test_a_ladder_that_is_refused_leaves_its_group_where_it_was(
    shop: tuple[Family, list[Ladder], list[TierPrice]],
) -> None:
    family, stated, present = shop
    result = compile_prices(family, stated, present, FACTS)
    after = present + written(result)
    refused = {problem.source for problem in result.problems}
    for thing in family.variants or (family.head,):
        for rule in (GOLD, SILVER):
            spoken = [x for x in stated if x.audience_id == rule]
            if not {ladder.source for ladder in spoken} & refused:
                continue
            for quantity in QUANTITIES:
                before = pays(thing, present, [BASE], quantity)
                expected = said(thing, spoken, rule, quantity)
                allowed = {before, before if expected is None else expected}
                assert pays(thing, after, [rule, BASE], quantity) in allowed


@settings(max_examples=150, deadline=None)
@given(shops(), st.randoms(use_true_random=False))
def test_the_second_plan_is_the_first(
    shop: tuple[Family, list[Ladder], list[TierPrice]], random: object
) -> None:
    family, stated, present = shop
    first = compile_prices(family, stated, present, FACTS)
    applied = present + written(first)
    random.shuffle(applied)  # type: ignore[attr-defined]
    shuffled = Family(family.head, tuple(reversed(family.variants)))
    second = compile_prices(shuffled, list(reversed(stated)), applied, FACTS)
    assert second == first


@settings(max_examples=100, deadline=None)
@given(shops())
def test_rows_have_distinct_keys_and_no_gaps(
    shop: tuple[Family, list[Ladder], list[TierPrice]],
) -> None:
    family, stated, present = shop
    rows = compile_prices(family, stated, present, FACTS).rows
    assert len({row.key for row in rows}) == len(rows)
    by_place: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    for row in rows:
        place = (row.key.product_id, row.key.audience_id)
        by_place.setdefault(place, []).append((int(row.key.quantity), row.value.until))
    for ranges in by_place.values():
        assert ranges[0][0] == 1
        assert ranges[-1][1] is None
        assert [until for _, until in ranges[:-1]] == [start - 1 for start, _ in ranges[1:]]
