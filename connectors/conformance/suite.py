"""All tests of the suite in one class."""

from __future__ import annotations

from connectors.conformance.balances import BalanceTests, BalanceTroubleTests
from connectors.conformance.baskets import BasketTests, GiftTests
from connectors.conformance.carts import CartGiftTests, CartTests, CartTroubleTests
from connectors.conformance.catalogue import ProductTests, ShopTests
from connectors.conformance.codes import CodeLifeTests, CodeTests
from connectors.conformance.codes_trouble import CodeTroubleTests
from connectors.conformance.content import ContentTests
from connectors.conformance.customers import CustomerTests
from connectors.conformance.declared import DeclaredTests
from connectors.conformance.feed import WalkTests
from connectors.conformance.feed_trouble import FeedTroubleTests
from connectors.conformance.groups import AudienceTests, GroupTests
from connectors.conformance.ladders import LadderTests
from connectors.conformance.orders import OrderTests
from connectors.conformance.orders_later import LaterTests, RefundTests
from connectors.conformance.orders_money import DiscountTests, OrderMoneyTests
from connectors.conformance.plugin_gifts import PluginGiftTests
from connectors.conformance.plugin_told import OwnerTests, PluginBalanceTests, PluginToldTests
from connectors.conformance.promotions import OwnershipTests, PromotionTests
from connectors.conformance.promotions_text import PromotionTextTests
from connectors.conformance.sharing import SharingTests
from connectors.conformance.tier_prices import TierPriceTests
from connectors.conformance.trouble import (
    AnswerTests,
    ConnectTests,
    NoShopTests,
    RefusedTests,
    SecretTests,
)
from connectors.conformance.used_codes import UsedCodeTests


class ConnectorConformance(
    DeclaredTests,
    ConnectTests,
    ShopTests,
    ProductTests,
    GroupTests,
    AudienceTests,
    CustomerTests,
    TierPriceTests,
    LadderTests,
    RefusedTests,
    NoShopTests,
    AnswerTests,
    SecretTests,
    SharingTests,
    WalkTests,
    OrderTests,
    OrderMoneyTests,
    DiscountTests,
    LaterTests,
    RefundTests,
    FeedTroubleTests,
    BalanceTests,
    BalanceTroubleTests,
    PromotionTextTests,
    PromotionTests,
    OwnershipTests,
    CodeTests,
    CodeLifeTests,
    CodeTroubleTests,
    BasketTests,
    GiftTests,
    UsedCodeTests,
    CartTests,
    CartGiftTests,
    CartTroubleTests,
    ContentTests,
    PluginGiftTests,
    PluginToldTests,
    OwnerTests,
    PluginBalanceTests,
):
    """What the bridge relies on. Subclass it and override the fixture ``shop``.

    Name in ``cannot`` what the shop lacks (see :class:`~connectors.conformance.Ability`).
    """
