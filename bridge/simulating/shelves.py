"""Goods and tier prices of one installation, as last pulled or last read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopProduct
from bridge.kit.money import from_millionths
from bridge.plans.catalogue import families
from bridge.plans.context import Site
from bridge.plans.price_rows import Chunk, read_chunk
from bridge.prices.codec import key_text, tier_price
from bridge.simulating.records import Item
from connectors.base import Family, TierPrice
from connectors.quotes import Wanted


@dataclass(frozen=True)
class Shelf:
    """What of the request one installation sells."""

    wanted: tuple[Wanted, ...]
    """In the order of the request."""
    missing: tuple[str, ...]
    """SKUs it does not sell, as far as it was pulled."""
    sources: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By key and native id of a row that is the bridge's, the price list it comes from."""

    def source(self, row: TierPrice) -> str:
        return self.sources.get((key_text(row.key), row.native_id), "")


def shelf(session: Session, site: Site, items: Sequence[Item]) -> Shelf:
    found = _products(session, site, [item.sku for item in items])
    by_id = _families(session, site, {family_id for _, family_id in found.values()})
    ids = {product_id for product_id, _ in found.values()}
    ids |= {by_id[product_id].head.id for product_id in ids}
    chunk = read_chunk(session, site, sorted(ids))
    wanted = [
        Wanted(product_id, item.quantity, by_id[product_id], _rows(chunk, by_id[product_id], ids))
        for item in items
        if item.sku in found
        for product_id, _ in (found[item.sku],)
    ]
    missing = tuple(item.sku for item in items if item.sku not in found)
    return Shelf(tuple(wanted), missing, _sources(chunk))


def sold(session: Session, site_ids: tuple[int, int], skus: Sequence[str]) -> set[str]:
    """Those of these SKUs that an installation has; ``site_ids``: workspace and installation."""
    return {*_found(session, site_ids, skus)}


def _products(session: Session, site: Site, skus: Sequence[str]) -> dict[str, tuple[str, str]]:
    return _found(session, (site.workspace_id, site.installation_id), skus)


def _found(
    session: Session, site_ids: tuple[int, int], skus: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Product id and family id by SKU as it was written; its case matters where two differ in
    nothing else."""
    workspace_id, installation_id = site_ids
    rows = session.execute(
        select(col(ShopProduct.sku), col(ShopProduct.product_id), col(ShopProduct.family_id)).where(
            col(ShopProduct.workspace_id) == workspace_id,
            col(ShopProduct.installation_id) == installation_id,
            func.lower(col(ShopProduct.sku)).in_([sku.lower() for sku in skus]),
        )
    ).all()
    exact = {row.sku: (row.product_id, row.family_id) for row in rows}
    folded = {row.sku.lower(): (row.product_id, row.family_id) for row in rows}
    found = {sku: exact.get(sku) or folded.get(sku.lower()) for sku in skus}
    return {sku: ids for sku, ids in found.items() if ids is not None}


def _families(session: Session, site: Site, family_ids: Iterable[str]) -> dict[str, Family]:
    """By product id."""
    found = {}
    for family in families(session, site, sorted(family_ids)):
        for product in (family.head, *family.variants):
            found[product.id] = family
    return found


def _rows(chunk: Chunk, family: Family, ids: Iterable[str]) -> tuple[TierPrice, ...]:
    own = {one.id for one in (family.head, *family.variants)} & {*ids}
    return tuple(
        tier_price(key, shown.value, shown.native_id)
        for product_id in sorted(own)
        for key in chunk.by_product.get(product_id, ())
        for shown in chunk.shown.get(key, ())
    )


def _sources(chunk: Chunk) -> dict[tuple[str, str], str]:
    return {
        (key, one.snapshot.native_id): one.snapshot.source
        for key, one in chunk.bound.items()
        if one.snapshot.owned
    }


def tax_rates(session: Session, site: Site) -> tuple[Decimal, ...]:
    rows = session.scalars(
        select(col(ShopProduct.tax_rate))
        .where(
            col(ShopProduct.workspace_id) == site.workspace_id,
            col(ShopProduct.installation_id) == site.installation_id,
            col(ShopProduct.tax_rate).is_not(None),
        )
        .distinct()
    )
    return tuple(sorted(from_millionths(rate) for rate in rows if rate is not None))
