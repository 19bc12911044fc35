"""What is known of every sandbox without asking its connector: the shared catalogue."""

from __future__ import annotations

from decimal import Decimal

from connectors.base import Amount, ProductKind
from connectors.conformance import KnownProduct
from connectors.sandbox.catalogue import Article, catalogue
from connectors.sandbox.people import people

SIZE = 581
"""Ends inside a family of which three variants with prices of their own are left."""
CUSTOMERS = 9
SIMPLE = ("B2B-1134", "B2B-1135", "B2B-1136", "B2B-1137")
PARENT = "B2B-1282"
"""Without hand-made prices, and dearer than what the suite's price lists say."""


def known_products(*, tax_rates: bool = True) -> tuple[KnownProduct, ...]:
    articles = {article.sku: article for article in catalogue(SIZE)}
    family = articles[PARENT]
    return tuple(
        known_product(articles[sku], tax_rates=tax_rates)
        for sku in (*SIMPLE, PARENT, *family.variant_skus)
    )


def known_product(article: Article, *, tax_rates: bool) -> KnownProduct:
    kind = ProductKind.VARIANT if article.parent_sku else ProductKind.SIMPLE
    if article.variant_skus:
        kind = ProductKind.PARENT
    return KnownProduct(
        sku=article.sku,
        price=Amount("EUR", net=None if kind is ProductKind.PARENT else article.net),
        kind=kind,
        parent_sku=article.parent_sku,
        tax_rate=Decimal(article.tax_rate) if tax_rates else None,
    )


def all_skus() -> frozenset[str]:
    return frozenset(article.sku for article in catalogue(SIZE))


def all_emails() -> frozenset[str]:
    return frozenset(person.email for person in people(CUSTOMERS))
