"""Taking over what the bridge itself made before its database was restored from a backup.

Promotions and codes carry the bridge's mark, and the same cause makes the same code again. So
what is needed once more is found in the shop and taken over. What nothing asks for any more is
listed for a person; it is never taken away by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.vouchers.desk import Desk
from bridge.vouchers.models import VoucherPool
from bridge.vouchers.pool_queue import unknown_of
from bridge.vouchers.pooling import CODES_PER_POOL, KEY_PREFIX, promotion_of
from bridge.vouchers.queue import DueCode, Place
from connectors.rewards import HeldCode, HeldPromotion, Promotion, Promotions

_PROMOTION = TypeAdapter(Promotion)
CODES_PER_LOOK = 500


@dataclass(frozen=True, slots=True)
class Unknown:
    """A promotion of vouchers with codes in the shop that no voucher has."""

    key: str
    name: str
    native_id: str
    codes: tuple[str, ...]
    """Those that the database does not know; empty: the promotion holds none of them."""
    is_known: bool
    """Whether the database knows the promotion itself."""


class Adopting:
    """In one shop."""

    def __init__(self, desk: Desk, place: Place, promotions: Promotions) -> None:
        self._desk = desk
        self._place = place
        self._promotions = promotions

    def pools_of(
        self, pool_id: int, codes: Sequence[DueCode], held: Mapping[str, HeldCode]
    ) -> dict[int, int]:
        """Codes of this pool that the shop holds under another number of the same worth: the
        pool of each by the code's id, made where the database has lost it. Those on anything
        else are left out. Raises ConnectorError.
        """
        by_native = {one.native_id: one for one in self._promotions.all()}
        wanted = {one.id: by_native.get(held[one.code].promotion_id) for one in codes}
        found: dict[int, int] = {}
        with self._desk.database.writing() as session:
            own = session.get_one(VoucherPool, pool_id)
            for code_id, promotion in wanted.items():
                if promotion is None or _worth_of(promotion.key) != _worth_of(own.key):
                    continue
                pool = _pool(session, own, promotion)
                assert pool.id is not None
                found[code_id] = pool.id
        return found


def unknown(desk: Desk, place: Place, promotions: Promotions) -> list[Unknown]:
    """What carries the bridge's mark and is not in its database. Walks all codes of the shop's
    promotions of vouchers. Raises ConnectorError."""
    found = []
    for promotion in promotions.all():
        if not promotion.key.startswith(KEY_PREFIX):
            continue  # those of the programme are the plan's
        with desk.database.reading() as session:
            is_known = _known(session, place, promotion.key) is not None
        codes: list[str] = []
        held = iter(promotions.codes_of(promotion.key))
        while some := [one.code for one in islice(held, CODES_PER_LOOK)]:
            with desk.database.reading() as session:
                codes += sorted(unknown_of(session, place, some))
        if codes or not is_known:
            found.append(
                Unknown(promotion.key, promotion.name, promotion.native_id, tuple(codes), is_known)
            )
    return found


def _worth_of(key: str) -> str:
    return key.rpartition(":")[0]


def _known(session: Session, place: Place, key: str) -> VoucherPool | None:
    return session.execute(
        select(VoucherPool).where(
            col(VoucherPool.workspace_id) == place.workspace_id,
            col(VoucherPool.installation_id) == place.installation_id,
            col(VoucherPool.key) == key,
        )
    ).scalar_one_or_none()


def _pool(session: Session, own: VoucherPool, promotion: HeldPromotion) -> VoucherPool:
    """The pool with this promotion's key: like ``own`` in all but its number."""
    place = Place(own.workspace_id, own.installation_id)
    known = _known(session, place, promotion.key)
    if known is not None:
        return known
    number = int(promotion.key.rpartition(":")[2])
    told = replace(promotion_of(own), key=promotion.key, name=promotion.name)
    row = VoucherPool(
        workspace_id=own.workspace_id,
        installation_id=own.installation_id,
        store_id=own.store_id,
        key=promotion.key,
        worth=own.worth,
        number=number,
        promotion=_PROMOTION.dump_json(told).decode(),
        placed=CODES_PER_POOL,  # nobody knows how many hang on it: no more are given to it
        ends_at=own.ends_at,
        native_id=promotion.native_id,
        native=promotion.native,
        is_there=True,
        made_at=own.made_at,
    ).model_dump(exclude={"id"})
    insert_or_ignore(
        session, VoucherPool, [row], ("installation_id", "store_id", "worth", "number")
    )
    made = _known(session, place, promotion.key)
    assert made is not None
    return made
