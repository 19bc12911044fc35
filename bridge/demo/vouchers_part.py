"""The story of vouchers: points earned in one shop pay in the other, once, and come back."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from bridge.demo import by_hand, rewarded, standings
from bridge.demo.codes_part import CodesPart
from bridge.demo.part import Step
from bridge.demo.sample import (
    COLLEAGUE,
    GIFT,
    NEXT_PERCENT,
    NEXT_WANTED,
    PROMOTION,
    REDEEMED,
    TWICE,
    add_rewards,
)
from bridge.plans.gift_levels import Level, gift_levels
from bridge.vouchers.models import Voucher, VoucherKind, VoucherState
from connectors.sandbox.shopper import Sale

NOTHING = Decimal(0)


@dataclass
class VouchersPart(CodesPart):
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
        self.voucher = self.exchange(one, request="demo-1")
        self.exchange(one, request="demo-1")
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
            self.enter(basket, self.voucher.code, one.face)

    def spend(self) -> None:
        one = REDEEMED
        self.sale = self.shopping.order(one.shop, one.buyer, one.wanted, codes=[self.voucher.code])
        self.shopping.beside[one.buyer] -= by_hand.cost(one.face)
        self.teller.say(f"{one.buyer} orders with the code: order {self.sale.number}")
        self.run("work", "--once")
        self.check_state(self.voucher, VoucherState.USED)
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
        following = self.newest(one.buyer, VoucherKind.NEXT_PURCHASE)
        self.run("vouchers", "list", "--email", one.buyer)
        with self.shopping.open_basket(one.shop, one.buyer) as basket:
            basket.put(NEXT_WANTED, 1)
            (line,) = basket.lines()
            self.enter(basket, following.code, by_hand.percent_of(line.price, NEXT_PERCENT))

    def use_twice(self) -> None:
        one = TWICE
        voucher = self.exchange(one, request="demo-2")
        for who in (one.buyer, COLLEAGUE):
            sale = self.shopping.order(one.shop, who, one.wanted, codes=[voucher.code])
            self.twice.append(sale)
            self.teller.say(f"{who} orders with the code: order {sale.number}")
            self.check_quietly("the code took off", one.face, _off(sale))
        self.shopping.beside[one.buyer] -= by_hand.cost(one.face)
        self.run("work", "--once")
        self.check_state(voucher, VoucherState.USED)
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

    # -- checking ------------------------------------------------------------------------------

    def _available(self, email: str) -> int:
        with self.open() as app:
            return standings.points(app)[email].available


def _off(sale: Sale) -> Decimal:
    """What was taken off, as this shop shows prices: without tax."""
    return sum((line.discount_net for line in sale.lines), NOTHING)
