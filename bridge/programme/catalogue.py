"""What resolving a programme must know about an installation's products, and finding in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from connectors.base import ProductKind

Path = tuple[str, ...]
"""A category as the names from the root down, lower-cased and trimmed."""


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    sku: str
    name: str
    kind: ProductKind
    category_paths: tuple[tuple[str, ...], ...] = ()
    """One per category the product is in: the names from the root down to it."""
    parent_sku: str = ""
    """Of a variant: the SKU of the product it belongs to."""


class Catalogue(Protocol):
    def products(self, installation: str) -> Iterable[CatalogueProduct]: ...


@dataclass(frozen=True, slots=True)
class Found:
    product: CatalogueProduct
    exact: bool
    """The SKU was written as the shop writes it, capitals too."""


class ProductIndex:
    """The products of one installation, prepared for many look-ups."""

    def __init__(self, products: Iterable[CatalogueProduct]) -> None:
        self._by_sku: dict[str, CatalogueProduct] = {}
        self._by_lower: dict[str, list[CatalogueProduct]] = {}
        self._variants: dict[str, int] = {}
        for product in products:
            self._by_sku[product.sku] = product
            self._by_lower.setdefault(product.sku.lower(), []).append(product)
            if product.parent_sku:
                self._variants[product.parent_sku] = self._variants.get(product.parent_sku, 0) + 1
        self._paths: dict[Path, Path] = {}
        self._paths_of = {
            product.sku: self._own_paths(product) for product in self._by_sku.values()
        }

    def __len__(self) -> int:
        return len(self._by_sku)

    def sold(self) -> Iterable[CatalogueProduct]:
        """What carries prices: all but the parents of variants."""
        return (
            product for product in self._by_sku.values() if product.kind is not ProductKind.PARENT
        )

    def find(self, sku: str) -> Found | None:
        """As written, else in other capitals when only one product can be meant."""
        exact = self._by_sku.get(sku)
        if exact is not None:
            return Found(exact, exact=True)
        alike = self._by_lower.get(sku.lower(), [])
        return Found(alike[0], exact=False) if len(alike) == 1 else None

    def nearest(self, sku: str) -> str:
        """`` Did you mean …?`` with a leading space, or nothing. Slow: for a few SKUs only."""
        near = difflib.get_close_matches(sku.lower(), self._by_lower, n=1, cutoff=0.7)
        return f" Did you mean {self._by_lower[near[0]][0].sku}?" if near else ""

    def is_childless_parent(self, product: CatalogueProduct) -> bool:
        return product.kind is ProductKind.PARENT and product.sku not in self._variants

    # -- categories -------------------------------------------------------------------------

    def paths(self, product: CatalogueProduct) -> frozenset[Path]:
        """Categories of a product; a variant is also in those of its parent."""
        own = self._paths_of[product.sku]
        if not product.parent_sku:
            return own
        return own | self._paths_of.get(product.parent_sku, frozenset())

    def categories(self, wanted: str) -> CategoryMatch:
        """Which paths lie in a category named by its name or by the end of its path."""
        segments = _segments((wanted,))
        inside: set[Path] = set()
        heads: set[Path] = set()
        for path in self._paths:
            for end in _ends(path, segments):
                inside.add(path)
                heads.add(path[:end])
        return CategoryMatch(frozenset(inside), tuple(sorted(heads)))

    def category_names(self) -> set[str]:
        return {name for path in self._paths for name in path}

    def _own_paths(self, product: CatalogueProduct) -> frozenset[Path]:
        paths = (_segments(path) for path in product.category_paths)
        return frozenset(self._paths.setdefault(path, path) for path in paths)


@dataclass(frozen=True, slots=True)
class CategoryMatch:
    inside: frozenset[Path]
    """The category and everything below it."""
    heads: tuple[Path, ...]
    """The categories meant; more than one when a name is used in several places."""


@lru_cache(maxsize=65_536)
def _segments(names: tuple[str, ...]) -> Path:
    """A slash within a name counts as a step, so that names with slashes can be written."""
    parts = (part.strip().casefold() for name in names for part in name.split("/"))
    return tuple(part for part in parts if part)


def _ends(path: Path, wanted: Path) -> list[int]:
    length = len(wanted)
    return [
        start + length
        for start in range(len(path) - length + 1 if length else 0)
        if path[start : start + length] == wanted
    ]


def lies_in(paths: Iterable[Sequence[str]], wanted: str) -> bool:
    """Whether any of these categories (names from the root down) is the one that is named, by
    its name or the end of its path, or lies below it."""
    segments = _segments((wanted,))
    return any(_ends(_segments(tuple(path)), segments) for path in paths)


def sku_matcher(patterns: Sequence[str]) -> Callable[[CatalogueProduct], bool]:
    """Whether a product's SKU, or its parent's, matches any pattern.

    ``*`` stands for any characters, ``?`` for one; capitals do not matter, as in both shops.
    """
    fits = fitting(tuple(patterns))

    def matches(product: CatalogueProduct) -> bool:
        return fits(product.sku) or (bool(product.parent_sku) and fits(product.parent_sku))

    return matches


@lru_cache(maxsize=4096)
def fitting(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a text fits any of these patterns."""
    parts = [_expression(pattern) for pattern in patterns]
    fits = re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE | re.DOTALL)
    return lambda text: fits.fullmatch(text) is not None


def _expression(pattern: str) -> str:
    """What stands between two ``*`` is taken where it is found first, and never looked for again
    (an atomic group, as the standard library's ``fnmatch`` does it): else a pattern of many ``*``
    would try every way to share a text out between them, which takes longer than anybody lives."""
    first, *others = (_literal(piece) for piece in pattern.split("*"))
    if not others:
        return first
    between = "".join(f"(?>.*?{piece})" for piece in others[:-1] if piece)
    return f"{first}{between}.*{others[-1]}"


def _literal(piece: str) -> str:
    return "".join("." if sign == "?" else re.escape(sign) for sign in piece)


def is_pattern(text: str) -> bool:
    return "*" in text or "?" in text
