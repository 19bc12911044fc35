"""Members' tiers, and what they bought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.models import FollowedClock
from bridge.points.models import Account, Holder
from bridge.reconciling.books import Books
from bridge.reconciling.findings import Finding
from bridge.reconciling.overdue import AFTER_WORK, last_work
from bridge.tiers.service import BATCH, Standing, review, standings

TIER = "member-tier"
_DAYS = "days"
"""The clock of what is done once a day: tiers among it."""


def find(books: Books) -> Iterator[Finding]:
    last = 0
    while True:
        with books.looking() as session:
            now = books.clock()
            found = standings(session, books.workspace_id, now, after=last, most=BATCH)
            moving = [one for one in found.standings if one.moves]
            wrong = _not_only_due(session, books, moving, now)
        for one in wrong:
            yield Finding(
                TIER,
                f"member {one.member_id}",
                f"He has {_named(one.current)}, and the rules give him "
                f"{_named(one.decision.tier)}: {one.decision.reason}.",
                "The tier, or what it was decided by, was changed past the bridge.",
                "Decide it anew.",
                lambda: bool(review(books.database, books.workspace_id, books.clock)),
            )
        last = found.last
        if not last:
            return


def _not_only_due(
    session: Session, books: Books, moving: list[Standing], now: datetime
) -> list[Standing]:
    """Without those whom the next review of tiers moves as it should: because of a new day, or
    of something that has just come in."""
    if not moving:
        return []
    ids = [one.member_id for one in moving]
    since = (last_work(session, books) or now) - AFTER_WORK
    fresh = set(
        session.execute(
            select(col(Account.holder_id)).where(
                col(Account.workspace_id) == books.workspace_id,
                col(Account.holder) == Holder.MEMBER.value,
                col(Account.holder_id).in_(ids),
                col(Account.push_due).is_(True),
                col(Account.changed_at) > since,
            )
        ).scalars()
    )
    followed = session.get(FollowedClock, (books.workspace_id, _DAYS))
    moved_then = set(ids)
    if followed is not None:
        then = standings(session, books.workspace_id, followed.through, member_ids=ids)
        moved_then = {one.member_id for one in then.standings if one.moves}
    return [one for one in moving if one.member_id in moved_then - fresh]


def _named(tier: str) -> str:
    return f"the tier {tier}" if tier else "no tier"
