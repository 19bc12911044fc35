"""What an erasure will do, before anybody says yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from bridge.members.models import Company, Member, MemberCustomer, ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.points.models import Account
from bridge.privacy.person import Person, person
from bridge.programme.models import ProgrammeVersion
from bridge.rewards.models import FulfilmentState, RewardClaim
from bridge.vouchers.models import Voucher, VoucherState


@dataclass(frozen=True, slots=True)
class Preview:
    member_id: int
    erased_at: datetime | None
    """He is erased already: there is nothing to do."""
    customers: int
    orders: int
    points: int
    """Available and pending: written off."""
    debt: int
    """Let go."""
    vouchers: int
    """Open ones: withdrawn in their shops."""
    rewards: int
    """Taken and not provided yet: cancelled."""
    company: str
    """He leaves it; empty: he is in none."""
    others: tuple[int, ...]
    """Other members with one of his addresses: they are not erased with him."""
    is_in_programme: bool
    """The programme in force names one of his addresses: only a person can take it out."""


def preview(session: Session, workspace_id: int, member_id: int) -> Preview:
    """``member_id``: as he is now. Raises KeyError when there is no such member."""
    him = person(session, workspace_id, member_id)
    member = session.get_one(Member, member_id)
    points = session.execute(
        select(
            func.coalesce(func.sum(col(Account.available) + col(Account.pending)), 0),
            func.coalesce(func.sum(col(Account.debt)), 0),
        ).where(col(Account.workspace_id) == workspace_id, col(Account.id).in_(him.accounts))
    ).one()
    company = session.scalars(
        select(col(Company.name)).where(
            col(Company.workspace_id) == workspace_id, col(Company.id) == member.company_id
        )
    ).first()
    orders = or_(
        him.has_member(HandledOrder),
        and_(him.has_email(HandledOrder), col(HandledOrder.member_id).is_(None)),
    )
    vouchers = and_(
        or_(
            him.has_member(Voucher),
            and_(him.has_email(Voucher), col(Voucher.member_id).is_(None)),
        ),
        col(Voucher.state) == VoucherState.OPEN.value,
    )
    rewards = and_(
        him.has_member(RewardClaim), col(RewardClaim.state) == FulfilmentState.OPEN.value
    )
    return Preview(
        member_id,
        member.erased_at,
        len(him.customers),
        _count(session, HandledOrder, orders),
        int(points[0]),
        int(points[1]),
        _count(session, Voucher, vouchers),
        _count(session, RewardClaim, rewards),
        company or "",
        _others(session, him),
        _is_in_programme(session, him),
    )


def _count(session: Session, table: Any, which: Any) -> int:
    return int(session.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def _others(session: Session, him: Person) -> tuple[int, ...]:
    """By what shops tell: an address that nobody confirmed links nobody."""
    found: Sequence[Any] = session.scalars(
        select(col(MemberCustomer.member_id))
        .join(
            ShopCustomer,
            and_(
                col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id),
                col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id),
            ),
        )
        .where(
            col(ShopCustomer.workspace_id) == him.workspace_id,
            col(ShopCustomer.email).in_(him.emails),
            col(MemberCustomer.workspace_id) == him.workspace_id,
            col(MemberCustomer.member_id).not_in(him.ids),
        )
        .distinct()
    ).all()
    return tuple(sorted(found))


def _is_in_programme(session: Session, him: Person) -> bool:
    newest = session.scalars(
        select(col(ProgrammeVersion.document))
        .where(col(ProgrammeVersion.workspace_id) == him.workspace_id)
        .order_by(col(ProgrammeVersion.number).desc())
        .limit(1)
    ).first()
    return newest is not None and any(email in newest.lower() for email in him.emails)
