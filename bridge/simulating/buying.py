"""Who buys, and as whom in each shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.earning.batch import Buyer
from bridge.members.finding import UnknownMember, member_named
from bridge.members.models import Company, Member, MemberCustomer, ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.points.models import Holder
from bridge.programme.emails import folded_email
from connectors.base import Store


@dataclass(frozen=True, slots=True)
class Customer:
    """An account in one shop."""

    id: str
    group_id: str
    company: str
    earlier_orders: int


def member_of(session: Session, workspace_id: int, email: str) -> int | None:
    """``None``: nobody known. Raises ManyMembers."""
    if not email:
        return None
    try:
        return member_named(session, workspace_id, email)
    except UnknownMember:
        return None


def customer_in(
    session: Session,
    workspace_id: int,
    installation_id: int,
    store: Store,
    member_id: int | None,
    email: str,
) -> Customer | None:
    """His account there: rather one of this store than of another, rather the one that bears the
    address, rather the newest. ``None``: he has none, and buys as a guest."""
    rows = list(
        session.execute(
            select(ShopCustomer, col(MemberCustomer.member_id))
            .outerjoin(
                MemberCustomer,
                (col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id))
                & (col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id)),
            )
            .where(
                col(ShopCustomer.workspace_id) == workspace_id,
                col(ShopCustomer.installation_id) == installation_id,
                col(ShopCustomer.is_active).is_(True),
                col(ShopCustomer.is_guest).is_(False),
                (col(MemberCustomer.member_id) == member_id)
                if member_id is not None
                else (col(ShopCustomer.email) == folded_email(email)),
            )
        )
    )
    if not rows or (member_id is None and not email):
        return None
    asked = folded_email(email) if "@" in email else ""
    row = max(
        (row[0] for row in rows),
        key=lambda one: (one.store_id == store.id, one.email == asked, one.created_at),
    )
    return _customer(session, row)


def _customer(session: Session, row: ShopCustomer) -> Customer:
    placed = session.execute(
        select(func.count())
        .select_from(HandledOrder)
        .where(
            col(HandledOrder.workspace_id) == row.workspace_id,
            col(HandledOrder.installation_id) == row.installation_id,
            col(HandledOrder.customer_id) == row.customer_id,
            col(HandledOrder.cancelled_at).is_(None),
        )
    ).scalar_one()
    return Customer(row.customer_id, row.group_id, row.company, int(placed))


def buyer_of(session: Session, workspace_id: int, member_id: int | None, now: datetime) -> Buyer:
    """As earning sees him; nobody known: as who joins at this moment. Locks nothing."""
    row: Any = None
    if member_id is not None:
        row = session.execute(
            select(Member, Company)
            .outerjoin(Company, col(Company.id) == col(Member.company_id))
            .where(col(Member.workspace_id) == workspace_id, col(Member.id) == member_id)
        ).first()
    if row is None:
        return Buyer(0, None, "", Holder.MEMBER, 0, "", now)
    member, company = row
    together = company is not None and company.holds_points
    return Buyer(
        member.id,
        member.company_id,
        company.name if company is not None else "",
        Holder.COMPANY if together else Holder.MEMBER,
        company.id if together else member.id,
        member.tier,
        member.joined_at,
    )
