"""Members by tier and by segment, and those with most points. Counted when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.figures.money import Money
from bridge.figures.terms import Terms
from bridge.members.addressees import names_of
from bridge.members.models import Member
from bridge.members.segmenting import sizes
from bridge.points.models import Account, Holder

TOP = 10


@dataclass(frozen=True, slots=True)
class TierSize:
    tier: str
    """The key; empty: members without a tier."""
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class SegmentSize:
    segment: str
    members: int
    """As last computed: after something came in, and once a day."""


@dataclass(frozen=True, slots=True)
class TopHolder:
    """An account with many points: a member's, or a company's."""

    holder: Holder
    holder_id: int
    name: str
    available: int
    pending: int
    value: Money | None
    """Of the available ones."""


@dataclass(frozen=True, slots=True)
class MemberFigures:
    members: int
    """Each person once: those who were merged are one."""
    tiers: tuple[TierSize, ...]
    """The lowest first, after those without a tier; empty: the programme has none."""
    segments: tuple[SegmentSize, ...]
    """In the programme's order."""
    top: tuple[TopHolder, ...]
    """Who has most available points."""


def member_figures(session: Session, workspace_id: int, terms: Terms) -> MemberFigures:
    rows = session.execute(
        select(col(Member.tier), func.count())
        .where(col(Member.workspace_id) == workspace_id, col(Member.merged_into).is_(None))
        .group_by(col(Member.tier))
    )
    count = {tier: int(members) for tier, members in rows}
    left = sorted(count.keys() - {"", *(key for key, _ in terms.tiers)})
    named = [("", ""), *terms.tiers, *((key, key) for key in left)]
    in_segment = sizes(session, workspace_id)
    return MemberFigures(
        sum(count.values()),
        tuple(TierSize(key, name, count.get(key, 0)) for key, name in named)
        if terms.tiers or left
        else (),
        tuple(SegmentSize(key, in_segment.get(key, 0)) for key in terms.segments),
        _top(session, workspace_id, terms),
    )


def _top(session: Session, workspace_id: int, terms: Terms) -> tuple[TopHolder, ...]:
    rows = session.execute(
        select(
            col(Account.holder),
            col(Account.holder_id),
            col(Account.available),
            col(Account.pending),
        )
        .where(col(Account.workspace_id) == workspace_id, col(Account.available) > 0)
        .order_by(col(Account.available).desc(), col(Account.id))
        .limit(TOP)
    ).all()
    holders = [(Holder(row[0]), row[1]) for row in rows]
    names = names_of(session, workspace_id, holders)
    return tuple(
        TopHolder(*key, names[key], row[2], row[3], terms.value(row[2]))
        for key, row in zip(holders, rows, strict=True)
    )
