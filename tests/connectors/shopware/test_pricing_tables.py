"""Ladders as a merchant writes them, and the rows Shopware gets: example tables.

A row is written as ``quantity-until: net/gross``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

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
    Store,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.shopware.pricing import compile as compile_prices

OURS, OURS_TOO, BASE, FOREIGN = "rule-ours", "rule-ours-2", "rule-base", "rule-somebody"
EUR = Currency("EUR", "e" * 32, is_default=True)
CHF = Currency("CHF", "c" * 32, is_default=False)


def amount(text: str, currency: str = "EUR") -> Amount:
    net, gross = text.split("/")
    return Amount(currency, Decimal(net), Decimal(gross))


def product(
    product_id: str = "p", price: str | None = "100/119", parent: str = "", **more: Any
) -> Product:
    kind = ProductKind.VARIANT if parent else ProductKind.SIMPLE
    fields: dict[str, Any] = {
        "tax_rate": Decimal(19),
        "prices": (amount(price),) if price else (),
        **more,
    }
    return Product(
        id=product_id, sku=product_id, name=product_id, kind=kind, parent_id=parent, **fields
    )


def ladder(*steps: str, product_id: str = "p", **more: Any) -> Ladder:
    """Steps as ``"10: 90"`` or ``"10: 5 %"``."""
    parsed = []
    for step in steps:
        quantity, _, value = step.partition(":")
        number = Decimal(value.replace("%", "").strip())
        percent, price = (number, None) if "%" in value else (None, number)
        parsed.append(Step(int(quantity), price=price, percent=percent))
    fields: dict[str, Any] = {
        "store": "",
        "audience_id": OURS,
        "group_id": "group-gold",
        "base_group_id": "group-standard",
        "currency": "EUR",
        "basis": Basis.NET,
        "source": "list",
        **more,
    }
    return Ladder(product_id=product_id, steps=tuple(parsed), **fields)


def there(
    product_id: str, audience_id: str, quantity: int, until: int | None, *amounts: Amount
) -> TierPrice:
    key = TierKey(product_id, "", audience_id, Decimal(quantity))
    return TierPrice(key, TierValue(amounts=amounts, until=until), f"{product_id}-{quantity}")


def facts(*, stores: int = 1, **more: Any) -> PricingFacts:
    fields: dict[str, Any] = {
        "currencies": (EUR, CHF),
        "stores": tuple(Store(str(n), str(n), str(n), "EUR") for n in range(stores)),
        "audiences": (
            Audience(OURS, "Loyalty Bridge: Gold", ("group-gold",), 101, ours=True),
            Audience(BASE, "Standard", ("group-standard",), 50),
            Audience(FOREIGN, "Sunday", (), 60),
        ),
        "settings": {},
        **more,
    }
    return PricingFacts(**fields)


def compiled(
    ladders: list[Ladder],
    present: list[TierPrice] | None = None,
    family: Family | None = None,
    known: PricingFacts | None = None,
) -> Compiled:
    return compile_prices(family or Family(product()), ladders, present or [], known or facts())


def table(result: Compiled, product_id: str = "p", audience_id: str = OURS) -> list[str]:
    lines = []
    for row in result.rows:
        if (row.key.product_id, row.key.audience_id) == (product_id, audience_id):
            until = "" if row.value.until is None else str(row.value.until)
            prices = " ".join(
                f"{'' if a.currency == 'EUR' else a.currency + ' '}{plain(a.net)}/{plain(a.gross)}"
                for a in row.value.amounts
            )
            lines.append(f"{row.key.quantity}-{until}: {prices}")
    return lines


def plain(number: Decimal | None) -> str:
    assert number is not None
    return f"{number.normalize():f}"


def messages(problems: Any) -> str:
    return " ".join(problem.message for problem in problems)


# --- amounts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "basis", "price", "expected"),
    [
        (["1: 90"], Basis.NET, "100/119", ["1-: 90/107.1"]),
        (["1: 119"], Basis.GROSS, "100/119", ["1-: 100/119"]),
        (["1: 45.125"], Basis.NET, "100/119", ["1-: 45.125/53.699"]),
        (["1: 10 %"], Basis.NET, "74.86/89.08", ["1-: 67.37/80.17"]),
        (["1: 10 %"], Basis.GROSS, "74.86/89.08", ["1-: 67.37/80.17"]),
        (["1: 5 %"], Basis.NET, "0.125/0.149", ["1-: 0.119/0.142"]),
        (["1: 100 %"], Basis.NET, "100/119", ["1-: 0/0"]),
        # a net price that was divided out of a round gross one is no price of 12 decimals
        (["1: 10 %"], Basis.NET, "12.605042016807/15", ["1-: 11.344538/13.5"]),
    ],
)
def test_both_sides_of_a_price(
    steps: list[str], basis: Basis, price: str, expected: list[str]
) -> None:
    result = compiled([ladder(*steps, basis=basis)], family=Family(product(price=price)))
    assert table(result) == expected


def test_a_percentage_follows_the_product_price() -> None:
    before = compiled([ladder("1: 10 %")], family=Family(product(price="100/119")))
    after = compiled([ladder("1: 10 %")], family=Family(product(price="200/238")))
    assert table(before) == ["1-: 90/107.1"]
    assert table(after) == ["1-: 180/214.2"]


def test_a_product_without_price_is_a_problem_not_a_crash() -> None:
    for steps in (["1: 10 %"], ["10: 5"]):
        result = compiled([ladder(*steps)], family=Family(product(price=None)))
        assert result.rows == ()
        assert "no price of its own in EUR" in messages(result.problems)
    assert table(compiled([ladder("1: 5")], family=Family(product(price=None)))) == ["1-: 5/5.95"]


def test_without_a_tax_rate_nothing_is_guessed() -> None:
    result = compiled([ladder("1: 5")], family=Family(product(tax_rate=None)))
    assert result.rows == ()
    assert "tax rate is not known" in messages(result.problems)


def test_more_than_everything_off_is_refused() -> None:
    result = compiled([ladder("1: 101 %")])
    assert result.rows == ()
    assert "between 0 and 100" in messages(result.problems)


# --- quantities ----------------------------------------------------------------------------


def test_a_row_ends_where_the_next_begins() -> None:
    assert table(compiled([ladder("1: 95", "10: 90", "100: 80")])) == [
        "1-9: 95/113.05",
        "10-99: 90/107.1",
        "100-: 80/95.2",
    ]


def test_a_first_step_above_one_is_filled_with_the_own_price() -> None:
    assert table(compiled([ladder("5: 90")])) == ["1-4: 100/119", "5-: 90/107.1"]


def test_it_is_filled_with_what_the_base_group_paid() -> None:
    present = [
        there("p", BASE, 1, 2, amount("98/116.62")),
        there("p", BASE, 3, 49, amount("96/114.24")),
        there("p", BASE, 50, None, amount("94/111.86")),
    ]
    assert table(compiled([ladder("10: 90")], present)) == [
        "1-2: 98/116.62",
        "3-9: 96/114.24",
        "10-: 90/107.1",
    ]


def test_the_groups_own_rule_counts_before_that_of_its_base() -> None:
    known = facts(
        audiences=(
            Audience(BASE, "Standard", ("group-standard",), 90),
            Audience("low", "Gold, old", ("group-gold",), 10),
            Audience("high", "Gold and others", ("group-gold", "other"), 20),
        )
    )
    present = [
        there("p", BASE, 1, None, amount("98/116.62")),
        there("p", "low", 1, None, amount("97/115.43")),
        there("p", "high", 1, None, amount("96/114.24")),
    ]
    result = compiled([ladder("10: 90")], present, known=known)
    assert table(result) == ["1-9: 96/114.24", "10-: 90/107.1"]


def test_odd_rows_are_read_as_the_shop_reads_them() -> None:
    present = [
        there("p", BASE, -1, None, amount("50/59.50")),
        there("p", BASE, 4, 6, amount("60/71.40")),
        there("p", BASE, 4, 6, amount("61/72.59")),
    ]
    assert table(compiled([ladder("10: 40")], present)) == [
        "1-6: 60/71.4",
        "7-9: 61/72.59",
        "10-: 40/47.6",
    ]


def test_a_rule_about_something_else_is_named_and_not_guessed_at() -> None:
    present = [there("p", FOREIGN, 1, None, amount("70/83.30"))]
    result = compiled([ladder("10: 90")], present)
    assert table(result) == ["1-9: 100/119", "10-: 90/107.1"]
    assert "“Sunday”" in messages(result.notes)
    assert compiled([ladder("1: 90")], present).notes == ()


# --- currencies ----------------------------------------------------------------------------

TWO = (amount("100/119"), amount("110/130.90", "CHF"))


def test_a_percentage_holds_in_every_currency_of_the_product() -> None:
    result = compiled([ladder("10: 10 %")], family=Family(product(prices=TWO)))
    assert table(result) == [
        "1-9: CHF 110/130.9 100/119",
        "10-: CHF 99/117.81 90/107.1",
    ]


def test_a_price_list_changes_its_own_currency_only() -> None:
    result = compiled([ladder("10: 100", currency="CHF")], family=Family(product(prices=TWO)))
    assert table(result) == [
        "1-9: CHF 110/130.9 100/119",
        "10-: CHF 100/119 100/119",
    ]


def test_the_default_currency_keeps_changing_where_it_did_before() -> None:
    present = [
        there("p", BASE, 1, 49, amount("98/116.62")),
        there("p", BASE, 50, None, amount("94/111.86")),
    ]
    result = compiled([ladder("10: 100", currency="CHF")], present)
    assert table(result) == [
        "1-9: 98/116.62",
        "10-49: CHF 100/119 98/116.62",
        "50-: CHF 100/119 94/111.86",
    ]


def test_price_lists_in_two_currencies_merge() -> None:
    result = compiled(
        [
            ladder("1: 95", "10: 90", source="euro"),
            ladder("5: 105", currency="CHF", source="franken"),
        ],
        family=Family(product(prices=TWO)),
    )
    assert table(result) == [
        "1-4: CHF 110/130.9 95/113.05",
        "5-9: CHF 105/124.95 95/113.05",
        "10-: CHF 105/124.95 90/107.1",
    ]
    assert [row.source for row in result.rows] == ["euro", "franken", "euro"]


def test_an_unknown_currency_is_a_problem_and_the_rest_is_written() -> None:
    result = compiled([ladder("1: 90"), ladder("1: 80", currency="USD", source="dollars")])
    assert table(result) == ["1-: 90/107.1"]
    assert [(p.source, "no currency USD" in p.message) for p in result.problems] == [
        ("dollars", True)
    ]


def test_a_percentage_of_a_price_that_is_not_there_is_never_lost_silently() -> None:
    result = compiled([ladder("1: 90"), ladder("1: 10 %", currency="CHF", source="franken")])
    assert result.rows == ()
    assert "no price of its own in CHF" in messages(result.problems)


# --- shared rows ---------------------------------------------------------------------------


def test_a_price_for_one_sales_channel_holds_in_all_and_says_so() -> None:
    result = compiled([ladder("1: 90", store="1")], known=facts(stores=2))
    assert table(result) == ["1-: 90/107.1"]
    assert "all sales channels" in messages(result.notes)
    assert compiled([ladder("1: 90", store="1")]).notes == ()


def test_two_lists_that_ask_for_the_same_merge() -> None:
    result = compiled([ladder("1: 90", source="b"), ladder("1: 90", source="a", store="1")])
    assert [row.source for row in result.rows] == ["a"]
    assert result.problems == ()


def test_two_lists_that_contradict_are_both_refused() -> None:
    result = compiled([ladder("1: 90", source="a"), ladder("1: 91", source="b")])
    assert result.rows == ()
    assert sorted(problem.source for problem in result.problems) == ["a", "b"]


# --- variants ------------------------------------------------------------------------------


def family(red: str = "100/119", blue: str = "100/119") -> Family:
    return Family(
        product("p"),
        (product("red", red, parent="p"), product("blue", blue, parent="p")),
    )


def places(result: Compiled, audience_id: str = OURS) -> set[str]:
    return {row.key.product_id for row in result.rows if row.key.audience_id == audience_id}


def test_what_all_variants_agree_on_is_written_once_at_the_parent() -> None:
    result = compiled([ladder("1: 90")], family=family())
    assert places(result) == {"p"}
    assert result.notes == ()


def test_ladders_of_the_variants_that_agree_are_written_at_the_parent() -> None:
    ladders = [ladder("1: 90", product_id="red"), ladder("1: 90", product_id="blue")]
    assert places(compiled(ladders, family=family())) == {"p"}


def test_a_percentage_of_different_prices_is_written_at_each_variant() -> None:
    result = compiled([ladder("1: 10 %")], family=family(blue="120/142.80"))
    assert places(result) == {"red", "blue"}
    assert table(result, "red") == ["1-: 90/107.1"]
    assert table(result, "blue") == ["1-: 108/128.52"]
    assert "no longer inherits" in messages(result.notes)


def test_a_variant_with_its_own_ladder_differs_from_the_others() -> None:
    ladders = [ladder("1: 90"), ladder("1: 80", product_id="red", source="red")]
    result = compiled(ladders, family=family())
    assert table(result, "red") == ["1-: 80/95.2"]
    assert table(result, "blue") == ["1-: 90/107.1"]


def test_a_ladder_for_one_variant_leaves_the_others_alone() -> None:
    result = compiled([ladder("1: 80", product_id="red")], family=family())
    assert places(result) == {"red"}


def test_a_variant_with_rows_of_its_own_gets_what_it_would_have_inherited_too() -> None:
    """Else the rows at the parent would not reach it any more."""
    ladders = [
        ladder("1: 90"),
        ladder("1: 80", product_id="red", audience_id=OURS_TOO, group_id="other"),
    ]
    result = compiled(ladders, family=family())
    assert places(result, OURS) == {"p", "red"}
    assert places(result, OURS_TOO) == {"red"}


def test_a_variant_with_foreign_rows_gets_its_rows_itself() -> None:
    present = [there("red", FOREIGN, 1, None, amount("70/83.30"))]
    result = compiled([ladder("1: 90")], present, family())
    assert places(result) == {"p", "red"}


def test_foreign_rows_at_the_parent_forbid_rows_at_an_heir() -> None:
    present = [there("p", FOREIGN, 1, None, amount("70/83.30"))]
    result = compiled([ladder("1: 10 %")], present, family(blue="120/142.80"))
    assert result.rows == ()
    assert "“Sunday”" in messages(result.problems)


def test_what_is_agreed_on_is_written_even_where_something_else_is_refused() -> None:
    present = [there("p", FOREIGN, 1, None, amount("70/83.30"))]
    ladders = [ladder("1: 90"), ladder("1: 10 %", audience_id=OURS_TOO, group_id="other")]
    result = compiled(ladders, present, family(blue="120/142.80"))
    assert places(result, OURS) == {"p"}
    assert places(result, OURS_TOO) == set()
    assert len(result.problems) == 1


def test_an_heir_is_filled_from_its_parents_foreign_rows() -> None:
    present = [there("p", BASE, 1, None, amount("98/116.62"))]
    result = compiled([ladder("10: 90")], present, family())
    assert table(result) == ["1-9: 98/116.62", "10-: 90/107.1"]


def test_a_broken_ladder_of_a_variant_is_not_replaced_by_its_parents() -> None:
    ladders = [
        ladder("1: 90"),
        ladder("1: 80", product_id="red", source="a"),
        ladder("1: 81", product_id="red", source="b"),
    ]
    assert places(compiled(ladders, family=family())) == {"blue"}


def test_rows_of_our_other_audiences_do_not_count_as_foreign() -> None:
    known = facts(audiences=(*facts().audiences, Audience(OURS_TOO, "x", ("o",), 7, ours=True)))
    present = [there("red", OURS_TOO, 1, None, amount("70/83.30"))]
    assert places(compiled([ladder("1: 90")], present, family(), known)) == {"p"}


def test_a_ladder_for_a_product_that_is_not_there_is_a_problem() -> None:
    result = compiled([ladder("1: 90", product_id="gone")])
    assert [problem.product_id for problem in result.problems] == ["gone"]
