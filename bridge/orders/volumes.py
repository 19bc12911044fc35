"""What members bought: spend, pieces and orders, summed up by the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.orders.models import HandledOrder
from connectors.base import Basis

_CHUNK = 1_000
"""How many members one statement names; SQLite has a limit."""


@dataclass(frozen=True, slots=True)
class Volume:
    spend: int = 0
    """Goods after discounts, less refunds; minor units of the programme's currency."""
    items: int = 0
    """Pieces kept, in thousandths."""
    orders: int = 0
    last_at: datetime | None = None
    """When the last of them was placed."""


NO_VOLUME = Volume()


def volumes(
    session: Session,
    workspace_id: int,
    member_ids: Iterable[int] | None,
    since: datetime | None,
    *,
    until: datetime | None = None,
    basis: Basis = Basis.NET,
) -> Mapping[int, Volume]:
    """Of counted orders placed from ``since`` on and before ``until``, over all stores, by
    member; one who bought nothing is left out. ``member_ids``: ``None`` means everybody."""
    total = HandledOrder.net_total if basis is Basis.NET else HandledOrder.gross_total
    which = [
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.counts).is_(True),
        col(HandledOrder.member_id).is_not(None),
    ]
    if since is not None:
        which.append(col(HandledOrder.placed_at) >= since)
    if until is not None:
        which.append(col(HandledOrder.placed_at) < until)
    summed = (
        select(
            col(HandledOrder.member_id),
            func.coalesce(func.sum(col(total)), 0),
            func.coalesce(func.sum(col(HandledOrder.items)), 0),
            func.count(),
            func.max(col(HandledOrder.placed_at)),
        )
        .where(*which)
        .group_by(col(HandledOrder.member_id))
    )
    if member_ids is None:
        parts = [summed]
    else:
        wanted = sorted(set(member_ids))
        parts = [
            summed.where(col(HandledOrder.member_id).in_(wanted[start : start + _CHUNK]))
            for start in range(0, len(wanted), _CHUNK)
        ]
    return {
        member_id: Volume(int(spend), int(items), orders, last_at)
        for part in parts
        for member_id, spend, items, orders, last_at in session.execute(part)
    }
