"""A member's orders in their order: by business time, then installation, then the order's id.

The order is the same on every database and in Python: ids are compared character by character.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, collate, not_, or_
from sqlmodel import Session, col, func, select

from bridge.orders.models import HandledOrder


class OrderKey(NamedTuple):
    installation_id: int
    order_id: str


@dataclass(frozen=True, slots=True)
class History:
    """Counted orders together: neither cancelled nor returned whole."""

    orders: int = 0
    net: int = 0
    """Goods after discounts, less refunds; minor units of the programme's currency."""
    gross: int = 0
    items: int = 0
    """Pieces kept, in thousandths."""


def history_before(
    session: Session,
    workspace_id: int,
    member_id: int,
    placed_at: datetime,
    installation_id: int,
    order_id: str,
    *,
    since: datetime | None = None,
) -> History:
    """The member's counted orders that come before this one, in any store; from ``since`` on,
    where it is given. The order itself need not be stored."""
    which = [
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.member_id) == member_id,
        col(HandledOrder.counts).is_(True),
        before(session, placed_at, installation_id, order_id),
    ]
    if since is not None:
        which.append(col(HandledOrder.placed_at) >= since)
    row = session.exec(
        select(
            func.count(),
            func.coalesce(func.sum(HandledOrder.net_total), 0),
            func.coalesce(func.sum(HandledOrder.gross_total), 0),
            func.coalesce(func.sum(HandledOrder.items), 0),
        ).where(*which)
    ).one()
    return History(*(int(value) for value in row))


def orders_after(
    session: Session,
    workspace_id: int,
    member_id: int,
    placed_at: datetime,
    installation_id: int,
    order_id: str,
    *,
    decided: bool = True,
) -> list[OrderKey]:
    """Decided orders of the member that come later, in their order: what was decided for them
    may have to be corrected. Else those that are not decided yet."""
    rows = session.exec(
        select(HandledOrder.installation_id, HandledOrder.order_id)
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id) == member_id,
            col(HandledOrder.is_decided).is_(decided),
            _after(session, placed_at, installation_id, order_id),
        )
        .order_by(*chronological(session))
    )
    return [OrderKey(*row) for row in rows]


def chronological(session: Session) -> tuple[Any, ...]:
    """What stored orders are sorted by."""
    return col(HandledOrder.placed_at), col(HandledOrder.installation_id), _exact(session)


def before(
    session: Session, placed_at: datetime, installation_id: int, order_id: str
) -> ColumnElement[bool]:
    """The condition on a stored order of coming before this one."""
    same_time = col(HandledOrder.placed_at) == placed_at
    same_shop = col(HandledOrder.installation_id) == installation_id
    return and_(
        # So that an index serves.
        col(HandledOrder.placed_at) <= placed_at,
        or_(
            col(HandledOrder.placed_at) < placed_at,
            and_(same_time, col(HandledOrder.installation_id) < installation_id),
            and_(same_time, same_shop, _exact(session) < order_id),
        ),
    )


def from_on(
    session: Session, placed_at: datetime, installation_id: int, order_id: str
) -> ColumnElement[bool]:
    """The condition on a stored order of being this one or coming later."""
    return and_(
        # So that an index serves.
        col(HandledOrder.placed_at) >= placed_at,
        not_(before(session, placed_at, installation_id, order_id)),
    )


def _after(
    session: Session, placed_at: datetime, installation_id: int, order_id: str
) -> ColumnElement[bool]:
    same_time = col(HandledOrder.placed_at) == placed_at
    same_shop = col(HandledOrder.installation_id) == installation_id
    return and_(
        col(HandledOrder.placed_at) >= placed_at,
        or_(
            col(HandledOrder.placed_at) > placed_at,
            and_(same_time, col(HandledOrder.installation_id) > installation_id),
            and_(same_time, same_shop, _exact(session) > order_id),
        ),
    )


def _exact(session: Session) -> ColumnElement[str]:
    """The order's id, compared by characters and not as a language sorts them."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return collate(col(HandledOrder.order_id), "BINARY" if on_sqlite else "C")
