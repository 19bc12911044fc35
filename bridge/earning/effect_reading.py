"""What the members inside a rule's share did, beside the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, and_, case, cast, func, select
from sqlmodel import Session, col

from bridge.earning.batch import Version, Versions, versions
from bridge.earning.conditions import is_in_share
from bridge.earning.effect import Sample, Test, compared, sample
from bridge.earning.past import ACTIVITY
from bridge.kit.calendar import day_end, day_start
from bridge.kit.errors import BridgeError
from bridge.kit.money import from_minor
from bridge.kit.suggestions import did_you_mean
from bridge.members.models import Member
from bridge.orders.models import HandledOrder
from bridge.orders.volumes import Volume, volumes
from bridge.points.granting import GIVEN, TAKEN
from bridge.points.models import Entry
from bridge.programme.earning_rules import EarningRule


@dataclass(slots=True)
class GroupEffect:
    members: int = 0
    buyers: int = 0
    """Who ordered anything."""
    orders: int = 0
    spend: int = 0
    """Minor units of the programme's currency."""
    points: int = 0
    """What the rule gave, less what was taken back."""
    bought: list[Volume] = field(default_factory=list)

    def add(self, volume: Volume | None, points: int) -> None:
        self.members += 1
        self.points += points
        if volume is not None:
            self.buyers += 1
            self.orders += volume.orders
            self.spend += volume.spend
            self.bought.append(volume)


@dataclass(frozen=True, slots=True)
class Effect:
    rule: str
    share: int
    since: datetime
    until: datetime
    currency: str
    inside: GroupEffect
    rest: GroupEffect
    orders: Test
    spend: Test

    def spend_per_member(self, group: GroupEffect) -> Decimal:
        total = from_minor(group.spend, self.currency)
        return total / group.members if group.members else Decimal(0)


def effects(
    session: Session,
    workspace_id: int,
    now: datetime,
    *,
    rule: str = "",
    since: datetime | None = None,
) -> list[Effect]:
    """Of every rule that the newest programme has for a share of the members, or of one.

    Counted are orders placed since the rule came into the programme with this share (or its
    first day, or ``since``) and before its last day has passed. Everybody counts who is a
    member now, also who bought nothing. Raises BridgeError for a rule that is none, or that
    holds for everybody.
    """
    known = versions(session, workspace_id)
    newest = known.newest
    settings = newest.programme.points if newest else None
    if newest is None or settings is None:
        raise BridgeError("The programme has no points: there is no rule to look at.")
    _check(rule, settings.rules)
    members = _members(session, workspace_id)
    return [
        _effect(session, workspace_id, members, key, one, known, newest, now, since)
        for key, one in settings.rules.items()
        if one.share < 100 and rule in ("", key)
    ]


def _check(rule: str, rules: Mapping[str, EarningRule]) -> None:
    if rule and rule not in rules:
        raise BridgeError(f"The programme has no rule `{rule}`. {did_you_mean(rule, rules)}")
    if rule and rules[rule].share == 100:
        raise BridgeError(
            f"The rule `{rule}` holds for everybody, so there is nobody to compare with: give it "
            "a share, like `share: 50`."
        )


def _effect(
    session: Session,
    workspace_id: int,
    members: Sequence[int],
    key: str,
    rule: EarningRule,
    known: Versions,
    newest: Version,
    now: datetime,
    since: datetime | None,
) -> Effect:
    zone = ZoneInfo(newest.programme.timezone)
    began = since or _began(key, rule, known, zone)
    ended = min(now, day_end(rule.until, zone)) if rule.until else now
    settings = newest.programme.points
    assert settings is not None
    basis = settings.basis_of().side
    bought = volumes(session, workspace_id, None, began, until=ended, basis=basis)
    points = _points(session, workspace_id, key, began, ended)
    groups = {True: GroupEffect(), False: GroupEffect()}
    for member_id in members:
        group = groups[is_in_share(key, rule.share, member_id)]
        group.add(bought.get(member_id), points.get(member_id, 0))
    inside, rest = groups[True], groups[False]
    currency = newest.programme.currency
    return Effect(
        key,
        rule.share,
        began,
        ended,
        currency,
        inside,
        rest,
        compared(_orders(inside), _orders(rest)),
        compared(_spend(inside, currency), _spend(rest, currency)),
    )


def _orders(group: GroupEffect) -> Sample:
    return sample((one.orders for one in group.bought), group.members - group.buyers)


def _spend(group: GroupEffect, currency: str) -> Sample:
    amounts = (float(from_minor(one.spend, currency)) for one in group.bought)
    return sample(amounts, group.members - group.buyers)


def _began(key: str, rule: EarningRule, known: Versions, zone: ZoneInfo) -> datetime:
    """Since when the share has been what it is, without a break."""
    began = known.known[-1].since
    for version in reversed(known.known):
        settings = version.programme.points
        before = settings.rules.get(key) if settings else None
        if before is None or before.share != rule.share:
            break
        began = version.since
    return max(began, day_start(rule.starts, zone)) if rule.starts else began


def _members(session: Session, workspace_id: int) -> list[int]:
    found = session.execute(
        select(col(Member.id)).where(
            col(Member.workspace_id) == workspace_id, col(Member.merged_into).is_(None)
        )
    ).scalars()
    return [member_id for member_id in found if member_id is not None]


def _points(
    session: Session, workspace_id: int, rule: str, since: datetime, until: datetime
) -> dict[int, int]:
    """What the rule gave in that time, by member."""
    net = func.sum(
        case((col(Entry.effect).in_(GIVEN), col(Entry.points)), else_=-col(Entry.points))
    )
    given = [
        col(Entry.workspace_id) == workspace_id,
        col(Entry.rule) == rule,
        col(Entry.effect).in_([*GIVEN, *TAKEN]),
        col(Entry.occurred_at) >= since,
        col(Entry.occurred_at) < until,
    ]
    orders = (
        select(col(HandledOrder.member_id), net)
        .select_from(Entry)
        .join(
            HandledOrder,
            and_(
                col(Entry.installation_id) == col(HandledOrder.installation_id),
                col(Entry.source_id) == col(HandledOrder.order_id),
            ),
        )
        .where(*given, col(Entry.source_kind) == "order")
        .group_by(col(HandledOrder.member_id))
    )
    told = (
        select(cast(col(Entry.source_line), Integer), net)
        .where(*given, col(Entry.source_kind).in_([ACTIVITY, "occasion"]))
        .group_by(col(Entry.source_line))
    )
    found: dict[int, int] = {}
    for statement in (orders, told):
        for member_id, points in session.execute(statement):
            if member_id is not None:
                found[member_id] = found.get(member_id, 0) + int(points)
    return found
