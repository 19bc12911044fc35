"""Which codes are to be put into a shop or taken out of it, and who is at it.

A voucher is its own row of the outbox. It is to be put in while it is wanted and was not seen
there; it is to be taken out when it is not wanted, may ever have been sent, and was not seen to
be gone. A lease is a claim with an end; owner and end together are its fence, since one process
holds many leases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlmodel import Session, col

from bridge.vouchers.models import Voucher, VoucherPool

_TABLE: Any = Voucher.__table__  # type: ignore[attr-defined]


NO_LEASE: dict[str, Any] = {"lease_owner": "", "lease_until": None}


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim of one batch. Make one for each: its end tells it from the owner's others."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class DueCode:
    """One code to put in or to take out."""

    id: int
    code: str
    pool_id: int
    attempts: int


@dataclass(frozen=True, slots=True)
class PutBack:
    """A code that was not settled, and when to try again."""

    code: DueCode
    reason: str
    not_before: datetime | None
    counts: bool
    """Whether the shop refused this one code, rather than the call."""
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    workspace_id: int
    installation_id: int


# -- taking ---------------------------------------------------------------------------------


def claim_adding(
    session: Session,
    place: Place,
    lease: Lease,
    now: datetime,
    most: int,
    only: Collection[int] | None = None,
) -> list[DueCode]:
    """Leases up to ``most`` codes of one pool that is in the shop as it shall be; first the pool
    of who waits longest. ``only``: ids of vouchers."""
    where = [
        *adding(place),
        _takeable(Voucher, now),
        or_(col(Voucher.valid_until).is_(None), col(Voucher.valid_until) > now),
        *([] if only is None else [col(Voucher.id).in_(only)]),
    ]
    ready = [
        col(VoucherPool.is_there).is_(True),
        col(VoucherPool.is_wanted).is_(True),
        col(VoucherPool.found).is_(None),
        _takeable(VoucherPool, now),
    ]
    pool_id = session.scalars(
        select(col(Voucher.pool_id))
        .join(VoucherPool, col(VoucherPool.id) == col(Voucher.pool_id))
        .where(*where, *ready)
        .order_by(col(Voucher.id))
        .limit(1)
    ).first()
    if pool_id is None:
        return []
    return _take(session, [*where, col(Voucher.pool_id) == pool_id], lease, most)


def claim_removing(
    session: Session,
    place: Place,
    lease: Lease,
    now: datetime,
    most: int,
    only: Collection[int] | None = None,
) -> list[DueCode]:
    """Leases up to ``most`` codes, of whichever pools."""
    where = [
        *removing(place),
        _takeable(Voucher, now),
        *([] if only is None else [col(Voucher.id).in_(only)]),
    ]
    return _take(session, where, lease, most)


def _take(
    session: Session, where: Sequence[ColumnElement[bool]], lease: Lease, most: int
) -> list[DueCode]:
    rows = session.execute(
        select(col(Voucher.id), col(Voucher.code), col(Voucher.pool_id), col(Voucher.attempts))
        .where(*where)
        .order_by(col(Voucher.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    codes = [DueCode(*row) for row in rows]
    if codes:
        session.execute(
            update(Voucher)
            .where(col(Voucher.id).in_([one.id for one in codes]))
            .values(lease_owner=lease.owner, lease_until=lease.until)
            .execution_options(synchronize_session=False)
        )
    return codes


def count_due(session: Session, place: Place, now: datetime) -> tuple[int, int]:
    """Codes to put in and to take out that nobody holds."""

    def counted(where: Iterable[ColumnElement[bool]]) -> int:
        query = select(func.count()).select_from(Voucher).where(*where, _takeable(Voucher, now))
        return int(session.execute(query).scalar_one())

    return counted(adding(place)), counted(removing(place))


def adding(place: Place) -> list[ColumnElement[bool]]:
    """Codes to put in."""
    return [
        *here(place),
        col(Voucher.is_wanted).is_(True),
        col(Voucher.is_there).is_(False),
    ]


def removing(place: Place) -> list[ColumnElement[bool]]:
    """Codes to take out."""
    return [
        *here(place),
        col(Voucher.is_wanted).is_(False),
        col(Voucher.removed_at).is_(None),
        col(Voucher.intended_at).is_not(None),
    ]


def here(place: Place) -> list[ColumnElement[bool]]:
    """Codes of one shop; not what is held for baskets, which no promotion holds."""
    return [
        col(Voucher.workspace_id) == place.workspace_id,
        col(Voucher.installation_id) == place.installation_id,
        col(Voucher.basket_minor).is_(None),
    ]


def _takeable(table: type[Voucher | VoucherPool], now: datetime) -> ColumnElement[bool]:
    return and_(
        col(table.is_dead).is_(False),
        or_(col(table.not_before).is_(None), col(table.not_before) <= now),
        or_(col(table.lease_until).is_(None), col(table.lease_until) <= now),
    )


# -- what came of it ------------------------------------------------------------------------


def commit_intent(
    session: Session, lease: Lease, codes: Sequence[DueCode], now: datetime
) -> list[DueCode]:
    """From now on these codes may be in the shop. Without those that were withdrawn meanwhile,
    or whose lease ended: they are not to be sent."""
    held = set(
        session.scalars(
            select(col(Voucher.id))
            .where(*_held(lease, codes), col(Voucher.is_wanted).is_(True))
            .order_by(col(Voucher.id))
            .with_for_update()
        )
    )
    kept = [one for one in codes if one.id in held]
    session.execute(
        update(Voucher)
        .where(col(Voucher.id).in_(held))
        .values(intended_at=func.coalesce(col(Voucher.intended_at), now), removed_at=None)
        .execution_options(synchronize_session=False)
    )
    _free(session, lease, [one for one in codes if one.id not in held])
    return kept


def settle_there(
    session: Session, lease: Lease, codes: Sequence[DueCode], moment: datetime, now: datetime
) -> None:
    """They were read in the shop. ``moment``: on the shop's clock; ``now``: on ours."""
    _settle(
        session,
        lease,
        codes,
        {
            "is_there": True,
            "issued_at": func.coalesce(col(Voucher.issued_at), moment),
            "ready_at": func.coalesce(col(Voucher.ready_at), now),
            "removed_at": None,
        },
    )


def settle_gone(session: Session, lease: Lease, codes: Sequence[DueCode], moment: datetime) -> None:
    """They were read not to be in the shop. ``moment``: on the shop's clock, afterwards."""
    _settle(session, lease, codes, {"is_there": False, "removed_at": moment})


def _settle(
    session: Session, lease: Lease, codes: Sequence[DueCode], values: Mapping[str, Any]
) -> None:
    if not codes:
        return
    session.execute(
        update(Voucher)
        .where(*_held(lease, codes))
        .values(attempts=0, not_before=None, error="", **values, **NO_LEASE)
        .execution_options(synchronize_session=False)
    )


def put_back(session: Session, lease: Lease, codes: Sequence[PutBack]) -> None:
    if not codes:
        return
    session.connection().execute(
        update(_TABLE)
        .where(
            _TABLE.c.id == bindparam("which"),
            _TABLE.c.lease_owner == lease.owner,
            _TABLE.c.lease_until == lease.until,
        )
        .values(
            attempts=bindparam("tries"),
            not_before=bindparam("later"),
            error=bindparam("reason"),
            is_dead=bindparam("dead"),
            lease_owner="",
            lease_until=None,
        ),
        [
            {
                "which": one.code.id,
                "tries": one.code.attempts + one.counts,
                "later": one.not_before,
                "reason": one.reason,
                "dead": one.is_dead,
            }
            for one in sorted(codes, key=lambda one: one.code.id)
        ],
    )


def move(session: Session, lease: Lease, code: DueCode, pool_id: int) -> None:
    """The code hangs on this pool's promotion already."""
    session.execute(
        update(Voucher)
        .where(*_held(lease, [code]))
        .values(pool_id=pool_id)
        .execution_options(synchronize_session=False)
    )


def _free(session: Session, lease: Lease, codes: Sequence[DueCode]) -> None:
    if codes:
        session.execute(
            update(Voucher)
            .where(*_held(lease, codes))
            .values(**NO_LEASE)
            .execution_options(synchronize_session=False)
        )


def _held(lease: Lease, codes: Iterable[DueCode]) -> list[ColumnElement[bool]]:
    return [
        col(Voucher.id).in_([one.id for one in codes]),
        col(Voucher.lease_owner) == lease.owner,
        col(Voucher.lease_until) == lease.until,
    ]


def pause_after(attempts: int, jitter: float) -> timedelta:
    """``jitter``: between a half and one."""
    return min(timedelta(seconds=15 * 2 ** min(attempts, 10)), timedelta(hours=1)) * jitter
