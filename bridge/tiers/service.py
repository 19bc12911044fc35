"""Deciding each member's tier, from what was bought over all stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from bridge.db import Database
from bridge.kit.clock import Clock
from bridge.kit.errors import BridgeError
from bridge.kit.money import from_minor
from bridge.letters.models import LetterKind
from bridge.letters.queue import NewLetter, queue
from bridge.members.models import Member
from bridge.orders.volumes import NO_VOLUME, volumes
from bridge.orders.volumes import Volume as Bought
from bridge.points.models import Account, Holder
from bridge.programme.document import Programme
from bridge.programme.points import PointsSettings
from bridge.programme.service import current
from bridge.tiers.models import TierChange
from bridge.tiers.rules import Override, TierDecision, Volume, decide, window_start
from connectors.base import Basis
from connectors.sentences import sentence

BATCH = 500
"""Members of one transaction."""
_THOUSANDTH = Decimal("0.001")


class UnknownTier(BridgeError):
    def __init__(self, tier: str, known: Sequence[str]) -> None:
        names = ", ".join(known) or "none"
        super().__init__(
            sentence(
                'The programme has no tier "%(tier)s"; it has %(names)s.', tier=tier, names=names
            )
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's tier as it is, and as it would be decided now."""

    member_id: int
    current: str
    decision: TierDecision
    volumes: Mapping[str, Volume]
    """By tier, each in its own window."""
    was_given: bool
    """By a person."""

    @property
    def moves(self) -> bool:
        return self.current != self.decision.tier


def review(database: Database, workspace_id: int, clock: Clock) -> list[Standing]:
    """Decides every member's tier and stores it; those whose tier changed. Repeatable.

    Whoever reads a member beside this sees the old tier or the new one, never half of it.
    """
    moved: list[Standing] = []
    last = 0
    while True:
        with database.writing() as session:
            found = standings(session, workspace_id, clock(), after=last, most=BATCH)
            _store(session, workspace_id, found.changed, clock())
            _tell(session, workspace_id, found, clock())
        moved += [one for one in found.changed if one.moves]
        last = found.last
        if not last:
            return moved


def review_one(session: Session, workspace_id: int, member_id: int, now: datetime) -> None:
    """Decides one member's tier, in this unit of work: what a person decided holds at once."""
    found = standings(session, workspace_id, now, member_ids=[member_id])
    _store(session, workspace_id, found.changed, now)
    _tell(session, workspace_id, found, now)


@dataclass(frozen=True, slots=True)
class Found:
    standings: Sequence[Standing]
    changed: Sequence[Standing]
    """Whose tier, its beginning or its end is another than what is stored."""
    last: int
    """The last member's id; 0: there are no more."""
    order: Sequence[str] = ()
    """The programme's tiers, lowest first."""


def standings(
    session: Session,
    workspace_id: int,
    now: datetime,
    *,
    after: int = 0,
    most: int | None = None,
    member_ids: Sequence[int] | None = None,
) -> Found:
    """What :func:`review` would decide; stores nothing."""
    found = current(session, workspace_id)
    if found is None or not found[1].tiers:
        return Found((), (), 0)
    programme = found[1]
    zone = ZoneInfo(programme.timezone)
    rows = _members(session, workspace_id, after, most, member_ids)
    bought = _bought(session, workspace_id, programme, [row.id for row in rows], now, zone)
    decided, changed = [], []
    for row in rows:
        standing = _decide(row, programme, bought, now, zone)
        decided.append(standing)
        given = standing.decision
        if (row.tier, row.tier_since, row.tier_until) != (given.tier, given.since, given.until):
            changed.append(standing)
    full = most is not None and len(rows) == most
    return Found(decided, changed, rows[-1].id if full else 0, tuple(programme.tiers))


def give_by_hand(
    session: Session, workspace_id: int, member_id: int, tier: str, until: datetime | None
) -> None:
    """A person's decision; empty: no tier at all. Raises :class:`UnknownTier`."""
    found = current(session, workspace_id)
    known = list(found[1].tiers) if found else []
    if tier and tier not in known:
        raise UnknownTier(tier, known)
    session.execute(
        update(Member)
        .where(col(Member.workspace_id) == workspace_id, col(Member.id) == member_id)
        .values(tier_override=tier, tier_override_until=until)
    )


def decide_by_rules(session: Session, workspace_id: int, member_id: int, now: datetime) -> None:
    """A person's decision ends now: the next :func:`review` goes by the rules, without grace."""
    session.execute(
        update(Member)
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.id) == member_id,
            col(Member.tier_override).is_not(None),
        )
        .values(tier_override_until=now)
    )


def _members(
    session: Session,
    workspace_id: int,
    after: int,
    most: int | None,
    member_ids: Sequence[int] | None,
) -> Sequence[Any]:
    which = [
        col(Member.workspace_id) == workspace_id,
        col(Member.merged_into).is_(None),
        col(Member.id) > after,
    ]
    if member_ids is not None:
        which.append(col(Member.id).in_(member_ids))
    return session.execute(
        select(
            col(Member.id),
            col(Member.tier),
            col(Member.tier_since),
            col(Member.tier_until),
            col(Member.tier_override),
            col(Member.tier_override_until),
            col(Member.joined_at),
        )
        .where(*which)
        .order_by(col(Member.id))
        .limit(most)
    ).all()


def _bought(
    session: Session,
    workspace_id: int,
    programme: Programme,
    member_ids: Sequence[int],
    now: datetime,
    zone: ZoneInfo,
) -> Callable[[int, str], Volume]:
    """What a member bought in a tier's window. Tiers that share a window share the question."""
    basis = (programme.points or PointsSettings()).with_price(programme.prices_are).basis_of().price
    asked: dict[datetime | None, Mapping[int, Bought]] = {}
    starts: dict[str, datetime | None] = {}
    for key, tier in programme.tiers.items():
        start = starts[key] = window_start(tier, now, zone)
        if start not in asked:
            asked[start] = volumes(
                session,
                workspace_id,
                member_ids,
                start,
                basis=Basis.NET if basis is Basis.NET else Basis.GROSS,
            )

    def volume(member_id: int, tier: str) -> Volume:
        found = asked[starts[tier]].get(member_id, NO_VOLUME)
        return Volume(
            from_minor(found.spend, programme.currency), found.items * _THOUSANDTH, found.orders
        )

    return volume


def _decide(
    row: Any,
    programme: Programme,
    bought: Callable[[int, str], Volume],
    now: datetime,
    zone: ZoneInfo,
) -> Standing:
    given = row.tier_override
    own = {key: bought(row.id, key) for key in programme.tiers}
    decision = decide(
        programme.tiers,
        row.tier,
        row.tier_since,
        row.tier_until,
        None if given is None else Override(given, row.tier_override_until),
        own,
        row.joined_at,
        now,
        zone,
    )
    return Standing(row.id, row.tier, decision, own, given is not None)


def _store(session: Session, workspace_id: int, changed: Sequence[Standing], now: datetime) -> None:
    if not changed:
        return
    session.connection().execute(
        update(Member.__table__)  # type: ignore[attr-defined]
        .where(col(Member.workspace_id) == workspace_id, col(Member.id) == bindparam("this_member"))
        .values(
            tier=bindparam("new_tier"),
            tier_since=bindparam("new_since"),
            tier_until=bindparam("new_until"),
        ),
        [
            {
                "this_member": one.member_id,
                "new_tier": one.decision.tier,
                "new_since": one.decision.since,
                "new_until": one.decision.until,
            }
            for one in changed
        ],
    )
    moved = [one for one in changed if one.moves]
    _keep(session, workspace_id, moved, now)
    _forget_ended(session, workspace_id, now)
    _show(session, workspace_id, [one.member_id for one in moved])


def _keep(session: Session, workspace_id: int, moved: Sequence[Standing], now: datetime) -> None:
    """Who had which tier when can be told afterwards."""
    if moved:
        session.connection().execute(
            insert(TierChange),
            [
                {
                    "workspace_id": workspace_id,
                    "member_id": one.member_id,
                    "before": one.current,
                    "after": one.decision.tier,
                    "at": now,
                }
                for one in moved
            ],
        )


def _tell(session: Session, workspace_id: int, found: Found, now: datetime) -> None:
    """Who has a higher tier than before is written to."""
    place = {tier: number for number, tier in enumerate(found.order, start=1)}
    queue(
        session,
        workspace_id,
        LetterKind.TIER,
        [
            NewLetter(f"{one.member_id}/{to}/{now.isoformat()}", one.member_id, {"tier": to})
            for one in found.changed
            if place.get(to := one.decision.tier, 0) > place.get(one.current, 0)
        ],
        now,
    )


def _forget_ended(session: Session, workspace_id: int, now: datetime) -> None:
    session.execute(
        update(Member)
        .where(col(Member.workspace_id) == workspace_id, col(Member.tier_override_until) <= now)
        .values(tier_override=None, tier_override_until=None)
    )


def _show(session: Session, workspace_id: int, member_ids: Sequence[int]) -> None:
    """Shops that show the tier are to be told."""
    if member_ids:
        session.execute(
            update(Account)
            .where(
                col(Account.workspace_id) == workspace_id,
                col(Account.holder) == Holder.MEMBER.value,
                col(Account.holder_id).in_(member_ids),
            )
            .values(push_due=True)
        )
