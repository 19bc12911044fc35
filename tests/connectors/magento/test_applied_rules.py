"""What cart price rules did to an order: gifts, and what the coupon took off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Forbidden
from connectors.magento.applied_rules import AppliedRule, AppliedRules, coupon_rule
from connectors.magento.orders import Belongings, order_record
from connectors.magento.own_rules import OwnRules
from connectors.sales import Money, Order

Row = dict[str, Any]
SHIPPING_FREE, VOUCHER, GIFT = 2, 5, 6
OTHERS = AppliedRule(is_ours=False, has_coupon=False)
OUR_GIFT = AppliedRule(is_ours=True, has_coupon=False, reaches_shipping=False)
FIVE_OFF = AppliedRule(True, True, fixed=Decimal(5), reaches_shipping=False)
ALL = {SHIPPING_FREE: OTHERS, VOUCHER: FIVE_OFF, GIFT: OUR_GIFT}


@pytest.fixture
def row(recorded: Callable[[str, int], Row]) -> Row:
    """4 x 34 less 5 by coupon; a gift of 14."""
    found: Row = recorded("cart_price_rules", 38)["response"]["body"]
    return found


def read(row: Row, rules: Mapping[int, AppliedRule]) -> Order:
    return order_record(row, Belongings(), store_id="1", rules=rules)


def money(amount: str) -> Money:
    return Money(Decimal(amount), Decimal(amount))


def test_the_coupon_is_told_apart_from_the_gift(row: Row) -> None:
    order = read(row, ALL)
    assert [code.discount for code in order.codes] == [money("5")]
    assert [line.is_gift for line in order.lines] == [False, True]


@pytest.mark.parametrize(
    ("rules", "discount"),
    [
        ({SHIPPING_FREE: OTHERS, GIFT: OUR_GIFT}, "19"),  # the voucher's rule is gone
        ({}, "19"),  # nothing can be read
        ({**ALL, VOUCHER: AppliedRule(True, True)}, "19"),  # a percentage
    ],
)
def test_what_cannot_be_told_apart_is_told_as_the_most(
    row: Row, rules: Mapping[int, AppliedRule], discount: str
) -> None:
    assert [code.discount for code in read(row, rules).codes] == [money(discount)]


def test_rows_of_the_coupon_alone_tell_it_exactly(row: Row) -> None:
    """Whatever its rule is: nothing else took anything off them."""
    bag, strap = row["items"]
    bag["applied_rule_ids"], strap["applied_rule_ids"] = "5", "6"
    row["applied_rule_ids"] = "6,5"
    for rules in (ALL, {GIFT: OUR_GIFT}, {**ALL, VOUCHER: AppliedRule(True, True)}):
        assert [code.discount for code in read(row, rules).codes] == [money("5")]


def test_the_rule_of_a_coupon_that_is_gone(row: Row) -> None:
    """It is the one that cannot be found, where that is one alone."""
    assert coupon_rule(row, {SHIPPING_FREE: OTHERS, GIFT: OUR_GIFT}) == VOUCHER
    assert coupon_rule(row, {GIFT: OUR_GIFT}) is None
    assert coupon_rule({**row, "coupon_code": None}, ALL) is None


def test_a_line_that_a_voucher_paid_for_is_no_gift(row: Row) -> None:
    row["items"][1]["applied_rule_ids"] = str(VOUCHER)
    assert [line.is_gift for line in read(row, ALL).lines] == [False, False]


def test_a_gift_of_ours_is_one_beside_nothing_that_is_paid(row: Row) -> None:
    del row["items"][0]
    assert [line.is_gift for line in read(row, ALL).lines] == [True]
    assert [line.is_gift for line in read(row, {}).lines] == [False]


def test_more_pieces_than_are_free_are_bought(row: Row) -> None:
    strap = row["items"][1]
    strap |= {"qty_ordered": 2, "base_row_total": 14, "base_row_total_incl_tax": 14}
    row |= {"base_subtotal": 164, "base_subtotal_incl_tax": 164}
    assert [line.is_gift for line in read(row, ALL).lines] == [False, False]


# -- reading rules --------------------------------------------------------------------------


class Client:
    """Holds rules; counts how often it is asked."""

    def __init__(self, *rows: Row, error: Exception | None = None) -> None:
        self.rows, self.error, self.calls = rows, error, 0

    def walk_by_id(self, path: str, among: Any, **options: Any) -> list[Row]:
        self.calls += 1
        if self.error:
            raise self.error
        return [row for row in self.rows if str(row["rule_id"]) in among.value.split(",")]


def rules_of(client: Any) -> AppliedRules:
    return AppliedRules(OwnRules(client, "acme/shop"))


def test_each_rule_is_read_once() -> None:
    ours = {"rule_id": 5, "description": "acme/shop:pool.1", "coupon_type": "SPECIFIC_COUPON"}
    fixed = {"simple_action": "cart_fixed", "discount_amount": 5, "apply_to_shipping": False}
    client = Client({**ours, **fixed}, {"rule_id": 2, "description": "by hand"})
    rules = rules_of(client)
    for _ in range(2):
        assert rules.of([{"applied_rule_ids": "2,5,9"}]) == {5: FIVE_OFF, 2: OTHERS_AS_READ}
    assert client.calls == 1
    assert rules.of([{"applied_rule_ids": None}, {}]) == {}
    assert client.calls == 1


OTHERS_AS_READ = AppliedRule(is_ours=False, has_coupon=False, reaches_shipping=False)


def test_another_bridges_rule_is_not_ours() -> None:
    client = Client({"rule_id": 5, "description": "acme/shop-2:pool.1"})
    assert not rules_of(client).of([{"applied_rule_ids": "5"}])[5].is_ours


def test_orders_are_read_without_the_privilege_for_rules() -> None:
    client = Client(error=Forbidden("no", privileges=("Magento_SalesRule::quote",)))
    assert rules_of(client).of([{"applied_rule_ids": "5"}]) == {}
