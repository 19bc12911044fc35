"""The shop itself and what it sells."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.base import (
    Category,
    Connector,
    Finding,
    Product,
    ProductKind,
    Severity,
    ShopInfo,
)
from connectors.conformance.base import Suite
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, KnownProduct, Shop, needs


class ShopTests(Suite):
    def test_shop_information_is_complete(self, shop: Shop, connector: Connector) -> None:
        """Prices are converted, compared and reported by these currencies and stores."""
        info = connector.shop()
        assert wrong_fields(info, ShopInfo) == []
        assert info.platform == shop.platform.name
        assert shop.currency in {currency.code for currency in info.currencies}

    def test_currencies_are_told_apart_and_one_is_the_default(self, connector: Connector) -> None:
        """A shop with no default currency, or two, leaves open what a price is written in."""
        currencies = connector.shop().currencies
        assert [currency.is_default for currency in currencies].count(True) == 1
        assert len({currency.code for currency in currencies}) == len(currencies)
        assert len({currency.id for currency in currencies}) == len(currencies)

    def test_stores_are_told_apart_and_have_a_known_currency(self, connector: Connector) -> None:
        """The store's id is part of a price's key; its currency is what the price is in."""
        info = connector.shop()
        assert info.stores
        assert all(store.id for store in info.stores)
        assert len({store.id for store in info.stores}) == len(info.stores)
        assert {s.currency for s in info.stores} <= {c.code for c in info.currencies}

    def test_check_finds_nothing_wrong_with_a_good_shop(self, connector: Connector) -> None:
        """``store check`` stops a merchant from going on when it reports an error."""
        findings = connector.check()
        assert findings
        assert [wrong for each in findings for wrong in wrong_fields(each, Finding)] == []
        assert all(finding.topic and finding.found for finding in findings)
        assert [each for each in findings if each.severity is Severity.ERROR] == []

    def test_what_is_wrong_comes_with_what_to_do(self, shop: Shop) -> None:
        """A finding that a merchant cannot act on is a riddle."""
        connector = shop.platform.connect(shop.bad_connection)
        wrong = [each for each in connector.check() if each.severity is Severity.ERROR]
        connector.close()
        assert wrong
        assert all(finding.mend for finding in wrong)

    def test_capabilities_can_be_worked_with(self, connector: Connector) -> None:
        """The delivery cuts its batches and chooses its threads by these numbers."""
        can = connector.capabilities
        assert can.tier_products_per_call >= 1
        assert can.tier_rows_per_call >= can.tier_products_per_call
        assert can.tier_products_per_read >= 1
        assert can.parallel_calls >= 1


class ProductTests(Suite):
    @pytest.fixture
    def catalogue(self, connector: Connector) -> list[Product]:
        return list(connector.products())

    def test_every_product_is_walked_once(self, shop: Shop, catalogue: list[Product]) -> None:
        """A product that is missed gets no price; one that comes twice gets two plans."""
        skus = [product.sku for product in catalogue]
        assert len(skus) == len(set(skus))
        assert set(skus) == shop.skus
        assert len({product.id for product in catalogue}) == len(catalogue)

    def test_products_are_records_of_the_right_types(self, catalogue: list[Product]) -> None:
        """A float in a price is a wrong cent somewhere; a naive time is a wrong hour."""
        assert [wrong for each in catalogue for wrong in wrong_fields(each, Product)] == []
        assert all(product.id and product.sku for product in catalogue)

    def test_a_price_says_at_least_one_side(self, catalogue: list[Product]) -> None:
        """Percentages and fillers are computed from it."""
        prices = [price for product in catalogue for price in product.prices]
        assert prices
        assert all(price.net is not None or price.gross is not None for price in prices)
        assert all(len(price.currency) == 3 for price in prices)

    def test_a_product_has_one_price_per_currency(self, catalogue: list[Product]) -> None:
        """With two, which one a percentage is taken of would be a matter of luck."""
        for product in catalogue:
            currencies = [price.currency for price in product.prices]
            assert len(currencies) == len(set(currencies)), product

    def test_known_products_are_as_known(self, shop: Shop, catalogue: list[Product]) -> None:
        """Price, tax and kind decide which rows are written, and what they say."""
        seen = {product.sku: product for product in catalogue}
        for known in shop.products:
            _assert_as_known(known, seen[known.sku])

    @needs(Ability.VARIANTS)
    def test_a_variant_names_its_parent(self, shop: Shop, catalogue: list[Product]) -> None:
        """Prices of a variant depend on rows of its parent, so the family is planned at once."""
        by_sku = {product.sku: product for product in catalogue}
        variants = shop.of_kind(ProductKind.VARIANT)
        assert len(variants) >= 2
        for known in variants:
            assert by_sku[known.sku].parent_id == by_sku[known.parent_sku].id

    def test_whoever_has_a_parent_is_a_variant(self, catalogue: list[Product]) -> None:
        """A parent that is not in the catalogue, or not a parent, makes a family without head."""
        by_id = {product.id: product for product in catalogue}
        for product in catalogue:
            if product.parent_id:
                assert product.kind is ProductKind.VARIANT
                assert by_id[product.parent_id].kind is ProductKind.PARENT

    def test_two_walks_tell_the_same(self, connector: Connector, catalogue: list[Product]) -> None:
        """A shop that nobody touched has nothing new to plan."""
        again = {product.id: product for product in connector.products()}
        assert again == {product.id: product for product in catalogue}

    def test_categories_are_those_of_the_products(
        self, connector: Connector, catalogue: list[Product]
    ) -> None:
        """A price list names a category and means all its products."""
        categories = connector.categories()
        assert [wrong for each in categories for wrong in wrong_fields(each, Category)] == []
        ids = {category.id for category in categories}
        assert len(ids) == len(categories)
        assert {each for product in catalogue for each in product.category_ids} <= ids
        assert {category.parent_id for category in categories} <= ids | {""}


def _assert_as_known(known: KnownProduct, product: Product) -> None:
    assert product.kind is known.kind, known.sku
    if known.tax_rate is not None:
        assert product.tax_rate == known.tax_rate, known.sku
    wanted = {"net": known.price.net, "gross": known.price.gross}
    for side, amount in wanted.items():
        if amount is not None:
            assert _side(product, known.price.currency, side) == amount, known.sku


def _side(product: Product, currency: str, side: str) -> Decimal | None:
    amounts = [price for price in product.prices if price.currency == currency]
    assert len(amounts) == 1, f"{product.sku} has no single price in {currency}"
    amount: Decimal | None = getattr(amounts[0], side)
    return amount
