"""A merchant whose books are clean, and what somebody with a database client can do to them."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger_world import START, LedgerWorld, line, order, refund
from sqlalchemy import select, text
from sqlmodel import col

from bridge.application import Application
from bridge.balances import queue
from bridge.config import Settings
from bridge.db import Database
from bridge.earning.activities import Done, handle_activity
from bridge.earning.arriving import activity_handler, order_handler
from bridge.inbox.handling import handle_queue
from bridge.inbox.models import Cursor
from bridge.inbox.storing import Fetched, store
from bridge.kit.encryption import generate_key
from bridge.members.adjusting import Adjustment, adjust
from bridge.orders.models import HandledOrder
from bridge.reconciling.findings import Finding, Report
from bridge.reconciling.service import reconcile
from bridge.tiers.service import review
from connectors.sales import Order, Refund

POINTS: dict[str, Any] = {
    "rules": {
        "base": {"per_amount": {"points": 1, "each": 1}},
        "review": {"review": 50},
    },
    "ripen": {"after": "paid", "days": 14},
    "expire": {"months": 12},
}
TIERS: dict[str, Any] = {
    "silver": {"name": "Silver", "reach": {"spend": 150}},
    "gold": {"name": "Gold", "reach": {"spend": 5000}},
}


class Merchant:
    """Two shops, four members: Ada (c1, and k1 in the other shop), Bo (c2), Cy (c3), Dee (c4)
    who never bought."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.ledger = LedgerWorld(database)
        self.workspace = self.ledger.workspace
        settings = Settings(home=home, keys=generate_key())
        self.app = Application(
            settings, database, self.workspace, platforms={}, now=lambda: self.ledger.now
        )
        self.ledger.programme(POINTS, tiers=TIERS)
        self.ada = self.ledger.member((0, "c1"), (1, "k1"))
        self.bo = self.ledger.member((0, "c2"))
        self.cy = self.ledger.member((0, "c3"))
        self.dee = self.ledger.member((0, "c4"))
        self._addresses()
        self._history()

    def in_copy(self, database: Database, home: Path) -> Merchant:
        """The same one, in a copy of the database."""
        other = copy(self)
        other.database = database
        other.ledger = replace_database(self.ledger, database)
        settings = Settings(home=home, keys=generate_key())
        other.app = Application(
            settings, database, self.workspace, platforms={}, now=lambda: other.ledger.now
        )
        return other

    def _addresses(self) -> None:
        for member, name in ((self.ada, "c1"), (self.bo, "c2"), (self.cy, "c3")):
            self.sql(
                "INSERT INTO member_emails (workspace_id, email, member_id, is_confirmed)"
                " VALUES (:w, :e, :m, :yes)",
                e=f"{name}@example.com",
                m=member,
                yes=True,
            )
        self.sql("UPDATE member_customers SET linked_by = 'new' WHERE customer_id <> 'k1'")
        self.sql("UPDATE member_customers SET email = '' WHERE customer_id IN ('c4', 'k1')")

    def _history(self) -> None:
        """Ripe points, spent ones, waiting ones, a refund, a frozen order, an activity."""
        self.comes(order("100", line("a", 100), line("b", 60, 3)))
        self.comes(order("101", line("a", 40), customer="c2"))
        self.comes(order("k100", line("a", 30), customer="k1"), shop=1)
        self.ledger.later(days=20)
        self.adjusts(self.ada, 25, "gift")
        self.adjusts(self.ada, -35, "prize")
        self.adjusts(self.dee, 90, "dee-in")
        self.ledger.now += timedelta(minutes=5)
        self.adjusts(self.dee, -15, "dee-out")
        with self.database.writing() as session:
            at = self.ledger.now
            handle_activity(
                session,
                self.workspace,
                Done(self.ledger.shops[0], "r1", "review", at, True, at, at, customer_id="c1"),
                at,
            )
        waiting = order("102", line("a", 80), placed=self.ledger.now)
        self.comes(waiting)
        self.comes(order("103", line("a", 10), customer="c3", placed=self.ledger.now))
        self.ledger.now += timedelta(hours=1)
        returned = order("100", line("a", 100), line("b", 60, 3))
        back = refund("r", ("b", 1, 20), at=self.ledger.now)
        self.comes(replace(returned, refunds=(back,), changed_at=self.ledger.now))
        unknown = order("104", line("a", 70), customer="c2")
        self.comes(unknown)
        self.ledger.later(days=1)
        frozen = replace(
            unknown,
            refunds=(Refund("u", self.ledger.now, unnamed=None),),
            changed_at=self.ledger.now,
        )
        self.comes(frozen)
        self._settle()

    def _settle(self) -> None:
        review(self.database, self.workspace, lambda: self.ledger.now)
        with self.database.writing() as session:
            queue.enqueue(session, self.workspace, [])
            for shop in self.ledger.shops:
                session.add(
                    Cursor(
                        installation_id=shop,
                        resource="orders",
                        workspace_id=self.workspace,
                        mark_at=self.ledger.now,
                        complete_through=self.ledger.now - timedelta(minutes=5),
                        polled_at=self.ledger.now,
                    )
                )
        self.ledger.now += timedelta(minutes=30)
        self.ledger.later(minutes=1)

    # -- what happens to it -----------------------------------------------------------------

    def comes(self, one: Order, shop: int = 0, *, handle: bool = True) -> None:
        with self.database.writing() as session:
            fetched = Fetched(one, one.changed_at, self.ledger.now)
            store(session, self.workspace, self.ledger.shops[shop], [fetched])
        if handle:
            self.work()

    def work(self) -> None:
        handle_queue(
            self.database,
            self.workspace,
            {"order": order_handler, "activity": activity_handler},
            lambda: self.ledger.now,
        )

    def placed(self, order_id: str) -> datetime:
        with self.database.reading() as session:
            return session.scalars(
                select(HandledOrder.placed_at).where(
                    col(HandledOrder.workspace_id) == self.workspace,
                    col(HandledOrder.order_id) == order_id,
                )
            ).one()

    def adjusts(self, member: int, points: int, id_: str) -> None:
        with self.database.writing() as session:
            adjust(
                session, self.workspace, member, Adjustment(id_, points, "x", "y"), self.ledger.now
            )

    # -- what somebody does with a client ---------------------------------------------------

    def sql(self, statement: str, **values: Any) -> None:
        with self.database.writing() as session:
            session.execute(text(statement), {"w": self.workspace, **values})

    def tamper(self, *statements: str, **values: Any) -> None:
        """With the guards of the book switched off for the time being."""
        with self.database.writing() as session:
            dropped = self._guards(session, on=False)
            for statement in statements:
                names = {name for name in values if f":{name}" in statement}
                given = {name: values[name] for name in names}
                if ":w" in statement:
                    given["w"] = self.workspace
                session.execute(text(statement), given)
            self._guards(session, on=True, statements=dropped)

    def _guards(self, session: Any, *, on: bool, statements: list[str] | None = None) -> list[str]:
        if self.database.is_sqlite:
            if on:
                for statement in statements or ():
                    session.execute(text(statement))
                return []
            rows = session.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for row in rows:
                session.execute(text(f"DROP TRIGGER {row.name}"))
            return [row.sql for row in rows]
        word = "ENABLE" if on else "DISABLE"
        session.execute(text(f"ALTER TABLE entries {word} TRIGGER entries_are_never_changed"))
        return []

    # -- looking ----------------------------------------------------------------------------

    def look(self) -> list[Finding]:
        return reconcile(self.app, ask_shops=False).left

    def repair(self) -> Report:
        return reconcile(self.app, ask_shops=False, repair=True)

    def value(self, statement: str, **values: Any) -> Any:
        with self.database.reading() as session:
            return session.execute(text(statement), {"w": self.workspace, **values}).scalar()

    def state(self) -> dict[str, Any]:
        """All that a member could notice: balances, what each source earned, who is who."""
        asked = {
            "balances": "SELECT holder, holder_id, available, pending, reserved, debt FROM accounts"
            " WHERE workspace_id = :w AND available + pending + reserved + debt > 0",
            "lots": "SELECT account_id, source_kind, source_id, pending, available, reserved,"
            " ripens_at, expires_at FROM lots WHERE workspace_id = :w"
            " AND available + pending + reserved > 0",
            "orders": "SELECT installation_id, order_id, member_id, account_id, net_total,"
            " gross_total, items, counts, is_frozen, is_decided, content FROM orders"
            " WHERE workspace_id = :w",
            "members": "SELECT id, tier, merged_into FROM members WHERE workspace_id = :w",
            "customers": "SELECT installation_id, customer_id, member_id FROM member_customers"
            " WHERE workspace_id = :w",
            "addresses": "SELECT email, member_id FROM member_emails WHERE workspace_id = :w",
            "worth": "SELECT source_kind, source_id, source_line, rule,"
            " sum(CASE WHEN effect = 'earn' THEN points ELSE -points END) FROM entries"
            " WHERE workspace_id = :w AND (effect = 'earn' OR effect LIKE 'take_back%')"
            " GROUP BY 1, 2, 3, 4"
            " HAVING sum(CASE WHEN effect = 'earn' THEN points ELSE -points END) <> 0",
        }
        with self.database.reading() as session:
            return {
                name: sorted(
                    (tuple(row) for row in session.execute(text(query), {"w": self.workspace})),
                    key=repr,
                )
                for name, query in asked.items()
            }


def replace_database(ledger: LedgerWorld, database: Database) -> LedgerWorld:
    other = copy(ledger)
    other.database = database
    return other


NEVER = datetime(2001, 1, 1, tzinfo=UTC)
__all__ = ["NEVER", "POINTS", "START", "Merchant"]
