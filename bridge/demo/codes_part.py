"""What the parts have in common in which points become codes, and codes are entered in baskets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bridge.demo import by_hand, rewarded
from bridge.demo.book_part import BookPart
from bridge.demo.part import StepFailed
from bridge.demo.sample import CURRENCY, Redeemed
from bridge.vouchers.models import Voucher, VoucherKind, VoucherState
from connectors.sandbox.basket import Basket, BasketLine

NOTHING = Decimal(0)


@dataclass
class CodesPart(BookPart):
    def exchange(self, one: Redeemed, *, request: str) -> Voucher:
        """Points for a voucher."""
        points = str(by_hand.cost(one.face))
        self.run("redeem", one.buyer, points, "--store", one.store, "--request", request)
        return self.newest(one.buyer, VoucherKind.POINTS)

    def newest(self, email: str, kind: VoucherKind) -> Voucher:
        """The voucher that came last; it can be used."""
        with self.open() as app:
            found = rewarded.newest(app, email, kind)
        if found is None:
            raise StepFailed(f"vouchers ({kind.value}) of {email}", "one", "none")
        self.check_quietly("the code is in the shop", True, found.is_there)
        return found

    def enter(self, basket: Basket, code: str, worth: Decimal) -> None:
        """Into the shopper's own basket: it is worth just that, as the shop shows prices."""
        before = basket.lines()
        self.check_quietly("the shop takes the code", True, basket.enter(code))
        after = basket.lines()
        self.teller.table(
            ("in the basket", "pieces", "price", "off"),
            [
                (line.sku, str(line.pieces), f"{line.price:.2f}", f"{line.off:.2f} {CURRENCY}")
                for line in after
            ],
            ("pieces", "price", "off"),
        )
        taken = by_hand.to_the_cent(_all_off(after) - _all_off(before))
        self.check(f"the code takes off {worth:.2f} {CURRENCY}", worth, taken)

    def check_state(self, voucher: Voucher, state: VoucherState) -> None:
        with self.open() as app:
            found = rewarded.again(app, voucher).state
        self.check(f"the voucher is {state.value}", state.value, found)


def _all_off(lines: Sequence[BasketLine]) -> Decimal:
    return sum((line.off for line in lines), NOTHING)
