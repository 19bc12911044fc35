"""One member who is two people.

Every entry is kept where it was posted; points move by entries of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select, update

from bridge.earning.models import HandledActivity
from bridge.kit.errors import BridgeError
from bridge.members.holding import (
    SourceKey,
    account_holder,
    cause_of,
    ensure_account,
    move_earned,
    tell_shops,
)
from bridge.members.mirror import first_registration
from bridge.members.models import Member, MemberCustomer, MemberEmail
from bridge.members.standing import bindings, identity, locked, make_member, not_erased
from bridge.orders.models import HandledOrder
from connectors.sentences import sentence

CustomerKey = tuple[int, str]
"""Installation id, customer id."""


class CannotSplit(BridgeError):
    """These customers cannot become a member of their own."""


def split(
    session: Session,
    workspace_id: int,
    member: Member,
    customers: Sequence[CustomerKey],
    by: str,
    now: datetime,
) -> Member:
    """Makes these customers a member of their own again, with their orders and activities and
    what those earned as far as it is still there; what was spent of it stays spent.

    An address goes with them when no customer that stays bears it, and with it what was bought
    under it as a guest. Both stay in the company; points that it holds stay there. Raises
    :class:`CannotSplit` when a customer is none of the member's, or none would stay.
    """
    member = locked(session, workspace_id, identity(member))
    not_erased(member)
    everybody = bindings(session, workspace_id, identity(member))
    leaving = leaving_of(member, everybody, customers)
    staying = [one for one in everybody if one not in leaving]
    fresh = make_member(session, workspace_id, member.joined_at)
    fresh.company_id = member.company_id
    for one in leaving:
        one.member_id, one.linked_by, one.linked_at = identity(fresh), by, now
    session.flush()
    addresses = {one.email for one in leaving} - {one.email for one in staying} - {""}
    _take_addresses(session, member, fresh, addresses)
    under = sorted(addresses)
    as_guest = col(HandledOrder.is_guest) & col(HandledOrder.email).in_(under)
    bought = [*_of_customers(HandledOrder, leaving), as_guest]
    orders = _take(session, member, fresh, HandledOrder, HandledOrder.order_id, bought)
    nameless = (col(HandledActivity.customer_id) == "") & col(HandledActivity.email).in_(under)
    did = [*_of_customers(HandledActivity, leaving), nameless]
    activities = _take(session, member, fresh, HandledActivity, HandledActivity.activity_id, did)
    _take_points(session, member, fresh, orders, activities, by, now)
    for each in (member, fresh):
        first = first_registration(session, workspace_id, identity(each))
        each.joined_at = first or each.joined_at
    session.flush()
    return fresh


def leaving_of(
    member: Member, everybody: Sequence[MemberCustomer], customers: Sequence[CustomerKey]
) -> list[MemberCustomer]:
    """Of all the member's customers those that become a member of their own. Raises
    :class:`CannotSplit`."""
    known = {(one.installation_id, one.customer_id): one for one in everybody}
    wanted = dict.fromkeys(customers)
    for key in wanted:
        if key not in known:
            raise CannotSplit(
                sentence(
                    "Customer %(key)s is none of member #%(member_id)s.",
                    key=key[1],
                    member_id=f"{member.id}",
                )
            )
    if not wanted:
        raise CannotSplit(sentence("Name at least one customer who is somebody else."))
    if len(wanted) == len(known):
        raise CannotSplit(
            sentence(
                "Member #%(member_id)s has no other customers: at least one has to stay with him.",
                member_id=f"{member.id}",
            )
        )
    return [known[key] for key in wanted]


def _take_addresses(session: Session, member: Member, fresh: Member, addresses: set[str]) -> None:
    session.exec(
        update(MemberEmail)
        .where(
            col(MemberEmail.workspace_id) == member.workspace_id,
            col(MemberEmail.member_id) == member.id,
            col(MemberEmail.email).in_(sorted(addresses)),
        )
        .values(member_id=fresh.id)
    )


def _take(
    session: Session,
    member: Member,
    fresh: Member,
    table: Any,
    source_id: Any,
    which: Sequence[ColumnElement[bool]],
) -> list[SourceKey]:
    """Gives the member's rows that meet any of these conditions to the new one; their keys."""
    mine = (
        col(table.workspace_id) == member.workspace_id,
        col(table.member_id) == member.id,
        or_(*which),
    )
    found = session.execute(select(col(table.installation_id), col(source_id)).where(*mine))
    keys = [(installation_id, key) for installation_id, key in found]
    session.exec(update(table).where(*mine).values(member_id=fresh.id))
    return keys


def _of_customers(table: Any, leaving: Sequence[MemberCustomer]) -> list[ColumnElement[bool]]:
    return [
        (col(table.installation_id) == one.installation_id)
        & (col(table.customer_id) == one.customer_id)
        for one in leaving
    ]


def _take_points(
    session: Session,
    member: Member,
    fresh: Member,
    orders: Sequence[SourceKey],
    activities: Sequence[SourceKey],
    by: str,
    now: datetime,
) -> None:
    old, new = account_holder(session, member), account_holder(session, fresh)
    if old == new:
        return
    ensure_account(session, member.workspace_id, new, now)
    cause = cause_of("split", f"{member.id}->{fresh.id}", by, now)
    move_earned(session, member.workspace_id, old, new, orders, activities, cause)
    tell_shops(session, member.workspace_id, old)
