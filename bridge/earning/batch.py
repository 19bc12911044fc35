"""What a batch of orders is judged by, read with a few statements for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.groups.models import ShopGroup
from bridge.installations.models import Installation, ShopFacts
from bridge.members.models import Company, Member, MemberCustomer, Segment
from bridge.points.models import Holder
from bridge.programme.canonical import parse_canonical
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion

CustomerKey: TypeAlias = tuple[int, str]
"""Installation id and customer id."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A member, as far as earning asks."""

    member_id: int
    company_id: int | None
    company: str
    holder: Holder
    holder_id: int
    """Who holds the points: the member, or the company when it holds them together."""
    tier: str
    joined_at: datetime
    is_merged: bool = False
    """Another member is he now: ask :mod:`bridge.members.identity`."""


def buyers(
    session: Session, workspace_id: int, customers: Iterable[CustomerKey]
) -> dict[CustomerKey, Buyer]:
    """The members these customers are, locked until the commit; one who is not linked is left
    out."""
    wanted: dict[int, list[str]] = {}
    for installation_id, customer_id in customers:
        wanted.setdefault(installation_id, []).append(customer_id)
    found: dict[CustomerKey, Buyer] = {}
    for installation_id, ids in wanted.items():
        rows = session.execute(
            _MEMBERS.add_columns(col(MemberCustomer.customer_id))
            .join(MemberCustomer, col(MemberCustomer.member_id) == col(Member.id))
            .where(
                col(MemberCustomer.workspace_id) == workspace_id,
                col(MemberCustomer.installation_id) == installation_id,
                col(MemberCustomer.customer_id).in_(ids),
            )
            .order_by(col(Member.id))
            .with_for_update(of=Member)
        )
        found |= {(installation_id, row.customer_id): _buyer(row) for row in rows}
    return found


def members(session: Session, workspace_id: int, member_ids: Iterable[int]) -> dict[int, Buyer]:
    ids = sorted(set(member_ids))
    if not ids:
        return {}
    rows = session.execute(
        _MEMBERS.where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids))
        .order_by(col(Member.id))
        .with_for_update(of=Member)
    )
    return {row.id: _buyer(row) for row in rows}


_MEMBERS: Any = select(
    col(Member.id),
    col(Member.tier),
    col(Member.joined_at),
    col(Member.company_id),
    col(Member.merged_into),
    col(Company.name).label("company"),
    col(Company.holds_points),
).outerjoin(Company, col(Company.id) == col(Member.company_id))


def _buyer(row: Any) -> Buyer:
    together = bool(row.holds_points)
    return Buyer(
        row.id,
        row.company_id,
        row.company or "",
        Holder.COMPANY if together else Holder.MEMBER,
        row.company_id if together else row.id,
        row.tier,
        row.joined_at,
        row.merged_into is not None,
    )


def segments_of(
    session: Session, workspace_id: int, member_ids: Iterable[int]
) -> dict[int, frozenset[str]]:
    ids = sorted(set(member_ids))
    if not ids:
        return {}
    rows = session.execute(
        select(col(Segment.member_id), col(Segment.segment)).where(
            col(Segment.workspace_id) == workspace_id, col(Segment.member_id).in_(ids)
        )
    )
    found: dict[int, set[str]] = {}
    for member_id, segment in rows:
        found.setdefault(member_id, set()).add(segment)
    return {member_id: frozenset(names) for member_id, names in found.items()}


@dataclass(frozen=True, slots=True)
class Shop:
    """An installation, as the programme names it and its parts."""

    id: int
    name: str
    groups: Mapping[str, str]
    """Names of customer groups by id."""
    stores: Mapping[str, str]
    """Codes of stores by id."""


def shops(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, Shop]:
    wanted = sorted(set(ids))
    names: dict[int, str] = {
        row[0]: row[1]
        for row in session.execute(
            select(col(Installation.id), col(Installation.name)).where(
                col(Installation.workspace_id) == workspace_id, col(Installation.id).in_(wanted)
            )
        )
    }
    groups: dict[int, dict[str, str]] = {}
    for installation_id, group_id, name in session.execute(
        select(col(ShopGroup.installation_id), col(ShopGroup.group_id), col(ShopGroup.name)).where(
            col(ShopGroup.workspace_id) == workspace_id,
            col(ShopGroup.installation_id).in_(wanted),
        )
    ):
        groups.setdefault(installation_id, {})[group_id] = name
    stores: dict[int, dict[str, str]] = {}
    for installation_id, listed in session.execute(
        select(col(ShopFacts.installation_id), col(ShopFacts.stores)).where(
            col(ShopFacts.workspace_id) == workspace_id,
            col(ShopFacts.installation_id).in_(wanted),
        )
    ):
        stores[installation_id] = {store["id"]: store["code"] for store in listed}
    return {
        one: Shop(one, names[one], groups.get(one, {}), stores.get(one, {}))
        for one in wanted
        if one in names
    }


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    since: datetime
    programme: Programme


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of a programme, oldest first."""

    known: Sequence[Version] = field(default_factory=tuple)

    def at(self, moment: datetime) -> Version | None:
        """The one in force at a business time; ``None`` before the first was loaded."""
        in_force = [version for version in self.known if version.since <= moment]
        return in_force[-1] if in_force else None

    @property
    def newest(self) -> Version | None:
        return self.known[-1] if self.known else None


def versions(session: Session, workspace_id: int) -> Versions:
    rows = session.execute(
        select(
            col(ProgrammeVersion.number),
            col(ProgrammeVersion.loaded_at),
            col(ProgrammeVersion.digest),
        )
        .where(col(ProgrammeVersion.workspace_id) == workspace_id)
        .order_by(col(ProgrammeVersion.number))
    ).all()
    return Versions(
        tuple(
            Version(number, loaded_at, _programme(session, workspace_id, number, digest))
            for number, loaded_at, digest in rows
        )
    )


_PARSED: dict[str, Programme] = {}


def _programme(session: Session, workspace_id: int, number: int, digest: str) -> Programme:
    """Versions never change: one is parsed once in a process."""
    if digest not in _PARSED:
        document = session.execute(
            select(col(ProgrammeVersion.document)).where(
                col(ProgrammeVersion.workspace_id) == workspace_id,
                col(ProgrammeVersion.number) == number,
            )
        ).scalar_one()
        _PARSED[digest] = parse_canonical(document)
    return _PARSED[digest]
