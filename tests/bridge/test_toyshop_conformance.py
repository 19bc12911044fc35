"""The toy shop's promotions and baskets pass the suite that every connector has to: what the
core's tests stand on is what a shop does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from toyshop import Style, ToyShop
from toyshop.connector import platforms
from toyshop.content import foreign_page
from toyshop.till import ToyBaskets, ToyDesk, ToyTill

from connectors.base import Amount, Basis, Connection, Store
from connectors.conformance import Ability, KnownProduct, Shop
from connectors.conformance.baskets import BasketTests, GiftTests
from connectors.conformance.carts import CartGiftTests, CartTests
from connectors.conformance.codes import CodeLifeTests, CodeTests
from connectors.conformance.content import ContentTests
from connectors.conformance.promotions import OwnershipTests, PromotionTests
from connectors.conformance.promotions_text import PromotionTextTests
from connectors.conformance.used_codes import UsedCodeTests

PRICES = {"A": "34.37", "B": "27.50", "C": "25.99"}
URL = "https://toy.example"


def shop_on(style: Style, *, group_id: str, counts_late: bool = False) -> Shop:
    stores = (Store("s1", "main", "Main", "EUR"), Store("s2", "north", "North", "EUR"))
    toy = ToyShop(style, tax=Decimal(19), stores=stores, counts_late=counts_late)
    for sku, price in PRICES.items():
        toy.stock(sku, price)
    for name in ("mia", "tim", "eva"):
        toy.register(f"{name}@example.com", group_id)
    connection = Connection(URL, {"key": "x"}, {}, mark="acme/toy")
    return Shop(
        platform=platforms({URL: toy})[style],
        connection=connection,
        bad_connection=connection,
        products=tuple(
            KnownProduct(sku, Amount("EUR", net=Decimal(price))) for sku, price in PRICES.items()
        ),
        skus=frozenset(PRICES),
        base_group_id=group_id,
        customer_email="mia@example.com",
        emails=frozenset(customer.email for customer in toy.customers.values()),
        unknown_product_id="id-of-nothing",
        unknown_customer_id="4711",
        shopping=ToyTill(toy),
        desk=ToyDesk(toy),
        shown=Basis(toy.groups[group_id].tax),
        store_id="s1",
        other_store_id="s2",
        baskets=ToyBaskets(toy),
        foreign_page=lambda key: foreign_page(toy, key),
        unknown_page_id="4711",
    )


class Rewards(
    PromotionTextTests,
    PromotionTests,
    OwnershipTests,
    CodeTests,
    CodeLifeTests,
    BasketTests,
    GiftTests,
    UsedCodeTests,
    ContentTests,
):
    pass


class TestNumberedToyShop(Rewards, CartTests, CartGiftTests):
    """As Magento, whose queue is worked off late; buyers see net prices."""

    cannot = frozenset(
        {Ability.FAULTS, Ability.PAGES, Ability.OWNERS, Ability.ADDRESSES, Ability.PLUGIN}
    )

    @pytest.fixture
    def shop(self) -> Shop:
        return shop_on(Style.NUMBERED, group_id="1", counts_late=True)


class TestRuledToyShop(Rewards):
    """As Shopware; buyers see gross prices."""

    cannot = frozenset(
        {
            Ability.FAULTS,
            Ability.PAGES,
            Ability.CARTS,
            Ability.OWNERS,
            Ability.ADDRESSES,
            Ability.PLUGIN,
        }
    )

    @pytest.fixture
    def shop(self) -> Shop:
        return shop_on(Style.RULED, group_id="2")
