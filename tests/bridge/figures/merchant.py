"""A merchant's members and orders, straight in the database; the book itself moves points."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.db import Database
from bridge.figures.overview import current_terms
from bridge.figures.terms import Terms
from bridge.members.models import Member, MemberEmail
from bridge.orders.models import HandledOrder
from bridge.points.adjusting import give
from bridge.points.book import Book, Cause, OpenAccount
from bridge.points.granting import earn, take_back
from bridge.points.models import Holder
from bridge.points.spending import spend
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion

BEGIN = datetime(2027, 1, 1, 12, tzinfo=UTC)
PROGRAMME: dict[str, Any] = {
    "programme": "Acme",
    "currency": "EUR",
    "timezone": "Europe/Berlin",
    "points": {"expire": {"months": 12}, "rules": {"base": {"per_order": 10}}},
    "redemption": {"rate": {"points": 100, "amount": 1}, "step": 5},
    "tiers": {"gold": {"name": "Gold"}},
    "segments": {"friends": {"emails": ["ada@example.com"]}},
}


@dataclass
class Merchant:
    """Member ids are what :meth:`member` returns; each call is a unit of work of its own."""

    database: Database
    workspace_id: int
    shops: tuple[int, int]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def terms(self, now: datetime) -> Terms:
        return current_terms(self.database, self.workspace_id, now)

    def load(self, **changed: Any) -> None:
        """A version of the programme."""
        text = canonical_text(Programme.model_validate({**PROGRAMME, **changed}))
        with self.database.writing() as session:
            session.add(
                ProgrammeVersion(
                    workspace_id=self.workspace_id,
                    number=next(self.numbers),
                    digest=digest(text),
                    document=text,
                    loaded_at=BEGIN - timedelta(days=1),
                )
            )

    def member(self, name: str, tier: str = "") -> int:
        with self.database.writing() as session:
            member = Member(workspace_id=self.workspace_id, joined_at=BEGIN, tier=tier)
            session.add(member)
            session.flush()
            assert member.id is not None
            session.add(
                MemberEmail(
                    workspace_id=self.workspace_id,
                    email=f"{name}@example.com",
                    member_id=member.id,
                    is_confirmed=True,
                )
            )
            return member.id

    def order(
        self, member: int | None, at: datetime, cents: int, *, shop: int = 1, **more: Any
    ) -> str:
        """Its id."""
        order_id = str(next(self.numbers))
        values: dict[str, Any] = {
            "installation_id": self.shops[shop - 1],
            "order_id": order_id,
            "workspace_id": self.workspace_id,
            "number": f"1{order_id}",
            "store_id": "1",
            "member_id": member,
            "placed_at": at,
            "changed_at": at,
            "fetched_at": at,
            "currency": "EUR",
            "net_total": cents,
            "gross_total": cents * 119 // 100,
            "items": 1_000,
            "content": "{}",
        }
        with self.database.writing() as session:
            session.add(HandledOrder(**{**values, **more}))
        return order_id

    def post(self, member: int, now: datetime, move: Callable[[Book, OpenAccount], object]) -> None:
        with self.database.writing() as session:
            book = Book(session, self.workspace_id, now)
            key = (Holder.MEMBER, member)
            move(book, book.open([key])[key])
            book.write()

    def earns(
        self,
        member: int,
        now: datetime,
        points: int,
        *,
        order: str = "",
        shop: int = 1,
        pending: bool = False,
        expires_at: datetime | None = None,
    ) -> None:
        source = order or f"made-{next(self.numbers)}"

        def move(book: Book, account: OpenAccount) -> None:
            lot = book.new_lot(
                account,
                (self.shops[shop - 1], "order", source, ""),
                now,
                expires_at=expires_at,
                is_ripe=not pending,
            )
            earn(book, account, lot, points, Cause("order", source, now, self.shops[shop - 1]))

        self.post(member, now, move)

    def spends(self, member: int, now: datetime, points: int) -> None:
        cause = Cause("request", str(next(self.numbers)), now)
        self.post(member, now, lambda book, account: spend(book, account, points, cause))

    def is_given(self, member: int, now: datetime, points: int) -> None:
        cause = Cause("adjustment", str(next(self.numbers)), now)
        self.post(member, now, lambda book, account: give(book, account, points, cause))

    def returns(self, member: int, now: datetime, order: str, points: int) -> None:
        def move(book: Book, account: OpenAccount) -> None:
            source = (self.shops[0], "order", order, "")
            book.load_sources([(account, source)])
            lot = book.lot(account, source)
            assert lot is not None
            cause = Cause("order", order, now, self.shops[0], revision=next(self.numbers))
            take_back(book, account, lot, points, cause)

        self.post(member, now, move)
