"""Lines, discounts and shipping of an order, to the cent, net and gross."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sales import NO_MONEY, LineKind, Money, Order
from connectors.shopware.order_money import plain, shared_out

from .order_rows import CENT, TAX_FREE, delivery, line, order_row, price, promotion, read

D = Decimal
MODES = ("gross", "net", TAX_FREE)


def money(net: str, gross: str) -> Money:
    return Money(D(net), D(gross))


def sold(order: Order) -> Money:
    """What the order comes to by its parts."""
    lines = sum((one.price - one.discount for one in order.lines), NO_MONEY)
    return lines + order.shipping - order.shipping_discount


# --- lines ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "total", "rate", "expected"),
    [
        ("gross", "178.16", 19, money("149.71", "178.16")),
        ("net", "100", 19, money("100", "119")),
        ("net", "960", 0, money("960", "960")),
        (TAX_FREE, "100", 19, money("100", "100")),
        (TAX_FREE, "100", None, money("100", "100")),
        ("gross", "10.70", 7, money("10", "10.7")),
        ("gross", "0.01", 19, money("0.01", "0.01")),
    ],
)
def test_a_line_has_both_sides(mode: str, total: str, rate: int | None, expected: Money) -> None:
    (only,) = read(order_row(line("saw", total, rate=rate, mode=mode), mode=mode)).lines
    assert (only.price, only.discount) == (expected, NO_MONEY)


def test_a_line_with_two_tax_rates() -> None:
    both = price("30", None, "gross")
    both["calculatedTaxes"] = [{"tax": D("1.31"), "taxRate": 7}, {"tax": D("1.60"), "taxRate": 19}]
    (only,) = read(order_row(line("set", "30", price=both))).lines
    assert only.price == money("27.09", "30")


def test_a_line_says_what_was_bought() -> None:
    (only,) = read(order_row(line("saw", "20", quantity=3))).lines
    assert (only.id, only.kind, only.product_id, only.sku, only.name) == (
        "saw", LineKind.PRODUCT, "p-saw", "SKU-saw", "The saw",
    )  # fmt: skip
    assert (only.quantity, only.category_ids, only.is_gift) == (3, ("c1", "c2"), False)


def test_a_product_that_was_deleted_meanwhile_keeps_its_id() -> None:
    (only,) = read(order_row(line("saw", "20", productId=None))).lines
    assert only.product_id == "p-saw"


@pytest.mark.parametrize(
    ("identifier", "total", "more", "gift"),
    [
        ("lbgift-p-mug", 0, {}, True),
        ("lbgift-p-mug", 0, {"productId": None}, True),  # deleted meanwhile
        ("lbgift-p-mug", 5, {}, False),
        ("lbgift-p-mug", 0, {"type": "custom"}, True),
        ("lbgift-p-mug", 0, {"type": "discount"}, False),
        ("lbgift-p-mug", 0, {"type": "custom", "productId": None}, False),
        ("lbgift-p-cap", 0, {}, False),
        ("lbgift-", 0, {"productId": None, "referencedId": None}, False),
        ("x", 0, {}, False),
    ],
)
def test_a_gift_of_ours_costs_nothing_and_is_the_product_its_name_says(
    identifier: str, total: int, more: dict[str, Any], gift: bool
) -> None:
    lines = read(order_row(line("mug", total, identifier=identifier, **more))).lines
    assert gift is any(one.is_gift for one in lines)


def test_a_line_under_a_gifts_name_that_costs_something_was_bought() -> None:
    """Its identifier is the shopper's to choose: nothing is lost and nothing gained by it."""
    forged, plain_one = (
        read(order_row(line("mug", "20", identifier=name))).lines
        for name in ("lbgift-p-mug", "cart-mug")
    )
    assert forged == plain_one
    assert forged[0].price == money("16.81", "20")


GIFT = promotion("g", -10, {"mug": "10"})


@pytest.mark.parametrize(
    ("promotions", "gifts"),
    [
        ([GIFT], [False, True]),
        ([promotion("p", -9, {"mug": "9"})], [False, False]),
        ([promotion("p", -30, {"saw": "20", "mug": "10"})], [False, False]),
        ([promotion("p", -6, {"mug": "6"}), promotion("q", -4, {"mug": "4"})], [False, True]),
        ([promotion("p", -10, {"mug": "10"}, code="LB-1")], [False, False]),
    ],
    ids=["wholly", "nearly", "nothing is paid for", "by two", "by a voucher"],
)
def test_what_a_promotion_takes_off_wholly_was_given(
    promotions: list[dict[str, Any]], gifts: list[bool]
) -> None:
    order = read(order_row(line("saw", 20), line("mug", 10), *promotions))
    by_name = {one.id: one.is_gift for one in order.lines}
    assert [by_name["saw"], by_name["mug"]] == gifts


def test_a_voucher_beside_a_gift_takes_nothing_off_the_gift() -> None:
    """The shop shares a voucher out to all lines, also to those that are free."""
    voucher = promotion("v", -15, {"saw": "10", "mug": "5"}, code="LB-1")
    order = read(order_row(line("saw", 20), line("mug", 10), voucher, GIFT))
    by_name = {one.id: (one.discount.gross, one.is_gift) for one in order.lines}
    assert by_name == {"saw": (15, False), "mug": (10, True)}
    assert [(used.code, used.discount.gross) for used in order.codes] == [("LB-1", 15)]


@pytest.mark.parametrize("typed", ["LB-1", " LB-1", "LB-1 \t"])
def test_blanks_around_a_code_are_no_part_of_it(typed: str) -> None:
    voucher = promotion("v", -5, {"saw": "5"}, code=typed)
    (used,) = read(order_row(line("saw", 20), voucher)).codes
    assert (used.code, used.line_id, used.discount.gross) == ("LB-1", "v", 5)


@pytest.mark.parametrize(
    ("what", "identifier", "more", "code", "shown"),
    [
        ("gross", "lbpoints-lb1234567", {}, "lb1234567", 5),
        ("net", "lbpoints-lb1234567", {"mode": "net"}, "lb1234567", 5),
        ("a product of that name", "lbpoints-lb1234567", {"kind": "product"}, None, None),
        ("a promotion of that name", "lbpoints-lb1234567", {"kind": "promotion"}, "", None),
        ("no key", "lbpoints-", {}, "", None),
        ("in the middle of a name", "x-lbpoints-lb1234567", {}, "", None),
    ],
)
def test_points_taken_off_in_the_basket_are_a_code(
    what: str, identifier: str, more: dict[str, Any], code: str | None, shown: int | None
) -> None:
    mode = more.get("mode", "gross")
    row = line("points", -5, **{"kind": "discount", **more}) | {"identifier": identifier}
    order = read(order_row(line("saw", 20, mode=mode), row, mode=mode))
    told = [
        (used.code, used.shown, used.discount.net < used.discount.gross) for used in order.codes
    ]
    assert told == ([(code, shown, True)] if code else []), what


def test_what_floats_left_behind_is_no_money() -> None:
    noisy = price("146.44000000000003", 19, "gross")
    (only,) = read(order_row(line("saw", "146.44", price=noisy))).lines
    assert only.price.gross == D("146.44")


CONTAINER = line("box", 30, kind="container", payload=[])
BUNDLE = line("set", 30)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # a container is what is in it…
        ([CONTAINER, line("a", 10, parentId="box"), line("b", 20, parentId="box")], ["a", "b"]),
        # …unless its price is its own
        ([CONTAINER, line("a", 10, parentId="box")], ["box"]),
        # a bundle is bought as itself, whatever its parts say
        ([BUNDLE, line("a", 10, parentId="set"), line("b", 20, parentId="set")], ["set"]),
        # a container in a container
        (
            [
                CONTAINER,
                line("inner", 30, kind="container", parentId="box"),
                line("a", 30, parentId="inner"),
            ],
            ["a"],
        ),
        # a child whose parent is not in the order stands for itself
        ([line("a", 10, parentId="gone")], ["a"]),
        ([line("fee", 5, kind="custom")], ["fee"]),
        ([line("fee", 5, kind="credit")], ["fee"]),
    ],
)
def test_what_was_bought_counts_once(rows: list[Any], expected: list[str]) -> None:
    assert [one.id for one in read(order_row(*rows)).lines] == expected


def test_what_is_no_product_is_a_line_of_its_own_kind() -> None:
    (only,) = read(order_row(line("fee", 5, kind="custom", rate=19))).lines
    assert (only.kind, only.product_id, only.category_ids) == (LineKind.OTHER, "", ())


@pytest.mark.parametrize("kind", ["bundle-of-an-app", None])
def test_a_row_of_any_type_that_names_a_product_is_one(kind: str | None) -> None:
    row = line("set", 30, type=kind)
    (only,) = read(order_row(row, line("a", 30, parentId="set"))).lines
    assert (only.id, only.kind, only.product_id) == ("set", LineKind.PRODUCT, "p-set")


# --- discounts -----------------------------------------------------------------------------

TWO = (line("saw", "100", position=1), line("oil", "50", position=2))
MIXED = (line("saw", "119", position=1), line("book", "107", rate=7, position=2))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # a percentage, as the shop composed it (26.724 is 26.72 on the order)
        (
            [line("saw", "178.16"), promotion("ten", "-26.72", {"saw": "26.724"})],
            {"saw": money("22.45", "26.72")},
        ),
        # an absolute one over two lines
        (
            [*TWO, promotion("five", "-5", {"saw": "3.333333", "oil": "1.666667"})],
            {"saw": money("2.8", "3.33"), "oil": money("1.4", "1.67")},
        ),
        # without a composition: by price
        ([*TWO, promotion("old", "-15")], {"saw": money("8.41", "10"), "oil": money("4.2", "5")}),
        # of an app
        ([*TWO, line("app", "-15", kind="discount")], {"saw": money("8.41", "10")}),
        ([*TWO, line("sorry", "-15", kind="credit")], {"saw": money("8.41", "10")}),
        ([*TWO, line("own", "-15", kind="custom")], {"saw": money("8.41", "10")}),
        # it names a line that was taken out since: by price
        ([*TWO, promotion("five", "-15", {"gone": "15"})], {"saw": money("8.41", "10")}),
        # cut down to what was left of the basket: the shop names the lines, and no parts
        ([*TWO, promotion("rest", "-15", {"saw": "0"})], {"saw": money("12.61", "15")}),
        # more than one line is worth goes to the other
        (
            [*TWO, promotion("much", "-110", {"saw": "110"})],
            {"saw": money("84.03", "100"), "oil": money("8.41", "10")},
        ),
        # two rates: each line by its own, together what the shop says
        (
            [
                *MIXED,
                promotion(
                    "tenth",
                    "-22.60",
                    {"saw": "11.9", "book": "10.7"},
                    price={
                        "totalPrice": D("-22.60"),
                        "calculatedTaxes": [
                            {"tax": D("-1.90"), "taxRate": 19, "price": D("-11.90")},
                            {"tax": D("-0.70"), "taxRate": 7, "price": D("-10.70")},
                        ],
                    },
                ),
            ],
            {"saw": money("10", "11.9"), "book": money("10", "10.7")},
        ),
    ],
)
def test_discounts_belong_to_lines(rows: list[Any], expected: dict[str, Money]) -> None:
    found = {one.id: one.discount for one in read(order_row(*rows)).lines}
    assert {name: found[name] for name in expected} == expected


def test_a_discount_in_a_net_order_is_net() -> None:
    rows = [line("saw", "100", mode="net"), promotion("ten", "-10", {"saw": "10"}, mode="net")]
    (saw,) = read(order_row(*rows, mode="net")).lines
    assert (saw.price, saw.discount) == (money("100", "119"), money("10", "11.9"))


def test_only_goods_bear_a_discount_that_names_nothing() -> None:
    fee = line("fee", "50", kind="custom", good=False)
    found = {
        one.id: one.discount.gross
        for one in read(order_row(*TWO, fee, promotion("x", "-15"))).lines
    }
    assert found == {"saw": D(10), "oil": D(5), "fee": D(0)}


def test_codes_are_told_with_what_they_took_off() -> None:
    rows = [*TWO, promotion("p1", "-15", code="TEN"), promotion("p2", "-5", {"oil": "5"})]
    (code,) = read(order_row(*rows)).codes
    assert (code.code, code.discount, code.line_id) == ("TEN", money("12.61", "15"), "p1")


# --- shipping ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("costs", "deliveries", "shipping", "discount"),
    [
        ("4.99", ["4.99"], money("4.19", "4.99"), NO_MONEY),
        ("0", ["4.99", "-4.99"], money("4.19", "4.99"), money("4.19", "4.99")),
        ("2.99", ["4.99", "-2"], money("4.19", "4.99"), money("1.68", "2")),
        ("4.99", [], money("4.19", "4.99"), NO_MONEY),
        # an administrator changed the costs on the order alone
        ("1", ["4.99", "-4.99"], money("0.84", "1"), NO_MONEY),
    ],
)
def test_shipping_and_what_promotions_take_off_it(
    costs: str, deliveries: list[str], shipping: Money, discount: Money
) -> None:
    free = promotion("free", 0, code="FREE", scope="delivery")
    row = order_row(
        line("saw", 10),
        free,
        shippingCosts=price(costs, 19, "gross"),
        deliveries=[delivery(cost) for cost in deliveries],
    )
    order = read(row)
    assert (order.shipping, order.shipping_discount) == (shipping, discount)
    assert order.codes[0].discount == discount
    assert sold(order) == Money(row["amountNet"], row["amountTotal"])
    assert [one.discount for one in order.lines] == [NO_MONEY]


# --- what always holds ---------------------------------------------------------------------

cents = st.integers(1, 50_000).map(lambda n: D(n) * CENT)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    mode = draw(st.sampled_from(MODES))
    rates = st.sampled_from([0, 7, 19])
    lines = [
        line(f"l{i}", total, rate=rate, mode=mode, position=i)
        for i, (total, rate) in enumerate(
            draw(st.lists(st.tuples(cents, rates), min_size=1, max_size=5))
        )
    ]
    worth = sum((one["price"]["totalPrice"] for one in lines), D(0))
    shares = draw(st.lists(st.integers(1, 40), max_size=2))
    discounts = []
    for i, share in enumerate(shares):
        off = (worth * share / 100).quantize(CENT)
        composed = {
            one["id"]: str(one["price"]["totalPrice"] * share / 100)
            for one in lines
            if draw(st.booleans())
        }
        discounts.append(promotion(f"d{i}", -off, composed, mode=mode, rate=draw(rates)))
    costs = draw(cents)
    return order_row(
        *lines,
        *discounts,
        mode=mode,
        shippingCosts=price(costs, 19, mode),
        deliveries=[delivery(str(costs), mode=mode)],
    )


@given(orders())
def test_lines_discounts_and_shipping_make_up_the_order(row: dict[str, Any]) -> None:
    """What the buyer was shown, exactly; the other side as far as the shop's own taxes of the
    discounts fit under the lines they lower."""
    order = read(row)
    whole = Money(plain(row["amountNet"]), plain(row["amountTotal"]))
    got = sold(order)
    if row["taxStatus"] == "gross":
        assert got.gross == whole.gross
    else:
        assert got.net == whole.net
    for one in order.lines:
        assert 0 <= one.discount.net <= one.price.net
        assert 0 <= one.discount.gross <= one.price.gross
    roomy = all(
        one.discount.net < one.price.net and one.discount.gross < one.price.gross
        for one in order.lines
    )
    if roomy:
        assert got == whole


@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5_000)), min_size=1, max_size=6),
)
def test_what_is_shared_out_is_neither_lost_nor_invented(
    whole: int, lines: list[tuple[int, int]]
) -> None:
    weights, rooms = [D(w) for w, _ in lines], [D(r) * CENT for _, r in lines]
    parts = shared_out(D(whole) * CENT, weights, rooms, CENT)
    assert sum(parts) == min(D(whole) * CENT, sum(rooms))
    assert all(0 <= part <= room for part, room in zip(parts, rooms, strict=True))


@given(st.integers(0, 10_000), st.lists(st.integers(1, 500), min_size=1, max_size=6))
def test_shares_are_fair_to_the_cent(whole: int, weights: list[int]) -> None:
    total = D(whole) * CENT
    parts = shared_out(total, [D(w) for w in weights], [total] * len(weights), CENT)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < CENT


def test_amounts_finer_than_the_currency_are_not_lost() -> None:
    rows = [
        line("a", "1.005", rate=0),
        line("b", "1.005", rate=0),
        promotion("p", "-0.005", rate=0),
    ]
    lines = read(order_row(*rows)).lines
    assert [one.discount.gross for one in lines] == [D("0.003"), D("0.002")]


@pytest.mark.parametrize(
    ("given_", "text"), [("10.50", "10.5"), ("1E+2", "100"), ("0.00", "0"), ("89.08", "89.08")]
)
def test_equal_amounts_have_equal_text(given_: str, text: str) -> None:
    assert str(plain(D(given_))) == text
