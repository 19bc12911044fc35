"""Credit memos as refunds: lines, shipping and adjustments are the memo's whole amount."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http.json import loads
from connectors.magento.orders import Belongings, order_record
from connectors.sales import Money, Order, Refund

Recorded = Callable[[str, int], dict[str, Any]]
D = Decimal
CENT = D("0.01")
MADE_AT = "2026-11-22 15:00:00"


def money(net: str, gross: str | None = None) -> Money:
    return Money(D(net), D(net if gross is None else gross))


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def exact(body: Any) -> Any:
    return loads(json.dumps(body))


def mapped(row: Mapping[str, Any], *memos: Mapping[str, Any]) -> Order:
    return order_record(row, Belongings(memos=memos), store_id="1")


def whole(refund: Refund) -> Money:
    assert refund.unnamed is not None
    return sum((line.amount for line in refund.lines), refund.shipping + refund.unnamed)


# -- the recordings -------------------------------------------------------------------------


def test_one_of_three_pieces(recorded: Recorded) -> None:
    order = exact(recorded("orders", 6)["response"]["body"])
    [memo] = exact(recorded("orders", 7)["response"]["body"])["items"]
    [refund] = mapped(order, memo).refunds
    assert (refund.id, refund.at) == ("2", datetime(2026, 11, 22, 14, 59, 53, tzinfo=UTC))
    [line] = refund.lines
    assert (line.line_id, line.quantity, line.amount) == ("5", D(1), money("34"))
    assert (refund.shipping, refund.unnamed, refund.is_whole) == (money("0"), money("0"), False)


def test_a_configurable_with_shipping_and_an_adjustment(recorded: Recorded) -> None:
    """Recorded: the memo names parent and child; only the parent is a line, and has the money."""
    order = exact(recorded("orders_composite_and_tax", 5)["response"]["body"])
    [memo] = exact(recorded("orders_composite_and_tax", 8)["response"]["body"])["items"]
    [refund] = mapped(order, memo).refunds
    [line] = refund.lines
    assert (line.line_id, line.quantity, line.amount) == ("9", D(1), money("52", "61.88"))
    assert (refund.shipping, refund.unnamed) == (money("5"), money("1"))
    assert whole(refund).gross == D("67.88")


def test_everything_given_back(recorded: Recorded) -> None:
    order = exact(recorded("orders", 15)["response"]["body"])["items"][1]
    memo = exact(recorded("orders", 8)["response"]["body"])["items"][0]
    done = mapped(order, memo)
    [refund] = done.refunds
    assert whole(refund).gross == memo["base_grand_total"] == order["base_grand_total"]
    assert refund.lines[0].amount == done.lines[0].price


# -- made ones ------------------------------------------------------------------------------


def order_of(*rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "entity_id": 7,
        "created_at": "2026-11-22 14:59:51",
        "updated_at": "2026-11-22 14:59:52",
        "items": list(rows),
    }


def bought(number: int, quantity: int = 2, **more: Any) -> dict[str, Any]:
    return {"item_id": number, "sku": f"SKU-{number}", "qty_ordered": quantity, **more}


def back(number: int, quantity: int = 1, **amounts: str) -> dict[str, Any]:
    """A memo's row; ``amounts`` without their ``base_``."""
    named = {f"base_{name}": D(value) for name, value in amounts.items()}
    return {"order_item_id": number, "qty": quantity, **named}


def memo_of(*rows: dict[str, Any], number: int = 1, **more: Any) -> dict[str, Any]:
    """A memo; ``base_*`` amounts may be given as text."""
    told = {name: D(one) if name.startswith("base_") else one for name, one in more.items()}
    times = {"created_at": MADE_AT, "updated_at": MADE_AT}
    return {"entity_id": number, "order_id": 7, "state": 2, **times, "items": list(rows), **told}


def test_discounts_are_taken_off_what_is_given_back() -> None:
    """Of 100 + 19 % with 59.50 off: tax of 9.50 lay in the discount."""
    row = back(
        1, row_total="100", discount_amount="59.5", tax_amount="9.5",
        discount_tax_compensation_amount="9.5",
    )  # fmt: skip
    memo = memo_of(
        row, base_grand_total="59.5", base_tax_amount="9.5", base_discount_amount="-59.5",
        base_discount_tax_compensation_amount="9.5",
    )  # fmt: skip
    [refund] = mapped(order_of(bought(1)), memo).refunds
    assert [line.amount for line in refund.lines] == [money("50", "59.5")]
    assert whole(refund) == money("50", "59.5")


def test_shipping_is_given_back_less_its_discount() -> None:
    """The memo tells that discount in its total only: 7 off, 3 of them off the row."""
    memo = memo_of(
        back(1, row_total="30", discount_amount="3", tax_amount="5.13"),
        base_grand_total="39.27", base_tax_amount="6.27", base_discount_amount="-7",
        base_shipping_amount="10", base_shipping_tax_amount="1.14",
    )  # fmt: skip
    [refund] = mapped(order_of(bought(1)), memo).refunds
    assert refund.lines[0].amount == money("27", "32.13")
    assert refund.shipping == money("6", "7.14")
    assert whole(refund) == money("33", "39.27")


@pytest.mark.parametrize(
    ("positive", "negative", "unnamed"),
    [("10", "0", "10"), ("0", "4", "-4"), ("10", "4", "6"), ("0", "0", "0")],
)
def test_adjustments_name_no_line(positive: str, negative: str, unnamed: str) -> None:
    memo = memo_of(
        back(1, row_total="20"),
        base_grand_total=str(20 + D(unnamed)),
        base_adjustment_positive=positive,
        base_adjustment_negative=negative,
    )
    [refund] = mapped(order_of(bought(1)), memo).refunds
    assert refund.unnamed == money(unnamed)
    assert refund.lines[0].amount == money("20")


def test_only_an_adjustment() -> None:
    memo = memo_of(back(1, 0), base_grand_total="5", base_adjustment_positive="5")
    [refund] = mapped(order_of(bought(1)), memo).refunds
    assert (refund.lines, refund.unnamed) == ((), money("5"))


def test_money_given_back_as_store_credit_still_belongs_to_its_line() -> None:
    """Adobe Commerce takes it off the memo's total; the piece came back all the same."""
    memo = memo_of(back(1, row_total="20"), base_grand_total="0")
    [refund] = mapped(order_of(bought(1)), memo).refunds
    assert (refund.lines[0].amount, refund.unnamed) == (money("20"), money("0"))


def test_only_memos_that_were_carried_out_oldest_first() -> None:
    row = back(1, row_total="20")
    memos = [
        memo_of(row, number=4, base_grand_total="20"),
        memo_of(row, number=3, base_grand_total="20"),
        memo_of(row, number=2, base_grand_total="20", created_at="2026-11-22 15:00:09"),
        memo_of(row, number=1, state=1),
        memo_of(row, number=5, state=3, updated_at="2026-11-22 16:00:00"),
    ]
    order = mapped(order_of(bought(1)), *memos)
    assert [one.id for one in order.refunds] == ["3", "4", "2"]
    assert order.changed_at == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_a_bundle_whose_parts_bear_the_price() -> None:
    """Magento counts 1 of such a bundle in every memo; what comes back are its parts."""
    kit = bought(1, 2, product_type="bundle", base_row_total=D(40))
    parts = [
        bought(2, 2, parent_item_id=1, base_row_total=D(20), base_price=D(10)),
        bought(3, 4, parent_item_id=1, base_row_total=D(20), base_price=D(5)),
    ]
    memo = memo_of(
        back(1, 1), back(2, 1, row_total="10"), back(3, 2, row_total="10"), base_grand_total="20"
    )
    [refund] = mapped(order_of(kit, *parts), memo).refunds
    assert [(one.line_id, one.quantity, one.amount) for one in refund.lines] == [
        ("1", D(1), money("20"))
    ]


def test_a_bundle_with_a_price_of_its_own() -> None:
    kit = bought(1, 2, product_type="bundle", base_row_total=D(40))
    part = bought(2, 2, parent_item_id=1, base_row_total=D(0))
    memo = memo_of(back(1, 1, row_total="20"), back(2, 1), base_grand_total="20")
    [refund] = mapped(order_of(kit, part), memo).refunds
    assert [(one.line_id, one.quantity, one.amount) for one in refund.lines] == [
        ("1", D(1), money("20"))
    ]


amounts = st.decimals("0", "300", places=2)


@given(
    rows=st.lists(st.tuples(amounts, st.integers(0, 100), st.sampled_from([0, 7, 19])), max_size=5),
    shipping=amounts,
    adjustment=st.decimals("-20", "20", places=2),
    lost=st.sampled_from([D(0), CENT, -CENT]),
)
def test_a_refund_is_its_memos_amount_to_the_cent(
    rows: list[tuple[Decimal, int, int]], shipping: Decimal, adjustment: Decimal, lost: Decimal
) -> None:
    """``lost``: the cent by which Magento's totals of a last memo differ from its rows."""
    made, tax, discounts, net = [], cents(shipping * 19 / 100), D(0), shipping
    for number, (total, off, rate) in enumerate(rows, start=1):
        discount = cents(total * off / 100)
        row_tax = cents((total - discount) * rate / 100)
        made.append(
            back(number, row_total=str(total), discount_amount=str(discount),
                 tax_amount=str(row_tax))
        )  # fmt: skip
        tax, discounts, net = tax + row_tax, discounts + discount, net + total - discount
    lost = lost if rows else D(0)
    memo = memo_of(
        *made,
        base_grand_total=net + tax + adjustment + lost,
        base_tax_amount=tax + lost,
        base_discount_amount=-discounts,
        base_shipping_amount=shipping,
        base_shipping_tax_amount=cents(shipping * 19 / 100),
        base_adjustment_positive=max(adjustment, D(0)),
        base_adjustment_negative=max(-adjustment, D(0)),
    )
    [refund] = mapped(order_of(*(bought(n) for n in range(1, len(rows) + 1))), memo).refunds
    assert whole(refund) == Money(net + adjustment, net + tax + adjustment + lost)
    assert refund.unnamed == Money(adjustment, adjustment)
    assert refund.shipping == Money(shipping, shipping + cents(shipping * 19 / 100))
