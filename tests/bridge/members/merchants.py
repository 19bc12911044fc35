"""A merchant with two shops, his customers and orders, straight in the database."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.inbox.handling import Arrived, Outcome
from bridge.installations.models import Installation
from bridge.members.arriving import handle_customer
from bridge.members.holding import account_holder
from bridge.members.identity import DEFAULT_POLICY, IdentityPolicy, member_for_order
from bridge.members.models import IdentityQuestion, Member, MemberCustomer
from bridge.members.standing import identity, locked
from bridge.orders.models import HandledOrder
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.points.models import Account, Entry, Holder, Lot
from bridge.workspaces.models import Workspace
from connectors.base import Customer
from connectors.sales import Order

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Merchant:
    """Shop 1 and shop 2 of one workspace; each call is a unit of work of its own."""

    database: Database
    workspace_id: int
    shops: tuple[int, int]
    policy: IdentityPolicy = DEFAULT_POLICY
    now: datetime = T0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        self.now += timedelta(minutes=1)
        with self.database.writing() as session:
            yield session

    # -- what shops tell --------------------------------------------------------------------

    def customer(self, customer_id: str, email: str, shop: int = 1, **more: Any) -> Customer:
        return Customer(
            id=customer_id,
            email=email,
            group_id="1",
            store_id="1",
            created_at=more.pop("created_at", T0 - timedelta(days=30)),
            updated_at=more.pop("updated_at", self.now + timedelta(seconds=next(self._numbers))),
            **more,
        )

    def arrives(self, customer_id: str, email: str, shop: int = 1, **more: Any) -> Outcome:
        """The shop tells of a customer."""
        customer = self.customer(customer_id, email, **more)
        with self.writing() as session:
            arrived = Arrived(
                self.workspace_id,
                self.shops[shop - 1],
                customer,
                customer.updated_at,
                self.now,
                next(self._numbers),
            )
            return handle_customer(session, arrived, self.now, self.policy)

    def order(self, customer_id: str = "", email: str = "", shop: int = 1, **more: Any) -> str:
        """The shop tells of an order; its id. ``points``: what it earns, at once available."""
        number = str(next(self._numbers))
        points = more.pop("points", 0)
        placed_at = more.pop("placed_at", self.now)
        order = Order(
            id=number,
            number=number,
            store_id="1",
            currency="EUR",
            placed_at=placed_at,
            changed_at=placed_at,
            customer_id=customer_id,
            email=email,
            is_guest=more.pop("is_guest", not customer_id),
        )
        with self.writing() as session:
            member = member_for_order(
                session, self.workspace_id, self.shops[shop - 1], order, self.policy, self.now
            )
            account = None if member is None else self._earn(session, member, shop, number, points)
            session.add(self._handled(order, shop, member, account, **more))
        return number

    def _handled(
        self, order: Order, shop: int, member: Member | None, account: int | None, **more: Any
    ) -> HandledOrder:
        return HandledOrder(
            installation_id=self.shops[shop - 1],
            order_id=order.id,
            workspace_id=self.workspace_id,
            number=order.number,
            store_id="1",
            member_id=member.id if member else None,
            account_id=account,
            customer_id=order.customer_id,
            email=order.email if order.is_guest else "",
            is_guest=order.is_guest,
            placed_at=order.placed_at,
            changed_at=order.placed_at,
            fetched_at=self.now,
            currency="EUR",
            content="{}",
            **more,
        )

    def _earn(self, session: Session, member: Member, shop: int, source: str, points: int) -> int:
        book = Book(session, self.workspace_id, self.now)
        holder = account_holder(session, member)
        account = book.open([holder])[holder]
        if points:
            key = (self.shops[shop - 1], "order", source, "")
            lot = book.new_lot(account, key, self.now, is_ripe=True)
            cause = Cause("order", source, self.now, installation_id=self.shops[shop - 1])
            earn(book, account, lot, points, cause)
        book.write()
        return account.id

    # -- what is known ----------------------------------------------------------------------

    def member(self, customer_id: str, shop: int = 1) -> int | None:
        """The id of the customer's member."""
        with self.database.reading() as session:
            return session.execute(
                select(col(MemberCustomer.member_id)).where(
                    col(MemberCustomer.workspace_id) == self.workspace_id,
                    col(MemberCustomer.installation_id) == self.shops[shop - 1],
                    col(MemberCustomer.customer_id) == customer_id,
                )
            ).scalar_one_or_none()

    def row(self, member_id: int | None) -> Member:
        with self.database.reading() as session:
            found = session.get(Member, member_id)
        assert found is not None
        return found

    def buyer(self, order_id: str) -> int | None:
        """The member an order is stored for."""
        with self.database.reading() as session:
            return session.execute(
                select(col(HandledOrder.member_id)).where(
                    col(HandledOrder.workspace_id) == self.workspace_id,
                    col(HandledOrder.order_id) == order_id,
                )
            ).scalar_one()

    def account_of_order(self, order_id: str) -> tuple[str, int]:
        with self.database.reading() as session:
            row = session.execute(
                select(col(Account.holder), col(Account.holder_id))
                .join(HandledOrder, col(HandledOrder.account_id) == col(Account.id))
                .where(
                    col(HandledOrder.workspace_id) == self.workspace_id,
                    col(HandledOrder.order_id) == order_id,
                )
            ).one()
        return row.holder, row.holder_id

    def points(self, holder_id: int | None, holder: Holder = Holder.MEMBER) -> int:
        """What is available in the holder's own account."""
        with self.database.reading() as session:
            found = session.execute(
                select(col(Account.available)).where(
                    col(Account.workspace_id) == self.workspace_id,
                    col(Account.holder) == holder.value,
                    col(Account.holder_id) == holder_id,
                )
            ).scalar_one_or_none()
        return found or 0

    def questions(self) -> list[tuple[str, str, str]]:
        """Kind, subject and what about, of the open ones."""
        with self.database.reading() as session:
            rows = session.execute(
                select(
                    col(IdentityQuestion.kind),
                    col(IdentityQuestion.subject),
                    col(IdentityQuestion.about),
                )
                .where(
                    col(IdentityQuestion.workspace_id) == self.workspace_id,
                    col(IdentityQuestion.answer) == "",
                )
                .order_by(col(IdentityQuestion.id))
            )
            return [(row.kind, row.subject, row.about) for row in rows]

    def question_id(self) -> int:
        """Of the only open one."""
        with self.database.reading() as session:
            found = session.execute(
                select(col(IdentityQuestion.id)).where(
                    col(IdentityQuestion.workspace_id) == self.workspace_id,
                    col(IdentityQuestion.answer) == "",
                )
            ).scalar_one()
        assert found is not None
        return found

    def standing(self, session: Session, member_id: int | None) -> Member:
        assert member_id is not None
        return locked(session, self.workspace_id, member_id)

    def people(self) -> list[int]:
        """Ids of the members who were not merged into another."""
        with self.database.reading() as session:
            return [
                identity(member)
                for member in session.execute(
                    select(Member)
                    .where(
                        col(Member.workspace_id) == self.workspace_id,
                        col(Member.merged_into).is_(None),
                    )
                    .order_by(col(Member.id))
                ).scalars()
            ]

    def check_books(self) -> int:
        """Accounts are the sums of their lots and of their entries; the points of all together."""
        with self.database.reading() as session:
            lots: Counter[int] = Counter()
            for account_id, available in session.execute(
                select(col(Lot.account_id), col(Lot.available)).where(
                    col(Lot.workspace_id) == self.workspace_id
                )
            ):
                lots[account_id] += available
            posted: Counter[int] = Counter()
            for entry in session.execute(
                select(
                    col(Entry.account_id), col(Entry.debit), col(Entry.credit), col(Entry.points)
                ).where(col(Entry.workspace_id) == self.workspace_id)
            ):
                ways = (entry.credit == "available") - (entry.debit == "available")
                posted[entry.account_id] += entry.points * ways
            accounts = session.execute(
                select(col(Account.id), col(Account.available)).where(
                    col(Account.workspace_id) == self.workspace_id
                )
            ).all()
        for account_id, available in accounts:
            assert available == posted[account_id] == lots[account_id]
        return sum(available for _, available in accounts)


def merchant_in(database: Database, key: str = "acme") -> Merchant:
    with database.writing() as session:
        workspace = Workspace(key=key, created_at=T0)
        session.add(workspace)
        session.flush()
        assert workspace.id is not None
        ids = []
        for name in ("shop-de", "shop-at"):
            shop = Installation(
                workspace_id=workspace.id,
                name=name,
                platform="toy",
                url=f"https://{name}.example",
                credentials="",
                created_at=T0,
            )
            session.add(shop)
            session.flush()
            assert shop.id is not None
            ids.append(shop.id)
        return Merchant(database, workspace.id, (ids[0], ids[1]))


def at_once(works: Sequence[Callable[[], object]]) -> None:
    """Each in a thread of its own, begun together."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(run, works))
