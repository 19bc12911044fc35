"""What a merge or a split would do, before anybody says yes. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.members.finding import Listed, described
from bridge.members.holding import account_holder
from bridge.members.merging import CannotMerge, check
from bridge.members.models import Member, MemberCustomer, MemberEmail
from bridge.members.splitting import CannotSplit, CustomerKey, leaving_of
from bridge.members.standing import bindings
from bridge.orders.models import HandledOrder
from bridge.points.models import Lot
from bridge.points.statement import Standing, standing


@dataclass(frozen=True, slots=True)
class Side:
    """One of two members as he is."""

    member: Listed
    points: Standing
    orders: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    keep: Side
    other: Side
    problem: str
    """Why they cannot become one; empty: they can."""
    together: Standing
    """One account's balances, once they are one; where one company holds the points of both,
    what it has."""


def merge_preview(session: Session, workspace_id: int, keep_id: int, other_id: int) -> MergePreview:
    """Both are members of this workspace. Open debt is paid from what is available."""
    keep, other = (session.get_one(Member, one) for one in (keep_id, other_id))
    problem = ""
    try:
        check(keep, other)
    except CannotMerge as error:
        problem = str(error)
    sides = [_side(session, workspace_id, one) for one in (keep, other)]
    same = account_holder(session, keep) == account_holder(session, other)
    together = sides[0].points if same else _sum(sides[0].points, sides[1].points)
    return MergePreview(sides[0], sides[1], problem, together)


def _side(session: Session, workspace_id: int, member: Member) -> Side:
    assert member.id is not None
    (found,) = described(session, workspace_id, [member.id])
    has = standing(session, workspace_id, *account_holder(session, member))
    orders = _count(session, HandledOrder, workspace_id, member.id)
    return Side(found, has, orders)


def _sum(one: Standing, other: Standing) -> Standing:
    available, debt = one.available + other.available, one.debt + other.debt
    paid = min(available, debt)
    return Standing(
        one.account_id,
        available - paid,
        one.pending + other.pending,
        one.reserved + other.reserved,
        debt - paid,
    )


@dataclass(frozen=True, slots=True)
class SplitPreview:
    customers: Sequence[CustomerKey]
    emails: Sequence[str]
    """Addresses that go along."""
    orders: int
    """Orders of these customers."""
    points: int
    """What those earned and is still there, available or pending."""
    problem: str
    """Why they cannot be split off; empty: they can."""


def split_preview(
    session: Session, workspace_id: int, member_id: int, customers: Sequence[CustomerKey]
) -> SplitPreview:
    member = session.get_one(Member, member_id)
    everybody = bindings(session, workspace_id, member_id)
    try:
        leaving = leaving_of(member, everybody, customers)
    except CannotSplit as error:
        return SplitPreview(customers, (), 0, 0, str(error))
    staying = [one for one in everybody if one not in leaving]
    addresses = {one.email for one in leaving} - {one.email for one in staying} - {""}
    emails = session.execute(
        select(col(MemberEmail.email))
        .where(
            col(MemberEmail.workspace_id) == workspace_id,
            col(MemberEmail.member_id) == member_id,
            col(MemberEmail.email).in_(sorted(addresses)),
        )
        .order_by(col(MemberEmail.email))
    ).scalars()
    orders = points = 0
    for one in leaving:
        found = _earned(session, workspace_id, member_id, one)
        orders, points = orders + found[0], points + found[1]
    return SplitPreview(customers, list(emails), orders, points, "")


def _earned(
    session: Session, workspace_id: int, member_id: int, customer: MemberCustomer
) -> tuple[int, int]:
    """How many orders the customer has, and what of their points is there still."""
    his = (
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.member_id) == member_id,
        col(HandledOrder.installation_id) == customer.installation_id,
        col(HandledOrder.customer_id) == customer.customer_id,
    )
    orders = session.execute(select(func.count()).select_from(HandledOrder).where(*his))
    points = session.execute(
        select(func.coalesce(func.sum(col(Lot.available) + col(Lot.pending)), 0))
        .select_from(HandledOrder)
        .join(
            Lot,
            (col(Lot.installation_id) == col(HandledOrder.installation_id))
            & (col(Lot.source_kind) == "order")
            & (col(Lot.source_id) == col(HandledOrder.order_id))
            & (col(Lot.account_id) == col(HandledOrder.account_id)),
        )
        .where(*his)
    )
    return int(orders.scalar_one()), int(points.scalar_one())


def _count(session: Session, table: Any, workspace_id: int, member_id: int) -> int:
    found = session.execute(
        select(func.count())
        .select_from(table)
        .where(col(table.workspace_id) == workspace_id, col(table.member_id) == member_id)
    )
    return int(found.scalar_one())
