"""What a few families have in the shop and in the bridge's memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.plans.context import Bound, Site, bindings, claims
from bridge.prices.codec import key_from_text, tier_price
from bridge.prices.models import ShopPrice
from connectors.base import TierPrice


@dataclass(frozen=True, slots=True)
class Shown:
    """A native row in the shop."""

    value: str
    native_id: str


@dataclass(frozen=True)
class Chunk:
    shown: Mapping[str, Sequence[Shown]]
    bound: Mapping[str, Bound]
    """What is ours, what was claimed included."""
    claimed: Mapping[str, Bound]
    """Rows that a delivery wrote without learning it."""
    by_product: Mapping[str, Sequence[str]]
    """Keys shown or bound, by product; each once."""

    def meant(self, key: str) -> tuple[Shown | None, Bound | None]:
        """The row in the shop that a key means: the one bound to it, else the first."""
        bound = self.bound.get(key)
        rows = self.shown.get(key, ())
        for row in rows:
            if bound is not None and row.native_id == bound.snapshot.native_id:
                return row, bound
        return (rows[0] if rows else None), bound

    def foreign(self, product_id: str) -> Iterator[TierPrice]:
        """Rows that are not ours: only these may change what we write."""
        for key in self.by_product.get(product_id, ()):
            bound = self.bound.get(key)
            for shown in self.shown.get(key, ()):
                if bound is None or bound.snapshot.native_id != shown.native_id:
                    yield tier_price(key, shown.value, shown.native_id)


def read_chunk(session: Session, site: Site, product_ids: Sequence[str]) -> Chunk:
    shown: dict[str, list[Shown]] = {}
    by_product: dict[str, dict[str, None]] = {}
    rows = session.execute(
        select(
            col(ShopPrice.product_id),
            col(ShopPrice.key),
            col(ShopPrice.value),
            col(ShopPrice.native_id),
        )
        .where(
            col(ShopPrice.workspace_id) == site.workspace_id,
            col(ShopPrice.installation_id) == site.installation_id,
            col(ShopPrice.product_id).in_(product_ids),
        )
        .order_by(col(ShopPrice.key), col(ShopPrice.native_id))
    )
    for product_id, key, value, native_id in rows:
        shown.setdefault(key, []).append(Shown(value, native_id))
        by_product.setdefault(product_id, {})[key] = None
    bound = bindings(session, site, "price", product_ids)
    for key, one in bound.items():
        by_product.setdefault(one.batch, {})[key] = None
    claimed = _claimed(session, site, product_ids, shown, bound)
    return Chunk(
        shown,
        {**bound, **claimed},
        claimed,
        {product_id: list(keys) for product_id, keys in by_product.items()},
    )


def _claimed(
    session: Session,
    site: Site,
    product_ids: Sequence[str],
    shown: Mapping[str, Sequence[Shown]],
    bound: Mapping[str, Bound],
) -> dict[str, Bound]:
    claimed = {}
    for key, claim in claims(session, site, "price", product_ids).items():
        known = bound.get(key)
        for row in shown.get(key, ()):
            if claim.holds(row.value, known.snapshot if known else None):
                product_id = key_from_text(key).product_id
                claimed[key] = Bound(key, product_id, claim.snapshot(row.native_id))
                break
    return claimed
