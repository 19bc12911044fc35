"""A shop that shows balances, and a merchant whose customers earn points there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from ledger_world import LedgerWorld, line, order
from sqlalchemy import select
from sqlmodel import col

from bridge.balances.models import ShownBalance
from bridge.balances.pushing import Pusher
from connectors.errors import ConnectorError
from connectors.sales import Balance

POINTS = {
    "rules": {"base": {"per_amount": {"points": 1, "each": 1}}},
    "ripen": {"after": "paid", "days": 0},
    "expire": {"days": 30},
}


class ShowingShop:
    """A shop that holds balances, and can be told to misbehave."""

    def __init__(self, *customers: str) -> None:
        self.held: dict[str, Balance | None] = dict.fromkeys(customers)
        self.calls: list[list[str]] = []
        self.prepared = 0
        self.before_answer: Callable[[], None] = lambda: None
        self.refuses: dict[str, ConnectorError] = {}

    def prepare(self) -> None:
        self.prepared += 1

    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        return {one: self.held[one] for one in customer_ids if one in self.held}

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        self.calls.append(sorted(balances))
        for customer, balance in balances.items():
            if customer in self.held and customer not in self.refuses:
                self.held[customer] = balance
        self.before_answer()
        return {one: error for one, error in self.refuses.items() if one in balances}

    def remove(self) -> None:
        self.held = dict.fromkeys(self.held)


class Scene:
    def __init__(self, ledger: LedgerWorld) -> None:
        self.ledger = ledger
        ledger.programme(POINTS)
        self.shop = ShowingShop("c1", "c2")
        self.member = ledger.member((0, "c1"), (1, "k1"))
        self.other = ledger.member((0, "c2"))
        self.pusher = self.new_pusher("one")

    def new_pusher(self, owner: str) -> Pusher:
        return Pusher(
            self.ledger.database,
            self.ledger.workspace,
            lambda: self.ledger.now,
            owner,
            timedelta(minutes=5),
            jitter=lambda low, high: high,
        )

    def push(self, pusher: Pusher | None = None) -> Any:
        one = pusher or self.pusher
        connector: Any = SimpleNamespace(balances=self.shop)
        silent: Any = SimpleNamespace(balances=None)
        one.enqueue({self.ledger.shops[0]: connector, self.ledger.shops[1]: silent})
        return one.push(self.ledger.shops[0], connector)

    def buys(self, id_: str, amount: int, customer: str = "c1") -> None:
        self.ledger.arrive(order(id_, line("a", amount), customer=customer))
        self.ledger.later(minutes=1)

    def row(self, customer: str = "c1") -> ShownBalance:
        with self.ledger.database.reading() as session:
            return session.scalars(
                select(ShownBalance).where(
                    col(ShownBalance.workspace_id) == self.ledger.workspace,
                    col(ShownBalance.customer_id) == customer,
                )
            ).one()
