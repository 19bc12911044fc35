"""What all tests of the suite stand on: fixtures, and a till to set and see prices with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, TypeVar

import pytest

from connectors.base import (
    Audience,
    Compiled,
    Connector,
    CustomerGroup,
    Family,
    GroupDraft,
    Ladder,
    PricingFacts,
    Product,
    ProductKind,
    Refusal,
    Step,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.conformance.shop import Ability, Faults, PluginDesk, Shop

Given = TypeVar("Given")
Rows = dict[TierKey, TierValue]


class Suite:
    """Fixtures for one connector. Without the abilities in ``cannot``, and the tests for them."""

    cannot: ClassVar[frozenset[Ability]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Hides the tests that have no meaning for this shop from the collection."""
        super().__init_subclass__()
        for name in dir(cls):
            if getattr(getattr(cls, name), "needs", frozenset()) & cls.cannot:
                setattr(cls, name, None)

    @pytest.fixture
    def shop(self) -> Shop:
        raise NotImplementedError("Give the suite a shop: override the fixture `shop`.")

    @pytest.fixture
    def connector(self, shop: Shop) -> Iterator[Connector]:
        connector = shop.platform.connect(shop.connection)
        yield connector
        connector.close()

    @pytest.fixture
    def faults(self, shop: Shop, connector: Connector) -> Faults:
        """Trouble for a connector that has already signed in."""
        connector.groups()
        faults = given(shop.faults, Ability.FAULTS)
        faults.clear()
        return faults

    @pytest.fixture
    def plugin(self, shop: Shop) -> PluginDesk:
        return given(shop.plugin, Ability.PLUGIN)

    @pytest.fixture
    def group(self, shop: Shop, connector: Connector) -> CustomerGroup:
        """A group of this test's own."""
        draft = GroupDraft("conformance", "Conformance", shop.base_group_id)
        return connector.create_group(draft)

    @pytest.fixture
    def till(self, shop: Shop, connector: Connector, group: CustomerGroup) -> Till:
        """Sets prices for ``group``."""
        audience = connector.create_audience(group.id, group.name)
        return Till(shop, connector, group, audience)


def given(value: Given | None, ability: Ability) -> Given:
    """What the shop brought for an ability. It must not be missing without a word."""
    assert value is not None, f"Shop brings nothing for {ability!r}: name it in `cannot`."
    return value


class Till:
    """Says prices as the bridge does: ladders are compiled into rows, rows are written."""

    def __init__(
        self, shop: Shop, connector: Connector, group: CustomerGroup, audience: Audience
    ) -> None:
        self.shop = shop
        self.connector = connector
        self.group = group
        self.audience = audience

    @cached_property
    def catalogue(self) -> dict[str, Product]:
        return {product.sku: product for product in self.connector.products()}

    @cached_property
    def facts(self) -> PricingFacts:
        info = self.connector.shop()
        return PricingFacts(
            currencies=info.currencies,
            stores=info.stores,
            audiences=tuple(self.connector.audiences()),
            settings=self.shop.connection.settings,
        )

    def product(self, position: int = 0) -> Product:
        """One of the known simple products."""
        return self.catalogue[self.shop.of_kind(ProductKind.SIMPLE)[position].sku]

    def family(self) -> Family:
        """The known product with variants."""
        head = self.catalogue[self.shop.of_kind(ProductKind.PARENT)[0].sku]
        variants = [product for product in self.catalogue.values() if product.parent_id == head.id]
        return Family(head, tuple(sorted(variants, key=lambda variant: variant.sku)))

    def simple_products(self) -> list[Product]:
        """Every product that is sold on its own, sorted by SKU."""
        simple = [each for each in self.catalogue.values() if each.kind is ProductKind.SIMPLE]
        return sorted(simple, key=lambda product: product.sku)

    def ladder(self, product: Product, *steps: Step) -> Ladder:
        return Ladder(
            product_id=product.id,
            store=self.shop.store,
            audience_id=self.audience.id,
            group_id=self.group.id,
            base_group_id=self.shop.base_group_id,
            currency=self.shop.currency,
            basis=self.shop.basis,
            steps=steps,
            source="conformance",
        )

    def compiled(self, family: Family, ladders: Sequence[Ladder]) -> Compiled:
        present = self.present(family)
        return self.shop.platform.compile(family, ladders, present, self.facts)

    def row(self, product: Product, quantity: int = 1, price: str = "19.5") -> TierPrice:
        """A row that says: from ``quantity`` on, one costs ``price``.

        It is the compiler that knows what such a row is here; of the rows it needs, this is the
        one that begins at ``quantity``.
        """
        ladder = self.ladder(product, Step(quantity, price=Decimal(price)))
        compiled = self.shop.platform.compile(Family(product), [ladder], [], self.facts)
        rows = [row for row in compiled.rows if row.key.quantity == quantity]
        assert len(rows) == 1, f"one row from {quantity} was asked for: {compiled}"
        return TierPrice(rows[0].key, rows[0].value)

    def present(self, family: Family) -> list[TierPrice]:
        """All rows of the family, whoever made them."""
        ids = [product.id for product in (family.head, *family.variants)]
        return self.connector.tier_prices(ids)

    def stored(self, *products: Product) -> Rows:
        """What this group has in the shop."""
        limit = self.connector.capabilities.tier_products_per_read
        rows = [
            row
            for start in range(0, len(products), limit)
            for row in self.connector.tier_prices(
                [product.id for product in products[start : start + limit]], [self.audience.id]
            )
        ]
        return as_set(rows)

    def set(self, family: Family, ladders: Sequence[Ladder]) -> Compiled:
        """Makes the shop hold what the ladders say, and nothing more for this group."""
        compiled = self.compiled(family, ladders)
        assert compiled.problems == (), compiled.problems
        wanted = {row.key: row.value for row in compiled.rows}
        present = [row for row in self.present(family) if row.key.audience_id == self.audience.id]
        assert self.connector.remove_tier_prices([r for r in present if r.key not in wanted]) == []
        assert self.connector.write_tier_prices(tier_prices(wanted)) == []
        return compiled


def tier_prices(rows: Rows) -> list[TierPrice]:
    return [TierPrice(key, value) for key, value in rows.items()]


def as_set(rows: Sequence[TierPrice]) -> Rows:
    """Rows by key. A key that is there twice is two rows for one price: never right."""
    keys = [row.key for row in rows]
    assert len(keys) == len(set(keys)), f"rows that are there twice: {sorted(keys)}"
    return {row.key: row.value for row in rows}


def refused_keys(refusals: Sequence[Refusal]) -> list[TierKey]:
    return [refusal.key for refusal in refusals]
