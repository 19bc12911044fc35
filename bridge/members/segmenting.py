"""Computing who is in which segment, for all members at once, and writing what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, func, select
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.kit.money import from_minor
from bridge.members.models import (
    Company,
    Member,
    MemberCustomer,
    MemberEmail,
    Segment,
    ShopCustomer,
)
from bridge.members.segments import (
    Bought,
    MemberFacts,
    SegmentIndex,
    plain_company,
    window_start,
    windows,
)
from bridge.orders.volumes import Volume, volumes
from bridge.programme.document import Programme
from bridge.programme.loyalty import Segment as SegmentRule

_CHUNK = 1_000
"""How many values one statement names; SQLite has a limit."""


@dataclass(frozen=True, slots=True, order=True)
class SegmentChange:
    member_id: int
    segment: str
    entered: bool
    """Else he left it."""


def recompute(
    session: Session, workspace_id: int, programme: Programme, now: datetime
) -> list[SegmentChange]:
    """Puts every member into the segments that name him now; says who entered or left which.

    A few statements, however many members there are. Merged members are in none.
    """
    wanted = {
        (member_id, key)
        for member_id, keys in who(session, workspace_id, programme, now).items()
        for key in keys
    }
    rows = session.execute(
        select(col(Segment.member_id), col(Segment.segment)).where(
            col(Segment.workspace_id) == workspace_id
        )
    )
    held = {(member_id, key) for member_id, key in rows}
    entered, left = sorted(wanted - held), sorted(held - wanted)
    _enter(session, workspace_id, entered, now)
    _leave(session, workspace_id, left)
    return sorted(
        [SegmentChange(*pair, entered=True) for pair in entered]
        + [SegmentChange(*pair, entered=False) for pair in left]
    )


def who(
    session: Session, workspace_id: int, programme: Programme, now: datetime
) -> dict[int, frozenset[str]]:
    """The segments that name each member now, computed and not stored; one who is in none is
    left out."""
    rules = programme.segments
    if not rules:
        return {}
    today = now.astimezone(ZoneInfo(programme.timezone)).date()
    facts = _Reader(session, workspace_id, programme, today).facts()
    index = SegmentIndex(rules)
    found = {member_id: index.segments_of(known, today) for member_id, known in facts.items()}
    return {member_id: keys for member_id, keys in found.items() if keys}


def sizes(session: Session, workspace_id: int) -> dict[str, int]:
    """How many members are in each segment, as last computed; empty ones are left out."""
    rows = session.execute(
        select(col(Segment.segment), func.count())
        .where(col(Segment.workspace_id) == workspace_id)
        .group_by(col(Segment.segment))
    )
    return {row[0]: row[1] for row in rows}


def members_of(session: Session, workspace_id: int, segment: str, limit: int) -> list[int]:
    """Ids of the first members of a segment, as last computed."""
    rows = session.execute(
        select(col(Segment.member_id))
        .where(col(Segment.workspace_id) == workspace_id, col(Segment.segment) == segment)
        .order_by(col(Segment.member_id))
        .limit(limit)
    )
    return list(rows.scalars())


class _Reader:
    """Reads what the rules ask, of everybody at once."""

    def __init__(
        self, session: Session, workspace_id: int, programme: Programme, today: date
    ) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.programme = programme
        self.today = today
        self.zone = ZoneInfo(programme.timezone)
        self.rules: Sequence[SegmentRule] = tuple(programme.segments.values())

    def facts(self) -> dict[int, MemberFacts]:
        emails, companies = self._emails(), self._companies()
        bought = {months: self._volumes(months) for months in windows(self.rules)}
        ever = bought.get(None) or (self._volumes(None) if bought else {})
        return {
            member_id: MemberFacts(
                frozenset(emails.get(member_id, ())),
                frozenset(companies.get(member_id, ())),
                self._day(ever.get(member_id)),
                {months: self._bought(found.get(member_id)) for months, found in bought.items()},
            )
            for member_id in self._members()
        }

    def _members(self) -> list[int]:
        rows = self.session.execute(
            select(col(Member.id)).where(
                col(Member.workspace_id) == self.workspace_id, col(Member.merged_into).is_(None)
            )
        )
        return [member_id for member_id in rows.scalars() if member_id is not None]

    def _volumes(self, months: int | None) -> Mapping[int, Volume]:
        points = self.programme.points
        return volumes(
            self.session,
            self.workspace_id,
            None,
            window_start(months, self.today, self.zone),
            basis=points.basis.side if points else self.programme.prices_are,
        )

    def _day(self, volume: Volume | None) -> date | None:
        last = volume.last_at if volume else None
        return last.astimezone(self.zone).date() if last else None

    def _bought(self, volume: Volume | None) -> Bought:
        if volume is None:
            return Bought()
        return Bought(volume.orders, from_minor(volume.spend, self.programme.currency))

    def _emails(self) -> dict[int, set[str]]:
        """Listed addresses, by the members who have shown that they are theirs."""
        listed = sorted({email for rule in self.rules for email in rule.emails})
        found: defaultdict[int, set[str]] = defaultdict(set)
        for start in range(0, len(listed), _CHUNK):
            chunk = listed[start : start + _CHUNK]
            standing = select(col(MemberEmail.member_id), col(MemberEmail.email)).where(
                col(MemberEmail.workspace_id) == self.workspace_id,
                col(MemberEmail.is_confirmed),
                col(MemberEmail.email).in_(chunk),
            )
            borne = self._customers(col(ShopCustomer.email)).where(
                col(ShopCustomer.email).in_(chunk)
            )
            for statement in (standing, borne):
                for member_id, email in self.session.execute(statement):
                    found[member_id].add(email)
        return found

    def _companies(self) -> dict[int, set[str]]:
        """What members' companies are called, by themselves and by the shops."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        if not any(rule.companies for rule in self.rules):
            return found
        joined = select(col(Member.id), col(Company.name), col(Company.vat_id)).join(
            Company, col(Company.id) == col(Member.company_id)
        )
        for member_id, name, vat_id in self.session.execute(
            joined.where(col(Member.workspace_id) == self.workspace_id)
        ):
            assert member_id is not None
            found[member_id] |= plain_company(name) | plain_company(vat_id or "")
        told = self._customers(col(ShopCustomer.company)).where(col(ShopCustomer.company) != "")
        for member_id, name in self.session.execute(told):
            found[member_id] |= plain_company(name)
        return found

    def _customers(self, column: Any) -> Any:
        """A column of confirmed customers, beside their member's id."""
        return (
            select(col(MemberCustomer.member_id), column)
            .join(
                ShopCustomer,
                (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id))
                & (col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id)),
            )
            .where(
                col(MemberCustomer.workspace_id) == self.workspace_id,
                col(ShopCustomer.is_confirmed),
                col(ShopCustomer.is_guest).is_(False),
            )
        )


def _enter(
    session: Session, workspace_id: int, pairs: Iterable[tuple[int, str]], now: datetime
) -> None:
    rows = [
        {"member_id": member_id, "segment": key, "workspace_id": workspace_id, "since": now}
        for member_id, key in pairs
    ]
    insert_or_ignore(session, Segment, rows, ("member_id", "segment"))


def _leave(session: Session, workspace_id: int, pairs: Sequence[tuple[int, str]]) -> None:
    if pairs:
        session.connection().execute(
            delete(Segment).where(
                col(Segment.workspace_id) == workspace_id,
                col(Segment.member_id) == bindparam("who"),
                col(Segment.segment) == bindparam("which"),
            ),
            [{"who": member_id, "which": key} for member_id, key in pairs],
        )
