"""Whose account each of many addresses means, with a few statements for all of them.

Answers as :func:`bridge.members.finding.member_named` does for one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, union_all
from sqlmodel import Session, col, delete

from bridge.db import insert_or_ignore
from bridge.members.companies import companies
from bridge.members.models import Company, Member, MemberCustomer, MemberEmail, ShopCustomer
from bridge.members.vat import normal_vat_id
from bridge.points.book import HolderKey
from bridge.points.models import Holder

_CHUNK = 400
"""How many addresses one statement takes; SQLite limits how many values it may have."""


def addressees(
    session: Session, workspace_id: int, names: Iterable[str]
) -> dict[str, tuple[HolderKey, ...]]:
    """Accounts by address (as it is compared) or ``#number``: one, or several where it is not
    clear whom it means; a name nobody has is left out."""
    found = _named(session, workspace_id, names)
    members = _present(session, workspace_id, {one for ids in found.values() for one in ids})
    holders = _holders(session, workspace_id, members.values())
    result = {}
    for name, ids in found.items():
        keys = {holders[members[one]] for one in ids if one in members}
        if keys:
            result[name] = tuple(sorted(keys))
    return result


def companies_named(
    session: Session, workspace_id: int, names: Iterable[str]
) -> dict[str, tuple[HolderKey, ...]]:
    """Accounts of companies that hold their people's points, by name or VAT id."""
    wanted = set(names)
    found: dict[str, tuple[HolderKey, ...]] = {}
    known = [one for one in companies(session, workspace_id) if one.holds_points] if wanted else []
    for name in wanted:
        plain, vat_id = _plain(name), normal_vat_id(name)
        fits = [one for one in known if _plain(one.name) == plain]
        fits = fits or [one for one in known if one.vat_id and one.vat_id == vat_id]
        keys = tuple((Holder.COMPANY, one.id) for one in fits if one.id is not None)
        if keys:
            found[name] = keys
    return found


def names_of(
    session: Session, workspace_id: int, holders: Sequence[HolderKey]
) -> dict[HolderKey, str]:
    """What names each of these holders: a company's name; of a member an address that leads
    to him and nobody else, else ``#number``."""
    ids = [holder_id for kind, holder_id in holders if kind is Holder.MEMBER]
    now = _present(session, workspace_id, ids)
    addresses = _addresses(session, workspace_id, set(now.values()))
    called = {one.id: one.name for one in companies(session, workspace_id)}
    return {
        (kind, holder_id): called[holder_id]
        if kind is Holder.COMPANY
        else addresses.get(now[holder_id], f"#{now[holder_id]}")
        for kind, holder_id in holders
    }


def _addresses(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    listed = sorted(ids)
    for start in range(0, len(listed), _CHUNK):
        some = listed[start : start + _CHUNK]
        standing = session.execute(
            select(col(MemberEmail.member_id), col(MemberEmail.email))
            .where(
                col(MemberEmail.workspace_id) == workspace_id,
                col(MemberEmail.member_id).in_(some),
            )
            .order_by(col(MemberEmail.is_confirmed).desc(), col(MemberEmail.email))
        )
        for member_id, email in standing:
            found.setdefault(member_id, email)
        left = [one for one in some if one not in found]
        borne = sorted(
            {
                (row.member_id, email)
                for row in session.execute(_customers_of(workspace_id, left))
                for email in (row.linked, row.told)
                if email
            }
        )
        means = _named(session, workspace_id, {email for _, email in borne})
        for member_id, email in borne:
            if means.get(email) == {member_id}:
                found.setdefault(member_id, email)
    return found


def _customers_of(workspace_id: int, ids: Sequence[int]) -> Any:
    return (
        select(
            col(MemberCustomer.member_id),
            col(MemberCustomer.email).label("linked"),
            col(ShopCustomer.email).label("told"),
        )
        .select_from(MemberCustomer)
        .outerjoin(ShopCustomer, _same_customer())
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id).in_(ids),
        )
    )


def make_members(
    session: Session, workspace_id: int, emails: Sequence[str], joined_at: datetime
) -> None:
    """A member for each address that stands for nobody: whoever first confirms it is he."""
    for start in range(0, len(emails), _CHUNK):
        some = sorted(set(emails[start : start + _CHUNK]))
        rows = [
            {"workspace_id": workspace_id, "joined_at": joined_at, "merged_by": "", "tier": ""}
            for _ in some
        ]
        statement = insert(Member).returning(col(Member.id), sort_by_parameter_order=True)
        made = list(session.connection().execute(statement, rows).scalars())
        insert_or_ignore(
            session,
            MemberEmail,
            [
                {
                    "workspace_id": workspace_id,
                    "email": email,
                    "member_id": member_id,
                    "is_confirmed": False,
                }
                for email, member_id in zip(some, made, strict=True)
            ],
            ("workspace_id", "email"),
        )
        _discard_unused(session, workspace_id, [one for one in made if one is not None])


def _discard_unused(session: Session, workspace_id: int, made: Sequence[int]) -> None:
    """Of those made here: whose address somebody else was given meanwhile."""
    used = set(
        session.execute(
            select(col(MemberEmail.member_id)).where(
                col(MemberEmail.workspace_id) == workspace_id,
                col(MemberEmail.member_id).in_(made),
            )
        ).scalars()
    )
    unused = [one for one in made if one not in used]
    if unused:
        session.execute(
            delete(Member).where(
                col(Member.workspace_id) == workspace_id, col(Member.id).in_(unused)
            )
        )


def _named(session: Session, workspace_id: int, names: Iterable[str]) -> dict[str, set[int]]:
    """Ids of members, merged ones too."""
    wanted = sorted(set(names))
    found: dict[str, set[int]] = defaultdict(set)
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        emails = [name for name in some if not name.startswith("#")]
        _collect(session, _standing_for(workspace_id, emails), found)
        _collect(session, _borne(workspace_id, [one for one in emails if one not in found]), found)
        for name in set(some) - set(emails):
            found[name] |= _member(name)
    return found


def _collect(session: Session, statement: Any, found: dict[str, set[int]]) -> None:
    for name, member_id in session.execute(statement):
        found[name].add(member_id)


def _standing_for(workspace_id: int, emails: Sequence[str]) -> Any:
    return select(col(MemberEmail.email), col(MemberEmail.member_id)).where(
        col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.email).in_(emails)
    )


def _borne(workspace_id: int, emails: Sequence[str]) -> Any:
    """Addresses that customers bear without their standing for anybody."""
    told = (
        select(col(ShopCustomer.email), col(MemberCustomer.member_id))
        .select_from(MemberCustomer)
        .join(ShopCustomer, _same_customer())
        .where(
            col(MemberCustomer.workspace_id) == workspace_id, col(ShopCustomer.email).in_(emails)
        )
    )
    linked = select(col(MemberCustomer.email), col(MemberCustomer.member_id)).where(
        col(MemberCustomer.workspace_id) == workspace_id, col(MemberCustomer.email).in_(emails)
    )
    return union_all(told, linked)


def _same_customer() -> ColumnElement[bool]:
    return (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id)) & (
        col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id)
    )


def _member(name: str) -> set[int]:
    number = name.removeprefix("#")
    return {int(number)} if number.isdecimal() and len(number) < 10 else set()


def _present(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, int]:
    """Who each member is now, by id; one of another workspace is left out."""
    merged: dict[int, int | None] = {}
    wanted = set(ids)
    while wanted:
        listed = sorted(wanted)
        for start in range(0, len(listed), _CHUNK):
            rows = session.execute(
                select(col(Member.id), col(Member.merged_into)).where(
                    col(Member.workspace_id) == workspace_id,
                    col(Member.id).in_(listed[start : start + _CHUNK]),
                )
            )
            merged |= {row[0]: row[1] for row in rows}
        wanted = {one for one in merged.values() if one is not None} - merged.keys()
    found = {}
    for member_id in merged:
        now, seen = member_id, {member_id}
        while (after := merged.get(now)) is not None and after not in seen:
            now = after
            seen.add(now)
        found[member_id] = now
    return found


def _holders(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, HolderKey]:
    found: dict[int, HolderKey] = {}
    listed = sorted(set(ids))
    for start in range(0, len(listed), _CHUNK):
        rows = session.execute(
            select(col(Member.id), col(Member.company_id), col(Company.holds_points))
            .outerjoin(Company, col(Company.id) == col(Member.company_id))
            .where(
                col(Member.workspace_id) == workspace_id,
                col(Member.id).in_(listed[start : start + _CHUNK]),
            )
        )
        for member_id, company_id, holds in rows:
            found[member_id] = (Holder.COMPANY, company_id) if holds else (Holder.MEMBER, member_id)
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
