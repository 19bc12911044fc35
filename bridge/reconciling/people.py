"""Members that are not there, merged ones that still hold something, marks that nobody made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, insert, select, update
from sqlmodel import Session, col

from bridge.earning.models import HandledActivity
from bridge.members.gathering import gather
from bridge.members.models import Member, MemberCustomer, MemberEmail, ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Holder
from bridge.reconciling.books import Books
from bridge.reconciling.findings import Finding, Fix

GONE = "member-missing"
MERGED = "member-merged"
MARK = "member-mark"
CIRCLE = "member-circle"
_REFERRING: tuple[Any, ...] = (MemberCustomer, MemberEmail, HandledOrder, HandledActivity)
_WORDS = {
    "member_customers": "customers",
    "member_emails": "addresses",
    "orders": "orders",
    "activities": "activities",
}


def find(books: Books) -> Iterator[Finding]:
    with books.looking() as session:
        gone = _gone(session, books.workspace_id)
        circles = _circles(session, books.workspace_id)
        merged = _merged(session, books.workspace_id)
        unmerged = list(session.execute(_never_merged(books.workspace_id)))
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
    for row in unmerged:
        yield Finding(
            MARK,
            f"member {row.id}",
            f"He leads to member {row.merged_into}, and nobody ever merged them.",
            "The mark of the merge was set past the bridge: a merge says when it was made.",
            "Take the mark away.",
            _unmarking(books, row.id),
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
    marked = {row.id for row in session.execute(_never_merged(workspace_id))}
    other = {*_circles(session, workspace_id), *marked}
    return {one: what for one, what in sorted(found.items()) if one not in other}


def _never_merged(workspace_id: int) -> Any:
    return (
        select(col(Member.id), col(Member.merged_into))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.merged_into).is_not(None),
            col(Member.merged_at).is_(None),
        )
        .order_by(col(Member.id))
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


def _unmarking(books: Books, member_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        done: Any = session.execute(
            update(Member)
            .where(
                col(Member.workspace_id) == books.workspace_id,
                col(Member.id) == member_id,
                col(Member.merged_at).is_(None),
            )
            .values(merged_into=None)
        )
        return bool(done.rowcount)

    return books.fix(mend)


def _gathered(books: Books, session: Session, now: datetime) -> bool:
    gather(session, books.workspace_id, now)
    return True
