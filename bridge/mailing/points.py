"""What the book says for a letter, when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlmodel import Session, col

from bridge.kit.calendar import day_end
from bridge.members.models import Company, Member
from bridge.points.models import Account, Entry, Holder, Lot, Place

EARNED_FROM = (Place.ISSUED.value, Place.PENDING.value)
"""Where points come from that somebody earned: what a person gave or brought along is not told."""
_LOST_TO = (Place.ISSUED.value, Place.DEBT.value)


def became_available() -> ColumnElement[bool]:
    return and_(col(Entry.credit) == Place.AVAILABLE.value, col(Entry.debit).in_(EARNED_FROM))


def gained(session: Session, workspace_id: int, details: Mapping[str, Any]) -> int:
    """Points that became available in the letter's period or by its cause, less what was taken
    back of them or paid what was owed."""
    lost = and_(col(Entry.debit) == Place.AVAILABLE.value, col(Entry.credit).in_(_LOST_TO))
    points = case((became_available(), col(Entry.points)), (lost, -col(Entry.points)), else_=0)
    found = session.execute(
        select(func.coalesce(func.sum(points), 0)).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.account_id) == int(details["account"]),
            *_which(details),
        )
    ).scalar_one()
    return int(found)


def _which(details: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    if "since" in details:
        return [
            col(Entry.posted_at) > datetime.fromisoformat(details["since"]),
            col(Entry.posted_at) <= datetime.fromisoformat(details["until"]),
        ]
    return [
        col(Entry.installation_id) == int(details["installation"]),
        col(Entry.source_kind) == details["source_kind"],
        col(Entry.source_id) == details["source_id"],
    ]


def day_in(details: Mapping[str, Any]) -> date:
    return date.fromisoformat(details["day"])


def balance(session: Session, member: Member) -> int:
    """What he can spend; his company's where it holds the points."""
    account = _account(session, member)
    return 0 if account is None else account.available


def expiring(session: Session, member: Member, day: date, zone: ZoneInfo, now: datetime) -> int:
    """What of his points is still there and expires until the end of this day."""
    account = _account(session, member)
    if account is None:
        return 0
    found = session.execute(
        select(func.coalesce(func.sum(col(Lot.available)), 0)).where(
            col(Lot.workspace_id) == member.workspace_id,
            col(Lot.account_id) == account.id,
            col(Lot.available) > 0,
            col(Lot.expires_at) > now,
            col(Lot.expires_at) <= day_end(day, zone),
        )
    ).scalar_one()
    return int(found)


def _account(session: Session, member: Member) -> Account | None:
    holder, holder_id = Holder.MEMBER, member.id
    if member.company_id is not None:
        company = session.get(Company, member.company_id)
        if company is not None and company.holds_points:
            holder, holder_id = Holder.COMPANY, company.id
    return session.execute(
        select(Account)
        .where(
            col(Account.workspace_id) == member.workspace_id,
            col(Account.holder) == holder.value,
            col(Account.holder_id) == holder_id,
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
