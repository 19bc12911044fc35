"""What all tests of promotions stand on: offers to make in a shop, and shoppers who take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import pytest

from connectors.base import Basis, Connector, CustomerGroup, GroupDraft, Product, ProductKind
from connectors.conformance.base import given
from connectors.conformance.shop import Ability, PromotionDesk, Shop
from connectors.conformance.shopping import SalesSuite, Shopping, total
from connectors.rewards import (
    Discount,
    HeldPromotion,
    Promotion,
    PromotionKind,
    Promotions,
    Threshold,
)
from connectors.sales import Money
from connectors.sandbox.shopper import Sale, SoldLine

FACE = Decimal(10)
CENT = Decimal("0.01")
CODES = ("LB7K-2M9P-4T", "LB7K-2M9Q-5X", "LB7K-2M9R-6Z")


class Offers:
    """Writes promotions as the bridge does: compiled, then written."""

    def __init__(self, shop: Shop, connector: Connector, promotions: Promotions) -> None:
        self._shop = shop
        self._connector = connector
        self.promotions = promotions

    # -- what to offer ----------------------------------------------------------------------

    def vouchers(self, key: str = "pool.vouchers-10.1", **changes: Any) -> Promotion:
        """For whoever has a code: ten off the basket."""
        usual = Promotion(
            key=key,
            kind=PromotionKind.CODES,
            name=f"Vouchers {key}",
            label="Voucher",
            store_id=self._shop.store_id,
            currency=self._shop.currency,
            discount=Discount(amount=FACE),
        )
        return replace(usual, **changes)

    def gift(self, product: Product, key: str = "gift.summer", **changes: Any) -> Promotion:
        """One piece of it is free."""
        usual = self.vouchers(
            key,
            kind=PromotionKind.GIFT,
            label="A gift",
            discount=Discount(percent=Decimal(100)),
            product_ids=(product.id,),
            most_pieces=1,
        )
        return replace(usual, **changes)

    def automatic(self, key: str = "discount.week", **changes: Any) -> Promotion:
        """Ten percent off everything, for everybody."""
        ten = Discount(percent=Decimal(10))
        return self.vouchers(
            key, **{"kind": PromotionKind.AUTOMATIC, "label": "Week", "discount": ten, **changes}
        )

    @cached_property
    def for_his_group(self) -> dict[str, Any]:
        """The fields that make a promotion one for the usual shopper's group alone."""
        groups = {group.id: group for group in self._connector.groups()}
        return self._for_group(groups[self._shop.base_group_id])

    @cached_property
    def for_others(self) -> dict[str, Any]:
        """The same for a group that nobody is in."""
        draft = GroupDraft("others", "Others", self._shop.base_group_id)
        return self._for_group(self._connector.create_group(draft))

    def _for_group(self, group: CustomerGroup) -> dict[str, Any]:
        audience = self._connector.create_audience(group.id, group.name)
        return {"group_ids": (group.id,), "audience_ids": (audience.id,)}

    def product(self, sku: str) -> Product:
        return self._products[sku]

    def two_products(self) -> tuple[Product, Product]:
        first, second, *_ = self._shop.of_kind(ProductKind.SIMPLE)
        return self.product(first.sku), self.product(second.sku)

    @cached_property
    def _products(self) -> dict[str, Product]:
        return {product.sku: product for product in self._connector.products()}

    # -- offering it ------------------------------------------------------------------------

    def make(self, promotion: Promotion, *codes: str) -> HeldPromotion:
        """Written, with codes that are all taken."""
        held = self.promotions.write(promotion.key, self.promotions.compile(promotion))
        if codes:
            assert self.promotions.add_codes(promotion.key, codes) == {}
        return held

    def hanging(self, key: str) -> list[str]:
        """The codes on a promotion, sorted; one that is there twice shows twice."""
        return sorted(held.code for held in self.promotions.codes_of(key))


class Shoppers:
    """Takes two of the first product and one of the second, unless a test says what."""

    def __init__(self, shop: Shop, shopping: Shopping) -> None:
        self._shop = shop
        self.shopping = shopping
        self.wanted = dict(zip(shopping.skus, (2, 1), strict=False))

    def lines(self, *codes: str, **more: Any) -> Sequence[SoldLine]:
        """``more``: ``email``, ``wanted``, ``guest``."""
        email, wanted, guest = self._who(**more)
        return self.shopping.till.price(email, wanted, guest=guest, codes=codes)

    def buy(self, *codes: str, **more: Any) -> Sale:
        email, wanted, guest = self._who(**more)
        return self.shopping.till.order(email, wanted, guest=guest, codes=codes)

    def _who(
        self, email: str = "", wanted: dict[str, int] | None = None, *, guest: bool = False
    ) -> tuple[str, dict[str, int], bool]:
        return email or self._shop.customer_email, wanted or self.wanted, guest

    def saves(self, *codes: str, **more: Any) -> Decimal:
        """What is taken off, as the usual shopper is shown prices."""
        return self.shown(off(self.lines(*codes, **more)))

    def goods(self, **more: Any) -> Money:
        """What the basket is worth before discounts."""
        return worth(self.lines(**more))

    def shown(self, money: Money) -> Decimal:
        return money.net if self._shop.shown is Basis.NET else money.gross

    def threshold(self, amount: Decimal, **more: Any) -> Threshold:
        """In the prices that the usual shopper is shown."""
        return Threshold(amount, is_gross=self._shop.shown is Basis.GROSS, **more)


def worth(lines: Sequence[SoldLine]) -> Money:
    return total([Money(line.net, line.gross) for line in lines])


def off(lines: Sequence[SoldLine]) -> Money:
    return total([Money(line.discount_net, line.discount_gross) for line in lines])


class OfferSuite(SalesSuite):
    @pytest.fixture
    def promotions(self, connector: Connector) -> Promotions:
        return given(connector.promotions, Ability.PROMOTIONS)

    @pytest.fixture
    def offers(self, shop: Shop, connector: Connector, promotions: Promotions) -> Offers:
        return Offers(shop, connector, promotions)

    @pytest.fixture
    def shoppers(self, shop: Shop, shopping: Shopping) -> Shoppers:
        return Shoppers(shop, shopping)

    @pytest.fixture
    def desk(self, shop: Shop) -> PromotionDesk:
        return given(shop.desk, Ability.PROMOTIONS)

    @pytest.fixture
    def neighbour(self, shop: Shop) -> Iterator[Offers]:
        """Another bridge on the same shop, whose mark begins like ours."""
        connection = replace(shop.connection, mark=f"{shop.connection.mark}-2")
        connector = shop.platform.connect(connection)
        yield Offers(shop, connector, given(connector.promotions, Ability.PROMOTIONS))
        connector.close()
