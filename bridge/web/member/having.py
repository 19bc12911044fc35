"""What a member has: his points, or those of his company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.kit.calendar import day_of
from bridge.members.holding import account_holder
from bridge.points.expiring import expired
from bridge.points.models import Holder
from bridge.points.statement import LotStanding, open_lots, standing
from bridge.web.member.visit import Visit


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that go together."""

    points: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Having:
    account_id: int
    """0: he never had any points."""
    is_companys: bool
    available: int
    """Without what has expired and leaves the book with the next work."""
    pending: int
    reserved: int
    """Held for vouchers and rewards."""
    debt: int
    expiring: tuple[Expiring, ...]
    """The next to go, first those that go first."""


MOST_EXPIRING = 5
_A_MOMENT = timedelta.resolution


def having(session: Session, visit: Visit) -> Having:
    app, now = visit.app, visit.app.now()
    holder, holder_id = account_holder(session, visit.member)
    has = standing(session, app.workspace_id, holder, holder_id)
    lots = open_lots(session, app.workspace_id, has.account_id)
    return Having(
        has.account_id,
        holder is Holder.COMPANY,
        has.available - expired(lots, now),
        has.pending,
        has.reserved,
        has.debt,
        expiring(lots, now, visit.merchant.zone)[:MOST_EXPIRING],
    )


def expiring(lots: Sequence[LotStanding], now: datetime, zone: ZoneInfo) -> tuple[Expiring, ...]:
    """By their last day, the first to go first. Pure."""
    by_day: Counter[date] = Counter()
    for lot in lots:
        if lot.expires_at is not None and lot.expires_at > now and lot.available:
            by_day[day_of(lot.expires_at - _A_MOMENT, zone)] += lot.available
    return tuple(Expiring(points, day) for day, points in sorted(by_day.items()))
