"""A merchant with two shops, their customers, a programme, and orders that arrive."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from bridge.db import Database
from bridge.earning.clockwork import Passed, pass_time
from bridge.earning.handling import News, handle_orders, rehandle_orders
from bridge.installations.models import Installation
from bridge.members.models import Member, MemberCustomer
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion
from bridge.workspaces.models import Workspace
from connectors.sales import LineKind, Money, Order, OrderLine, Refund, RefundLine

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
_numbers = itertools.count(1)


def money(net: str | int, gross: str | int | None = None) -> Money:
    return Money(Decimal(net), Decimal(net if gross is None else gross))


def line(id_: str, net: str | int, quantity: int = 1, **other: Any) -> OrderLine:
    sku = other.pop("sku", f"SKU-{id_}")
    price = other.pop("price", money(net))
    return OrderLine(id_, LineKind.PRODUCT, sku, sku, sku, Decimal(quantity), price, **other)


def refund(id_: str, *lines: tuple[str, int, str | int], at: datetime = START) -> Refund:
    return Refund(
        id_, at, tuple(RefundLine(name, Decimal(n), money(amount)) for name, n, amount in lines)
    )


def order(
    id_: str, *lines: OrderLine, customer: str = "c1", placed: datetime = START, **other: Any
) -> Order:
    fields: dict[str, Any] = {
        "changed_at": placed,
        "paid_at": placed,
        "completed_at": placed,
        "email": f"{customer}@example.com",
        **other,
    }
    return Order(id_, id_, "1", "EUR", placed, customer_id=customer, lines=lines, **fields)


@dataclass
class LedgerWorld:
    """Every store of one merchant, and the book."""

    database: Database
    now: datetime = START

    def __post_init__(self) -> None:
        with self.database.writing() as session:
            workspace = Workspace(key=f"earning-{next(_numbers)}", created_at=START)
            session.add(workspace)
            session.flush()
            assert workspace.id is not None
            self.workspace = workspace.id
            self.shops = [self._shop(session, name) for name in ("north", "south")]

    def _shop(self, session: Any, name: str) -> int:
        shop = Installation(
            workspace_id=self.workspace,
            name=name,
            platform="toy",
            url="http://shop.test",
            credentials="",
            created_at=START,
        )
        session.add(shop)
        session.flush()
        assert shop.id is not None
        return shop.id

    def programme(self, points: dict[str, Any], **sections: Any) -> None:
        """Loads a version that is in force from now on."""
        document = Programme.model_validate(
            {"programme": "Test", "currency": "EUR", "points": points, **sections}
        )
        written = canonical_text(document)
        with self.database.writing() as session:
            number = (
                session.connection()
                .execute(
                    text("SELECT count(*) FROM programme_versions WHERE workspace_id = :w"),
                    {"w": self.workspace},
                )
                .scalar_one()
            )
            session.add(
                ProgrammeVersion(
                    workspace_id=self.workspace,
                    number=number + 1,
                    digest=digest(written),
                    document=written,
                    loaded_at=self.now,
                )
            )

    def member(self, *customers: tuple[int, str], joined: datetime = START) -> int:
        """Customers as (index of the shop, id) that are one person."""
        with self.database.writing() as session:
            member = Member(workspace_id=self.workspace, joined_at=joined)
            session.add(member)
            session.flush()
            assert member.id is not None
            for shop, customer in customers:
                session.add(
                    MemberCustomer(
                        installation_id=self.shops[shop],
                        customer_id=customer,
                        workspace_id=self.workspace,
                        member_id=member.id,
                        email=f"{customer}@example.com",
                        linked_at=START,
                        linked_by="test",
                    )
                )
            return member.id

    def arrive(self, *orders: Order, shop: int = 0) -> list[Any]:
        """Handles them as one batch, fetched now."""
        news = [News(self.shops[shop], one, one.changed_at, self.now) for one in orders]
        with self.database.writing() as session:
            return handle_orders(session, self.workspace, news, self.now)

    def again(self, *ids: str, shop: int = 0) -> int:
        with self.database.writing() as session:
            keys = [(self.shops[shop], id_) for id_ in ids]
            return rehandle_orders(session, self.workspace, keys, self.now)

    def later(self, **by: Any) -> Passed:
        self.now += timedelta(**by)
        return pass_time(self.database, self.workspace, lambda: self.now, known_through=self.now)

    def balance(self, member: int) -> tuple[int, int, int]:
        """Available, pending, owed."""
        return self._row(
            "SELECT available, pending, debt FROM accounts"
            " WHERE workspace_id = :w AND holder = 'member' AND holder_id = :m",
            m=member,
        ) or (0, 0, 0)

    def sums(self) -> Counter[tuple[Any, ...]]:
        """The book by source line and effect."""
        with self.database.reading() as session:
            rows = session.connection().execute(
                text(
                    "SELECT account_id, source_id, source_line, rule,"
                    " CASE WHEN effect LIKE 'take_back%' THEN 'back' ELSE effect END, sum(points)"
                    " FROM entries WHERE workspace_id = :w GROUP BY 1, 2, 3, 4, 5"
                ),
                {"w": self.workspace},
            )
            return Counter({tuple(row[:5]): row[5] for row in rows})

    def worth(self, order_id: str) -> dict[tuple[str, str], int]:
        """What the book says a line earned by a rule, less what was taken back."""
        with self.database.reading() as session:
            rows = session.connection().execute(
                text(
                    "SELECT source_line, rule, sum(CASE WHEN effect = 'earn' THEN points"
                    " WHEN effect LIKE 'take_back%' THEN -points ELSE 0 END) FROM entries"
                    " WHERE workspace_id = :w AND source_kind = 'order' AND source_id = :o"
                    " GROUP BY 1, 2"
                ),
                {"w": self.workspace, "o": order_id},
            )
            return {(row[0], row[1]): int(row[2]) for row in rows if row[2]}

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """``:w`` is the workspace."""
        with self.database.reading() as session:
            asked = {"w": self.workspace, **values}
            return list(session.connection().execute(text(statement), asked))

    def _row(self, statement: str, **values: Any) -> Any:
        with self.database.reading() as session:
            row = (
                session.connection()
                .execute(text(statement), {"w": self.workspace, **values})
                .first()
            )
            return None if row is None else tuple(row)


def changed(one: Order, minutes: int, **fields: Any) -> Order:
    """The same order, changed later."""
    return replace(one, changed_at=one.placed_at + timedelta(minutes=minutes), **fields)


def versions_of(one: Order, changes: Sequence[dict[str, Any]]) -> list[Order]:
    """The order as it was after each change in turn."""
    found = [one]
    for number, fields in enumerate(changes, 1):
        found.append(replace(changed(found[-1], number), **fields))
    return found
