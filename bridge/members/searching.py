"""Members as people browse them and look for them as they type: only what an index answers.

Nothing here reads all of a merchant's rows. So a text is looked for at the beginning of an
address or of a company's name; numbers and codes have to be whole.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.kit.suggestions import nearest
from bridge.members.finding import Listed, UnknownMember, described, member_named
from bridge.members.indexed import begins, behind, by_no_index, in_order, nobody
from bridge.members.models import (
    Company,
    Member,
    MemberCustomer,
    MemberEmail,
    Segment,
    ShopCustomer,
)
from bridge.programme.emails import folded_email
from bridge.users.models import UserAccount
from bridge.vouchers.models import Voucher, normal_code

EACH = 50
FIRM = 20
"""How many people of companies that are called so are shown before those of addresses."""
_ALIKE = (8, 4, 2)
"""How many letters a misspelt address may begin with as the right one does; tried in turn."""
_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Which:
    """Whom a list is about; what is not said leaves nobody out."""

    tier: str = ""
    segment: str = ""
    company_id: int | None = None
    user_id: int | None = None
    """Only those whom this user looks after."""


EVERYBODY = Which()


@dataclass(frozen=True, slots=True)
class Browsed:
    members: Sequence[Listed]
    before: int | None
    """To go on with; ``None``: there are no more."""


@dataclass(frozen=True, slots=True)
class Searched:
    members: Sequence[Listed]
    after: str
    """The address to go on behind; empty: there are no more."""


def browse(
    session: Session,
    workspace_id: int,
    which: Which = EVERYBODY,
    *,
    before: int | None = None,
    limit: int = EACH,
) -> Browsed:
    """The newest first; ``before``: the last one's id on the page before."""
    by, statement = _driven(session, workspace_id, which)
    if before is not None:
        statement = statement.where(by < before)
    ids = list(session.execute(statement.order_by(by.desc()).limit(limit + 1)).scalars())
    found = described(session, workspace_id, ids[:limit])
    return Browsed(found, ids[limit - 1] if len(ids) > limit else None)


def search(
    session: Session,
    workspace_id: int,
    text: str,
    which: Which = EVERYBODY,
    *,
    after: str = "",
    limit: int = EACH,
) -> Searched:
    """Whom ``text`` names outright (``#12``, a customer's number, a voucher's code), then people
    of companies whose name begins so, then those of whom an address does, by address.

    ``after``: the last address of the page before.
    """
    part = text.strip()
    first = [] if after else _outright(session, workspace_id, part, which)
    ids = dict.fromkeys(first)
    emails = _by_email(session, workspace_id, part.lower(), which, after, limit + 1)
    last = ""
    for email, member_id in emails:
        if len(ids) >= limit and member_id not in ids and email != last:
            return Searched(described(session, workspace_id, list(ids)), last)
        ids[member_id] = None
        last = email
    return Searched(described(session, workspace_id, list(ids)), "")


def nearest_address(session: Session, workspace_id: int, typed: str) -> str:
    """Of the addresses that begin alike, the one that may have been meant; empty: none is known
    to be like it."""
    email = folded_email(typed)
    for length in _ALIKE:
        rows = session.scalars(
            select(col(MemberEmail.email))
            .where(
                col(MemberEmail.workspace_id) == workspace_id,
                begins(session, col(MemberEmail.email), email[:length]),
            )
            .limit(_COMPARED)
        )
        near = nearest(email, rows, likeness=0.8)
        if near:
            return near
    return ""


def is_among(session: Session, workspace_id: int, member_id: int, which: Which) -> bool:
    """Whether the member is there, as he stands now, and meant."""
    _, statement = _driven(session, workspace_id, which)
    return session.execute(statement.where(col(Member.id) == member_id)).first() is not None


# -- which ----------------------------------------------------------------------------------


def _driven(session: Session, workspace_id: int, which: Which) -> tuple[Any, Any]:
    """Ids of those who are meant, and the column to sort by, whose index holds them in order."""
    by: Any = col(Member.id)
    if which.user_id is not None:
        by = col(UserAccount.member_id)
    elif which.segment:
        by = col(Segment.member_id)
    statement = _of_user(select(by).select_from(Member), workspace_id, which)
    if which.segment:
        statement = statement.join(Segment, _in_segment(workspace_id, which))
    if which.tier:
        statement = statement.where(col(Member.tier) == which.tier)
    return by, statement.where(*_standing(session, workspace_id, which))


def _meant(session: Session, statement: Any, workspace_id: int, which: Which) -> Any:
    """Of a statement that finds members by what they are called, those who are meant. Nothing
    here may lead the database to another index than the one that finds them."""
    statement = _of_user(statement, workspace_id, which)
    if which.segment:
        statement = statement.where(exists().where(_in_segment(workspace_id, which)))
    if which.tier:
        statement = statement.where(by_no_index(session, col(Member.tier), "") == which.tier)
    return statement.where(*_standing(session, workspace_id, which))


def _of_user(statement: Any, workspace_id: int, which: Which) -> Any:
    if which.user_id is None:
        return statement
    return statement.join(
        UserAccount,
        and_(
            col(UserAccount.workspace_id) == workspace_id,
            col(UserAccount.user_id) == which.user_id,
            col(UserAccount.member_id) == col(Member.id),
        ),
    )


def _in_segment(workspace_id: int, which: Which) -> ColumnElement[bool]:
    return and_(
        col(Segment.workspace_id) == workspace_id,
        col(Segment.segment) == which.segment,
        col(Segment.member_id) == col(Member.id),
    )


def _standing(session: Session, workspace_id: int, which: Which) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        col(Member.workspace_id) == workspace_id,
        nobody(session, col(Member.merged_into)),
    ]
    if which.company_id is not None:
        wanted.append(col(Member.company_id) == which.company_id)
    return wanted


# -- named outright -------------------------------------------------------------------------


def _outright(session: Session, workspace_id: int, part: str, which: Which) -> list[int]:
    if not part:
        return []
    found: list[int] = []
    for statement in (_of_customer(session, workspace_id, part), _of_code(workspace_id, part)):
        found += session.execute(
            _meant(session, statement, workspace_id, which).limit(FIRM)
        ).scalars()
    found += _numbered(session, workspace_id, part, which)
    for statement in _of_companies(session, workspace_id, part):
        found += session.execute(
            _meant(session, statement, workspace_id, which).limit(FIRM)
        ).scalars()
    return found


def _numbered(session: Session, workspace_id: int, part: str, which: Which) -> list[int]:
    if not part.removeprefix("#").isdecimal():
        return []
    try:
        member_id = member_named(session, workspace_id, part)
    except UnknownMember:
        return []
    return [member_id] if is_among(session, workspace_id, member_id, which) else []


def _of_customer(session: Session, workspace_id: int, number: str) -> Any:
    # The index of customers begins with the installation: each is asked.
    return (
        select(col(Member.id))
        .join(MemberCustomer, col(MemberCustomer.member_id) == col(Member.id))
        .where(
            col(MemberCustomer.installation_id).in_(_installations(session, workspace_id)),
            col(MemberCustomer.customer_id) == number,
            col(MemberCustomer.workspace_id) == workspace_id,
        )
    )


def _of_code(workspace_id: int, typed: str) -> Any:
    shops = select(col(Installation.id)).where(col(Installation.workspace_id) == workspace_id)
    return (
        select(col(Member.id))
        .join(Voucher, col(Voucher.member_id) == col(Member.id))
        .where(
            col(Voucher.installation_id).in_(shops),
            col(Voucher.code) == normal_code(typed),
            col(Voucher.workspace_id) == workspace_id,
        )
    )


def _of_companies(session: Session, workspace_id: int, part: str) -> Iterator[Any]:
    """People of a company that is called so, then customers of whom a shop says it. Small letters
    are the database's: SQLite knows them of A to Z alone."""
    yield (
        select(col(Member.id))
        .join(Company, col(Company.id) == col(Member.company_id))
        .where(
            col(Company.workspace_id) == workspace_id,
            begins(session, col(Company.name), part, small=True),
        )
    )
    yield (
        _customers(select(col(Member.id)).select_from(ShopCustomer))
        .where(
            col(ShopCustomer.workspace_id) == workspace_id,
            begins(session, col(ShopCustomer.company), part, small=True),
        )
        .distinct()
    )


def _installations(session: Session, workspace_id: int) -> list[int]:
    rows = session.execute(
        select(col(Installation.id)).where(col(Installation.workspace_id) == workspace_id)
    )
    return [one for one in rows.scalars() if one is not None]


# -- by address -----------------------------------------------------------------------------


def _by_email(
    session: Session, workspace_id: int, part: str, which: Which, after: str, limit: int
) -> Iterable[tuple[str, int]]:
    """Addresses that stand for members and those that customers bear, in one order."""
    standing = (
        select(col(MemberEmail.email), col(Member.id))
        .join(Member, col(Member.id) == col(MemberEmail.member_id))
        .where(col(MemberEmail.workspace_id) == workspace_id)
    )
    borne = _customers(
        select(col(ShopCustomer.email), col(Member.id)).select_from(ShopCustomer)
    ).where(col(ShopCustomer.workspace_id) == workspace_id)
    found = []
    for statement, email in (
        (standing, col(MemberEmail.email)),
        (borne, col(ShopCustomer.email)),
    ):
        ordered = in_order(session, email)
        wanted = statement.where(begins(session, email, part))
        if after:
            wanted = wanted.where(behind(session, email, after))
        wanted = _meant(session, wanted, workspace_id, which).order_by(ordered).limit(limit)
        found.append([(row[0], row[1]) for row in session.execute(wanted)])
    return heapq.merge(*found)


def _customers(statement: Any) -> Any:
    """Joins members to what shops told of their customers."""
    same = and_(
        col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id),
        col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id),
    )
    return statement.join(MemberCustomer, same).join(
        Member, col(Member.id) == col(MemberCustomer.member_id)
    )
