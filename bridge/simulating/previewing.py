"""What a changed programme would have given for the orders of a past month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.earning.facts import History
from bridge.earning.judging import Past, asks_the_past, judge
from bridge.earning.past import earned_before
from bridge.kit.money import from_minor
from bridge.kit.progress import Progress
from bridge.orders.models import HandledOrder
from bridge.programme.document import Programme
from bridge.programme.earning_rules import ACTIVITY_KINDS, OCCASION_KINDS
from bridge.simulating.month import Sold, chunks, placed
from connectors.base import Basis

MOST = 50_000
"""Orders that are reckoned: more would keep the process busy for minutes."""
_THOUSANDTH = Decimal("0.001")
RuleKey: TypeAlias = str


@dataclass(frozen=True, slots=True)
class RuleCost:
    """One rule, on both sides."""

    rule: RuleKey
    before: int
    """Points that it would have given as the programme is; 0 too where it has no such rule."""
    after: int
    orders: int
    """Orders for which it gives something on either side."""


@dataclass(frozen=True, slots=True)
class Preview:
    month: date
    """Its first day."""
    currency: str
    rules: tuple[RuleCost, ...]
    """In the changed programme's order; then those that are gone."""
    value_before: Decimal | None
    """Of all points, by the programme's rate; ``None``: they can buy nothing."""
    value_after: Decimal | None
    orders: int
    """That were reckoned."""
    all_orders: int
    """That were placed in the month."""
    members: int
    """Who get another number of points."""
    unreckoned: tuple[RuleKey, ...] = ()
    """Rules that are not about orders (birthdays, reviews…), changed or not."""

    @property
    def before(self) -> int:
        return sum(one.before for one in self.rules)

    @property
    def after(self) -> int:
        return sum(one.after for one in self.rules)


def preview(
    database: Database,
    workspace_id: int,
    before: Programme,
    after: Programme,
    month: date,
    progress: Progress,
) -> Preview:
    """Reckons every order of the month twice, as it stands now (with what was returned since), by
    the rules that judge orders. ``month``: its first day, in the time zone of ``after``."""
    zone = ZoneInfo(after.timezone)
    starts, ends = _bounds(month, zone)
    with database.reading() as session:
        count = placed(session, workspace_id, starts, ends)
    sides = (_Side(before), _Side(after))
    walk = _Walk(workspace_id, starts)
    tally: dict[RuleKey, list[int]] = defaultdict(lambda: [0, 0, 0])
    changed: set[int] = set()
    reckoned = 0
    with progress.task("Reckoning the orders of the month", min(count, MOST), "orders") as task:
        for session, read, orders in chunks(database, workspace_id, starts, ends, MOST):
            walk.begin(session, orders, sides)
            for sold in orders:
                if _reckon(sold, sides, walk, tally):
                    changed.add(sold.buyer.member_id)
            reckoned += read
            task.advance(read)
    rules = _costs(tally, before, after)
    return Preview(
        month,
        after.currency,
        rules,
        _value(before, sum(one.before for one in rules)),
        _value(after, sum(one.after for one in rules)),
        reckoned,
        count,
        len(changed),
        _unreckoned(before, after),
    )


def _bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    first, last = (datetime.combine(one, time(), zone) for one in (month, following))
    return first.astimezone(UTC), last.astimezone(UTC)


@dataclass
class _Side:
    """One of the two programmes, and what members earned by it so far."""

    programme: Programme
    earned: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """In the month, by member."""
    today: dict[tuple[int, date], int] = field(default_factory=lambda: defaultdict(int))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.timezone)

    @property
    def asks(self) -> bool:
        return self.programme.points is not None and asks_the_past(self.programme.points)

    @property
    def has_member_cap(self) -> bool:
        return self.programme.points is not None and self.programme.points.caps.member is not None

    def points(self, sold: Sold, walk: _Walk) -> dict[RuleKey, int]:
        """By rule, and kept for the orders to come."""
        settings = self.programme.points
        if settings is None:
            return {}
        verdict = judge(
            settings,
            sold.order,
            sold.rate,
            sold.facts(self.programme),
            sold.products,
            self.zone,
            past=self._past(sold, walk),
            told=sold.told,
            paid_with_points=sold.paid,
        )
        found: dict[RuleKey, int] = defaultdict(int)
        for (_line, rule), worth in verdict.worth.items():
            found[rule] += worth.points
        total, who = sum(found.values()), sold.buyer.member_id
        self.earned[who] += total
        self.today[who, self._day(sold)] += total
        return found

    def _past(self, sold: Sold, walk: _Walk) -> Past:
        who, settings = sold.buyer.member_id, self.programme.points
        assert settings is not None
        is_net = settings.basis_of().price is Basis.NET
        history = walk.history(who, self.programme.currency, is_net=is_net)
        ever = walk.earned_before_month.get(who, 0) + self.earned[who]
        return Past(history, self.today[who, self._day(sold)], ever)

    def _day(self, sold: Sold) -> date:
        return sold.order.placed_at.astimezone(self.zone).date()


class _Walk:
    """What members bought before each order."""

    def __init__(self, workspace_id: int, starts: datetime) -> None:
        self._workspace_id, self._starts = workspace_id, starts
        self._bought: dict[int, list[int]] = {}
        """By member: orders, net, gross, thousandths of pieces."""
        self.earned_before_month: dict[int, int] = {}

    def begin(self, session: Session, orders: Iterable[Sold], sides: Iterable[_Side]) -> None:
        """Reads the past of members who were not met yet, as far as rules ask for it."""
        fresh = sorted({one.buyer.member_id for one in orders} - self._bought.keys())
        self._bought |= {one: [0, 0, 0, 0] for one in fresh}
        if fresh and any(side.asks for side in sides):
            self._bought |= self._before_month(session, fresh)
        if any(side.has_member_cap for side in sides):
            key = (self._starts, 0, "")
            since = datetime(1970, 1, 1, tzinfo=UTC)
            for who in fresh:
                self.earned_before_month[who] = earned_before(
                    session, self._workspace_id, who, key, since=since
                )

    def history(self, who: int, currency: str, *, is_net: bool) -> History:
        orders, net, gross, items = self._bought[who]
        spent = from_minor(net if is_net else gross, currency)
        return History(orders, spent, items * _THOUSANDTH, currency)

    def add(self, sold: Sold) -> None:
        row = sold.row
        if row.counts:
            added = (1, row.net_total, row.gross_total, row.items)
            so_far = self._bought[sold.buyer.member_id]
            self._bought[sold.buyer.member_id] = [
                sum(pair) for pair in zip(so_far, added, strict=True)
            ]

    def _before_month(self, session: Session, members: list[int]) -> dict[int, list[int]]:
        rows = session.execute(
            select(
                col(HandledOrder.member_id),
                func.count(),
                *(
                    func.coalesce(func.sum(case((col(HandledOrder.counts).is_(True), one))), 0)
                    for one in (
                        col(HandledOrder.net_total),
                        col(HandledOrder.gross_total),
                        col(HandledOrder.items),
                    )
                ),
            )
            .where(
                col(HandledOrder.workspace_id) == self._workspace_id,
                col(HandledOrder.member_id).in_(members),
                col(HandledOrder.placed_at) < self._starts,
                col(HandledOrder.counts).is_(True),
            )
            .group_by(col(HandledOrder.member_id))
        )
        return {row[0]: [int(value) for value in row[1:]] for row in rows}


def _reckon(
    sold: Sold,
    sides: tuple[_Side, _Side],
    walk: _Walk,
    tally: dict[RuleKey, list[int]],
) -> bool:
    """Whether the order's points differ."""
    was, would = (side.points(sold, walk) for side in sides)
    walk.add(sold)
    for rule in was.keys() | would.keys():
        one = tally[rule]
        one[0] += was.get(rule, 0)
        one[1] += would.get(rule, 0)
        one[2] += 1
    return sum(was.values()) != sum(would.values())


def _costs(
    tally: Mapping[RuleKey, list[int]], before: Programme, after: Programme
) -> tuple[RuleCost, ...]:
    names = [*_rules(after), *(one for one in _rules(before) if one not in _rules(after))]
    skipped = {*_unreckoned(before, after)}
    return tuple(RuleCost(one, *tally.get(one, (0, 0, 0))) for one in names if one not in skipped)


def _rules(programme: Programme) -> Mapping[RuleKey, object]:
    return programme.points.rules if programme.points is not None else {}


def _unreckoned(before: Programme, after: Programme) -> tuple[RuleKey, ...]:
    found = {}
    for programme in (before, after):
        for key, rule in (programme.points.rules if programme.points else {}).items():
            found[key] = rule.kind in (*ACTIVITY_KINDS, *OCCASION_KINDS)
    return tuple(key for key, is_other in found.items() if is_other)


def _value(programme: Programme, points: int) -> Decimal | None:
    if programme.redemption is None:
        return None
    rate = programme.redemption.rate
    return points * rate.amount / rate.points
