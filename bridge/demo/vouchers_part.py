"""The story of vouchers: points earned in one shop pay in the other, once, and come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.demo import by_hand, rewarded, standings
from bridge.demo.book_part import BookPart
from bridge.demo.part import Step, StepFailed
from bridge.demo.sample import (
    COLLEAGUE,
    CURRENCY,
    GIFT,
    NEXT_PERCENT,
    NEXT_WANTED,
    PROMOTION,
    REDEEMED,
    TWICE,
    Redeemed,
    add_rewards,
)
from bridge.plans.gift_levels import Level, gift_levels
from bridge.vouchers.models import Voucher, VoucherKind, VoucherState
from connectors.sandbox.basket import Basket, BasketLine
from connectors.sandbox.shopper import Sale

NOTHING = Decimal(0)


@dataclass
class VouchersPart(BookPart):
    voucher: Voucher = field(init=False)
    sale: Sale = field(init=False)
    twice: list[Sale] = field(default_factory=list)

    def steps(self) -> list[Step]:
        one = REDEEMED
        return [
            Step(
                "Put rewards into the programme",
                "Gifts are promotions of the shops: planned, applied and undone as prices are.",
                self.load,
            ),
            Step(
                f"Points earned in {PROMOTION.bought_in} pay in {one.shop}",
                "A voucher is reserved in the book, and its code is in the shop at once.",
                self.redeem,
            ),
            Step(
                "He orders, and the points are spent",
                "The code is found on the order. It works once; what it paid earns nothing.",
                self.spend,
            ),
            Step(
                "Who buys again soon pays less",
                "A complete order of 100 euros or more brings a code for the next one.",
                self.buy_again,
            ),
            Step(
                f"A code is used twice in {TWICE.shop}",
                "Magento counts uses in a queue. Where nobody runs it, the bridge has to notice.",
                self.use_twice,
            ),
            Step(
                "The orders are cancelled",
                "Points come back when no order stands any more that was paid with them.",
                self.cancel,
            ),
        ]

    # -- the steps -----------------------------------------------------------------------------

    def load(self) -> None:
        for line in add_rewards(self.stage.programme).strip().splitlines():
            self.teller.say(f"  {line}".rstrip())
        self.run("program", "load", str(self.stage.programme))
        self.run("plan", code=2)
        self.run("apply", "--yes")
        self.run("gifts", "status")
        with self.open() as app:
            found = {one.store: (one.level, one.is_in_shop) for one in gift_levels(app)}
        wanted = dict(zip(GIFT.stores, ((Level.ADDED, True), (Level.FREE, True)), strict=True))
        self.check("each shop has the promotion that makes the gift free", wanted, found)

    def redeem(self) -> None:
        one = REDEEMED
        before = self._available(one.buyer)
        self.voucher = self._redeem(one, request="demo-1")
        self._redeem(one, request="demo-1")
        with self.open() as app:
            self.check(
                "asked for twice with the same id there is one voucher",
                1,
                len(rewarded.vouchers(app)),
            )
            self.check_quietly("reserved points", by_hand.cost(one.face), rewarded.reserved(app))
        self.check(
            f"{by_hand.cost(one.face):,} of his points are held for it",
            before - by_hand.cost(one.face),
            self._available(one.buyer),
        )
        with self.shopping.open_basket(one.shop, one.buyer) as basket:
            for sku, pieces in one.wanted.items():
                basket.put(sku, pieces)
            self._enter(basket, self.voucher.code, one.face)

    def spend(self) -> None:
        one = REDEEMED
        self.sale = self.shopping.order(one.shop, one.buyer, one.wanted, codes=[self.voucher.code])
        self.shopping.beside[one.buyer] -= by_hand.cost(one.face)
        self.teller.say(f"{one.buyer} orders with the code: order {self.sale.number}")
        self.run("work", "--once")
        self._check_state(self.voucher, VoucherState.USED)
        self.run("points", "history", one.buyer, "--limit", "4")
        with self.shopping.open_basket(one.shop, one.buyer) as basket:
            basket.put(NEXT_WANTED, 1)
            self.check(
                f"{one.shop} does not take the code again", False, basket.enter(self.voucher.code)
            )
        self.check_book("the balances are right: what the voucher paid earned nothing")

    def buy_again(self) -> None:
        one = REDEEMED
        self.shopping.pay_and_send(one.shop, self.sale)
        self.run("work", "--once")
        following = self._newest(one.buyer, VoucherKind.NEXT_PURCHASE)
        self.run("vouchers", "list", "--email", one.buyer)
        with self.shopping.open_basket(one.shop, one.buyer) as basket:
            basket.put(NEXT_WANTED, 1)
            (line,) = basket.lines()
            self._enter(basket, following.code, by_hand.percent_of(line.price, NEXT_PERCENT))

    def use_twice(self) -> None:
        one = TWICE
        voucher = self._redeem(one, request="demo-2")
        for who in (one.buyer, COLLEAGUE):
            sale = self.shopping.order(one.shop, who, one.wanted, codes=[voucher.code])
            self.twice.append(sale)
            self.teller.say(f"{who} orders with the code: order {sale.number}")
            self.check_quietly("the code took off", one.face, _off(sale))
        self.shopping.beside[one.buyer] -= by_hand.cost(one.face)
        self.run("work", "--once")
        self._check_state(voucher, VoucherState.USED)
        with self.open() as app:
            self.check_quietly("reserved points", 0, rewarded.reserved(app))
        with self.shopping.open_basket(one.shop, one.buyer) as basket:
            basket.put(NEXT_WANTED, 1)
            self.check("the code is gone from the shop", False, basket.enter(voucher.code))
        self.check_book("it was charged once")

    def cancel(self) -> None:
        one = TWICE
        for place, sale in enumerate(self.twice):
            self.shopping.cancel(one.shop, sale)
            self.teller.say(f"order {sale.number} is cancelled")
            if place == len(self.twice) - 1:
                self.shopping.beside[one.buyer] += by_hand.cost(one.face)
            self.run("work", "--once")
            left = len(self.twice) - 1 - place
            self.check_book(
                f"{left} order stands, the voucher stays paid" if left else "the points are back"
            )

    # -- redeeming -----------------------------------------------------------------------------

    def _redeem(self, one: Redeemed, *, request: str) -> Voucher:
        points = str(by_hand.cost(one.face))
        self.run("redeem", one.buyer, points, "--store", one.store, "--request", request)
        return self._newest(one.buyer, VoucherKind.POINTS)

    def _newest(self, email: str, kind: VoucherKind) -> Voucher:
        """The voucher that came last; it can be used."""
        with self.open() as app:
            found = rewarded.newest(app, email, kind)
        if found is None:
            raise StepFailed(f"vouchers ({kind.value}) of {email}", "one", "none")
        self.check_quietly("the code is in the shop", True, found.is_there)
        return found

    def _enter(self, basket: Basket, code: str, worth: Decimal) -> None:
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

    # -- checking ------------------------------------------------------------------------------

    def _available(self, email: str) -> int:
        with self.open() as app:
            return standings.points(app)[email].available

    def _check_state(self, voucher: Voucher, state: VoucherState) -> None:
        with self.open() as app:
            found = rewarded.again(app, voucher).state
        self.check(f"the voucher is {state.value}", state.value, found)


def _all_off(lines: Sequence[BasketLine]) -> Decimal:
    return sum((line.off for line in lines), NOTHING)


def _off(sale: Sale) -> Decimal:
    """What was taken off, as this shop shows prices: without tax."""
    return sum((line.discount_net for line in sale.lines), NOTHING)
