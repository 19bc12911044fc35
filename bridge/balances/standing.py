"""What a member is shown of his points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.members.models import Company, Member
from bridge.points.models import Account, Holder, Lot
from bridge.programme.document import Programme
from connectors.sales import Balance

_INSTANT = timedelta(microseconds=1)


def balances_of(
    session: Session, workspace_id: int, programme: Programme | None, member_ids: Iterable[int]
) -> dict[int, Balance]:
    """By member; of a company that holds its people's points together, the company's."""
    ids = sorted(set(member_ids))
    if not ids:
        return {}
    members = session.execute(
        select(col(Member.id), col(Member.tier), col(Member.company_id), col(Company.holds_points))
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids))
    ).all()
    holders = {
        row.id: (Holder.COMPANY, row.company_id) if row.holds_points else (Holder.MEMBER, row.id)
        for row in members
    }
    accounts = _accounts(session, workspace_id, set(holders.values()))
    expiring = _expiring(session, workspace_id, [row[0] for row in accounts.values()])
    zone = ZoneInfo(programme.timezone if programme else "UTC")
    tiers = programme.tiers if programme else {}
    found = {}
    for row in members:
        account_id, available, pending = accounts.get(holders[row.id], (0, 0, 0))
        points, ends = expiring.get(account_id, (0, None))
        tier = tiers.get(row.tier)
        found[row.id] = Balance(
            available=available,
            pending=pending,
            tier=tier.name if tier else "",
            tier_key=row.tier if tier else "",
            expiring=points,
            expires_on=_last_day(ends, zone),
        )
    return found


def _accounts(
    session: Session, workspace_id: int, holders: set[tuple[Holder, int]]
) -> dict[tuple[Holder, int], tuple[int, int, int]]:
    found = {}
    for kind in Holder:
        ids = [holder_id for holder, holder_id in holders if holder is kind]
        rows = session.execute(
            select(
                col(Account.holder_id),
                col(Account.id),
                col(Account.available),
                col(Account.pending),
            ).where(
                col(Account.workspace_id) == workspace_id,
                col(Account.holder) == kind.value,
                col(Account.holder_id).in_(ids),
            )
        )
        for holder_id, account_id, available, pending in rows:
            assert account_id is not None
            found[kind, holder_id] = (account_id, available, pending)
    return found


def _expiring(
    session: Session, workspace_id: int, account_ids: list[int]
) -> dict[int, tuple[int, datetime]]:
    """What expires next, by account."""
    rows = session.execute(
        select(col(Lot.account_id), col(Lot.expires_at), func.sum(col(Lot.available)))
        .where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.account_id).in_(account_ids),
            col(Lot.available) > 0,
            col(Lot.expires_at).is_not(None),
        )
        .group_by(col(Lot.account_id), col(Lot.expires_at))
        .order_by(col(Lot.account_id), col(Lot.expires_at).desc())
    )
    return {account_id: (int(points), ends) for account_id, ends, points in rows if ends}


def _last_day(ends: datetime | None, zone: ZoneInfo) -> str:
    """Points are there up to this day and on it."""
    return "" if ends is None else (ends - _INSTANT).astimezone(zone).date().isoformat()
