"""Who is who: members that are not there, merged ones that still hold something, customers and
addresses that are nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.earning.batch import versions
from bridge.earning.models import HandledActivity
from bridge.inbox.models import InboxRow, InboxState
from bridge.members.gathering import gather
from bridge.members.identity import member_for_customer
from bridge.members.mirror import mirrored
from bridge.members.models import Member, MemberCustomer, MemberEmail, ShopCustomer
from bridge.members.policy import policy_of
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Holder
from bridge.reconciling.books import Books
from bridge.reconciling.correcting import RECONCILE
from bridge.reconciling.findings import Finding, Fix

GONE = "member-missing"
MERGED = "member-merged"
CIRCLE = "member-circle"
UNLINKED = "customer-unlinked"
ADDRESS = "address-member"
_REFERRING: tuple[Any, ...] = (MemberCustomer, MemberEmail, HandledOrder, HandledActivity)
_WORDS = {
    "member_customers": "customers",
    "member_emails": "addresses",
    "orders": "orders",
    "activities": "activities",
}
_BY_ADDRESS = ("email", "new")


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    with books.looking() as session:
        gone = _gone(session, books.workspace_id)
        circles = _circles(session, books.workspace_id)
        merged = _merged(session, books.workspace_id)
        unlinked = list(session.execute(_unlinked(books.workspace_id)))
        addresses = list(session.execute(_addresses(books.workspace_id)))
    for member_id, what in gone.items():
        yield Finding(
            GONE,
            f"member {member_id}",
            f"He is not there, and {' and '.join(what)} are his.",
            "The member's row was deleted past the bridge, without the database's foreign keys.",
            "Make him again under the same number.",
            _remaking(books, member_id),
        )
    for member_id in circles:
        yield Finding(
            CIRCLE,
            f"member {member_id}",
            "He was merged into one who was merged into him.",
            "The mark of the merge was changed past the bridge.",
            "Clear `merged_into` of the one who goes on living; nothing tells which it is.",
        )
    for member_id, what in merged.items():
        yield Finding(
            MERGED,
            f"member {member_id}",
            f"He was merged into another, and still has {' and '.join(what)}.",
            "The mark of the merge was set, or what followed it changed, past the bridge.",
            "Let everything follow to whom he is now.",
            books.fix(lambda session, now: _gathered(books, session, now)),
        )
    for row in unlinked:
        yield Finding(
            UNLINKED,
            f"customer {row.customer_id}",
            "The shop told of him, and he is no member.",
            "His link was deleted past the bridge.",
            "Link him again: to whom his orders are, else by his address.",
            _linking(books, (row.installation_id, row.customer_id)),
            store=stores.get(row.installation_id, ""),
        )
    for row in addresses:
        yield Finding(
            ADDRESS,
            f"customer {row.customer_id}",
            f"His address links him to member {row.standing}, and he is member {row.member_id}.",
            "The customer or the address was given to another member past the bridge.",
            "Link him by his address again, unless he has bought: then the address follows him.",
            _relinking(books, row),
            store=stores.get(row.installation_id, ""),
        )


# -- finding --------------------------------------------------------------------------------


def _gone(session: Session, workspace_id: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for table in _REFERRING:
        rows = session.execute(
            select(col(table.member_id), func.count())
            .outerjoin(Member, col(Member.id) == col(table.member_id))
            .where(
                col(table.workspace_id) == workspace_id,
                col(table.member_id).is_not(None),
                col(Member.id).is_(None),
                *(() if table is not MemberCustomer else (_is_nobody_elses(),)),
            )
            .group_by(col(table.member_id))
        )
        for member_id, count in rows:
            found.setdefault(member_id, []).append(f"{count:,} {_WORDS[table.__tablename__]}")
    accounts = session.execute(
        select(col(Account.holder_id))
        .outerjoin(Member, col(Member.id) == col(Account.holder_id))
        .where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == Holder.MEMBER.value,
            col(Member.id).is_(None),
        )
    )
    for (member_id,) in accounts:
        found.setdefault(member_id, []).append("points")
    return dict(sorted(found.items()))


def _is_nobody_elses() -> Any:
    """No address says who the customer is."""
    return ~exists(
        select(1)
        .select_from(MemberEmail)
        .join(Member, col(Member.id) == col(MemberEmail.member_id))
        .where(
            col(MemberEmail.workspace_id) == col(MemberCustomer.workspace_id),
            col(MemberEmail.email) == col(MemberCustomer.email),
        )
        .correlate(MemberCustomer)
    )


def _circles(session: Session, workspace_id: int) -> list[int]:
    rows = session.execute(
        select(col(Member.id), col(Member.merged_into)).where(
            col(Member.workspace_id) == workspace_id, col(Member.merged_into).is_not(None)
        )
    )
    leads: dict[int | None, int | None] = {row[0]: row[1] for row in rows}
    found = []
    for start in leads:
        seen: set[int] = set()
        here = start
        while here is not None and here not in seen:
            seen.add(here)
            here = leads.get(here)
        if here == start and start is not None:
            found.append(start)
    return sorted(found)


def _merged(session: Session, workspace_id: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for table in _REFERRING:
        rows = session.execute(
            select(col(table.member_id), func.count())
            .join(Member, col(Member.id) == col(table.member_id))
            .where(
                col(table.workspace_id) == workspace_id,
                col(Member.workspace_id) == workspace_id,
                col(Member.merged_into).is_not(None),
            )
            .group_by(col(table.member_id))
        )
        for member_id, count in rows:
            found.setdefault(member_id, []).append(f"{count:,} {_WORDS[table.__tablename__]}")
    accounts = session.execute(
        select(col(Account.holder_id), col(Account.available) + col(Account.pending))
        .join(Member, col(Member.id) == col(Account.holder_id))
        .where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == Holder.MEMBER.value,
            col(Member.merged_into).is_not(None),
            col(Account.available) + col(Account.pending) + col(Account.debt) > 0,
        )
    )
    for member_id, points in accounts:
        found.setdefault(member_id, []).append(f"{points:,} points")
    circles = set(_circles(session, workspace_id))
    return {one: what for one, what in sorted(found.items()) if one not in circles}


def _unlinked(workspace_id: int) -> Any:
    """Customers that came in through the inbox: a pull alone links nobody."""
    newer = aliased(InboxRow)
    waits = exists(
        select(1).where(
            col(newer.installation_id) == col(ShopCustomer.installation_id),
            col(newer.resource) == "customer",
            col(newer.entity_id) == col(ShopCustomer.customer_id),
            col(newer.state).in_((InboxState.QUEUED.value, InboxState.FAILED.value)),
        )
    )
    came_in = exists(
        select(1).where(
            col(InboxRow.installation_id) == col(ShopCustomer.installation_id),
            col(InboxRow.resource) == "customer",
            col(InboxRow.entity_id) == col(ShopCustomer.customer_id),
            col(InboxRow.state) == InboxState.HANDLED.value,
        )
    )
    bought = exists(
        select(1).where(
            col(HandledOrder.installation_id) == col(ShopCustomer.installation_id),
            col(HandledOrder.customer_id) == col(ShopCustomer.customer_id),
            col(HandledOrder.is_guest).is_(False),
        )
    )
    return (
        select(col(ShopCustomer.installation_id), col(ShopCustomer.customer_id))
        .outerjoin(
            MemberCustomer,
            and_(
                col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id),
                col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id),
            ),
        )
        .where(
            col(ShopCustomer.workspace_id) == workspace_id,
            col(ShopCustomer.is_guest).is_(False),
            col(MemberCustomer.customer_id).is_(None),
            or_(came_in, bought),
            ~waits,
        )
        .order_by(col(ShopCustomer.installation_id), col(ShopCustomer.customer_id))
    )


def _addresses(workspace_id: int) -> Any:
    return (
        select(
            col(MemberCustomer.installation_id),
            col(MemberCustomer.customer_id),
            col(MemberCustomer.member_id),
            col(MemberEmail.member_id).label("standing"),
            col(MemberEmail.email),
        )
        .join(
            MemberEmail,
            and_(
                col(MemberEmail.workspace_id) == col(MemberCustomer.workspace_id),
                col(MemberEmail.email) == col(MemberCustomer.email),
            ),
        )
        .outerjoin(Member, col(Member.id) == col(MemberCustomer.member_id))
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.linked_by).in_(_BY_ADDRESS),
            col(MemberEmail.member_id) != col(MemberCustomer.member_id),
            col(Member.merged_into).is_(None),
        )
        .order_by(col(MemberCustomer.installation_id), col(MemberCustomer.customer_id))
    )


# -- mending --------------------------------------------------------------------------------


def _remaking(books: Books, member_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        if session.get(Member, member_id) is not None:
            return False
        joined = session.execute(
            select(func.min(col(ShopCustomer.created_at)))
            .join(
                MemberCustomer,
                and_(
                    col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id),
                    col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id),
                ),
            )
            .where(
                col(MemberCustomer.workspace_id) == books.workspace_id,
                col(MemberCustomer.member_id) == member_id,
            )
        ).scalar_one()
        first = session.execute(
            select(func.min(col(HandledOrder.placed_at))).where(
                col(HandledOrder.workspace_id) == books.workspace_id,
                col(HandledOrder.member_id) == member_id,
            )
        ).scalar_one()
        row = {
            "id": member_id,
            "workspace_id": books.workspace_id,
            "joined_at": joined or first or now,
            "merged_by": "",
            "tier": "",
        }
        session.connection().execute(insert(Member), [row])
        return True

    return books.fix(mend)


def _gathered(books: Books, session: Session, now: datetime) -> bool:
    gather(session, books.workspace_id, now)
    return True


def _linking(books: Books, customer: tuple[int, str]) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        told = mirrored(session, books.workspace_id, *customer)
        if told is None:
            return False
        owners = set(
            session.execute(
                select(col(HandledOrder.member_id)).where(
                    col(HandledOrder.workspace_id) == books.workspace_id,
                    col(HandledOrder.installation_id) == customer[0],
                    col(HandledOrder.customer_id) == customer[1],
                    col(HandledOrder.is_guest).is_(False),
                    col(HandledOrder.member_id).is_not(None),
                )
            ).scalars()
        )
        if len(owners) == 1:
            row = {
                "installation_id": customer[0],
                "customer_id": customer[1],
                "workspace_id": books.workspace_id,
                "member_id": owners.pop(),
                "email": "",
                "vat_id": "",
                "linked_at": now,
                "linked_by": RECONCILE,
            }
            session.connection().execute(insert(MemberCustomer), [row])
        version = versions(session, books.workspace_id).at(now)
        policy = policy_of(version.programme if version else None)
        member_for_customer(session, books.workspace_id, customer[0], told, policy, now)
        return True

    return books.fix(mend)


def _relinking(books: Books, row: Any) -> Fix:
    """Whom the customer's orders belong to is he; else whom the address stands for."""

    def mend(session: Session, now: datetime) -> bool:
        owners = set(
            session.execute(
                select(col(HandledOrder.member_id)).where(
                    col(HandledOrder.workspace_id) == books.workspace_id,
                    col(HandledOrder.installation_id) == row.installation_id,
                    col(HandledOrder.customer_id) == row.customer_id,
                    col(HandledOrder.is_guest).is_(False),
                )
            ).scalars()
        )
        if owners == {row.member_id}:
            done: Any = session.execute(
                update(MemberEmail)
                .where(
                    col(MemberEmail.workspace_id) == books.workspace_id,
                    col(MemberEmail.email) == row.email,
                    col(MemberEmail.member_id) == row.standing,
                )
                .values(member_id=row.member_id)
            )
        else:
            done = session.execute(
                update(MemberCustomer)
                .where(
                    col(MemberCustomer.workspace_id) == books.workspace_id,
                    col(MemberCustomer.installation_id) == row.installation_id,
                    col(MemberCustomer.customer_id) == row.customer_id,
                    col(MemberCustomer.member_id) == row.member_id,
                )
                .values(member_id=row.standing)
            )
        session.execute(
            update(Account)
            .where(
                col(Account.workspace_id) == books.workspace_id,
                col(Account.holder) == Holder.MEMBER.value,
                col(Account.holder_id).in_((row.member_id, row.standing)),
            )
            .values(push_due=True)
        )
        return bool(done.rowcount)

    return books.fix(mend)
