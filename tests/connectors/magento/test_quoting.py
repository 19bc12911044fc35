"""What a basket would cost in Magento: examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import (
    Amount,
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
from connectors.magento import PLATFORM
from connectors.magento.compiling import compiled
from connectors.magento.module_gifts import said_by_module
from connectors.magento.rule_text import text_of
from connectors.magento.views import View
from connectors.quotes import Basket, CannotQuote, Offer, Outcome, Quote, Wanted
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold
from connectors.sales import Money

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
STORE = Store("1", "base", "Main", "EUR")
ALL, GENERAL, GUEST = "32000", "1", "0"
D = Decimal


def product(sku: str, price: str, **more: Any) -> Product:
    side = Amount("EUR", net=D(price))
    return Product(sku, sku, sku, ProductKind.SIMPLE, prices=(side,), tax_class="2", **more)


def row(quantity: int, value: str, group: str = GENERAL, store: str = "") -> TierPrice:
    """``-10`` is 10 percent off."""
    amount = D(value)
    said = TierValue(percent=-amount) if amount < 0 else TierValue(amounts=(Amount("EUR", amount),))
    return TierPrice(TierKey("A", store, group, D(quantity)), said)


def wanted(sku: str, price: str, quantity: int, *rows: TierPrice) -> Wanted:
    return Wanted(sku, quantity, Family(product(sku, price)), rows)


def asked(*goods: Wanted, **more: Any) -> Basket:
    groups = {id_: CustomerGroup(id_, id_) for id_ in (GUEST, GENERAL)}
    return Basket(STORE, goods, NOW, groups, **{"group_id": GENERAL, **more})


def facts(**settings: str) -> PricingFacts:
    euro = (Currency("EUR", "EUR", is_default=True),)
    return PricingFacts(euro, (STORE,), (), {"tax_rates": "2=19", **settings})


def quoted(basket: Basket, **settings: str) -> Quote:
    assert PLATFORM.quote is not None
    return PLATFORM.quote(basket, facts(**settings))


# --- prices --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "rows", "unit"),
    [
        (1, [], "10.00"),
        (4, [row(5, "8")], "10.00"),
        (5, [row(5, "8")], "8.00"),
        (5, [row(5, "12")], "10.00"),  # a tier price never raises a price
        (9, [row(2, "7"), row(5, "8")], "7.00"),  # nor does a later one
        (5, [row(5, "-12.5")], "8.75"),
        (5, [row(5, "8", group="3")], "10.00"),
        (5, [row(5, "8", group=ALL)], "8.00"),
        (5, [row(5, "8"), row(5, "7", group=ALL)], "8.00"),  # the group's own first
        (5, [row(5, "8"), row(4, "7", group=ALL)], "7.00"),
        (5, [row(5, "8"), row(5, "6", store="1")], "8.00"),  # prices are global
    ],
)
def test_the_unit_price_is_that_of_the_lowest_row_reached(
    quantity: int, rows: list[TierPrice], unit: str
) -> None:
    (line,) = quoted(asked(wanted("A", "10", quantity, *rows))).lines
    assert line.unit_price == D(unit)
    assert (line.row is None) is (line.unit_price == line.own_price)


def test_a_websites_row_stands_in_for_that_of_all() -> None:
    basket = asked(wanted("A", "10", 5, row(5, "8"), row(5, "9", store="1")))
    (line,) = quoted(basket, price_scope="website").lines
    assert (line.unit_price, line.row) == (D("9.00"), row(5, "9", store="1"))


def test_guests_are_not_logged_in() -> None:
    quote = quoted(asked(wanted("A", "10", 5, row(5, "8"), row(5, "9", GUEST)), group_id=""))
    assert (quote.group_id, quote.lines[0].unit_price) == (GUEST, D("9.00"))


def test_tax_carries_its_rounding_from_line_to_line() -> None:
    """19 % of 3 x 0.13 is 0.0741 in all, and not 3 x 0.02."""
    quote = quoted(asked(*(wanted(sku, "0.13", 1) for sku in "ABC")))
    assert quote.goods == Money(D("0.39"), D("0.46"))


def test_an_unknown_rate_is_told() -> None:
    quote = quoted(asked(wanted("A", "10", 1)), tax_rates="")
    assert not quote.is_tax_known and quote.goods == Money(D(10), D(10))
    assert any("tax_rates" in note for note in quote.notes)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"is_active": False}, "switched off"),
        ({"kind": ProductKind.PARENT}, "variants"),
        ({"kind": ProductKind.BUNDLE}, "put together"),
        ({"prices": ()}, "no price in EUR"),
    ],
)
def test_what_cannot_be_bought_is_said(change: dict[str, Any], text: str) -> None:
    goods = Wanted("A", 1, Family(replace(product("A", "10"), **change)))
    with pytest.raises(CannotQuote, match=text):
        quoted(asked(goods))


# --- offers --------------------------------------------------------------------------------


def offer(kind: PromotionKind, discount: Discount, native_id: str = "7", **more: Any) -> Offer:
    promotion = Promotion("k" + native_id, kind, "Name", "Label", "1", "EUR", discount, **more)
    code = "LB-1" if kind is PromotionKind.CODES else ""
    native = text_of(compiled(promotion, [View("1", "default", "1", UTC, "EUR")]))
    return Offer(promotion.key, native, native_id, code)


TEN = Discount(percent=D(10))
FREE = Discount(percent=D(100))
AUTO, GIFT, CODES = PromotionKind.AUTOMATIC, PromotionKind.GIFT, PromotionKind.CODES
"""The basket of these examples: 2 x A at 30.00, 3 x B at 5.00; 75.00, with tax 89.25."""


@pytest.mark.parametrize(
    ("kind", "discount", "more", "outcome", "off"),
    [
        (AUTO, TEN, {}, Outcome.APPLIES, "7.50"),
        (AUTO, Discount(amount=D(8)), {}, Outcome.APPLIES, "8.00"),
        (AUTO, Discount(amount=D(80)), {}, Outcome.APPLIES, "75.00"),
        (AUTO, TEN, {"product_ids": ("b",)}, Outcome.APPLIES, "1.50"),
        (GIFT, FREE, {"product_ids": ("B",), "most_pieces": 2}, Outcome.APPLIES, "10.00"),
        (GIFT, FREE, {"product_ids": ("C",), "most_pieces": 1}, Outcome.NOT_IN_BASKET, "0"),
        (AUTO, TEN, {"needs_product_ids": ("A", "C")}, Outcome.NEEDS_PRODUCTS, "0"),
        (AUTO, TEN, {"threshold": Threshold(D(75))}, Outcome.APPLIES, "7.50"),
        (AUTO, TEN, {"threshold": Threshold(D("75.01"))}, Outcome.BELOW_BASKET, "0"),
        (AUTO, TEN, {"threshold": Threshold(D("89.25"), True)}, Outcome.APPLIES, "7.50"),
        (AUTO, TEN, {"threshold": Threshold(D("89.26"), True)}, Outcome.BELOW_BASKET, "0"),
        (AUTO, TEN, {"group_ids": ("2",)}, Outcome.OTHER_GROUP, "0"),
        (AUTO, TEN, {"starts_at": datetime(2026, 3, 11, tzinfo=UTC)}, Outcome.NOT_YET, "0"),
        (AUTO, TEN, {"ends_at": datetime(2026, 3, 10, tzinfo=UTC)}, Outcome.IS_OVER, "0"),
        (AUTO, TEN, {"is_active": False}, Outcome.IS_OFF, "0"),
        (CODES, Discount(amount=D(8)), {}, Outcome.APPLIES, "8.00"),
    ],
)
def test_an_offer_applies_or_says_why_not(
    kind: PromotionKind, discount: Discount, more: dict[str, Any], outcome: Outcome, off: str
) -> None:
    goods = (wanted("A", "30", 2), wanted("B", "5", 3))
    (told,) = quoted(asked(*goods, offers=(offer(kind, discount, **more),))).offers
    assert (told.outcome, told.off.net) == (outcome, D(off))


BY_MODULE = Promotion(
    "gift:mug:1",
    GIFT,
    "Mug",
    "Mug",
    "1",
    "EUR",
    FREE,
    product_ids=("B",),
    threshold=Threshold(D(70)),
)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, Outcome.PUT_IN),
        ({"threshold": Threshold(D("75.01"))}, Outcome.BELOW_BASKET),
        ({"threshold": Threshold(D("89.25"), is_gross=True)}, Outcome.PUT_IN),
        ({"threshold": Threshold(D("67.51"), after_discounts=True)}, Outcome.BELOW_BASKET),
        ({"threshold": Threshold(D("67.50"), after_discounts=True)}, Outcome.PUT_IN),
        ({"group_ids": ("2",)}, Outcome.OTHER_GROUP),
        ({"starts_at": NOW + timedelta(seconds=1)}, Outcome.NOT_YET),
        ({"ends_at": NOW}, Outcome.IS_OVER),
    ],
)
def test_a_gift_by_the_module_comes_beside_what_is_bought(
    more: dict[str, Any], outcome: Outcome
) -> None:
    said = said_by_module(replace(BY_MODULE, **more), [View("1", "default", "1", UTC, "EUR")])
    goods = (wanted("A", "30", 2), wanted("B", "5", 3))
    offers = (Offer("gift:mug:1", text_of(said)), offer(AUTO, TEN))
    quote = quoted(asked(*goods, offers=offers))
    assert [(one.outcome, one.off.net) for one in quote.offers] == [
        (outcome, D(0)),
        (Outcome.APPLIES, D("7.50")),
    ]
    assert not any(line.is_gift for line in quote.lines)


def test_a_gift_by_a_module_that_is_off_is_given_by_nobody() -> None:
    said = said_by_module(BY_MODULE, [View("1", "default", "1", UTC, "EUR")])
    offers = (Offer("gift:mug:1", text_of(said)),)
    (told,) = quoted(replace(asked(wanted("A", "30", 3), offers=offers), has_plugin=False)).offers
    assert told.outcome is Outcome.IS_OFF


def test_all_products_that_a_basket_lacks_are_told() -> None:
    kit = offer(AUTO, TEN, needs_product_ids=("A", "C", "D"))
    (told,) = quoted(asked(wanted("A", "30", 2), offers=(kit,))).offers
    assert (told.outcome, told.missing) == (Outcome.NEEDS_PRODUCTS, ("C", "D"))


def test_each_takes_off_what_earlier_ones_left_the_voucher_last() -> None:
    """The gift first, then the discount, then the money."""
    offers = (
        offer(CODES, Discount(amount=D(20)), "1"),
        offer(AUTO, TEN, "2"),
        offer(GIFT, FREE, "3", product_ids=("B",), most_pieces=1),
    )
    quote = quoted(asked(wanted("A", "30", 2), wanted("B", "5", 1), offers=offers))
    assert {one.key: one.off.net for one in quote.offers} == {"k3": 5, "k2": 6, "k1": 20}
    assert quote.total == Money(D("34.00"), D("40.46"))
    assert [line.is_gift for line in quote.lines] == [False, True]


def test_a_cent_of_tax_that_rounding_carries_to_another_line_is_not_lost() -> None:
    """19 % of 36.34 and 129.90 is 6.90 and 24.69: rounded one by one it would be a cent less."""
    offers = (
        offer(AUTO, Discount(percent=D(15)), "1", product_ids=("B",)),
        offer(GIFT, FREE, "2", product_ids=("A",), most_pieces=1),
    )
    goods = (wanted("A", "40.84", 1), wanted("B", "42.75", 1), wanted("C", "129.90", 1))
    quote = quoted(asked(*goods, offers=offers))
    assert quote.total == Money(D("166.24"), D("197.83"))
    assert quote.discount == sum((line.discount for line in quote.lines), Money())


@pytest.mark.parametrize(
    ("wrote", "writes"),
    [
        ('"by_percent"', '"buy_x_get_y"'),
        ("base_subtotal", "postcode"),
        ('"discount_step":0', '"discount_step":3'),
        ('"stop_rules_processing":false', '"stop_rules_processing":true'),
        ('"NO_COUPON"', '"SPECIFIC_COUPON"'),
    ],
)
def test_what_the_bridge_does_not_write_is_unreadable(wrote: str, writes: str) -> None:
    ours = offer(AUTO, TEN, threshold=Threshold(D(1)))
    assert wrote in ours.native
    theirs = replace(ours, native=ours.native.replace(wrote, writes))
    quote = quoted(asked(wanted("A", "30", 2), offers=(theirs,)))
    assert [one.outcome for one in quote.offers] == [Outcome.UNREADABLE]
    assert quote.discount == Money()
