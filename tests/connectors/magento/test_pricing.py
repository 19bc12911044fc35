"""From ladders to rows, by example."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import (
    ALL_STORES,
    Amount,
    Basis,
    Compiled,
    Currency,
    Family,
    Ladder,
    PricingFacts,
    Product,
    ProductKind,
    Step,
    Store,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.magento import PLATFORM

MAIN = Store("1", "base", "Main", "EUR")
SWISS = Store("2", "ch", "Swiss", "CHF")
FRENCH = Store("2", "fr", "French", "EUR")


def product(sku: str, kind: ProductKind = ProductKind.SIMPLE, **more: Any) -> Product:
    more.setdefault("prices", (Amount("EUR", net=Decimal(100)),))
    more.setdefault("tax_class", "2")
    return Product(id=sku, sku=sku, name=sku, kind=kind, **more)


def ladder(sku: str, *steps: str, **more: Any) -> Ladder:
    """Steps as ``"10: 5.90"`` or ``"10: 15%"``."""
    parsed = []
    for text in steps:
        quantity, _, value = text.partition(": ")
        if value.endswith("%"):
            parsed.append(Step(int(quantity), percent=Decimal(value[:-1])))
        else:
            parsed.append(Step(int(quantity), price=Decimal(value)))
    defaults: dict[str, Any] = {
        "store": ALL_STORES,
        "audience_id": "4",
        "group_id": "4",
        "base_group_id": "1",
        "currency": "EUR",
        "basis": Basis.NET,
        "source": "list",
    }
    return Ladder(product_id=sku, steps=tuple(parsed), **{**defaults, **more})


def compiled(
    family: Family | Product,
    ladders: Sequence[Ladder],
    present: Sequence[TierPrice] = (),
    stores: Sequence[Store] = (MAIN,),
    **settings: str,
) -> Compiled:
    codes = dict.fromkeys(store.currency for store in stores)
    facts = PricingFacts(
        currencies=tuple(Currency(code, code, code == "EUR") for code in codes),
        stores=tuple(stores),
        audiences=(),
        settings=settings,
    )
    whole = Family(family) if isinstance(family, Product) else family
    return PLATFORM.compile(whole, ladders, present, facts)


def shown(result: Compiled) -> list[str]:
    """``sku @store #audience quantity: value``, one line a row."""
    lines = []
    for row in result.rows:
        key = row.key
        place = f"@{key.store or 'all'} #{key.audience_id} {key.quantity}"
        lines.append(f"{key.product_id} {place}: {value(row.value)}")
    return lines


def value(tier: TierValue) -> str:
    if tier.percent is not None:
        return f"{tier.percent}%"
    [amount] = tier.amounts
    side = "net" if amount.net is not None else "gross"
    return f"{amount.net if amount.net is not None else amount.gross} {amount.currency} {side}"


def messages(result: Compiled) -> list[str]:
    return [problem.message for problem in result.problems]


A = product("A")
WEBSITE = {"price_scope": "website"}
GROSS = {"prices_include_tax": "yes"}


def family() -> Family:
    head = product("P", ProductKind.PARENT, prices=())
    return Family(
        head,
        tuple(product(sku, ProductKind.VARIANT, parent_id="P") for sku in ("P-1", "P-2")),
    )


# -- what can be said -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "rows"),
    [
        (["1: 90"], ["A @all #4 1: 90 EUR net"]),
        (["10: 80", "50: 70.5"], ["A @all #4 10: 80 EUR net", "A @all #4 50: 70.5 EUR net"]),
        (["5: 12.5%"], ["A @all #4 5: 12.5%"]),
        (["1: 10%", "10: 85"], ["A @all #4 1: 10%", "A @all #4 10: 85 EUR net"]),
        (["1: 1.23456789"], ["A @all #4 1: 1.234568 EUR net"]),
        (["1: 0"], ["A @all #4 1: 0 EUR net"]),
        (["1: 100%"], ["A @all #4 1: 100%"]),
        ([], []),
    ],
)
def test_steps_become_rows_as_they_are(steps: list[str], rows: list[str]) -> None:
    result = compiled(A, [ladder("A", *steps)])
    assert shown(result) == rows
    assert result.problems == ()


def test_a_group_that_is_still_to_be_made_is_named_by_its_placeholder() -> None:
    result = compiled(A, [ladder("A", "1: 5", audience_id="new:gold")])
    assert shown(result) == ["A @all #new:gold 1: 5 EUR net"]


def test_a_parents_ladder_goes_to_each_variant() -> None:
    """A tier price on the configurable itself does nothing."""
    result = compiled(family(), [ladder("P", "5: 80")])
    assert shown(result) == ["P-1 @all #4 5: 80 EUR net", "P-2 @all #4 5: 80 EUR net"]


def test_a_variants_own_ladder_comes_first() -> None:
    ladders = [ladder("P", "5: 80"), ladder("P-2", "10: 70", source="own")]
    result = compiled(family(), ladders)
    assert shown(result) == ["P-1 @all #4 5: 80 EUR net", "P-2 @all #4 10: 70 EUR net"]
    assert [row.source for row in result.rows] == ["list", "own"]


def test_a_variants_own_ladder_is_for_its_group_only() -> None:
    ladders = [ladder("P", "5: 80"), ladder("P-2", "10: 70", audience_id="5")]
    assert shown(compiled(family(), ladders)) == [
        "P-1 @all #4 5: 80 EUR net",
        "P-2 @all #4 5: 80 EUR net",
        "P-2 @all #5 10: 70 EUR net",
    ]


def test_skus_do_not_mind_their_case() -> None:
    assert shown(compiled(A, [ladder("a", "1: 5")])) == ["A @all #4 1: 5 EUR net"]


# -- websites -------------------------------------------------------------------------------


def test_a_global_shop_has_one_row_for_its_only_website() -> None:
    result = compiled(A, [ladder("A", "1: 5", store="1")])
    assert shown(result) == ["A @all #4 1: 5 EUR net"]
    assert result.notes == ()


def test_a_global_shop_says_when_a_row_holds_for_more_websites_than_asked() -> None:
    result = compiled(A, [ladder("A", "1: 5", store="1")], stores=[MAIN, FRENCH])
    assert shown(result) == ["A @all #4 1: 5 EUR net"]
    assert "holds for all" in result.notes[0].message


def test_two_websites_that_want_the_same_share_a_row() -> None:
    ladders = [ladder("A", "1: 5", store="1"), ladder("A", "1: 5.00", store="2", source="b")]
    result = compiled(A, ladders, stores=[MAIN, FRENCH])
    assert shown(result) == ["A @all #4 1: 5 EUR net"]
    assert result.problems == ()


@pytest.mark.parametrize("other", ["1: 6", "10: 5", "1: 5%"])
def test_two_websites_that_want_different_values_of_a_shared_row(other: str) -> None:
    ladders = [ladder("A", "1: 5", store="1"), ladder("A", other, store="2", source="b")]
    result = compiled(A, ladders, stores=[MAIN, FRENCH])
    assert result.rows == ()
    assert {problem.source for problem in result.problems} == {"list", "b"}
    assert all("price scope global" in message for message in messages(result))


def test_a_conflict_leaves_other_groups_and_products_alone() -> None:
    ladders = [
        ladder("P-1", "1: 5", store="1"),
        ladder("P-1", "1: 6", store="2"),
        ladder("P-1", "1: 7", audience_id="5"),
        ladder("P-2", "1: 8"),
    ]
    result = compiled(family(), ladders, stores=[MAIN, FRENCH])
    assert shown(result) == ["P-1 @all #5 1: 7 EUR net", "P-2 @all #4 1: 8 EUR net"]


def test_a_website_shop_has_a_row_for_each_website_in_its_currency() -> None:
    ladders = [ladder("A", "1: 5", store="1"), ladder("A", "1: 6", store="2", currency="CHF")]
    result = compiled(A, ladders, stores=[MAIN, SWISS], **WEBSITE)
    assert shown(result) == ["A @1 #4 1: 5 EUR net", "A @2 #4 1: 6 CHF net"]


def test_a_website_shop_has_one_row_for_all_websites() -> None:
    result = compiled(A, [ladder("A", "1: 5")], stores=[MAIN, SWISS], **WEBSITE)
    assert shown(result) == ["A @all #4 1: 5 EUR net"]


def test_all_websites_and_one_website_from_the_same_quantity_conflict() -> None:
    ladders = [ladder("A", "1: 5"), ladder("A", "1: 6", store="1", source="b")]
    result = compiled(A, ladders, **WEBSITE)
    assert result.rows == ()
    assert {problem.source for problem in result.problems} == {"list", "b"}


def test_all_websites_and_one_website_from_different_quantities_are_fine() -> None:
    ladders = [ladder("A", "1: 5"), ladder("A", "10: 4", store="1", source="b")]
    result = compiled(A, ladders, **WEBSITE)
    assert shown(result) == ["A @all #4 1: 5 EUR net", "A @1 #4 10: 4 EUR net"]


# -- tax ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("basis", "settings", "price", "row"),
    [
        (Basis.NET, {}, "10", "10 EUR net"),
        (Basis.GROSS, GROSS, "11.9", "11.9 EUR gross"),
        (Basis.NET, {**GROSS, "tax_rates": "2=19"}, "10", "11.9 EUR gross"),
        (Basis.GROSS, {"tax_rates": "2=19,4=7"}, "11.90", "10 EUR net"),
        (Basis.GROSS, {"tax_rates": "2=19"}, "10", "8.403361 EUR net"),
        (Basis.GROSS, {"tax_rates": " 2 = 8.1 % ; 4=7"}, "10.81", "10 EUR net"),
    ],
)
def test_prices_on_the_side_the_shop_keeps(
    basis: Basis, settings: dict[str, str], price: str, row: str
) -> None:
    result = compiled(A, [ladder("A", f"1: {price}", basis=basis)], **settings)
    assert shown(result) == [f"A @all #4 1: {row}"]


def test_an_untaxed_product_has_one_price() -> None:
    free = product("A", tax_class="0")
    result = compiled(free, [ladder("A", "1: 10", basis=Basis.GROSS)])
    assert shown(result) == ["A @all #4 1: 10 EUR net"]


@given(st.decimals(min_value="0.01", max_value="99999", places=2))
def test_a_price_survives_the_way_through_the_other_side(price: Decimal) -> None:
    rates = {"tax_rates": "2=19"}
    gross = compiled(A, [ladder("A", f"1: {price}")], **GROSS, **rates).rows[0].value.amounts[0]
    back = compiled(A, [ladder("A", f"1: {gross.gross}", basis=Basis.GROSS)], **rates)
    net = back.rows[0].value.amounts[0].net
    assert net is not None
    assert abs(net - price) <= Decimal("0.000001")


# -- what cannot be said --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "wish", "settings", "reason"),
    [
        (A, ladder("A", "1: 5", basis=Basis.GROSS), {}, "tax class 2 in tax_rates"),
        (A, ladder("A", "1: 5", basis=Basis.GROSS), {"tax_rates": "9=19"}, "state them net"),
        (A, ladder("A", "1: 5"), GROSS, "state them gross"),
        (product("A", tax_class=""), ladder("A", "1: 5"), GROSS, "give A a tax class"),
        (A, ladder("A", "1: 5", currency="USD"), {}, "in USD, but the shop keeps prices in EUR"),
        (A, ladder("A", "1: 5", store="1", currency="CHF"), WEBSITE, "website base keeps"),
        (A, ladder("A", "1: 5%", store="9"), WEBSITE, "no website with id 9"),
        (product("A", ProductKind.BUNDLE), ladder("A", "1: 5"), {}, "percentages only"),
        (product("A", ProductKind.OTHER), ladder("A", "1: 5%"), {}, "no tier prices"),
        (product("A", ProductKind.PARENT), ladder("A", "1: 5"), {}, "through variants"),
        (A, ladder("A", "1: 101%"), {}, "0 to 100"),
        (A, ladder("A", "1: -1"), {}, "no usable price"),
    ],
)
def test_a_ladder_that_cannot_be_said(
    subject: Product, wish: Ladder, settings: dict[str, str], reason: str
) -> None:
    result = compiled(subject, [wish], **settings)
    assert result.rows == ()
    [problem] = result.problems
    assert reason in problem.message
    assert (problem.product_id, problem.source) == ("A", "list")


def test_percentages_need_no_tax_and_no_currency() -> None:
    bundle = product("A", ProductKind.BUNDLE, prices=())
    wish = ladder("A", "1: 5%", currency="USD", basis=Basis.GROSS)
    assert shown(compiled(bundle, [wish])) == ["A @all #4 1: 5%"]


def test_one_bad_variant_leaves_the_others() -> None:
    whole = family()
    odd = product("P-3", ProductKind.VARIANT, parent_id="P", tax_class="7")
    wish = ladder("P", "1: 11.9", basis=Basis.GROSS)
    result = compiled(Family(whole.head, (*whole.variants, odd)), [wish], tax_rates="2=19")
    assert [row.key.product_id for row in result.rows] == ["P-1", "P-2"]
    assert [problem.product_id for problem in result.problems] == ["P-3"]


# -- notes ----------------------------------------------------------------------------------


def test_a_price_above_the_products_own_is_written_and_noted() -> None:
    result = compiled(A, [ladder("A", "5: 100.01")])
    assert len(result.rows) == 1
    [note] = result.notes
    assert "from 5 on is above the price of A itself" in note.message


@pytest.mark.parametrize(
    ("steps", "noted"),
    [
        (["1: 50", "10: 60", "20: 40"], ["from 10 on"]),
        (["2: 9.95", "30: 60%"], ["from 30 on"]),
        (["1: 20%", "10: 10%", "20: 15%"], ["from 10 on", "from 20 on"]),
        (["1: 60%", "10: 40"], []),
        (["1: 50", "10: 50"], []),
    ],
)
def test_a_step_that_is_dearer_than_one_before_it_is_noted(
    steps: list[str], noted: list[str]
) -> None:
    """Of a product at 100: Magento charges the lowest of all rows up to the quantity."""
    result = compiled(A, [ladder("A", *steps)])
    assert len(result.rows) == len(steps)
    assert len(result.notes) == len(noted)
    assert all(word in note.message for word, note in zip(noted, result.notes, strict=True))


def test_percentages_of_an_unknown_price_are_not_compared() -> None:
    bundle = product("A", ProductKind.BUNDLE, prices=())
    assert compiled(bundle, [ladder("A", "1: 20%", "10: 10%")]).notes == ()


def test_a_percentage_with_more_digits_than_magento_keeps_is_noted() -> None:
    result = compiled(A, [ladder("A", "1: 33.333%")])
    assert shown(result) == ["A @all #4 1: 33.33%"]
    assert "33.33 % instead of 33.333 %" in result.notes[0].message


def there(store: str, audience: str, quantity: int) -> TierPrice:
    key = TierKey("A", store, audience, Decimal(quantity))
    return TierPrice(key, TierValue(percent=Decimal(5)))


@pytest.mark.parametrize(
    ("rows", "noted"),
    [
        ([there("", "32000", 1)], ["ALL GROUPS"]),
        ([there("", "4", 1), there("1", "4", 1)], ["single one"]),
        ([there("1", "4", 2)], []),
        ([there("1", "5", 1)], []),
        ([there("", "4", 1)], []),
    ],
)
def test_rows_in_the_shop_that_meet_ours_are_noted(rows: list[TierPrice], noted: list[str]) -> None:
    result = compiled(A, [ladder("A", "1: 5")], rows)
    assert len(result.rows) == 1
    assert len(result.notes) == len(noted)
    assert all(word in note.message for word, note in zip(noted, result.notes, strict=True))


@pytest.mark.parametrize(("ours", "theirs"), [("", "1"), ("1", "")])
def test_a_row_that_magento_would_refuse_for_one_that_is_there(ours: str, theirs: str) -> None:
    """One for all websites and one for a single website do not get on."""
    wish = ladder("A", "1: 5", store=ours)
    result = compiled(A, [wish], [there(theirs, "4", 1)], **WEBSITE)
    assert result.rows == ()
    [message] = messages(result)
    assert "Remove it in the shop first" in message


def test_the_same_input_gives_the_same_rows_in_any_order() -> None:
    ladders = [ladder("P", "5: 80", "10: 70"), ladder("P-2", "1: 5%", audience_id="5")]
    assert compiled(family(), ladders).rows == compiled(family(), ladders[::-1]).rows
