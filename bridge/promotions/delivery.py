"""Delivering promotions: gift rules and discounts that need no code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import delete
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.outbox.handler import Handler, one_by_one
from bridge.outbox.judging import Held, Item
from bridge.outbox.leases import Stage
from bridge.outbox.placeholders import is_placeholder
from bridge.outbox.snapshots import Snapshot
from bridge.promotions.models import ShopPromotion
from bridge.promotions.texts import (
    Meaning,
    is_waiting,
    promotion_from,
    promotion_text,
    remember,
    waited_for,
)
from connectors.base import Capabilities, Connector
from connectors.errors import ConnectorError, Rejected
from connectors.rewards import HeldPromotion, Promotion, Promotions, is_halfway, without_plugin

AT_ONCE = 20


class PromotionHandler(Handler):
    """Key: the promotion's. Value: its native text."""

    kind = "promotion"

    def __init__(self, *, tells_plugin: bool = True) -> None:
        """``tells_plugin``: not one in the shop that was made to forget the bridge."""
        self._tells_plugin = tells_plugin

    def batch_size(self, capabilities: Capabilities) -> tuple[int, int]:
        return AT_ONCE, AT_ONCE

    def completed(self, connector: Connector, items: Sequence[Item]) -> list[Item]:
        """What an earlier try took away, and could not give anew, is not there any more: it goes
        on. A gift that moves is taken away where it was first, or stands there in part."""
        tried = [item.key for item in items if item.intended]
        promotions = self._promotions(connector)
        there = promotions.read(tried) if tried else {}
        return [
            _completed(connector, promotions, _resumed(item, there.get(item.key))) for item in items
        ]

    def read(self, connector: Connector, items: Sequence[Item]) -> dict[str, Held]:
        found = self._promotions(connector).read([item.key for item in items])
        return {key: Held(held.native, held.native_id) for key, held in found.items()}

    def write(self, connector: Connector, items: Sequence[Item]) -> dict[str, ConnectorError]:
        promotions = self._promotions(connector)
        return one_by_one(items, lambda item: _write_one(connector, promotions, item))

    def mirror(
        self,
        session: Session,
        workspace_id: int,
        installation_id: int,
        held: Mapping[str, Held],
    ) -> None:
        gone = [key for key, item in held.items() if item.value is None]
        if gone:
            session.execute(
                delete(ShopPromotion).where(
                    col(ShopPromotion.workspace_id) == workspace_id,
                    col(ShopPromotion.installation_id) == installation_id,
                    col(ShopPromotion.key).in_(gone),
                )
            )
        upsert(
            session,
            ShopPromotion,
            [
                {
                    "installation_id": installation_id,
                    "key": key,
                    "workspace_id": workspace_id,
                    "native_id": item.native_id,
                    "native": item.value,
                    "name": "",
                    "is_active": True,
                    "pull": 0,
                }
                for key, item in held.items()
                if item.value is not None
            ],
        )

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        """Remembers what texts mean that the plan could not know yet."""
        made = [
            Meaning(item.after, promotion_from(item.hints))
            for item in done
            if item.after is not None and item.hints
        ]
        remember(session, stage.workspace_id, stage.installation_id, made)

    def _promotions(self, connector: Connector) -> Promotions:
        promotions = connector.promotions
        if promotions is None:
            raise Rejected("Nothing can be given in the baskets of this store")
        return promotions if self._tells_plugin else without_plugin(promotions)


def _may_be_halfway(item: Item) -> bool:
    return item.intended and item.before is not None and item.after is not None


def _resumed(item: Item, held: HeldPromotion | None) -> Item:
    if held is None:
        return replace(item, before=None) if _may_be_halfway(item) else item
    is_left = item.intended and is_halfway(held.native)
    return replace(item, before=held.native) if is_left else item


def _completed(connector: Connector, promotions: Promotions, item: Item) -> Item:
    """With the text that waited for a group's id. What still cannot be said waits on, and is
    refused, with its reason, when it is to be written."""
    if not is_waiting(item.after):
        return item
    try:
        promotion, after = _compiled(connector, promotions, item)
    except Rejected:
        return item
    hints = promotion_text(promotion)
    return replace(item, after=after, hints=hints, restores=_restores(item, after))


def _compiled(connector: Connector, promotions: Promotions, item: Item) -> tuple[Promotion, str]:
    promotion = with_audiences(waited_for(item.after or ""), connector)
    if any(map(is_placeholder, promotion.group_ids)):
        raise Rejected("Its customer group was not made.")
    return promotion, promotions.compile(promotion)


def with_audiences(promotion: Promotion, connector: Connector) -> Promotion:
    """For the audiences of its groups, as they are called by now."""
    audiences = sorted(connector.audience_id(id_) for id_ in promotion.group_ids)
    return replace(promotion, audience_ids=tuple(audiences))


def _restores(item: Item, after: str) -> str | None:
    """What an undo goes back to is what it writes, in the words of today."""
    if item.restores is None:
        return None
    snapshot = Snapshot.from_text(item.restores)
    if snapshot.ours != snapshot.theirs:
        return item.restores
    return replace(snapshot, ours=after, theirs=after).to_text()


def _write_one(connector: Connector, promotions: Promotions, item: Item) -> None:
    if item.after is None:
        promotions.remove(item.key)
    elif is_waiting(item.after):
        _compiled(connector, promotions, item)  # says why it could not be
        raise Rejected("It could not be said in time; `deliveries retry` tries again.")
    else:
        promotions.write(item.key, item.after)
