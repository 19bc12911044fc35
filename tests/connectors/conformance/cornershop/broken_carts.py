"""Corner Shop baskets that are wrong: a shopper pays for what he did not want, or loses what he
did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from connectors.errors import AnswerLost, ConnectorError
from connectors.rewards import Cart, CartItem, CartTotals
from connectors.sales import NO_MONEY, Mark
from cornershop.carts import CornerCarts, cart_from


class WalksOnePage(CornerCarts):
    def changed(self, since: Mark) -> Iterator[Cart]:
        page = self._http.get("carts", {"since": since.at.isoformat(), "after": since.id})
        yield from map(cart_from, page)


class PassesOverEqualTimes(CornerCarts):
    def changed(self, since: Mark) -> Iterator[Cart]:
        yield from super().changed(Mark(since.at + timedelta(microseconds=1)))


class WalksNewestFirst(CornerCarts):
    def changed(self, since: Mark) -> Iterator[Cart]:
        yield from reversed(list(super().changed(since)))


class NeverSeesACheckout(CornerCarts):
    def cart(self, cart_id: str) -> Cart | None:
        found = super().cart(cart_id)
        return found and replace(found, in_checkout=False)


class KeepsOrderedOnesOpen(CornerCarts):
    def cart(self, cart_id: str) -> Cart | None:
        found = super().cart(cart_id)
        return found and replace(found, is_open=True)


class TakesTroubleForGone(CornerCarts):
    def cart(self, cart_id: str) -> Cart | None:
        try:
            return super().cart(cart_id)
        except ConnectorError:
            return None


class AddsAgain(CornerCarts):
    def add(self, cart_id: str, store_id: str, product_id: str, quantity: int) -> CartItem:
        try:
            return super().add(cart_id, store_id, product_id, quantity)
        except AnswerLost:
            return super().add(cart_id, store_id, product_id, quantity)


class AddsOnePiece(CornerCarts):
    def add(self, cart_id: str, store_id: str, product_id: str, quantity: int) -> CartItem:
        return super().add(cart_id, store_id, product_id, 1)


class RemovesEveryLine(CornerCarts):
    def remove(self, cart_id: str, store_id: str, item_id: str) -> None:
        found = self.cart(cart_id)
        for item in found.items if found else ():
            super().remove(cart_id, store_id, item.id)


class FailsForWhatIsGone(CornerCarts):
    def remove(self, cart_id: str, store_id: str, item_id: str) -> None:
        self._http.request("DELETE", f"carts/{cart_id}/lines/{item_id}")


class TellsTotalsAfterDiscounts(CornerCarts):
    def totals(self, cart_id: str, store_id: str) -> CartTotals:
        found = super().totals(cart_id, store_id)
        return replace(found, goods=found.goods - found.discount, discount=NO_MONEY)


class SharesDiscountsOut(CornerCarts):
    """A gift is told as if all lines were a bit cheaper."""

    def totals(self, cart_id: str, store_id: str) -> CartTotals:
        found = super().totals(cart_id, store_id)
        return replace(found, discount_by_item=dict.fromkeys(found.by_item or {}, found.discount))


class ForgetsWhoseItIs(CornerCarts):
    def cart(self, cart_id: str) -> Cart | None:
        found = super().cart(cart_id)
        return found and replace(found, customer_id="", group_id="")


CARTS: dict[type[CornerCarts], str] = {
    WalksOnePage: "test_baskets_are_walked_in_small_pages_too",
    PassesOverEqualTimes: "test_open_baskets_are_walked_oldest_change_first",
    WalksNewestFirst: "test_open_baskets_are_walked_oldest_change_first",
    NeverSeesACheckout: "test_a_checkout_that_began_is_told",
    KeepsOrderedOnesOpen: "test_what_was_ordered_is_open_no_more",
    TakesTroubleForGone: "test_a_basket_that_could_not_be_read_is_not_gone",
    AddsAgain: "test_adding_is_never_tried_again",
    AddsOnePiece: "test_what_is_added_is_in_the_basket",
    RemovesEveryLine: "test_only_the_line_that_is_named_goes",
    FailsForWhatIsGone: "test_only_the_line_that_is_named_goes",
    TellsTotalsAfterDiscounts: "test_a_gift_that_is_added_is_free_and_told_so",
    SharesDiscountsOut: "test_a_gift_that_is_added_is_free_and_told_so",
    ForgetsWhoseItIs: "test_a_basket_is_told_as_it_is",
}
