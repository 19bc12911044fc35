"""Whose codes these are, told to shops whose plugin takes a code from its owner alone.

A voucher is its member's, or the whole staff's where the company holds the points together. Who
is no customer of the shop yet is known by his address. The shop is told before it gets a code,
and again when its owner changed: two members were merged, somebody registered there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlmodel import Session, col

from bridge.db import Database, insert_or_ignore
from bridge.installations import plugin_states
from bridge.kit.clock import Clock, utc_now
from bridge.vouchers.models import Voucher, VoucherOwner, VoucherPool
from bridge.vouchers.queue import Place
from bridge.vouchers.whose import OwnedCode, here, listed, mark_of, untold
from connectors.errors import ConnectorError, Forbidden
from connectors.plugins import GuardsCodes

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What one look came to."""

    told: int = 0
    forgotten: int = 0
    refused: Mapping[str, ConnectorError] = field(default_factory=dict)
    """By code."""


def guard_of(database: Database, place: Place, connector: object) -> GuardsCodes | None:
    """``None``: this shop takes codes from whoever has them, or its plugin was made to forget the
    bridge, and is told nothing. Asked when a code is on its way already: then a guard that comes
    afterwards is told of it. One that was told once, and may not be looked for any more, may still
    be there: it is told on. Raises ConnectorError."""
    if not isinstance(connector, GuardsCodes):
        return None
    with database.reading() as session:
        if plugin_states.state_of(session, place.workspace_id, place.installation_id).is_forgotten:
            return None
    try:
        return connector if connector.has_to_know() else None
    except Forbidden:
        return connector if _was_told(database, place) else None


@dataclass(frozen=True, slots=True)
class _Ended:
    id: int
    code: str
    customers: tuple[str, ...]


class Owners:
    """Tells one shop."""

    def __init__(self, database: Database, place: Place, guard: GuardsCodes, clock: Clock) -> None:
        self._database = database
        self._place = place
        self._guard = guard
        self._clock = clock

    def tell(self, voucher_ids: Sequence[int]) -> dict[str, ConnectorError]:
        """Those of these that the shop was not told of yet; the refused, by code, are not to be
        put in. Raises ConnectorError."""
        with self._database.reading() as session:
            codes = untold(session, self._place, sorted(voucher_ids))
        refused = self._tell(codes)
        with self._database.reading() as session:
            keys = _all_told(session, self._place, voucher_ids)
        self._guard.guard_promotions(keys)
        return refused

    def tell_all(self) -> Told:
        """Every code that may be in the shop, as far as it was told something else; and nothing
        more of those that were taken out. Raises ConnectorError."""
        refused: dict[str, ConnectorError] = {}
        told, after = 0, 0
        while ids := self._open(after):
            with self._database.reading() as session:
                codes = untold(session, self._place, ids)
            failed = self._tell(codes)
            told, after = told + len(codes) - len(failed), ids[-1]
            refused |= failed
        with self._database.reading() as session:
            keys = _all_told(session, self._place)
        self._guard.guard_promotions(keys)
        return Told(told, self._forget_ended(), refused)

    def forget_all(self) -> int:
        """Once nothing is guarded any more; of how many codes. Raises ConnectorError."""
        return self._forget(lambda: self._ended(whatever=True))

    def _tell(self, codes: Sequence[OwnedCode]) -> dict[str, ConnectorError]:
        refused: dict[str, ConnectorError] = {}
        size = self._guard.owners_per_call
        for some in (codes[start : start + size] for start in range(0, len(codes), size)):
            former = {one.code: one.before for one in some if one.before}
            self._keep(some, is_known=False)
            failed = self._guard.own({one.code: one.owner for one in some}, former)
            self._keep([one for one in some if one.code not in failed], is_known=True)
            refused |= failed
        return refused

    def _keep(self, codes: Sequence[OwnedCode], *, is_known: bool) -> None:
        """What the shop was told. Not ``is_known``: what it may be told by a call whose answer is
        lost, or whose worker is killed; it is told anew then, whoever owns the code by that time,
        and that all of these do no more."""
        now = self._clock()
        with self._database.writing() as session:
            session.execute(
                delete(VoucherOwner).where(
                    *here(VoucherOwner, self._place),
                    col(VoucherOwner.voucher_id).in_([one.id for one in codes]),
                )
            )
            insert_or_ignore(
                session,
                VoucherOwner,
                [
                    {
                        "voucher_id": one.id,
                        "workspace_id": self._place.workspace_id,
                        "installation_id": self._place.installation_id,
                        "told": mark_of(one.owner) if is_known else "",
                        "customers": json.dumps(_customers(one, is_known=is_known)),
                        "told_at": now,
                    }
                    for one in codes
                ],
                ("voucher_id",),
            )

    def _open(self, after: int) -> list[int]:
        with self._database.reading() as session:
            return _ids(
                session,
                select(col(Voucher.id))
                .where(*here(Voucher, self._place), col(Voucher.id) > after, *_in_shop())
                .order_by(col(Voucher.id))
                .limit(_CHUNK),
            )

    def _forget_ended(self) -> int:
        return self._forget(self._ended)

    def _forget(self, some: Callable[[], list[_Ended]]) -> int:
        count = 0
        while ended := some():
            codes = [one.code for one in ended]
            self._guard.disown(codes, {one.code: one.customers for one in ended if one.customers})
            with self._database.writing() as session:
                session.execute(
                    delete(VoucherOwner).where(
                        *here(VoucherOwner, self._place),
                        col(VoucherOwner.voucher_id).in_([one.id for one in ended]),
                    )
                )
            count += len(ended)
        return count

    def _ended(self, *, whatever: bool = False) -> list[_Ended]:
        """Of those that were told; ``whatever``: also those that are in use."""
        with self._database.reading() as session:
            rows = session.execute(
                select(col(Voucher.id), col(Voucher.code), col(VoucherOwner.customers))
                .join(VoucherOwner, col(VoucherOwner.voucher_id) == col(Voucher.id))
                .where(*here(VoucherOwner, self._place), *(() if whatever else _is_over()))
                .order_by(col(Voucher.id))
                .limit(_CHUNK)
            )
            return [_Ended(row.id, row.code, listed(row.customers)) for row in rows]


def forget_told(session: Session, place: Place) -> int:
    """The plugin is gone, and what it was told with it, or may be: it is told anew. Of how many
    codes. Who was told to own those that are in use is kept: it may stand in the shop's own
    fields."""
    ended = select(col(Voucher.id)).where(*here(Voucher, place), *_is_over())
    gone: Any = session.execute(
        delete(VoucherOwner).where(
            *here(VoucherOwner, place), col(VoucherOwner.voucher_id).in_(ended)
        )
    )
    untold = update(VoucherOwner).where(*here(VoucherOwner, place), col(VoucherOwner.told) != "")
    done: Any = session.execute(untold.values(told=""))
    return int(gone.rowcount) + int(done.rowcount)


def let_go(database: Database, place: Place, connector: object) -> int:
    """The bridge leaves the plugin, or the plugin the shop: nothing is guarded any more, then
    nothing of it stays with customers. Of how many codes; none, and another time, where it cannot
    be seen whether anything is guarded: owners would be refused. Raises ConnectorError."""
    if not isinstance(connector, GuardsCodes):
        return 0
    try:
        if not (_was_told(database, place) or connector.has_to_know()):
            return 0
        connector.release()
    except Forbidden:
        return 0
    return Owners(database, place, connector, utc_now).forget_all()


def _was_told(database: Database, place: Place) -> bool:
    with database.reading() as session:
        known = select(col(VoucherOwner.voucher_id)).where(*here(VoucherOwner, place)).limit(1)
        return session.execute(known).first() is not None


def _customers(one: OwnedCode, *, is_known: bool) -> list[str]:
    now = one.owner.customer_ids
    return sorted({*now} if is_known else {*now, *one.before})


# -- which codes ------------------------------------------------------------------------------


def _all_told(session: Session, place: Place, only: Sequence[int] | None = None) -> list[str]:
    """Keys of promotions, if each of their codes that may be in the shop was told of; ``only``:
    of those that these vouchers hang on."""
    pools = select(col(VoucherPool.id), col(VoucherPool.key)).where(
        *here(VoucherPool, place),
        col(VoucherPool.is_wanted).is_(True),
        or_(col(VoucherPool.is_there).is_(True), col(VoucherPool.intended) != ""),
    )
    untold = (
        select(col(Voucher.pool_id))
        .outerjoin(VoucherOwner, col(VoucherOwner.voucher_id) == col(Voucher.id))
        .where(
            *here(Voucher, place),
            *_in_shop(),
            or_(col(VoucherOwner.told).is_(None), col(VoucherOwner.told) == ""),
        )
    )
    if only is not None:
        hanging = select(col(Voucher.pool_id)).where(
            *here(Voucher, place), col(Voucher.id).in_(sorted(only))
        )
        pools = pools.where(col(VoucherPool.id).in_(hanging))
        untold = untold.where(col(Voucher.pool_id).in_(hanging))
    lacking = set(session.execute(untold.distinct()).scalars())
    return [row.key for row in session.execute(pools) if row.id not in lacking]


def _in_shop() -> tuple[Any, ...]:
    """Codes that are there, or may be."""
    return (
        col(Voucher.basket_minor).is_(None),
        or_(
            and_(col(Voucher.is_wanted).is_(True), col(Voucher.intended_at).is_not(None)),
            col(Voucher.is_there).is_(True),
        ),
    )


def _is_over() -> tuple[Any, ...]:
    """Codes that were taken out, or never were there."""
    return (
        col(Voucher.is_wanted).is_(False),
        or_(col(Voucher.removed_at).is_not(None), col(Voucher.intended_at).is_(None)),
    )


def _ids(session: Session, query: Any) -> list[int]:
    return list(session.execute(query).scalars())
