from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.programme.catalogue import CatalogueProduct
from bridge.programme.issues import ProgrammeError
from bridge.programme.loading import LoadedProgramme, load
from connectors.base import ProductKind

HEAD = """\
programme: Acme B2B
currency: EUR
groups:
  gold: {name: Gold, base: General}
  silver: {name: Silver, base: General}
"""


@dataclass
class ProductsOf:
    """A catalogue in memory."""

    by_installation: Mapping[str, Iterable[CatalogueProduct]]

    def products(self, installation: str) -> Iterable[CatalogueProduct]:
        return self.by_installation.get(installation, ())


@pytest.fixture
def head() -> str:
    return HEAD


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """``write(yaml, **{"prices.csv": text})`` -> the programme file's path."""

    def write(text: str, files: Mapping[str, str | bytes] | None = None) -> Path:
        for name, content in (files or {}).items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        path = tmp_path / "programme.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def loaded(write: Callable[..., Path]) -> Callable[..., LoadedProgramme]:
    def loaded(text: str, files: Mapping[str, str | bytes] | None = None) -> LoadedProgramme:
        return load(write(text, files))

    return loaded


@pytest.fixture
def refused(write: Callable[..., Path]) -> Callable[..., list[str]]:
    """The messages of a programme that cannot be used."""

    def refused(text: str, files: Mapping[str, str | bytes] | None = None) -> list[str]:
        with pytest.raises(ProgrammeError) as caught:
            load(write(text, files))
        return [str(problem) for problem in caught.value.problems]

    return refused


@pytest.fixture
def product() -> Callable[..., CatalogueProduct]:
    def product(
        sku: str,
        *categories: str,
        kind: ProductKind = ProductKind.SIMPLE,
        parent: str = "",
    ) -> CatalogueProduct:
        paths = tuple(("Default Category", *path.split("/")) for path in categories)
        return CatalogueProduct(sku, f"Product {sku}", kind, paths, parent)

    return product


@pytest.fixture
def shop() -> Callable[..., ProductsOf]:
    """A catalogue with one installation, ``magento-de``."""

    def shop(*products: CatalogueProduct) -> ProductsOf:
        return ProductsOf({"magento-de": products})

    return shop
