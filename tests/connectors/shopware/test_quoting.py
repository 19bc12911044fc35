"""What a basket would cost in Shopware: examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import (
    Amount,
    Audience,
    Currency,
    CustomerGroup,
    Family,
    PricingFacts,
    Product,
    ProductKind,
    Store,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.quotes import Basket, CannotQuote, Offer, Outcome, Quote, Wanted
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold
from connectors.sales import Money
from connectors.shopware import PLATFORM
from connectors.shopware.promotion_text import compiled, text_of

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
STORE = Store("ch", "shop", "Shop", "EUR", default_group_id="std")
GROUPS = {"std": CustomerGroup("std", "Standard", "gross"), "b2b": CustomerGroup("b2b", "B", "net")}
RULES = (
    Audience("rule-b2b", "Dealers", ("b2b",), priority=5),
    Audience("rule-all", "Everyone", ("*",), priority=1),
    Audience("rule-odd", "On Mondays", (), priority=9),
)
D = Decimal


def price(net: str, rate: str = "19") -> Amount:
    return Amount("EUR", D(net), (D(net) * (1 + D(rate) / 100)).quantize(D("0.01")))


def product(id_: str, net: str, rate: str = "19", **more: Any) -> Product:
    told: dict[str, Any] = {
        "kind": ProductKind.SIMPLE,
        "prices": (price(net, rate),),
        "tax_rate": D(rate),
        **more,
    }
    return Product(id_, id_.upper(), id_, **told)


def row(quantity: int, net: str, until: int | None, rule: str, id_: str = "a") -> TierPrice:
    return TierPrice(
        TierKey(id_, "", rule, D(quantity)), TierValue(amounts=(price(net),), until=until)
    )


def wanted(id_: str, net: str, quantity: int, *rows: TierPrice, rate: str = "19") -> Wanted:
    return Wanted(id_, quantity, Family(product(id_, net, rate)), rows)


def quoted(*goods: Wanted, **more: Any) -> Quote:
    assert PLATFORM.quote is not None
    told = {"group_id": "std", "tax_rates": (D(7), D(19)), **more}
    facts = PricingFacts((Currency("EUR", "EUR", is_default=True),), (STORE,), RULES, {})
    return PLATFORM.quote(Basket(STORE, goods, NOW, GROUPS, **told), facts)


# --- prices --------------------------------------------------------------------------------

LADDER = (row(1, "9", 9, "rule-b2b"), row(10, "8", None, "rule-b2b"))


@pytest.mark.parametrize(
    ("group", "quantity", "rows", "unit"),
    [
        ("b2b", 9, LADDER, "9.00"),
        ("b2b", 10, LADDER, "8.00"),
        ("std", 10, LADDER, "11.90"),  # the product's own, with tax
        ("std", 2, (*LADDER, row(1, "7", None, "rule-all")), "8.33"),
        ("b2b", 2, (*LADDER, row(1, "7", None, "rule-all")), "9.00"),  # not the cheapest rule
        ("b2b", 4, (row(5, "8", None, "rule-b2b"),), "8.00"),  # the first row holds from 1 on
        ("b2b", 1, (row(1, "7", None, "rule-odd"),), "10.00"),  # about more than groups
    ],
)
def test_the_first_matching_rule_decides(
    group: str, quantity: int, rows: tuple[TierPrice, ...], unit: str
) -> None:
    quote = quoted(wanted("a", "10", quantity, *rows), group_id=group)
    (line,) = quote.lines
    assert line.unit_price == D(unit)
    assert any("On Mondays" in note for note in quote.notes) is (
        rows[0].key.audience_id[5:] == "odd"
    )


def test_a_variant_with_rows_of_its_own_inherits_none() -> None:
    head = product("p", "10", kind=ProductKind.PARENT)
    own, other = (
        product(id_, "10", kind=ProductKind.VARIANT, parent_id="p") for id_ in ("v1", "v2")
    )
    rows = (row(1, "6", None, "rule-b2b", "p"), row(1, "9", None, "rule-b2b", "v1"))
    family = Family(head, (own, other))
    quote = quoted(Wanted("v1", 1, family, rows), Wanted("v2", 1, family, rows), group_id="b2b")
    assert [line.unit_price for line in quote.lines] == [D("9.00"), D("6.00")]


def test_who_is_not_signed_in_sees_what_the_channels_group_sees() -> None:
    quote = quoted(wanted("a", "10", 3), group_id="")
    assert (quote.group_id, quote.goods) == ("std", Money(D("30.00"), D("35.70")))


def test_without_a_price_in_the_stores_currency_nothing_is_told() -> None:
    goods = Wanted("a", 1, Family(product("a", "10", prices=(Amount("CHF", D(1), D(1)),))))
    with pytest.raises(CannotQuote, match="no price in EUR"):
        quoted(goods)


# --- offers --------------------------------------------------------------------------------


def offer(kind: PromotionKind, discount: Discount, key: str = "k", **more: Any) -> Offer:
    promotion = Promotion(key, kind, "Name", "Label", "ch", "EUR", discount, **more)
    code = "LB-1" if kind is PromotionKind.CODES else ""
    return Offer(key, text_of(compiled(promotion, "acme/shop")), key, code)


TEN = Discount(percent=D(10))
FREE = Discount(percent=D(100))
AUTO, GIFT, CODES = PromotionKind.AUTOMATIC, PromotionKind.GIFT, PromotionKind.CODES
GOODS = (wanted("a", "30", 2), wanted("b", "5", 3, rate="7"))
"""75.00; with tax 71.40 and 16.05 make 87.45."""


@pytest.mark.parametrize(
    ("kind", "discount", "more", "outcome", "off"),
    [
        (AUTO, TEN, {}, Outcome.APPLIES, "8.75"),
        (AUTO, Discount(percent=D(10), maximum=D(5)), {}, Outcome.APPLIES, "5.00"),
        (AUTO, Discount(amount=D(8)), {}, Outcome.APPLIES, "8.00"),
        (CODES, Discount(amount=D(800)), {}, Outcome.APPLIES, "87.45"),
        (AUTO, TEN, {"product_ids": ("b",)}, Outcome.APPLIES, "1.61"),
        (GIFT, FREE, {"product_ids": ("b",), "most_pieces": 2}, Outcome.APPLIES, "10.70"),
        (GIFT, FREE, {"product_ids": ("c",), "most_pieces": 1}, Outcome.NOT_IN_BASKET, "0"),
        (AUTO, TEN, {"needs_product_ids": ("a", "c")}, Outcome.NEEDS_PRODUCTS, "0"),
        (AUTO, TEN, {"threshold": Threshold(D("87.45"), True)}, Outcome.APPLIES, "8.75"),
        (AUTO, TEN, {"threshold": Threshold(D("87.46"), True)}, Outcome.BELOW_BASKET, "0"),
        # Net, for who sees gross: by the highest rate, 73.49 x 1.19 = 87.46.
        (AUTO, TEN, {"threshold": Threshold(D("73.48"))}, Outcome.APPLIES, "8.75"),
        (AUTO, TEN, {"threshold": Threshold(D("73.49"))}, Outcome.BELOW_BASKET, "0"),
        (
            GIFT,  # what is given does not count: 71.40 are left
            FREE,
            {
                "product_ids": ("b",),
                "most_pieces": 1,
                "threshold": Threshold(D("71.41"), is_gross=True),
            },
            Outcome.BELOW_BASKET,
            "0",
        ),
        (AUTO, TEN, {"audience_ids": ("rule-b2b",)}, Outcome.OTHER_GROUP, "0"),
        (AUTO, TEN, {"audience_ids": ("rule-odd",)}, Outcome.UNREADABLE, "0"),
        (AUTO, TEN, {"first_order_only": True}, Outcome.APPLIES, "8.75"),
        (AUTO, TEN, {"starts_at": datetime(2026, 3, 11, tzinfo=UTC)}, Outcome.NOT_YET, "0"),
        (AUTO, TEN, {"ends_at": NOW}, Outcome.IS_OVER, "0"),
        (AUTO, TEN, {"is_active": False}, Outcome.IS_OFF, "0"),
    ],
)  # fmt: skip
def test_an_offer_applies_or_says_why_not(
    kind: PromotionKind, discount: Discount, more: dict[str, Any], outcome: Outcome, off: str
) -> None:
    (told,) = quoted(*GOODS, offers=(offer(kind, discount, **more),)).offers
    assert (told.outcome, told.off.gross) == (outcome, D(off))


def test_a_gift_by_the_app_comes_beside_what_is_bought() -> None:
    gift = Promotion("gift:b", GIFT, "Mug", "Mug", "ch", "EUR", FREE, product_ids=("b",))
    told = []
    for amount in ("71.40", "71.41"):
        one = replace(gift, threshold=Threshold(D(amount), is_gross=True))
        native = text_of(compiled(one, "acme/shop", by_app=True))
        quote = quoted(*GOODS, offers=(Offer("gift:b", native, "gift:b"),))
        told += [(one.outcome, one.off.gross) for one in quote.offers]
    assert told == [(Outcome.PUT_IN, 0), (Outcome.BELOW_BASKET, 0)]


@pytest.mark.parametrize(
    ("sku", "amount", "is_gross", "outcome", "off"),
    [
        ("b", "71.40", True, Outcome.APPLIES, "5.35"),
        ("b", "71.41", True, Outcome.BELOW_BASKET, "0"),
        ("c", "71.41", True, Outcome.NOT_IN_BASKET, "0"),
        # Net, for who sees gross: by the lowest rate, 66.73 x 1.07 = 71.4011, rounded down.
        ("b", "66.73", False, Outcome.APPLIES, "5.35"),
        ("b", "66.74", False, Outcome.BELOW_BASKET, "0"),
    ],
)
def test_while_the_app_is_off_the_promotion_beside_its_rule_holds(
    sku: str, amount: str, is_gross: bool, outcome: Outcome, off: str
) -> None:
    threshold = Threshold(D(amount), is_gross=is_gross)
    gift = Promotion(
        "gift:b", GIFT, "Mug", "Mug", "ch", "EUR", FREE, product_ids=(sku,), threshold=threshold
    )
    told = []
    for beside in (True, False):
        native = text_of(compiled(gift, "acme/shop", by_app=True, beside=beside))
        (one,) = quoted(*GOODS, offers=(Offer(gift.key, native),), has_plugin=False).offers
        told.append((one.outcome, one.off.gross))
    assert told == [(outcome, D(off)), (Outcome.IS_OFF, 0)]


def test_all_products_that_a_basket_lacks_are_told() -> None:
    kit = offer(AUTO, TEN, needs_product_ids=("a", "c", "d"))
    (told,) = quoted(*GOODS, offers=(kit,)).offers
    assert (told.outcome, told.missing) == (Outcome.NEEDS_PRODUCTS, ("c", "d"))


def test_a_voucher_is_worth_its_face_as_the_buyer_sees_prices() -> None:
    voucher = offer(CODES, Discount(amount=D(10)))
    seen_with, seen_without = (
        quoted(*GOODS, offers=(voucher,), group_id=group) for group in ("std", "b2b")
    )
    assert seen_with.discount.gross == seen_without.discount.net == D("10.00")
    assert seen_without.discount.gross > D("11.60")  # of goods with 19 % and 7 %


def test_the_first_order_counts_of_who_is_signed_in() -> None:
    first = offer(AUTO, TEN, first_order_only=True)
    for told in ({"group_id": ""}, {"earlier_orders": 1}):
        assert quoted(*GOODS, offers=(first,), **told).offers[0].outcome is Outcome.NOT_FIRST_ORDER


def test_nothing_takes_more_than_what_is_left() -> None:
    offers = (offer(CODES, Discount(amount=D(80)), "v"), offer(AUTO, FREE, "w"))
    quote = quoted(*GOODS, offers=offers)
    assert [one.off.gross for one in quote.offers] == [D("80.00"), D("7.45")]
    assert quote.total.gross == 0


def test_the_cheapest_pieces_are_meant_where_pieces_are_counted() -> None:
    family = Family(
        product("p", "9", kind=ProductKind.PARENT),
        (
            product("dear", "20", kind=ProductKind.VARIANT, parent_id="p"),
            product("cheap", "10", kind=ProductKind.VARIANT, parent_id="p"),
        ),
    )
    one_of_them = offer(AUTO, FREE, product_ids=("p",), most_pieces=1)
    goods = [Wanted(id_, 1, family) for id_ in ("dear", "cheap")]
    quote = quoted(*goods, offers=(one_of_them,))
    assert [line.discount.gross for line in quote.lines] == [0, D("11.90")]
    assert [line.is_gift for line in quote.lines] == [False, True]


def test_what_the_bridge_does_not_write_is_unreadable() -> None:
    ours = offer(AUTO, TEN)
    for native in ("{}", "?", ours.native.replace('"value":"10"', '"value":"ten"')):
        (told,) = quoted(*GOODS, offers=(replace(ours, native=native),)).offers
        assert told.outcome is Outcome.UNREADABLE
