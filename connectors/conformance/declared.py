"""What is declared of a shop is true of it."""

from __future__ import annotations

from connectors.base import Connector, ProductKind
from connectors.conformance.base import Suite
from connectors.conformance.offers import Offers
from connectors.conformance.shop import Ability, Shop
from connectors.errors import Rejected
from connectors.plugins import GuardsCodes, HasPlugin


class DeclaredTests(Suite):
    def test_what_it_cannot_is_what_it_lacks(self, shop: Shop, connector: Connector) -> None:
        """An ability that is there and declared as missing would never be looked at."""
        there = {
            Ability.VARIANTS: bool(shop.of_kind(ProductKind.PARENT)),
            Ability.BUNDLES: bool(shop.of_kind(ProductKind.BUNDLE)),
            Ability.STORE_ROWS: len(shop.stores) == 2,
            Ability.OWN_AUDIENCES: not connector.capabilities.audience_is_group,
            Ability.SHOPPER: shop.shopper_price is not None,
            Ability.DUMP: shop.dump is not None,
            Ability.HAND_MADE_ROWS: shop.hand_made is not None,
            Ability.FAULTS: shop.faults is not None,
            Ability.ORDERS: connector.feed is not None,
            Ability.EDITS: shop.edit is not None,
            Ability.DRAFTS: shop.draft is not None,
            Ability.DISCOUNTS: shop.discount is not None,
            Ability.PAGES: shop.small_pages is not None,
            Ability.BALANCES: connector.balances is not None,
            Ability.PROMOTIONS: connector.promotions is not None,
            Ability.OTHER_STORE: bool(shop.other_store_id),
            Ability.CARTS: connector.carts is not None,
            Ability.CONTENT: connector.content_pages is not None,
            Ability.PLUGIN: isinstance(connector, HasPlugin),
            Ability.OWNERS: isinstance(connector, GuardsCodes),
            Ability.ADDRESSES: isinstance(connector, GuardsCodes) and connector.knows_addresses,
        }
        there[Ability.FIRST_ORDERS] = there[Ability.PROMOTIONS] and _tells_first_orders(
            shop, connector
        )
        assert {ability for ability, is_there in there.items() if not is_there} == self.cannot

    def test_the_shop_has_enough_to_try_things_on(self, shop: Shop) -> None:
        """Three products are the least to have one bad row among good ones."""
        assert len(shop.of_kind(ProductKind.SIMPLE)) >= 3
        assert {known.sku for known in shop.products} <= shop.skus
        assert shop.customer_email in shop.emails


def _tells_first_orders(shop: Shop, connector: Connector) -> bool:
    """Whether a promotion that is for first orders alone is another one here."""
    assert connector.promotions is not None
    offers = Offers(shop, connector, connector.promotions)
    try:
        first = connector.promotions.compile(offers.vouchers(first_order_only=True))
    except Rejected:
        return False
    return first != connector.promotions.compile(offers.vouchers())
