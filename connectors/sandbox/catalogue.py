"""One believable B2B catalogue for all sandboxes, so that one price list fits every shop.

Deterministic: the same size gives the same articles, and a larger size only adds to them.
Prices are net euros. The first sixty SKUs are those of the recorded Shopware shop; where its
recordings show one (products_and_advanced_prices.json), name, price and stock are theirs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import islice

from connectors.sandbox.ranges import FIRST_ARTICLES, FIXED, RANGES, Range

FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True)
class CategoryNode:
    key: str
    name: str
    parent: str = ""
    """Key of the category above; empty: right below the shop's root."""


CATEGORIES: tuple[CategoryNode, ...] = (
    CategoryNode("tools", "Tools"),
    CategoryNode("power-tools", "Power tools", "tools"),
    CategoryNode("hand-tools", "Hand tools", "tools"),
    CategoryNode("drilling", "Drill bits and blades", "tools"),
    CategoryNode("fasteners", "Fasteners"),
    CategoryNode("screws", "Screws", "fasteners"),
    CategoryNode("bolts", "Bolts and nuts", "fasteners"),
    CategoryNode("anchors", "Plugs and anchors", "fasteners"),
    CategoryNode("safety", "Occupational safety"),
    CategoryNode("gloves", "Gloves", "safety"),
    CategoryNode("workwear", "Workwear", "safety"),
    CategoryNode("footwear", "Safety footwear", "safety"),
    CategoryNode("protection", "Head, eyes and ears", "safety"),
    CategoryNode("cleaning", "Cleaning"),
    CategoryNode("chemicals", "Cleaners and lubricants", "cleaning"),
    CategoryNode("hygiene", "Hygiene and paper", "cleaning"),
    CategoryNode("facility", "Workshop and office"),
    CategoryNode("electrical", "Electrical", "facility"),
    CategoryNode("storage", "Storage and packing", "facility"),
    CategoryNode("pantry", "Pantry and books", "facility"),
)


@dataclass(frozen=True, slots=True)
class Article:
    """A product, a product that is sold through variants, or one of those variants."""

    sku: str
    name: str
    net: Decimal
    """Euros per piece, two decimals. Of a variant: its own price, the parent's if it has none."""
    tax_rate: int
    """19 or 7, percent."""
    category: str
    stock: int
    parent_sku: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Of a variant: what makes it different, for example ``(("Size", "L"),)``."""
    own_price: bool = True
    """Of a variant: False where it costs what its parent costs."""
    variant_skus: tuple[str, ...] = field(default=())

    @property
    def gross(self) -> Decimal:
        return money(self.net * (100 + self.tax_rate) / 100)


def money(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@lru_cache(maxsize=4)
def catalogue(size: int = 2000) -> tuple[Article, ...]:
    """``size`` articles, parents and variants counted alike; a family cut short by the end of
    the catalogue keeps the variants that fit.

    Raises ValueError for a size below 1.
    """
    if size < 1:
        raise ValueError("a catalogue has at least one article")
    articles = list(islice(_articles(), size))
    skus = {article.sku for article in articles}
    return tuple(_without_missing(article, skus) for article in articles)


def _without_missing(article: Article, skus: set[str]) -> Article:
    if not article.variant_skus or article.variant_skus[-1] in skus:
        return article
    kept = tuple(sku for sku in article.variant_skus if sku in skus)
    return Article(
        **{name: getattr(article, name) for name in article.__slots__} | {"variant_skus": kept}
    )


def _articles() -> Iterator[Article]:
    number = FIRST_NUMBER
    for name, net, tax_rate, category in FIRST_ARTICLES:
        yield _single(number, name, Decimal(net), tax_rate, category)
        number += 1
    series = 0
    while True:
        for one in RANGES:
            for place, label in enumerate(one.labels):
                yield from _family(number, one, place, label, series)
                number += 1
        series += 1


def _single(number: int, name: str, net: Decimal, tax_rate: int, category: str) -> Article:
    sku = f"B2B-{number}"
    stock = FIXED.get(sku, _noise(sku, 20, 900))
    return Article(sku, name, net, tax_rate, category, stock)


def _family(number: int, one: Range, place: int, label: str, series: int) -> Iterator[Article]:
    """One article of a range, followed by its variants if it is sold in some."""
    sku = f"B2B-{number}"
    name = one.name.format(label) + (f", series {series + 1}" if series else "")
    net = _priced(sku, Decimal(one.net) * (1 + Decimal(place) * 4 / 10))
    if not one.axes:
        yield _single(number, name, net, one.tax_rate, one.category)
        return
    combinations = one.combinations()
    skus = [f"{sku}-" + "-".join(_code(value) for _, value in chosen) for chosen in combinations]
    yield Article(sku, name, net, one.tax_rate, one.category, 0, variant_skus=tuple(skus))
    for variant, chosen in zip(skus, combinations, strict=True):
        factor = one.factor(chosen)
        yield Article(
            variant,
            f"{name}, {', '.join(value for _, value in chosen)}",
            money(net * factor),
            one.tax_rate,
            one.category,
            _noise(variant, 5, 250),
            parent_sku=sku,
            options=chosen,
            own_price=factor != 1,
        )


def _code(value: str) -> str:
    return value.upper().removesuffix(" MM").replace(" ", "")


def _noise(text: str, low: int, high: int) -> int:
    return low + zlib.crc32(text.encode()) % (high - low + 1)


def _priced(sku: str, about: Decimal) -> Decimal:
    """A price near ``about`` that looks like a price list's: never round, never below 0.12."""
    return max(money(about * (90 + _noise(sku, 0, 20)) / 100), Decimal("0.12"))
