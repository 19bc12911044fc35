"""Open baskets, where an integration may look into them and change them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.base import Connector
from connectors.conformance.base import given
from connectors.conformance.codes_trouble import FOR_GOOD, LOST
from connectors.conformance.offers import Offers, OfferSuite, Shoppers, worth
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, Faults, Shop, Target, Trouble, needs
from connectors.conformance.shopping import GUEST, LONG_AGO, SalesSuite, Shopping
from connectors.errors import AnswerLost, NotFound, Rejected, ShopFault
from connectors.rewards import Cart, Carts, CartTotals
from connectors.sales import NO_MONEY, Mark
from connectors.sandbox.shopper import Baskets


class CartSuite(SalesSuite):
    @pytest.fixture
    def carts(self, connector: Connector) -> Carts:
        return given(connector.carts, Ability.CARTS)

    @pytest.fixture
    def baskets(self, shop: Shop, shopping: Shopping) -> Baskets:
        return given(shop.baskets, Ability.CARTS)

    @pytest.fixture
    def skus(self, shopping: Shopping) -> tuple[str, str, str]:
        first, second, third, *_ = shopping.skus
        return first, second, third

    @pytest.fixture
    def cart_id(self, shop: Shop, baskets: Baskets, skus: tuple[str, str, str]) -> str:
        """The usual shopper's: one of the first and two of the second."""
        return baskets.fill(shop.customer_email, {skus[0]: 1, skus[1]: 2})


def pieces(cart: Cart | None) -> dict[str, int]:
    assert cart is not None
    found = {item.sku: int(item.quantity) for item in cart.items}
    assert len(found) == len(cart.items)
    return found


@needs(Ability.CARTS)
class CartTests(CartSuite):
    def test_a_basket_is_told_as_it_is(
        self,
        shop: Shop,
        connector: Connector,
        carts: Carts,
        shopping: Shopping,
        skus: tuple[str, str, str],
        cart_id: str,
    ) -> None:
        """Whose it is, in which store, and what is in it."""
        cart = carts.cart(cart_id)
        assert cart is not None
        assert wrong_fields(cart, Cart) == []
        products = {product.sku: product.id for product in connector.products()}
        assert {item.sku: (item.product_id, item.quantity) for item in cart.items} == {
            skus[0]: (products[skus[0]], Decimal(1)),
            skus[1]: (products[skus[1]], Decimal(2)),
        }
        assert len({item.id for item in cart.items}) == 2
        assert (cart.id, cart.store_id, cart.email) == (cart_id, shop.store_id, shop.customer_email)
        assert connector.customer(cart.customer_id).email == shop.customer_email
        assert cart.group_id == shop.base_group_id
        assert cart.changed_at == shopping.now
        assert cart.is_open
        assert not cart.in_checkout

    def test_a_guest_has_a_basket_too(
        self, carts: Carts, baskets: Baskets, skus: tuple[str, str, str]
    ) -> None:
        """Nobody knows whose it is."""
        cart = carts.cart(baskets.fill(GUEST, {skus[0]: 1}, guest=True))
        assert cart is not None
        assert cart.customer_id == ""
        assert pieces(cart) == {skus[0]: 1}

    def test_one_that_is_not_there_is_none(self, carts: Carts, cart_id: str) -> None:
        assert carts.cart(f"{cart_id}9999") is None

    def test_open_baskets_are_walked_oldest_change_first(
        self,
        carts: Carts,
        shopping: Shopping,
        baskets: Baskets,
        skus: tuple[str, str, str],
        cart_id: str,
    ) -> None:
        """By (time, id); from any mark on, what changed after it."""
        ids = [cart_id]
        for email in shopping.till.buyers()[-2:]:
            shopping.later()
            ids += [
                baskets.fill(email, {skus[0]: 1}),
                baskets.fill(GUEST, {skus[1]: 1}, guest=True),
            ]
        assert len(set(ids)) == 5
        walked = list(carts.changed(LONG_AGO))
        marks = [Mark(cart.changed_at, cart.id) for cart in walked]
        assert {cart.id for cart in walked} == set(ids)
        assert [mark.at for mark in marks] == sorted(mark.at for mark in marks)
        for place, mark in enumerate(marks):
            later = [cart.id for cart in carts.changed(mark)]
            assert later == [cart.id for cart in walked[place + 1 :]]

    @needs(Ability.PAGES)
    def test_baskets_are_walked_in_small_pages_too(
        self, shop: Shop, carts: Carts, baskets: Baskets, skus: tuple[str, str, str]
    ) -> None:
        """Also when more were changed in one moment than there are on a page."""
        given(shop.small_pages, Ability.PAGES)(2)
        ids = [baskets.fill(GUEST, {skus[0]: 1}, guest=True) for _ in range(5)]
        assert sorted(cart.id for cart in carts.changed(LONG_AGO)) == sorted(ids)

    def test_a_change_is_news(
        self,
        carts: Carts,
        shopping: Shopping,
        baskets: Baskets,
        skus: tuple[str, str, str],
        cart_id: str,
    ) -> None:
        """The shopper put in more: what he gets free may be another."""
        before = Mark(shopping.now, cart_id)
        assert list(carts.changed(before)) == []
        shopping.later()
        baskets.put(cart_id, skus[2], 1)
        (cart,) = carts.changed(before)
        assert cart.id == cart_id
        assert pieces(cart) == {skus[0]: 1, skus[1]: 2, skus[2]: 1}

    def test_totals_are_the_shops_own(
        self,
        shop: Shop,
        carts: Carts,
        shopping: Shopping,
        baskets: Baskets,
        skus: tuple[str, str, str],
        cart_id: str,
    ) -> None:
        """To the cent, with tax once it is known where it goes, and by line."""
        baskets.begin_checkout(cart_id)
        found = carts.totals(cart_id, shop.store_id)
        assert wrong_fields(found, CartTotals) == []
        wanted = {skus[0]: 1, skus[1]: 2}
        assert found.goods == worth(shopping.till.price(shop.customer_email, wanted, guest=False))
        assert found.discount == NO_MONEY
        cart = carts.cart(cart_id)
        assert cart is not None
        for told, sum_ in ((found.by_item, found.goods), (found.discount_by_item, NO_MONEY)):
            if told is not None:
                assert told.keys() == {item.id for item in cart.items}
                assert sum(told.values(), NO_MONEY) == sum_

    def test_what_is_added_is_in_the_basket(
        self,
        connector: Connector,
        shop: Shop,
        carts: Carts,
        skus: tuple[str, str, str],
        cart_id: str,
    ) -> None:
        """As a line of its own, which the answer names; the rest is as it was."""
        before = carts.cart(cart_id)
        assert before is not None
        (product,) = [one for one in connector.products() if one.sku == skus[2]]
        item = carts.add(cart_id, shop.store_id, product.id, 2)
        assert (item.product_id, item.sku, item.quantity) == (product.id, skus[2], Decimal(2))
        after = carts.cart(cart_id)
        assert after is not None
        assert set(after.items) == {*before.items, item}
        goods = carts.totals(cart_id, shop.store_id).goods
        carts.remove(cart_id, shop.store_id, item.id)
        now = carts.cart(cart_id)
        assert now is not None
        assert now.items == before.items
        assert carts.totals(cart_id, shop.store_id).goods.net < goods.net

    def test_only_the_line_that_is_named_goes(
        self, shop: Shop, carts: Carts, skus: tuple[str, str, str], cart_id: str
    ) -> None:
        """One that is gone is no error."""
        cart = carts.cart(cart_id)
        assert cart is not None
        (first,) = [item.id for item in cart.items if item.sku == skus[0]]
        for _ in range(2):
            carts.remove(cart_id, shop.store_id, first)
            assert pieces(carts.cart(cart_id)) == {skus[1]: 2}

    def test_what_is_sold_out_is_rejected(
        self,
        connector: Connector,
        shop: Shop,
        carts: Carts,
        baskets: Baskets,
        skus: tuple[str, str, str],
        cart_id: str,
    ) -> None:
        """With the shop's reason; nothing is in the basket that was not."""
        (product,) = [one for one in connector.products() if one.sku == skus[2]]
        baskets.sell_out(skus[2])
        with pytest.raises(Rejected) as caught:
            carts.add(cart_id, shop.store_id, product.id, 1)
        assert str(caught.value)
        assert pieces(carts.cart(cart_id)) == {skus[0]: 1, skus[1]: 2}

    def test_what_does_not_exist_is_not_added(
        self, shop: Shop, carts: Carts, skus: tuple[str, str, str], cart_id: str
    ) -> None:
        with pytest.raises(Rejected):
            carts.add(cart_id, shop.store_id, shop.unknown_product_id, 1)
        with pytest.raises(NotFound):
            carts.add(f"{cart_id}9999", shop.store_id, skus[2], 1)
        assert pieces(carts.cart(cart_id)) == {skus[0]: 1, skus[1]: 2}

    def test_a_checkout_that_began_is_told(
        self, carts: Carts, shopping: Shopping, baskets: Baskets, cart_id: str
    ) -> None:
        """From then on nobody may change what the shopper is about to pay."""
        shopping.later()
        baskets.begin_checkout(cart_id)
        cart = carts.cart(cart_id)
        assert cart is not None
        assert cart.in_checkout
        assert cart.is_open
        assert [one.in_checkout for one in carts.changed(LONG_AGO)] == [True]

    def test_what_was_ordered_is_open_no_more(
        self, carts: Carts, baskets: Baskets, cart_id: str
    ) -> None:
        """It is gone, or told as closed; and in no walk."""
        baskets.begin_checkout(cart_id)
        baskets.order(cart_id)
        cart = carts.cart(cart_id)
        assert cart is None or not cart.is_open
        assert list(carts.changed(LONG_AGO)) == []


@needs(Ability.CARTS, Ability.PROMOTIONS)
class CartGiftTests(CartSuite, OfferSuite):
    def test_a_gift_that_is_added_is_free_and_told_so(
        self,
        shop: Shop,
        carts: Carts,
        offers: Offers,
        shoppers: Shoppers,
        skus: tuple[str, str, str],
        cart_id: str,
    ) -> None:
        """Once the value is reached; what the basket costs without it can be told."""
        gift = offers.product(skus[2])
        before = carts.totals(cart_id, shop.store_id)
        threshold = shoppers.threshold(shoppers.shown(before.goods))
        offers.make(offers.gift(gift, threshold=threshold))
        item = carts.add(cart_id, shop.store_id, gift.id, 1)
        totals = carts.totals(cart_id, shop.store_id)
        assert totals.discount == totals.goods - before.goods != NO_MONEY
        if totals.discount_by_item is not None:
            free = {id_ for id_, off in totals.discount_by_item.items() if off != NO_MONEY}
            assert free == {item.id}


@needs(Ability.CARTS)
class CartTroubleTests(CartSuite):
    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [*Trouble])
    def test_looking_into_baskets_survives_one_bad_call(
        self, shop: Shop, carts: Carts, cart_id: str, faults: Faults, trouble: Trouble
    ) -> None:
        for ask in (
            lambda: carts.cart(cart_id),
            lambda: list(carts.changed(LONG_AGO)),
            lambda: carts.totals(cart_id, shop.store_id),
        ):
            alone = ask()
            faults.clear()
            faults.strike(Target.CART_READ, trouble)
            assert ask() == alone
            assert faults.calls(Target.CART_READ) >= 2

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", LOST)
    def test_a_basket_that_could_not_be_read_is_not_gone(
        self, carts: Carts, cart_id: str, faults: Faults, trouble: Trouble
    ) -> None:
        for ask in (lambda: carts.cart(cart_id), lambda: list(carts.changed(LONG_AGO))):
            faults.strike(Target.CART_READ, *[trouble] * FOR_GOOD)
            with pytest.raises((AnswerLost, ShopFault)) as caught:
                ask()
            assert caught.value.transient
            faults.clear()

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [*LOST, Trouble.DROPPED_UNDONE])
    def test_adding_is_never_tried_again(
        self,
        connector: Connector,
        shop: Shop,
        carts: Carts,
        skus: tuple[str, str, str],
        cart_id: str,
        faults: Faults,
        trouble: Trouble,
    ) -> None:
        """Two of a gift would be in the basket, one of them to be paid."""
        (product,) = [one for one in connector.products() if one.sku == skus[2]]
        faults.clear()
        faults.strike(Target.CART_CHANGE, trouble)
        with pytest.raises(AnswerLost):
            carts.add(cart_id, shop.store_id, product.id, 1)
        assert faults.calls(Target.CART_CHANGE) == 1
        is_there = trouble is not Trouble.DROPPED_UNDONE
        assert pieces(carts.cart(cart_id)).get(skus[2], 0) == int(is_there)

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [*Trouble])
    def test_one_bad_call_removes_no_other_line(
        self,
        shop: Shop,
        carts: Carts,
        skus: tuple[str, str, str],
        cart_id: str,
        faults: Faults,
        trouble: Trouble,
    ) -> None:
        """Perhaps it was removed, and nobody heard of it: then it is gone."""
        cart = carts.cart(cart_id)
        assert cart is not None
        (first,) = [item.id for item in cart.items if item.sku == skus[0]]
        faults.strike(Target.CART_CHANGE, trouble)
        try:
            carts.remove(cart_id, shop.store_id, first)
        except (AnswerLost, ShopFault):
            carts.remove(cart_id, shop.store_id, first)
        assert pieces(carts.cart(cart_id)) == {skus[1]: 2}
