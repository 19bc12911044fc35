"""A merchant with two shops in two currencies, members with points, and vouchers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ledger_world import START, LedgerWorld
from sqlalchemy import select
from sqlmodel import col

from bridge.installations.models import ShopFacts
from bridge.kit.encryption import KeyRing, generate_key
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Voucher, VoucherKind, VoucherPool
from bridge.vouchers.stores import StorePlace, store_named

STORES = {
    "north": [("1", "de", "EUR")],
    "south": [("1", "us", "USD"), ("2", "jp", "JPY")],
}
_KEYS = KeyRing([generate_key()])
_numbers = itertools.count(1)


@dataclass
class VoucherWorld(LedgerWorld):
    """``north`` has one store in EUR; ``south`` one in USD and one in JPY."""

    keys: KeyRing = field(default_factory=lambda: _KEYS)

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
