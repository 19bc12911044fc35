"""What came before each of a member's orders, told along the way from one of them on.

Asking the database for the past of each of thousands of orders would read all of them again
each time; this reads them once and adds up.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlmodel import Session, col

from bridge.earning.facts import History
from bridge.earning.judging import Past
from bridge.earning.past import ACTIVITY, EARNING, EVER, NET, EventKey, earned_before
from bridge.kit.money import from_minor
from bridge.orders.history import chronological, from_on, history_before
from bridge.orders.models import HandledOrder
from bridge.orders.totals import Totals
from bridge.points.models import Entry
from bridge.programme.points import PointsSettings
from connectors.base import Basis

OrderKey: TypeAlias = tuple[int, str]
_THOUSANDTH = Decimal("0.001")


@dataclass(slots=True)
class _Sums:
    """Points by time, in order of time; what came since a moment."""

    times: list[datetime] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    total: int = 0

    def add(self, at: datetime, points: int) -> None:
        self.times.append(at)
        self.before.append(self.total)
        self.total += points

    def since(self, moment: datetime) -> int:
        place = bisect_left(self.times, moment)
        return self.total - self.before[place] if place < len(self.times) else 0


class Course:
    """Orders are asked for in their order; what becomes of each is told before the next."""

    def __init__(
        self, session: Session, workspace_id: int, member_id: int, first: EventKey
    ) -> None:
        self._session, self._workspace_id, self._member_id = session, workspace_id, member_id
        self._first = first
        self._totals: dict[OrderKey, Totals] = {}
        self._ahead = self._orders_from_first()
        """The next one last."""
        self._points = self._points_by_order()
        self._activities = self._activities_from_first()
        begun = history_before(session, workspace_id, member_id, *first)
        self._counted = [begun.orders, begun.net, begun.gross, begun.items]
        self._earned, self._done = _Sums(), _Sums()
        self._known: dict[datetime, int] = {}

    def past(self, key: EventKey, settings: PointsSettings, currency: str, zone: ZoneInfo) -> Past:
        self._go_to(key)
        orders, net, gross, items = self._counted
        is_net = settings.basis_of().price is Basis.NET
        history = History(
            orders, from_minor(net if is_net else gross, currency), items * _THOUSANDTH, currency
        )
        day_began = datetime.combine(key[0].astimezone(zone).date(), time(), zone)
        return Past(
            history,
            self._since(day_began) if settings.caps.day else 0,
            self._since(EVER) if settings.caps.member else 0,
        )

    def tell(self, key: OrderKey, totals: Totals, points: int) -> None:
        """What the order comes to and earned, as it is now."""
        self._totals[key] = totals
        self._points[key] = points

    # -- along the way ----------------------------------------------------------------------

    def _go_to(self, key: EventKey) -> None:
        while self._ahead and self._ahead[-1] < key:
            at, installation_id, order_id = self._ahead.pop()
            order = (installation_id, order_id)
            totals = self._totals[order]
            if totals.counts:
                added = (1, totals.net, totals.gross, totals.items)
                self._counted = [sum(pair) for pair in zip(self._counted, added, strict=True)]
            self._earned.add(at, self._points.get(order, 0))
        while self._activities and self._activities[-1][0] < key[0]:
            self._done.add(*self._activities.pop())

    def _since(self, moment: datetime) -> int:
        if moment > self._first[0]:
            return self._earned.since(moment) + self._done.since(moment)
        if moment not in self._known:
            self._known[moment] = earned_before(
                self._session, self._workspace_id, self._member_id, self._first, since=moment
            )
        return self._known[moment] + self._earned.total + self._done.total

    # -- reading ----------------------------------------------------------------------------

    def _orders_from_first(self) -> list[EventKey]:
        rows = self._session.execute(
            select(
                col(HandledOrder.placed_at),
                col(HandledOrder.installation_id),
                col(HandledOrder.order_id),
                col(HandledOrder.net_total),
                col(HandledOrder.gross_total),
                col(HandledOrder.items),
                col(HandledOrder.counts),
            )
            .where(*self._theirs())
            .order_by(*chronological(self._session))
        )
        found: list[EventKey] = []
        for placed_at, installation_id, order_id, net, gross, items, counts in rows:
            found.append((placed_at, installation_id, order_id))
            self._totals[installation_id, order_id] = Totals(net, gross, items, counts)
        return found[::-1]

    def _points_by_order(self) -> dict[OrderKey, int]:
        rows = self._session.execute(
            select(col(HandledOrder.installation_id), col(HandledOrder.order_id), NET)
            .select_from(HandledOrder)
            .join(
                Entry,
                and_(
                    col(Entry.workspace_id) == col(HandledOrder.workspace_id),
                    col(Entry.installation_id) == col(HandledOrder.installation_id),
                    col(Entry.source_kind) == "order",
                    col(Entry.source_id) == col(HandledOrder.order_id),
                ),
            )
            .where(*self._theirs(), EARNING)
            .group_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
        )
        return {(row[0], row[1]): int(row[2]) for row in rows}

    def _activities_from_first(self) -> list[tuple[datetime, int]]:
        """The next one last."""
        rows = self._session.execute(
            select(col(Entry.occurred_at), NET)
            .where(
                col(Entry.workspace_id) == self._workspace_id,
                col(Entry.source_kind) == ACTIVITY,
                col(Entry.source_line) == str(self._member_id),
                col(Entry.occurred_at) >= self._first[0],
                EARNING,
            )
            .group_by(col(Entry.occurred_at))
            .order_by(col(Entry.occurred_at).desc())
        )
        return [(at, int(points)) for at, points in rows]

    def _theirs(self) -> tuple[Any, ...]:
        return (
            col(HandledOrder.workspace_id) == self._workspace_id,
            col(HandledOrder.member_id) == self._member_id,
            from_on(self._session, *self._first),
        )
