"""What points that cannot be spent yet wait for, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import Version, versions
from bridge.earning.handling import ORDER
from bridge.orders.models import HandledOrder
from bridge.points.statement import LotStanding
from bridge.programme.points import After

HAPPENS = {
    After.PLACED: "the order to be placed",
    After.PAID: "the order to be paid",
    After.COMPLETED: "the order to be complete",
}
FROZEN = "somebody to tell what a refund came to: see `loyalty-bridge points frozen`"
UNDECIDED = "news from every store up to the day of the order"
DUE = "the next `loyalty-bridge work`"
NO_DATE = "a day: none was told when it was imported"


def waits_for(
    session: Session, workspace_id: int, lots: Sequence[LotStanding], now: datetime
) -> dict[int, str]:
    """By lot id; a lot without pending points waits for nothing and is left out."""
    pending = [lot for lot in lots if lot.pending]
    orders = _orders(session, workspace_id, pending)
    known = versions(session, workspace_id) if pending else None
    found = {}
    for lot in pending:
        order = orders.get((lot.installation_id, lot.source_id))
        version = known.at(lot.earned_at) if known else None
        found[lot.id] = _waits(lot, order if lot.source_kind == ORDER else None, version, now)
    return found


def _waits(lot: LotStanding, order: Any, version: Version | None, now: datetime) -> str:
    if order is not None and order.is_frozen:
        return FROZEN
    if lot.ripens_at is None:
        settings = version.programme.points if version else None
        if order is None:
            return NO_DATE
        return HAPPENS[settings.ripen.after if settings else After.COMPLETED]
    if lot.ripens_at > now:
        zone = ZoneInfo(version.programme.timezone) if version else ZoneInfo("UTC")
        return f"{lot.ripens_at.astimezone(zone):%Y-%m-%d %H:%M}"
    if order is not None and not order.is_decided:
        return UNDECIDED
    return DUE


def _orders(
    session: Session, workspace_id: int, lots: Sequence[LotStanding]
) -> Mapping[tuple[int, str], Any]:
    wanted: dict[int, list[str]] = {}
    for lot in lots:
        if lot.source_kind == ORDER:
            wanted.setdefault(lot.installation_id, []).append(lot.source_id)
    found: dict[tuple[int, str], Any] = {}
    for installation_id, ids in wanted.items():
        for start in range(0, len(ids), 500):
            rows = session.execute(
                select(
                    col(HandledOrder.order_id),
                    col(HandledOrder.is_frozen),
                    col(HandledOrder.is_decided),
                ).where(
                    col(HandledOrder.workspace_id) == workspace_id,
                    col(HandledOrder.installation_id) == installation_id,
                    col(HandledOrder.order_id).in_(ids[start : start + 500]),
                )
            )
            found |= {(installation_id, row.order_id): row for row in rows}
    return found
