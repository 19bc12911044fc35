"""Orders as records: what each line, shipping and discount is worth, and when what happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Rejected
from connectors.http.json import loads
from connectors.magento.orders import Belongings, order_record, unclear_products
from connectors.sales import LineKind, Money, Order

Recorded = Callable[[str, int], dict[str, Any]]
D = Decimal
ZERO = D(0)
CENT = D("0.01")
TIME = "2026-11-22 14:59:{:02}".format


def at(second: int) -> datetime:
    return datetime(2026, 11, 22, 14, 59, second, tzinfo=UTC)


def money(net: str, gross: str | None = None) -> Money:
    return Money(D(net), D(net if gross is None else gross))


def mapped(row: Mapping[str, Any], **belongings: Any) -> Order:
    return order_record(row, Belongings(**belongings), store_id="1")


def paid_for(order: Order) -> Decimal:
    goods = sum((line.price - line.discount for line in order.lines), Money())
    return (goods + order.shipping - order.shipping_discount).gross


# -- the recordings -------------------------------------------------------------------------

WHOLE_ORDERS = [
    ("orders", 0),
    ("orders", 4),
    ("orders", 6),
    ("orders", 15),
    ("orders", 24),
    ("orders_composite_and_tax", 5),
    ("cart_price_rules", 38),
]


@pytest.mark.parametrize(("scenario", "number"), WHOLE_ORDERS)
def test_lines_and_shipping_add_up_to_what_was_asked_for(
    recorded: Recorded, scenario: str, number: int
) -> None:
    body = exact(recorded(scenario, number)["response"]["body"])
    for row in body["items"] if "total_count" in body else [body]:
        order = mapped(row)
        assert paid_for(order) == row["base_grand_total"]
        assert sum(line.price.net for line in order.lines) == row["base_subtotal"]
        assert sum(line.price.gross for line in order.lines) == row["base_subtotal_incl_tax"]


def exact(body: Any) -> Any:
    """A recorded body as the connector reads it: no number is a float."""
    return loads(json.dumps(body))


def test_a_coupon_and_a_free_product(recorded: Recorded) -> None:
    """Recorded: 4 x 34 less 5 by coupon, told as a row of 131; a gift of 14, told as 0."""
    order = mapped(recorded("cart_price_rules", 38)["response"]["body"])
    bag, strap = order.lines
    assert (bag.price, bag.discount, bag.is_gift) == (money("136"), money("5"), False)
    assert (strap.price, strap.discount, strap.is_gift) == (money("14"), money("14"), True)
    [code] = order.codes
    assert (code.code, code.discount) == ("REF-359563", money("19"))
    assert order.shipping == money("25")
    assert order.company == "Muster GmbH"


@pytest.mark.parametrize(
    ("field", "several"),
    [
        ("REF-359563,LB-1", None),
        ("REF-359563", ["LB-1", "ref-359563"]),
        (None, ["REF-359563", "LB-1"]),
    ],
)
def test_several_coupons(recorded: Recorded, field: str | None, several: list[str] | None) -> None:
    """Adobe Commerce: each is known, and none is said to have taken off less than it may have."""
    row = recorded("cart_price_rules", 38)["response"]["body"]
    order = mapped({**row, "coupon_code": field, "extension_attributes": {"coupon_codes": several}})
    assert {one.code.upper() for one in order.codes} == {"REF-359563", "LB-1"}
    assert len(order.codes) == 2
    assert {one.discount for one in order.codes} == {money("19")}


def test_a_configurable_is_one_line_under_the_sku_that_was_bought(recorded: Recorded) -> None:
    order = mapped(exact(recorded("orders_composite_and_tax", 5)["response"]["body"]))
    hoodie, bag = order.lines
    assert (hoodie.id, hoodie.sku, hoodie.product_id) == ("9", "MH01-XS-Black", "MH01-XS-Black")
    assert (hoodie.name, hoodie.quantity) == ("Chaz Kangeroo Hoodie", D(2))
    assert hoodie.price == money("104", "123.76")
    assert bag.price == money("34")
    assert str(hoodie.price.gross) == "123.76"


def test_who_bought(recorded: Recorded) -> None:
    order = mapped(recorded("orders", 0)["response"]["body"])
    assert (order.id, order.number, order.currency, order.store_id) == (
        "4",
        "000000004",
        "EUR",
        "1",
    )
    assert (order.customer_id, order.is_guest, order.group_id) == ("4", False, "2")
    assert order.email == "order359563@example.com"
    assert (order.placed_at, order.changed_at) == (at(51), at(52))
    assert order.codes == ()


def test_a_guest(recorded: Recorded) -> None:
    order = mapped(recorded("orders", 24)["response"]["body"])
    assert (order.customer_id, order.is_guest, order.group_id) == ("", True, "0")
    assert order.email == "order359563@example.com"


def test_the_order_of_a_deleted_account_is_no_guests(recorded: Recorded) -> None:
    row = recorded("orders", 0)["response"]["body"]
    del row["customer_id"]
    order = mapped(row)
    assert (order.customer_id, order.is_guest, order.group_id) == ("", False, "2")


# -- Magento's arithmetic -------------------------------------------------------------------


@dataclass(frozen=True)
class Sold:
    """A row as Magento computes it. ``discount`` is off the price with tax where prices are kept
    with tax, else off the price without."""

    price: Decimal
    quantity: int
    rate: int
    discount: Decimal = ZERO
    with_tax: bool = False
    """Whether the shop keeps its prices so."""

    @property
    def gross_before(self) -> Decimal:
        total = self.price * self.quantity
        return total if self.with_tax else total + cents(total * self.rate / 100)

    @property
    def row_total(self) -> Decimal:
        total = self.price * self.quantity
        return total - self._tax_in(total) if self.with_tax else total

    @property
    def tax(self) -> Decimal:
        rest = self.price * self.quantity - self.discount
        return self._tax_in(rest) if self.with_tax else cents(rest * self.rate / 100)

    @property
    def compensation(self) -> Decimal:
        before = self._tax_in(self.price * self.quantity)
        return before - self.tax if self.with_tax else D(0)

    @property
    def paid(self) -> Money:
        net = self.row_total - self.discount + self.compensation
        return Money(net, net + self.tax)

    def _tax_in(self, gross: Decimal) -> Decimal:
        return cents(gross * self.rate / (100 + self.rate))

    def row(self, number: int, told: str = "2.4", **more: Any) -> dict[str, Any]:
        lowered = self.row_total - self.discount
        totals = {
            "2.2": (self.row_total, self.gross_before),
            "2.3.0": (lowered, self.gross_before),
            "2.3": (lowered, self.paid.gross),
            "2.4": (max(lowered, D(0)), max(self.paid.gross, D(0))),
        }[told]
        return {
            "item_id": number,
            "product_id": number,
            "product_type": "simple",
            "sku": f"SKU-{number}",
            "name": f"Thing {number}",
            "qty_ordered": self.quantity,
            "base_price": cents(self.row_total / self.quantity),
            "base_price_incl_tax": cents(self.gross_before / self.quantity),
            "base_row_total": noisy(totals[0]),
            "base_row_total_incl_tax": noisy(totals[1]),
            "base_discount_amount": self.discount,
            "base_discount_tax_compensation_amount": self.compensation,
            "base_tax_amount": self.tax,
            "tax_percent": self.rate,
            **more,
        }


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def noisy(value: Decimal) -> Decimal:
    """As a sum of floats comes out: 26.989999999999998 for 26.99."""
    return value + D("0.0000000000000018") if value else value


def order_of(rows: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "entity_id": 7,
        "increment_id": "000000007",
        "store_id": 1,
        "state": "new",
        "created_at": TIME(51),
        "updated_at": TIME(52),
        "base_currency_code": "EUR",
        "customer_id": 4,
        "customer_email": " Anna@Example.com ",
        "base_grand_total": D(100),
        "items": rows,
        **more,
    }


def order_with(sold: Sequence[Sold], told: str = "2.4", **more: Any) -> dict[str, Any]:
    return order_of(
        [one.row(number, told) for number, one in enumerate(sold, start=1)],
        base_subtotal=sum(one.row_total for one in sold),
        base_subtotal_incl_tax=sum(one.gross_before for one in sold),
        **more,
    )


@st.composite
def rows_sold(draw: st.DrawFn, *, with_tax: bool) -> Sold:
    price = draw(st.decimals("1.00", "500.00", places=2))
    quantity = draw(st.integers(1, 20))
    part = draw(st.sampled_from([0, 0, 1, 10, 50, 90, 99, 100]))
    discount = cents(price * quantity * part / 100)
    return Sold(price, quantity, draw(st.sampled_from([0, 7, 19, 25])), discount, with_tax)


@given(
    sold=st.booleans().flatmap(
        lambda with_tax: st.lists(rows_sold(with_tax=with_tax), min_size=1, max_size=4)
    ),
    told=st.sampled_from(["2.2", "2.3.0", "2.3", "2.4"]),
)
def test_what_was_paid_is_right_to_the_cent_however_the_version_tells_rows(
    sold: list[Sold], told: str
) -> None:
    order = mapped(order_with(sold, told))
    for line, one in zip(order.lines, sold, strict=True):
        assert line.price - line.discount == one.paid
        assert line.price.net == one.row_total
        assert abs(line.price.gross - one.gross_before) <= CENT * (one.quantity + 1)
        assert 0 <= line.discount.net <= line.price.net
        assert 0 <= line.discount.gross <= line.price.gross


@pytest.mark.parametrize("told", ["2.2", "2.3.0", "2.3", "2.4"])
@pytest.mark.parametrize(
    ("sold", "price", "discount"),
    [
        (Sold(D(34), 4, 0, D(5)), money("136"), money("5")),
        (Sold(D("9.99"), 3, 19), money("29.97", "35.66"), money("0")),
        (Sold(D("9.99"), 3, 19, D("3")), money("29.97", "35.66"), money("3", "3.57")),
        (Sold(D(100), 1, 19, D(50)), money("100", "119"), money("50", "59.5")),
        (Sold(D(119), 1, 19, D("59.5"), True), money("100", "119"), money("50", "59.5")),
        (Sold(D(119), 1, 19, D("107.1"), True), money("100", "119"), money("90", "107.1")),
        (Sold(D(119), 1, 19, D(119), True), money("100", "119"), money("100", "119")),
    ],
)
def test_discounts(told: str, sold: Sold, price: Money, discount: Money) -> None:
    """Prices with and without tax; a discount off the price with tax can exceed the net price."""
    [line] = mapped(order_with([sold], told)).lines
    assert (line.price, line.discount) == (price, discount)


def test_rows_that_tell_little() -> None:
    """What a version or an import leaves out counts as nothing; the price still has its tax."""
    row = {"item_id": 1, "sku": "A", "qty_ordered": D("1.5"), "base_row_total": D(10)}
    [line] = mapped(order_of([{**row, "base_tax_amount": D("1.9")}])).lines
    assert (line.price, line.discount) == (money("10", "11.9"), money("0"))
    assert line.quantity == D("1.5")
    assert mapped(order_of([])).lines == ()


def test_a_row_without_a_sku_is_no_product() -> None:
    [line] = mapped(order_of([{"item_id": 1, "name": "Fee", "base_row_total": D(5)}])).lines
    assert (line.kind, line.product_id) == (LineKind.OTHER, "")


def test_amounts_carry_no_idle_zeros() -> None:
    row = Sold(D("10.00"), 2, 0).row(1) | {"qty_ordered": D("2.0000"), "base_tax_amount": D("-0.0")}
    [line] = mapped(order_of([row], base_shipping_amount=D("5.0000"))).lines
    assert [str(one) for one in (line.price.net, line.price.gross, line.discount.gross)] == [
        "20", "20", "0",
    ]  # fmt: skip
    assert str(line.quantity) == "2"


def test_an_order_given_away_whole_has_no_gift() -> None:
    """A line is a gift when it was free while something else was not."""
    free, dear = Sold(D(10), 1, 0, D(10)), Sold(D(20), 1, 0)
    assert [line.is_gift for line in mapped(order_with([free, dear])).lines] == [True, False]
    assert [line.is_gift for line in mapped(order_with([free, free])).lines] == [False, False]


# -- cancelled pieces -----------------------------------------------------------------------


def test_cancelled_pieces_take_their_money_along() -> None:
    row = Sold(D(30), 4, 19, D(12)).row(1, qty_canceled=1)
    [line] = mapped(order_of([row])).lines
    assert line.quantity == 3
    assert line.price == money("90", "107.1")
    assert line.discount == money("9", "10.71")


def test_the_rest_is_worth_what_was_invoiced_for_it() -> None:
    """Magento shares a row out to its pieces in cents; the invoice has the true ones."""
    row = Sold(D("3.33"), 3, 19, D("1")).row(
        1,
        qty_canceled=1,
        qty_invoiced=2,
        base_row_invoiced=D("6.66"),
        base_discount_invoiced=D("0.67"),
        base_tax_invoiced=D("1.14"),
    )
    [line] = mapped(order_of([row])).lines
    assert line.price - line.discount == money("5.99", "7.13")


def test_a_cancelled_order_has_nothing_left() -> None:
    row = Sold(D(30), 2, 0).row(1, qty_canceled=2)
    order = mapped(
        order_of([row], state="canceled", base_shipping_amount=D(5), base_shipping_canceled=D(5))
    )
    assert [(line.quantity, line.price) for line in order.lines] == [(D(0), money("0"))]
    assert order.shipping == money("0")
    assert order.cancelled_at == at(52)
    assert order.paid_at is None


# -- bundles, options -----------------------------------------------------------------------


def bundle(**more: Any) -> dict[str, Any]:
    return {
        "item_id": 1,
        "product_id": 45,
        "product_type": "bundle",
        "sku": "KIT-24-WG080-24-WG081",
        "name": "Yoga kit",
        "qty_ordered": 2,
        **more,
    }


def test_a_bundle_with_a_price_of_its_own() -> None:
    row = bundle(base_row_total=D(60), base_discount_amount=D(0), base_tax_amount=D("11.4"))
    parts = [
        {"item_id": n, "parent_item_id": 1, "sku": f"P{n}", "qty_ordered": 2, "base_row_total": 0}
        for n in (2, 3)
    ]
    [line] = mapped(order_of([row, *parts])).lines
    assert (line.id, line.quantity, line.price) == ("1", D(2), money("60", "71.4"))


def test_a_bundle_whose_parts_bear_the_price() -> None:
    """Its own row repeats the sum without the discounts."""
    parts = [
        Sold(D(10), 2, 19, D(2)).row(2, parent_item_id=1),
        Sold(D(5), 4, 19, D(4)).row(3, parent_item_id=1),
    ]
    whole = bundle(
        base_price=D(20), base_row_total=D(40), base_row_total_incl_tax=D("47.6"),
        base_tax_amount=D("6.46"), base_discount_amount=D(0),
    )  # fmt: skip
    row = order_of([whole, *parts], base_subtotal=D(40), base_subtotal_incl_tax=D("47.6"))
    [line] = mapped(row).lines
    assert (line.sku, line.quantity) == ("KIT-24-WG080-24-WG081", D(2))
    assert (line.price, line.discount) == (money("40", "47.6"), money("6", "7.14"))
    for part in parts:
        part["qty_canceled"] = D(part["qty_ordered"]) / 2
    [line] = mapped(row).lines
    assert (line.quantity, line.price) == (D(1), money("20", "23.8"))


def test_the_catalogues_sku_of_products_that_the_order_calls_otherwise() -> None:
    engraved = Sold(D(10), 1, 0).row(
        6, sku="RING-ENGRAVED", product_option={"extension_attributes": {"custom_options": [{}]}}
    )
    plain = Sold(D(10), 1, 0).row(8)
    row = order_of([bundle(), engraved, plain])
    assert unclear_products(row) == {45, 6}
    order = order_record(row, Belongings(), store_id="1", catalogue_skus={45: "KIT"})
    assert [line.product_id for line in order.lines] == ["KIT", "RING-ENGRAVED", "SKU-8"]
    assert order.lines[0].sku == "KIT-24-WG080-24-WG081"


def test_a_row_whose_parent_is_gone_is_a_line_of_its_own() -> None:
    row = Sold(D(10), 1, 0).row(2, parent_item_id=99)
    assert [line.id for line in mapped(order_of([row])).lines] == ["2"]


# -- shipping -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "shipping", "discount"),
    [
        ({}, money("0"), money("0")),
        ({"amount": "5"}, money("5"), money("0")),
        ({"amount": "5", "tax_amount": "0.95"}, money("5", "5.95"), money("0")),
        (
            {"amount": "5", "incl_tax": "5.95", "tax_amount": "0.76", "discount_amount": "1"},
            money("5", "5.95"),
            money("1", "1.19"),
        ),
        (
            {
                "amount": "10", "incl_tax": "11.90", "tax_amount": "0.95",
                "discount_amount": "5.95", "discount_tax_compensation_amnt": "0.95",
            },
            money("10", "11.9"),
            money("5", "5.95"),
        ),
        (
            {"amount": "5", "incl_tax": "5.95", "tax_amount": "0", "discount_amount": "9"},
            money("5", "5.95"),
            money("5", "5.95"),
        ),
    ],
)  # fmt: skip
def test_shipping(told: dict[str, str], shipping: Money, discount: Money) -> None:
    fields = {f"base_shipping_{name}": D(value) for name, value in told.items()}
    order = mapped(order_of([], coupon_code="SHIP", **fields))
    assert (order.shipping, order.shipping_discount) == (shipping, discount)
    assert order.codes[0].discount == discount


# -- when -----------------------------------------------------------------------------------

PAID = {"base_total_paid": D(100)}
INVOICE = {"entity_id": 1, "state": 2, "created_at": TIME(53), "updated_at": TIME(53)}
SHIPMENT = {"entity_id": 1, "created_at": TIME(54), "updated_at": TIME(55)}


@pytest.mark.parametrize(
    ("state", "paid", "completed", "cancelled"),
    [
        ("new", at(53), None, None),
        ("pending_payment", at(53), None, None),
        ("processing", at(53), None, None),
        ("holded", at(53), None, None),
        ("payment_review", None, None, None),
        ("complete", at(53), at(54), None),
        ("closed", at(53), at(54), None),
        ("canceled", None, None, at(52)),
        ("made_up_by_a_module", at(53), None, None),
    ],
)
def test_what_each_state_says(
    state: str, paid: datetime | None, completed: datetime | None, cancelled: datetime | None
) -> None:
    order = mapped(order_of([], state=state, **PAID), invoices=[INVOICE], shipments=[SHIPMENT])
    assert (order.paid_at, order.completed_at, order.cancelled_at) == (paid, completed, cancelled)
    assert order.state == state
    assert order.changed_at == at(55)


@pytest.mark.parametrize(
    ("totals", "invoices", "paid"),
    [
        ({}, [], None),
        ({"base_total_paid": D("99.99")}, [INVOICE], at(53)),
        ({"base_total_paid": D("99.98")}, [INVOICE], None),
        ({"base_total_paid": D("60")}, [INVOICE], None),
        ({"base_total_paid": D("60"), "base_total_canceled": D("40")}, [INVOICE], at(53)),
        ({"base_total_canceled": D("100")}, [], None),
        (PAID, [INVOICE, INVOICE | {"created_at": TIME(58)}], at(58)),
        (PAID, [INVOICE, INVOICE | {"created_at": TIME(58), "state": 1}], at(53)),
        (PAID, [INVOICE, INVOICE | {"created_at": TIME(58), "state": 3}], at(53)),
        (PAID, [], at(51)),
        ({"base_grand_total": D("0")}, [], at(51)),
    ],
    ids=[
        "not paid", "a cent lost in rounding", "two missing", "in part", "rest cancelled",
        "all cancelled", "two invoices", "one open", "one cancelled", "no invoice", "free",
    ],
)  # fmt: skip
def test_paid_in_full(
    totals: dict[str, Any], invoices: list[dict[str, Any]], paid: datetime | None
) -> None:
    order = mapped(order_of([], state="processing", **totals), invoices=invoices)
    assert order.paid_at == paid


@pytest.mark.parametrize(
    ("state", "more", "invoices", "shipments", "completed"),
    [
        ("complete", {}, [INVOICE | {"created_at": TIME(57)}], [SHIPMENT], at(57)),
        ("complete", {"is_virtual": 1}, [INVOICE], [], at(53)),
        ("complete", {}, [], [], at(51)),
        ("closed", {}, [INVOICE], [], None),
        ("closed", {"is_virtual": 1}, [INVOICE], [], at(53)),
    ],
    ids=["invoiced last", "virtual", "imported", "refunded unshipped", "virtual, refunded"],
)
def test_complete(
    state: str,
    more: dict[str, Any],
    invoices: list[dict[str, Any]],
    shipments: list[dict[str, Any]],
    completed: datetime | None,
) -> None:
    order = mapped(
        order_of([], state=state, **more, **PAID), invoices=invoices, shipments=shipments
    )
    assert order.completed_at == completed


def test_an_address_and_its_company() -> None:
    address = {"company": " Muster GmbH ", "vat_id": "DE123456789"}
    order = mapped(order_of([], billing_address=address))
    assert (order.company, order.vat_id, order.email) == (
        "Muster GmbH", "DE123456789", "Anna@Example.com",
    )  # fmt: skip
    assert mapped(order_of([], customer_taxvat="DE5")).vat_id == "DE5"


def test_an_order_that_cannot_be_read_is_named() -> None:
    for broken in ({"created_at": None, "updated_at": None}, {"items": [{"sku": "no id"}]}):
        with pytest.raises(Rejected, match="Order 000000007"):
            mapped(order_of([]) | broken)
