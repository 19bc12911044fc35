"""What is paid with points earns none, and everything else earns what it did."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ledger_world import line, money, order
from voucher_world import CENT, VoucherWorld, paid_with

from bridge.earning.paid import PointsVoucher, paid_with_points
from connectors.sales import Money, Order, UsedCode

TEN = {"LB-TEN": PointsVoucher(Decimal(10), "EUR", 1)}


def used(*codes: tuple[str, Money]) -> Order:
    return order("1", line("a", 100), codes=tuple(UsedCode(*one) for one in codes))


@pytest.mark.parametrize(
    ("codes", "paid"),
    [
        ((), money(0)),
        ((("OTHER", money(30)),), money(0)),
        ((("lb-ten ", money("8.40", 10)),), money("8.40", 10)),
        ((("LB-TEN", money(10, "11.90")),), money(10, "11.90")),
        ((("LB-TEN", money(20, "23.80")),), money(10, "11.90")),
        ((("LB-TEN", money(10)), ("OTHER", money(5))), money(10)),
    ],
)
def test_what_was_paid_with_points(codes: tuple[Any, ...], paid: Money) -> None:
    assert paid_with_points(used(*codes), TEN) == paid


def test_in_another_currency_it_is_what_the_shop_tells() -> None:
    francs = {"LB-TEN": PointsVoucher(Decimal(10), "CHF", 1)}
    assert paid_with_points(used(("LB-TEN", money(11))), francs) == money(11)


@pytest.mark.parametrize(("discounts", "points"), [("after", 90), ("before", 90)])
@pytest.mark.parametrize("given", [False, True])
def test_points_on_an_order(
    shops: VoucherWorld, discounts: str, points: int, *, given: bool
) -> None:
    """10 of 100 were paid with a voucher; one that was given away is a discount as any other."""
    rules = {"base": {"per_amount": {"points": 1, "each": 1}}}
    shops.programme({"rules": rules, "basis": {"discounts": discounts}}, redemption=CENT)
    buyer = shops.saver(1000, (0, "c1"))
    voucher = shops.issue() if given else shops.redeem(buyer, 1000).voucher
    shops.sells(paid_with(voucher, "1"))
    earned = 100 if given and discounts == "before" else points
    assert shops.worth("1") == {("a", "base"): earned}
    shops.again("1")
    assert shops.worth("1") == {("a", "base"): earned}
