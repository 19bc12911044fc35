"""Which promotions of pools are to be made or taken away, and who is at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlmodel import Session, col

from bridge.vouchers.models import Voucher, VoucherPool
from bridge.vouchers.pool_rules import Standing
from bridge.vouchers.queue import Lease, Place
from connectors.rewards import HeldPromotion


@dataclass(frozen=True, slots=True)
class PutBack:
    """A pool that was not settled, and when to try again."""

    pool: VoucherPool
    reason: str
    not_before: datetime | None
    counts: bool
    is_dead: bool = False


# -- taking ---------------------------------------------------------------------------------


def claim_making(
    session: Session,
    place: Place,
    lease: Lease,
    now: datetime,
    only: Collection[int] | None = None,
) -> VoucherPool | None:
    """One promotion that is to be made, since codes wait for it or a person decided so. ``only``:
    ids of vouchers."""
    waiting = exists().where(
        col(Voucher.pool_id) == col(VoucherPool.id),
        col(Voucher.is_wanted).is_(True),
        col(Voucher.is_there).is_(False),
        *([] if only is None else [col(Voucher.id).in_(only)]),
    )
    where = [
        col(VoucherPool.is_wanted).is_(True),
        col(VoucherPool.is_there).is_(False),
        col(VoucherPool.found).is_(None),
        or_(waiting, col(VoucherPool.native) != "") if only is None else waiting,
    ]
    return _claim(session, place, lease, now, where)


def claim_removing(
    session: Session, place: Place, lease: Lease, now: datetime
) -> VoucherPool | None:
    """One that is finished and may still be there."""
    maybe = or_(col(VoucherPool.is_there).is_(True), col(VoucherPool.intended) != "")
    return _claim(session, place, lease, now, [col(VoucherPool.is_wanted).is_(False), maybe])


def _claim(
    session: Session, place: Place, lease: Lease, now: datetime, where: Sequence[Any]
) -> VoucherPool | None:
    pool = session.scalars(
        select(VoucherPool)
        .where(
            *_here(place),
            *where,
            col(VoucherPool.is_dead).is_(False),
            or_(col(VoucherPool.not_before).is_(None), col(VoucherPool.not_before) <= now),
            or_(col(VoucherPool.lease_until).is_(None), col(VoucherPool.lease_until) <= now),
        )
        .order_by(col(VoucherPool.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if pool is not None:
        pool.lease_owner, pool.lease_until = lease.owner, lease.until
        session.add(pool)
    return pool


def unchecked(session: Session, place: Place, before: datetime, most: int) -> list[VoucherPool]:
    """Promotions that were not compared with the shop since then."""
    return list(
        session.scalars(
            select(VoucherPool)
            .where(
                *_here(place),
                col(VoucherPool.is_there).is_(True),
                col(VoucherPool.is_wanted).is_(True),
                or_(col(VoucherPool.checked_at).is_(None), col(VoucherPool.checked_at) < before),
            )
            .order_by(col(VoucherPool.id))
            .limit(most)
        )
    )


def standing(pool: VoucherPool, held: HeldPromotion | None) -> Standing:
    theirs = None if held is None else held.native
    return Standing(pool.native, pool.intended, pool.is_there, theirs)


# -- what came of it ------------------------------------------------------------------------


def commit_intent(session: Session, lease: Lease, pool: VoucherPool, native: str) -> bool:
    """From now on the shop may hold this. False: the lease has ended."""
    return _update(session, lease, pool, intended=native)


def settle_there(
    session: Session, lease: Lease, pool: VoucherPool, held: HeldPromotion, now: datetime
) -> bool:
    return _update(
        session,
        lease,
        pool,
        native=held.native,
        native_id=held.native_id,
        is_there=True,
        found=None,
        checked_at=now,
        **_WELL,
        **_NO_LEASE,
    )


def close(session: Session, pool: VoucherPool, most: int) -> None:
    """No more vouchers are given to it. ``most``: codes of one promotion."""
    session.execute(
        update(VoucherPool)
        .where(col(VoucherPool.id) == pool.id, col(VoucherPool.placed) < most)
        .values(placed=most)
        .execution_options(synchronize_session=False)
    )


def settle_gone(session: Session, lease: Lease, pool: VoucherPool, moment: datetime) -> None:
    """With all the codes that hung on it. ``moment``: on the shop's clock."""
    if not _update(
        session,
        lease,
        pool,
        native="",
        intended="",
        native_id="",
        is_there=False,
        found=None,
        **_WELL,
        **_NO_LEASE,
    ):
        return
    session.execute(
        update(Voucher)
        .where(
            col(Voucher.pool_id) == pool.id,
            col(Voucher.workspace_id) == pool.workspace_id,
            col(Voucher.intended_at).is_not(None),
            col(Voucher.removed_at).is_(None),
        )
        .values(is_wanted=False, is_there=False, removed_at=moment)
        .execution_options(synchronize_session=False)
    )


def settle_found(session: Session, lease: Lease, pool: VoucherPool, found: str) -> None:
    """It was changed by hand; empty: it is gone."""
    _update(session, lease, pool, found=found, **_WELL, **_NO_LEASE)


def put_back(session: Session, lease: Lease, one: PutBack) -> None:
    _update(
        session,
        lease,
        one.pool,
        attempts=one.pool.attempts + one.counts,
        not_before=one.not_before,
        error=one.reason,
        is_dead=one.is_dead,
        **_NO_LEASE,
    )


def note_check(
    session: Session, pool: VoucherPool, found: str | None, native_id: str, now: datetime
) -> bool:
    """What a look into the shop showed, unless the pool was written meanwhile; whether it says
    something else than before."""
    values: dict[str, Any] = {"found": found, "checked_at": now}
    if native_id:
        values["native_id"] = native_id
    done: Any = session.execute(
        update(VoucherPool)
        .where(
            col(VoucherPool.id) == pool.id,
            col(VoucherPool.native) == pool.native,
            col(VoucherPool.is_there).is_(True),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount) and found != pool.found


def unknown_of(session: Session, place: Place, codes: Iterable[str]) -> set[str]:
    """Those of these codes that no voucher has."""
    wanted = {code.upper() for code in codes}
    known = session.scalars(
        select(func.upper(col(Voucher.code))).where(
            col(Voucher.workspace_id) == place.workspace_id,
            col(Voucher.installation_id) == place.installation_id,
            col(Voucher.code).in_(wanted),
        )
    )
    return wanted.difference(known)


_WELL: dict[str, Any] = {"attempts": 0, "not_before": None, "error": "", "is_dead": False}
_NO_LEASE: dict[str, Any] = {"lease_owner": "", "lease_until": None}


def _update(session: Session, lease: Lease, pool: VoucherPool, **values: Any) -> bool:
    """Whether the lease still held."""
    done: Any = session.execute(
        update(VoucherPool)
        .where(
            col(VoucherPool.id) == pool.id,
            col(VoucherPool.lease_owner) == lease.owner,
            col(VoucherPool.lease_until) == lease.until,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def _here(place: Place) -> list[Any]:
    return [
        and_(
            col(VoucherPool.workspace_id) == place.workspace_id,
            col(VoucherPool.installation_id) == place.installation_id,
        )
    ]
