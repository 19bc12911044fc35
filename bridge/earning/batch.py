"""What a batch of orders is judged by, read with a few statements for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import exists, select
from sqlmodel import Session, col

from bridge.groups.models import ShopGroup
from bridge.installations.models import Installation, ShopFacts
from bridge.members.models import Company, JoiningWord, Member, MemberCustomer, Segment
from bridge.points.models import Holder
from bridge.programme.canonical import parse_canonical
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion

CustomerKey: TypeAlias = tuple[int, str]
"""Installation id and customer id."""
UNREAD = "order"
"""``linked_by`` of a customer who is known from orders only."""


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
    is_unread: bool = False
    """He is known from orders only: the shop has not told of the customer yet."""


def buyers(
    session: Session, workspace_id: int, customers: Iterable[CustomerKey]
) -> dict[CustomerKey, Buyer]:
    """The members these customers are, locked until the commit; one who is not linked is left
    out."""
    return lock_buyers(session, workspace_id, (), customers)[1]


def members(session: Session, workspace_id: int, member_ids: Iterable[int]) -> dict[int, Buyer]:
    """Locked until the commit, in the order of their ids."""
    ids = sorted(set(member_ids))
    if not ids:
        return {}
    # Not a full lock: rows that refer to the member can still be added by others.
    rows = session.execute(
        select(
            col(Member.id),
            col(Member.tier),
            col(Member.joined_at),
            col(Member.company_id),
            col(Member.merged_into),
        )
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids))
        .order_by(col(Member.id))
        .with_for_update(key_share=True)
    ).all()
    # Read under the locks: whoever makes a company hold points locks its people.
    firms = _companies(session, workspace_id, {row.company_id for row in rows if row.company_id})
    return {row.id: _buyer(row, firms.get(row.company_id)) for row in rows}


def lock_buyers(
    session: Session,
    workspace_id: int,
    member_ids: Iterable[int],
    customers: Iterable[CustomerKey],
) -> tuple[dict[int, Buyer], dict[CustomerKey, Buyer]]:
    """These members, and those that these customers are, locked together, so that two who do
    so never wait for each other in a circle."""
    wanted = set(customers)
    links = _links(session, workspace_id, wanted)
    missing = {*member_ids, *(link.member_id for link in links.values())}
    found: dict[int, Buyer] = {}
    while missing:
        found |= members(session, workspace_id, missing)
        # Whoever held a lock until now may have linked a customer to another member.
        links = _links(session, workspace_id, wanted)
        missing = {link.member_id for link in links.values()} - found.keys()
    return found, {
        key: replace(found[link.member_id], is_unread=link.linked_by == UNREAD)
        for key, link in links.items()
    }


def _links(
    session: Session, workspace_id: int, customers: Iterable[CustomerKey]
) -> dict[CustomerKey, Any]:
    wanted: dict[int, list[str]] = {}
    for installation_id, customer_id in customers:
        wanted.setdefault(installation_id, []).append(customer_id)
    found: dict[CustomerKey, Any] = {}
    for installation_id, ids in wanted.items():
        rows = session.execute(
            select(
                col(MemberCustomer.customer_id),
                col(MemberCustomer.member_id),
                col(MemberCustomer.linked_by),
            ).where(
                col(MemberCustomer.workspace_id) == workspace_id,
                col(MemberCustomer.installation_id) == installation_id,
                col(MemberCustomer.customer_id).in_(ids),
            )
        )
        found |= {(installation_id, row.customer_id): row for row in rows}
    return found


def _companies(session: Session, workspace_id: int, ids: set[int]) -> dict[int, Any]:
    if not ids:
        return {}
    rows = session.execute(
        select(col(Company.id), col(Company.name), col(Company.holds_points)).where(
            col(Company.workspace_id) == workspace_id, col(Company.id).in_(sorted(ids))
        )
    )
    return {row.id: row for row in rows}


def _buyer(row: Any, company: Any) -> Buyer:
    together = company is not None and company.holds_points
    return Buyer(
        row.id,
        row.company_id,
        company.name if company is not None else "",
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
    has_words: bool = True
    """Whether anybody was ever taken in by hand, or left."""

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
            exists().where(col(JoiningWord.workspace_id) == workspace_id).label("has_words"),
        )
        .where(col(ProgrammeVersion.workspace_id) == workspace_id)
        .order_by(col(ProgrammeVersion.number))
    ).all()
    return Versions(
        tuple(
            Version(number, loaded_at, _programme(session, workspace_id, number, digest))
            for number, loaded_at, digest, _ in rows
        ),
        any(row.has_words for row in rows),
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
