"""The story of gifts: in Magento they come and go by themselves, in Shopware they are free once
added."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bridge.demo.book_part import BookPart
from bridge.demo.part import Step
from bridge.demo.sample import GIFT, MAGENTO, SHOPWARE
from connectors.sandbox.basket import Basket, BasketLine

NOTHING = Decimal(0)


@dataclass
class GiftsPart(BookPart):
    def steps(self) -> list[Step]:
        return [
            Step(
                f"A gift appears in a basket of {MAGENTO}, and goes again",
                "The bridge looks into open baskets, and takes out only what it put in itself.",
                self.come_and_go,
            ),
            Step(
                f"In {SHOPWARE} the gift is free once it is added",
                "Nobody outside can put things into baskets there; the shop's own promotion can "
                "make them free.",
                self.be_free,
            ),
        ]

    def come_and_go(self) -> None:
        one = GIFT
        bought = {one.goods: 1, one.sku: 1}
        with (
            self.shopping.open_basket(MAGENTO, one.buyer) as basket,
            self.shopping.open_basket(MAGENTO, one.owner) as other,
        ):
            basket.put(one.goods, 1)
            for sku in bought:
                other.put(sku, 1)
            self._work(basket, f"below {one.basket} there is no gift", {one.goods: 1})
            basket.put(one.more, 1)
            with_gift = {one.goods: 1, one.more: 1, one.sku: 1}
            self._work(basket, f"from {one.basket} on it is there", with_gift)
            self._check_free(basket)
            basket.take_out(one.more)
            self._work(basket, "the basket is worth less: it is gone again", {one.goods: 1})
            self._check_pieces(other, "who took one himself keeps it", bought)

    def be_free(self) -> None:
        one = GIFT
        with self.shopping.open_basket(SHOPWARE, one.buyer) as basket:
            basket.put(one.goods, 1)
            basket.put(one.sku, 1)
            self.check(f"below {one.basket} it costs what it costs", NOTHING, _line(basket).off)
            basket.put(one.more, 1)
            self._check_free(basket)

    def _work(self, basket: Basket, what: str, wanted: dict[str, int]) -> None:
        self.run("work", "--once")
        self._check_pieces(basket, what, wanted)

    def _check_pieces(self, basket: Basket, what: str, wanted: dict[str, int]) -> None:
        self.check(what, wanted, {line.sku: line.pieces for line in basket.lines()})

    def _check_free(self, basket: Basket) -> None:
        line = _line(basket)
        self.check_quietly("the gift has a price", True, line.price > 0)
        self.check("it is free", line.price, line.off)


def _line(basket: Basket) -> BasketLine:
    return next(line for line in basket.lines() if line.sku == GIFT.sku)
