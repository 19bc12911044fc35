"""Delivering tier prices: rows of one product together, read before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.outbox.handler import Handler
from bridge.outbox.judging import NOTHING, Held, Item
from bridge.outbox.leases import Stage
from bridge.outbox.placeholders import is_placeholder
from bridge.prices.codec import key_from_text, key_text, tier_price, value_text
from bridge.prices.models import ShopPrice
from connectors.base import Capabilities, Connector, TierKey, TierPrice
from connectors.errors import ConnectorError, Rejected


class PriceHandler(Handler):
    kind = "price"

    def batch_size(self, capabilities: Capabilities) -> tuple[int, int]:
        return capabilities.tier_rows_per_call, capabilities.tier_products_per_call

    def read(self, connector: Connector, items: Sequence[Item]) -> dict[str, Held]:
        keys = [key for item in items if not _awaits_group(key := key_from_text(item.key))]
        products = list(dict.fromkeys(key.product_id for key in keys))
        audiences = list(dict.fromkeys(key.audience_id for key in keys))
        size = connector.capabilities.tier_products_per_read
        rows: list[TierPrice] = []
        for start in range(0, len(products), size):
            rows += connector.tier_prices(products[start : start + size], audiences)
        return _held(items, rows)

    def write(self, connector: Connector, items: Sequence[Item]) -> dict[str, ConnectorError]:
        possible: list[Item] = []
        refused: dict[str, ConnectorError] = {}
        for item in items:
            if _awaits_group(key_from_text(item.key)):
                refused[item.key] = Rejected("Its customer group was not made.")
            else:
                possible.append(item)
        written = [
            tier_price(item.key, item.after, item.native_id)
            for item in possible
            if item.after is not None
        ]
        removed = [
            tier_price(item.key, item.before, item.native_id)
            for item in possible
            if item.after is None and item.before is not None
        ]
        refusals = []
        if removed:
            refusals += connector.remove_tier_prices(removed)
        if written:
            refusals += connector.write_tier_prices(written)
        return refused | {key_text(refusal.key): refusal.error for refusal in refusals}

    def mirror(
        self,
        session: Session,
        workspace_id: int,
        installation_id: int,
        held: Mapping[str, Held],
    ) -> None:
        session.execute(  # all of a key: the row may have got another id meanwhile
            delete(ShopPrice).where(
                col(ShopPrice.workspace_id) == workspace_id,
                col(ShopPrice.installation_id) == installation_id,
                col(ShopPrice.key).in_(list(held)),
            )
        )
        upsert(
            session,
            ShopPrice,
            [
                {
                    "installation_id": installation_id,
                    "key": key,
                    "native_id": item.native_id,
                    "workspace_id": workspace_id,
                    "product_id": key_from_text(key).product_id,
                    "value": item.value,
                }
                for key, item in held.items()
                if item.value is not None
            ],
        )

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        pass


def _awaits_group(key: TierKey) -> bool:
    return is_placeholder(key.audience_id)


def _held(items: Sequence[Item], rows: Iterable[TierPrice]) -> dict[str, Held]:
    """Of several rows under one key, the one this item means: its own id first, then a row that
    holds what is expected or wanted."""
    wanted = {item.key: item for item in items}
    found: dict[str, list[Held]] = {}
    for row in rows:
        key = key_text(row.key)
        if key in wanted:
            found.setdefault(key, []).append(Held(value_text(row.value), row.native_id))
    return {key: _meant(wanted[key], held) for key, held in found.items()}


def _meant(item: Item, held: Sequence[Held]) -> Held:
    for candidate in held:
        if item.native_id and candidate.native_id == item.native_id:
            return candidate
    if item.after is None and item.native_id:
        return NOTHING  # ours is gone; what is left under the key is someone else's
    for candidate in held:
        if candidate.value in (item.after, item.before):
            return candidate
    return held[0]
