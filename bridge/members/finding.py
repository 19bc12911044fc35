"""Members as people look for them: by an address or a number, and what is known of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, union
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.members.models import (
    Company,
    Member,
    MemberCustomer,
    MemberEmail,
    Segment,
    ShopCustomer,
)
from bridge.points.models import Account, Holder
from bridge.programme.emails import folded_email
from connectors.sentences import sentence

_LARGEST_ID = 2**31 - 1
"""What an id's column takes."""


class UnknownMember(BridgeError):
    def __init__(self, who: str) -> None:
        super().__init__(
            sentence(
                "Nobody known goes by `%(who)s`. Search with: loyalty-bridge members list PART",
                who=who,
            )
        )


class ManyMembers(BridgeError):
    def __init__(self, who: str, ids: Sequence[int]) -> None:
        numbers = ", ".join(f"#{member_id}" for member_id in ids)
        super().__init__(
            sentence(
                "`%(who)s` may be any of the members %(numbers)s: name one by its number.",
                who=who,
                numbers=numbers,
            )
        )


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    store: str
    """The installation's name."""
    customer_id: str
    email: str
    """As the shop last told it; empty: it has not told of him yet."""
    linked_by: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A member with what people ask about him."""

    id: int
    joined_at: datetime
    emails: tuple[str, ...]
    """Those that stand for him; first the confirmed ones."""
    customers: tuple[ListedCustomer, ...]
    company: str
    company_holds_points: bool
    tier: str
    segments: tuple[str, ...]
    available: int
    """Points; those of his company where it holds them."""
    pending: int

    @property
    def name(self) -> str:
        """What people call him by: an address, else his number."""
        told = (customer.email for customer in self.customers if customer.email)
        return next(iter((*self.emails, *told)), f"#{self.id}")


def member_named(session: Session, workspace_id: int, who: str) -> int:
    """A member's id, by an address or by ``#number``; a merged one is the one he is now.

    An address that stands for a member names him; else it names whose customers bear it.
    Raises :class:`UnknownMember` and :class:`ManyMembers`.
    """
    number = who.strip().removeprefix("#")
    if number.isdecimal():
        return _standing(session, workspace_id, who, int(number))
    email = folded_email(who)
    standing = select(col(MemberEmail.member_id)).where(
        col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.email) == email
    )
    borne = _customers(workspace_id, col(MemberCustomer.member_id)).where(
        or_(col(ShopCustomer.email) == email, col(MemberCustomer.email) == email)
    )
    for statement in (standing, borne):
        ids = sorted(set(session.execute(statement).scalars()))
        if len(ids) > 1:
            raise ManyMembers(who, ids)
        if ids:
            return _standing(session, workspace_id, who, ids[0])
    raise UnknownMember(who)


def _standing(session: Session, workspace_id: int, who: str, number: int) -> int:
    wanted: int | None = number
    while wanted is not None and wanted <= _LARGEST_ID:
        row = session.execute(
            select(col(Member.id), col(Member.merged_into)).where(
                col(Member.workspace_id) == workspace_id, col(Member.id) == wanted
            )
        ).first()
        if row is None:
            break
        if row.merged_into is None:
            return int(row.id)
        wanted = row.merged_into
    raise UnknownMember(who)


def listed(session: Session, workspace_id: int, search: str = "", limit: int = 100) -> list[Listed]:
    """Members, newest number last; only those of whom an address, a customer's id, a company
    or a tier contains ``search``."""
    which: list[ColumnElement[bool]] = [
        col(Member.workspace_id) == workspace_id,
        col(Member.merged_into).is_(None),
    ]
    if search.strip():
        which.append(col(Member.id).in_(_matching(workspace_id, search.strip().lower())))
    ids = session.execute(
        select(col(Member.id)).where(*which).order_by(col(Member.id)).limit(limit)
    )
    return described(session, workspace_id, [one for one in ids.scalars() if one is not None])


def described(session: Session, workspace_id: int, member_ids: Sequence[int]) -> list[Listed]:
    """All of these members, in this order, in a few statements."""
    emails = _emails(session, workspace_id, member_ids)
    customers = _customers_of(session, workspace_id, member_ids)
    segments: defaultdict[int, list[str]] = defaultdict(list)
    for member_id, segment in session.execute(
        select(col(Segment.member_id), col(Segment.segment))
        .where(col(Segment.workspace_id) == workspace_id, col(Segment.member_id).in_(member_ids))
        .order_by(col(Segment.segment))
    ):
        segments[member_id].append(segment)
    found = {
        row.id: Listed(
            row.id,
            row.joined_at,
            tuple(emails[row.id]),
            tuple(customers[row.id]),
            row.company or "",
            bool(row.holds_points),
            row.tier,
            tuple(segments[row.id]),
            row.available or 0,
            row.pending or 0,
        )
        for row in session.execute(_members(workspace_id, member_ids))
    }
    return [found[member_id] for member_id in member_ids if member_id in found]


def _members(workspace_id: int, member_ids: Iterable[int]) -> Any:
    in_company = col(Company.holds_points).is_(True)
    account = (col(Account.workspace_id) == workspace_id) & or_(
        in_company
        & (col(Account.holder) == Holder.COMPANY.value)
        & (col(Account.holder_id) == col(Member.company_id)),
        col(Company.holds_points).is_not(True)
        & (col(Account.holder) == Holder.MEMBER.value)
        & (col(Account.holder_id) == col(Member.id)),
    )
    return (
        select(
            col(Member.id),
            col(Member.joined_at),
            col(Member.tier),
            col(Company.name).label("company"),
            col(Company.holds_points),
            col(Account.available),
            col(Account.pending),
        )
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .outerjoin(Account, account)
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(list(member_ids)))
    )


def _emails(
    session: Session, workspace_id: int, member_ids: Sequence[int]
) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(col(MemberEmail.member_id), col(MemberEmail.email))
        .where(
            col(MemberEmail.workspace_id) == workspace_id,
            col(MemberEmail.member_id).in_(member_ids),
        )
        .order_by(col(MemberEmail.is_confirmed).desc(), col(MemberEmail.email))
    )
    for member_id, email in rows:
        found[member_id].append(email)
    return found


def _customers_of(
    session: Session, workspace_id: int, member_ids: Sequence[int]
) -> defaultdict[int, list[ListedCustomer]]:
    found: defaultdict[int, list[ListedCustomer]] = defaultdict(list)
    rows = session.execute(
        _customers(
            workspace_id,
            col(MemberCustomer.member_id),
            col(MemberCustomer.customer_id),
            col(MemberCustomer.linked_by),
            col(Installation.name),
            col(ShopCustomer.email),
            col(ShopCustomer.is_confirmed),
        )
        .join(Installation, col(Installation.id) == col(MemberCustomer.installation_id))
        .where(col(MemberCustomer.member_id).in_(member_ids))
        .order_by(col(Installation.name), col(MemberCustomer.customer_id))
    )
    for row in rows:
        found[row.member_id].append(
            ListedCustomer(
                row.name, row.customer_id, row.email or "", row.linked_by, bool(row.is_confirmed)
            )
        )
    return found


def _customers(workspace_id: int, *columns: Any) -> Any:
    """Columns of linked customers, beside what their shops told of them."""
    return (
        select(*columns)
        .select_from(MemberCustomer)
        .outerjoin(
            ShopCustomer,
            (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id))
            & (col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id)),
        )
        .where(col(MemberCustomer.workspace_id) == workspace_id)
    )


def _matching(workspace_id: int, part: str) -> Any:
    by_address = select(col(MemberEmail.member_id)).where(
        col(MemberEmail.workspace_id) == workspace_id,
        col(MemberEmail.email).contains(part, autoescape=True),
    )
    by_customer = _customers(workspace_id, col(MemberCustomer.member_id)).where(
        or_(
            col(ShopCustomer.email).contains(part, autoescape=True),
            col(MemberCustomer.customer_id) == part,
        )
    )
    by_company = (
        select(col(Member.id))
        .join(Company, col(Company.id) == col(Member.company_id))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Company.name).icontains(part, autoescape=True),
        )
    )
    by_tier = select(col(Member.id)).where(
        col(Member.workspace_id) == workspace_id, col(Member.tier) == part
    )
    return union(by_address, by_customer, by_company, by_tier)
