"""A shop that takes off baskets what stands in its customers' fields, and shoppers in it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from ledger_world import line, money, order
from toyshop.dying import Boundaries, Killed, MortalDatabase
from voucher_world import CENT, ONE_A_EURO, VoucherWorld

from bridge.db import Database
from bridge.vouchers.basket_delivery import deliver_baskets, look_again
from bridge.vouchers.baskets import Asked, InBasket, hold, in_basket
from bridge.vouchers.desk import Delivered, Desk
from bridge.vouchers.models import Voucher
from bridge.vouchers.queue import Place
from connectors.errors import NotFound, Unreachable
from connectors.plugins import HeldPoints, Plugin
from connectors.sales import Order, UsedCode

LEASE = timedelta(minutes=5)
NOBODY = Boundaries(-1)


class FieldShop:
    """As much of a connector as a delivery touches."""

    def __init__(self, *customers: str) -> None:
        self.fields: dict[str, HeldPoints | None] = dict.fromkeys(customers)
        self.is_out = False
        self.takes_points = True
        self.boundaries = NOBODY
        self.calls: list[str] = []

    def plugin(self) -> Plugin | None:
        return Plugin("2.1.0", True, True, takes_points=self.takes_points)

    def shop(self) -> Any:
        raise Unreachable("it does not tell its time")

    def hold(self, customer_id: str, held: HeldPoints | None) -> None:
        self._ask("hold", customer_id)
        self.fields[customer_id] = held
        self.boundaries.pass_one()

    def held(self, customer_id: str) -> str:
        self._ask("held", customer_id)
        held = self.fields[customer_id]
        self.boundaries.pass_one()
        return held.key if held is not None else ""

    def _ask(self, name: str, customer_id: str) -> None:
        self.calls.append(name)
        self.boundaries.pass_one()
        if self.is_out:
            raise Unreachable("out")
        if customer_id not in self.fields:
            raise NotFound("no such customer")


class BasketWorld(VoucherWorld):
    """Points of the member's in baskets of ``north``: 100 are worth 1 EUR."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.shop = FieldShop()
        self.asked = itertools.count(1)
        self.home = Path("unused")

    def begin(self, points: int = 1000, customer: str = "c1", **redemption: Any) -> int:
        """A member who is a customer of ``north``."""
        self.programme(ONE_A_EURO, redemption={**CENT, **redemption})
        return self.shopper(points, customer)

    def shopper(self, points: int, customer: str = "c1") -> int:
        self.shop.fields[customer] = None
        return self.saver(points, (0, customer))

    def ask(
        self,
        member: int,
        points: int,
        customer: str = "c1",
        request: str = "",
        store: str = "north",
    ) -> bool:
        """As far as the answer's transaction."""
        secret = self.secret()
        asked = Asked(
            member, customer, points, self.store(store), request or f"q{next(self.asked)}"
        )
        with self.database.writing() as session:
            return hold(session, self.workspace, secret, asked, self.now)

    def bring(self, database: Database | None = None) -> Delivered:
        """Into the shop."""
        desk = Desk(
            database or self.database,
            self.workspace,
            self.home,
            "worker",
            lambda: self.now,
            LEASE,
            jitter=lambda low, high: high,
        )
        return deliver_baskets(desk, self.shops[0], cast(Any, self.shop))

    def bring_and_die(self, boundary: int) -> bool:
        """Whether there were so many boundaries that the worker was killed."""
        boundaries = self.shop.boundaries = Boundaries(boundary)
        try:
            self.bring(cast(Database, MortalDatabase(self.database, boundaries)))
        except Killed:
            return True
        finally:
            self.shop.boundaries = NOBODY
        return False

    def put_in(self, member: int, points: int, customer: str = "c1") -> None:
        self.ask(member, points, customer)
        self.bring()

    def takes(self, customer: str = "c1", goods: str = "100") -> tuple[str, Decimal]:
        """What a basket of these goods takes off now: the key, and how much."""
        held = self.shop.fields[customer]
        if held is None or held.until <= self.now:
            return "", Decimal(0)
        share = Decimal(100) if held.share is None else held.share
        return held.key, min(held.worth, Decimal(goods) * share / 100)

    def order(self, id_: str, customer: str = "c1", goods: str = "100", **other: Any) -> Order:
        """Placed with a basket of these goods, as the shop tells it."""
        key, off = self.takes(customer, goods)
        taken = money(str(off))
        codes = (UsedCode(key, taken, shown=off),) if off else ()
        placed = order(
            id_, line("a", goods, discount=taken), customer=customer, codes=codes, **other
        )
        return replace(placed, currency="EUR")

    def look(self, member: int, customer: str = "c1") -> InBasket:
        with self.database.reading() as session:
            return in_basket(session, self.workspace, self.store(), customer, member, self.now)

    def proven(self) -> int:
        """A last look, then a poll that got past now."""
        place = Place(self.workspace, self.shops[0])
        later = self.now + timedelta(minutes=1)
        look_again(self.database, place, cast(Any, self.shop), later)
        return self.polled(later)

    def ended(self, member: int) -> tuple[int, int, int]:
        """What the book says once everything that is held came to its end."""
        self.later(hours=2)
        self.expire()
        for _ in range(3):
            self.bring()
            self.later(hours=2)
            self.proven()
        return self.standing(member)

    def only(self) -> Voucher:
        (voucher,) = self.vouchers()
        return voucher
