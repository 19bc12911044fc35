"""What a buyer's earlier orders and activities come to, when an order is decided."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, select
from sqlmodel import Session, col

from bridge.earning.batch import Buyer
from bridge.earning.facts import History
from bridge.earning.judging import Past
from bridge.kit.money import from_minor
from bridge.orders.history import before, history_before
from bridge.orders.models import HandledOrder
from bridge.points.granting import GIVEN, TAKEN
from bridge.points.models import Entry
from bridge.programme.points import PointsSettings
from connectors.base import Basis
from connectors.sales import Order

ACTIVITY = "activity"
EventKey: TypeAlias = tuple[datetime, int, str]
"""Business time, installation id, id: what decides in which order events count."""
_THOUSANDTH = Decimal("0.001")
EVER = datetime(1970, 1, 1, tzinfo=UTC)


NET: Any = func.coalesce(
    func.sum(case((col(Entry.effect).in_(GIVEN), col(Entry.points)), else_=-col(Entry.points))), 0
)
"""What was earned, less what was taken back, of entries with :data:`EARNING`."""
EARNING = col(Entry.effect).in_([*GIVEN, *TAKEN])


def past_of(
    session: Session,
    workspace_id: int,
    buyer: Buyer,
    installation_id: int,
    order: Order,
    settings: PointsSettings,
    currency: str,
    zone: ZoneInfo,
) -> Past:
    """Of the member's orders before this one in the order of (business time, installation,
    order id), whichever store they were placed in."""
    summed = history_before(
        session, workspace_id, buyer.member_id, order.placed_at, installation_id, order.id
    )
    is_net = settings.basis_of().price is Basis.NET
    history = History(
        summed.orders,
        from_minor(summed.net if is_net else summed.gross, currency),
        summed.items * _THOUSANDTH,
        currency,
    )
    key = (order.placed_at, installation_id, order.id)
    return Past(history, *earned_by_then(session, workspace_id, buyer, key, settings, zone))


def earned_by_then(
    session: Session,
    workspace_id: int,
    buyer: Buyer,
    key: EventKey,
    settings: PointsSettings,
    zone: ZoneInfo,
) -> tuple[int, int]:
    """What the member earned before, on the same day and ever; 0 where no cap asks for it."""
    day_began = datetime.combine(key[0].astimezone(zone).date(), time(), zone)
    asked = (session, workspace_id, buyer.member_id, key)
    return (
        earned_before(*asked, since=day_began) if settings.caps.day else 0,
        earned_before(*asked, since=EVER) if settings.caps.member else 0,
    )


def earned_before(
    session: Session,
    workspace_id: int,
    member_id: int,
    key: EventKey,
    *,
    since: datetime,
) -> int:
    """What the book holds of earlier orders and activities, less what was taken back."""
    orders = (
        select(NET)
        .select_from(Entry)
        .join(
            HandledOrder,
            and_(
                col(Entry.installation_id) == col(HandledOrder.installation_id),
                col(Entry.source_id) == col(HandledOrder.order_id),
            ),
        )
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.source_kind) == "order",
            EARNING,
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id) == member_id,
            before(session, *key),
            col(HandledOrder.placed_at) >= since,
        )
    )
    activities = select(NET).where(
        col(Entry.workspace_id) == workspace_id,
        col(Entry.source_kind) == ACTIVITY,
        EARNING,
        col(Entry.source_line) == str(member_id),
        col(Entry.occurred_at) < key[0],
        col(Entry.occurred_at) >= since,
    )
    return sum(int(session.execute(part).scalar_one()) for part in (orders, activities))
