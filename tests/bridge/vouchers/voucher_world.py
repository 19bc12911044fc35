"""A merchant with two shops in two currencies, members with points, and vouchers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ledger_world import START, LedgerWorld, line, money, order
from sqlalchemy import select
from sqlmodel import col

from bridge.earning.arriving import orders_handler
from bridge.inbox.handling import Arrived
from bridge.inbox.known import ReadThrough
from bridge.installations.models import ShopFacts
from bridge.kit.encryption import KeyRing, generate_key
from bridge.members.holding import account_holder
from bridge.members.standing import locked
from bridge.points import adjusting
from bridge.points.book import Book, Cause
from bridge.vouchers.arriving import with_uses
from bridge.vouchers.clockwork import Passed, pass_time
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import Withdrawn, expire_due, release_proven, withdraw
from bridge.vouchers.exchanging import exchange, exchange_proven
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Voucher, VoucherKind, VoucherPool, VoucherState
from bridge.vouchers.redeeming import Redeemed, Request, redeem
from bridge.vouchers.stores import StorePlace, store_named
from bridge.vouchers.uses import Oddity
from connectors.sales import Order, UsedCode

STORES = {
    "north": [("1", "de", "EUR")],
    "south": [("1", "us", "USD"), ("2", "jp", "JPY")],
}
CENT = {"rate": {"points": 100, "amount": 1}, "step": 1}
"""100 points are worth 1 EUR; any whole number of them."""
ONE_A_EURO = {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}}
_KEYS = KeyRing([generate_key()])
_numbers = itertools.count(1)


@dataclass
class VoucherWorld(LedgerWorld):
    """``north`` has one store in EUR; ``south`` one in USD and one in JPY."""

    keys: KeyRing = field(default_factory=lambda: _KEYS)
    odd: list[Oddity] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        with self.database.writing() as session:
            for shop, stores in zip(self.shops, STORES.values(), strict=True):
                listed = [
                    {"id": id_, "code": code, "name": code, "currency": currency}
                    for id_, code, currency in stores
                ]
                session.add(
                    ShopFacts(
                        installation_id=shop,
                        workspace_id=self.workspace,
                        stores=listed,
                        read_at=START,
                    )
                )

    def store(self, name: str = "north") -> StorePlace:
        with self.database.reading() as session:
            return store_named(session, self.workspace, name)

    def secret(self) -> bytes:
        with self.database.writing() as session:
            return workspace_secret(session, self.workspace, lambda: self.keys, self.now)

    def issue(self, *, codes_per_pool: int = 5_000, **fields: Any) -> Voucher:
        """One worth 10 in ``north``, unless told otherwise."""
        secret = self.secret()
        told = {
            "kind": VoucherKind.CAMPAIGN,
            "rule": "hello",
            "source_kind": "occasion",
            "source_id": f"c{next(_numbers)}",
            "store": self.store(),
            **fields,
        }
        if "percent" not in told:
            told.setdefault("amount", Decimal(10))
        with self.database.writing() as session:
            return issue(
                session,
                self.workspace,
                secret,
                NewVoucher(**told),
                self.now,
                codes_per_pool=codes_per_pool,
            )

    def vouchers(self) -> list[Voucher]:
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(Voucher)
                    .where(col(Voucher.workspace_id) == self.workspace)
                    .order_by(col(Voucher.id))
                )
            )

    def pools(self) -> list[VoucherPool]:
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(VoucherPool)
                    .where(col(VoucherPool.workspace_id) == self.workspace)
                    .order_by(col(VoucherPool.id))
                )
            )

    # -- points -----------------------------------------------------------------------------

    def saver(self, points: int, *customers: tuple[int, str], lasts: int | None = None) -> int:
        """A member with so many points, which last so many days."""
        member = self.member(*customers)
        if points:
            self.give(member, points, lasts)
        return member

    def give(self, member: int, points: int, lasts: int | None = None) -> None:
        until = None if lasts is None else self.now + timedelta(days=lasts)
        with self.database.writing() as session:
            holder = account_holder(session, locked(session, self.workspace, member))
            book = Book(session, self.workspace, self.now)
            account = book.open([holder])[holder]
            cause = Cause("adjustment", f"gift{next(_numbers)}", self.now)
            adjusting.give(book, account, points, cause, expires_at=until)
            book.write()

    def redeem(
        self, member: int, points: int, store: str = "north", id_: str = "", **other: Any
    ) -> Redeemed:
        secret = self.secret()
        request = Request(member, points, self.store(store), id_ or f"r{next(_numbers)}")
        with self.database.writing() as session:
            return redeem(session, self.workspace, secret, request, self.now, **other)

    def standing(self, member: int) -> tuple[int, int, int]:
        """Available, reserved, owed."""
        [row] = self.rows(
            "SELECT available, reserved, debt FROM accounts"
            " WHERE workspace_id = :w AND holder = 'member' AND holder_id = :m",
            m=member,
        )
        return tuple(row)

    # -- the shops --------------------------------------------------------------------------

    def deliver(self) -> None:
        """Each shop holds the codes that are wanted, and no other; as a worker leaves it."""
        with self.database.writing() as session:
            for voucher in session.scalars(
                select(Voucher).where(col(Voucher.workspace_id) == self.workspace)
            ):
                if voucher.is_wanted and not voucher.is_there:
                    voucher.intended_at = voucher.issued_at = self.now
                    voucher.is_there, voucher.removed_at = True, None
                elif not voucher.is_wanted and voucher.intended_at and not voucher.removed_at:
                    voucher.is_there, voucher.removed_at = False, self.now

    def sells(self, *orders: Order, shop: int = 0) -> list[Any]:
        """Handles them as one batch, with the vouchers on them."""
        arrived = [
            Arrived(self.workspace, self.shops[shop], one, one.changed_at, self.now, row)
            for row, one in enumerate(orders)
        ]
        with self.database.writing() as session:
            handle = with_uses(orders_handler, self.odd.append)
            return list(handle(session, arrived, self.now))

    # -- the end ----------------------------------------------------------------------------

    def withdraw(self, voucher: Voucher, why: str = "he asked") -> Withdrawn:
        with self.database.writing() as session:
            return withdraw(session, self.workspace, voucher.id or 0, why, self.now)

    def exchange(self, voucher: Voucher, store: str) -> Voucher:
        secret, place = self.secret(), self.store(store)
        with self.database.writing() as session:
            return exchange(
                session, self.workspace, secret, voucher.id or 0, place, "moved", self.now
            )

    def expire(self) -> int:
        with self.database.writing() as session:
            return expire_due(session, self.workspace, self.now)

    def polled(
        self, at: datetime | None = None, *codes: str, shops: tuple[int, ...] = (0, 1)
    ) -> int:
        """Every order up to then was read; how many vouchers ended for it."""
        read = {self.shops[shop]: ReadThrough(at or self.now, frozenset(codes)) for shop in shops}
        secret = self.secret()
        with self.database.writing() as session:
            ended = release_proven(session, self.workspace, read, self.now)
            return ended + exchange_proven(session, self.workspace, secret, read, self.now)

    def passing(self) -> Passed:
        """Time passes, and every order up to now was read."""
        read = {shop: ReadThrough(self.now) for shop in self.shops}
        return pass_time(self.database, self.workspace, lambda: self.keys, read, lambda: self.now)

    def voucher(self, voucher: Voucher) -> Voucher:
        """As it is now."""
        return next(one for one in self.vouchers() if one.id == voucher.id)

    def state(self, voucher: Voucher) -> VoucherState:
        return VoucherState(self.voucher(voucher).state)


def paid_with(
    voucher: Voucher, id_: str, *, worth: int = 100, took: str = "10", **other: Any
) -> Order:
    """An order with the voucher's code, in lower case, as a shopper may type it."""
    used = UsedCode(voucher.code.lower(), money(took))
    lines = (line("a", worth, discount=money(took)),)
    return order(id_, *other.pop("lines", lines), codes=(used,), **other)
