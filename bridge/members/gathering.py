"""What still came for a member after he was merged, or after his company took up his points.

Points that were reserved when their account moved come free in the old account, and work that
began before a merge may end after it. Whoever works the queue gathers what lies astray; doing
it again finds nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select, update

from bridge.members.holding import account_holder, cause_of, move_everything
from bridge.members.merging import FOLLOWING
from bridge.members.models import Company, Member
from bridge.members.standing import identity, locked
from bridge.points.models import Account, Holder

BY = "gathering"


def gather(session: Session, workspace_id: int, now: datetime) -> int:
    """Moves it to whom it belongs; says from how many accounts."""
    for table in FOLLOWING:
        _follow_late(session, workspace_id, table)
    astray = _astray(session, workspace_id)
    for member_id in astray:
        standing = locked(session, workspace_id, member_id)
        move_everything(
            session,
            workspace_id,
            (Holder.MEMBER, member_id),
            account_holder(session, standing),
            [identity(standing)],
            cause_of("gather", str(member_id), BY, now),
        )
    return len(astray)


def _astray(session: Session, workspace_id: int) -> list[int]:
    """Members whose own account holds points that are to be in another."""
    rows = session.exec(
        select(Account.holder_id)
        .join(Member, col(Member.id) == col(Account.holder_id))
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == Holder.MEMBER.value,
            col(Member.workspace_id) == workspace_id,
            or_(col(Member.merged_into).is_not(None), col(Company.holds_points)),
            col(Account.available) + col(Account.pending) + col(Account.debt) > 0,
        )
        .order_by(col(Account.holder_id))
    )
    return list(rows)


def _follow_late(session: Session, workspace_id: int, table: Any) -> None:
    late = session.exec(
        select(table.member_id)
        .join(Member, col(Member.id) == col(table.member_id))
        .where(col(table.workspace_id) == workspace_id, col(Member.merged_into).is_not(None))
        .distinct()
    ).all()
    for member_id in sorted(late):
        standing = locked(session, workspace_id, member_id)
        session.exec(
            update(table)
            .where(col(table.workspace_id) == workspace_id, col(table.member_id) == member_id)
            .values(member_id=standing.id)
        )
