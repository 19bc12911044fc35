"""Which customers' fields in a shop are to be written, and who is at it.

A customer has one place for what is held for his baskets: everything of his that waits is taken
together, so that nothing overtakes it. Leases are as in :mod:`bridge.vouchers.queue`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlmodel import Session, col

from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.queue import NO_LEASE, DueCode, Lease, Place

_OPEN = VoucherState.OPEN.value


@dataclass(frozen=True, slots=True)
class DueBasket:
    """One customer, and what waits of his. Rows are as they were when they were taken."""

    customer_id: str
    wanted: Voucher | None
    """What his baskets shall take off; ``None``: nothing."""
    over: tuple[Voucher, ...]
    """What they shall take off no more."""

    @property
    def codes(self) -> list[DueCode]:
        rows = (*self.over, *([self.wanted] if self.wanted is not None else []))
        return [DueCode(one.id or 0, one.code, one.pool_id, one.attempts) for one in rows]


def is_due(session: Session, place: Place, now: datetime) -> bool:
    """Whether anything waits."""
    return any(
        session.execute(select(col(Voucher.id)).where(*_due(place, now, waits)).limit(1)).first()
        for waits in _WAITS
    )


def claim(
    session: Session, place: Place, lease: Lease, now: datetime, passed: Collection[str]
) -> DueBasket | None:
    """The customer who waits longest and is none of ``passed``; nobody else is at him then."""
    first = [_first(session, [*_due(place, now, waits), _none_of(passed)]) for waits in _WAITS]
    waiting = [one for one in first if one is not None]
    if not waiting:
        return None
    _, customer_id = min(waiting)
    rows = session.scalars(
        select(Voucher)
        .where(*_here(place), col(Voucher.customer_id) == customer_id, or_(*_WAITS))
        .order_by(col(Voucher.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if any(one.lease_until is not None and one.lease_until > now for one in rows):
        return DueBasket(customer_id, None, ())
    wanted = [one for one in rows if one.is_wanted and not _is_over(one, now)][-1:]
    over = [one for one in rows if not one.is_wanted]
    for one in (*wanted, *over):
        one.lease_owner, one.lease_until = lease.owner, lease.until
    session.flush()
    for one in rows:
        session.expunge(one)
    return DueBasket(customer_id, wanted[0] if wanted else None, tuple(over))


def commit_intent(session: Session, lease: Lease, wanted: Voucher, now: datetime) -> bool:
    """From now on it may be taken off. False: it was taken back or used meanwhile."""
    row = _held(session, lease, wanted)
    if row is None or not _is_as_it_was(row, wanted):
        return False
    row.intended_at, row.removed_at = row.intended_at or now, None
    session.flush()
    return True


def settle_there(
    session: Session, lease: Lease, wanted: Voucher, moment: datetime, now: datetime
) -> bool:
    """It was read in the shop. ``moment``: on the shop's clock; ``now``: on ours. False: it has
    become something else meanwhile, and waits again."""
    row = _held(session, lease, wanted)
    if row is None:
        return False
    row.lease_owner, row.lease_until, row.not_before = "", None, None
    is_same = _is_as_it_was(row, wanted)
    if is_same:
        row.is_there, row.removed_at, row.attempts, row.error = True, None, 0, ""
        row.issued_at, row.ready_at = row.issued_at or moment, row.ready_at or now
    session.flush()
    return is_same


def settle_gone(session: Session, lease: Lease, over: Sequence[Voucher], moment: datetime) -> int:
    """They were read not to be in the shop, at that moment on its clock; how many. What is wanted
    again by now waits again."""
    gone: Any = session.execute(
        update(Voucher)
        .where(*_mine(lease, over), col(Voucher.is_wanted).is_(False))
        .values(is_there=False, removed_at=moment, attempts=0, error="")
        .execution_options(synchronize_session=False)
    )
    free(session, lease, over)
    return int(gone.rowcount)


def free(session: Session, lease: Lease, rows: Sequence[Voucher]) -> None:
    session.execute(
        update(Voucher)
        .where(*_mine(lease, rows))
        .values(not_before=None, **NO_LEASE)
        .execution_options(synchronize_session=False)
    )


def _held(session: Session, lease: Lease, voucher: Voucher) -> Voucher | None:
    return session.scalars(
        select(Voucher)
        .where(*_mine(lease, [voucher]))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _is_as_it_was(row: Voucher, before: Voucher) -> bool:
    now, then = (
        (one.state, one.is_wanted, one.basket_minor, one.valid_until) for one in (row, before)
    )
    return now == then


def _mine(lease: Lease, rows: Sequence[Voucher]) -> list[ColumnElement[bool]]:
    return [
        col(Voucher.id).in_([one.id for one in rows]),
        col(Voucher.lease_owner) == lease.owner,
        col(Voucher.lease_until) == lease.until,
    ]


def _here(place: Place) -> list[ColumnElement[bool]]:
    return [
        col(Voucher.workspace_id) == place.workspace_id,
        col(Voucher.installation_id) == place.installation_id,
        col(Voucher.basket_minor).is_not(None),
    ]


_WAITS: tuple[ColumnElement[bool], ...] = (
    and_(
        col(Voucher.is_wanted).is_(True),
        col(Voucher.is_there).is_(False),
        col(Voucher.state) == _OPEN,
    ),
    and_(
        col(Voucher.is_wanted).is_(False),
        col(Voucher.removed_at).is_(None),
        col(Voucher.intended_at).is_not(None),
    ),
)
"""To be written, and to be taken away. Each is looked for by itself: an index leads to it."""


def _first(session: Session, where: Sequence[ColumnElement[bool]]) -> tuple[int | None, str] | None:
    row = session.execute(
        select(col(Voucher.id), col(Voucher.customer_id))
        .where(*where)
        .order_by(col(Voucher.id))
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


def _none_of(customers: Collection[str]) -> ColumnElement[bool]:
    return col(Voucher.customer_id).not_in(customers)


def _due(place: Place, now: datetime, waits: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """Not what is over before it was ever written: the clock ends it."""
    return [
        *_here(place),
        waits,
        or_(col(Voucher.is_wanted).is_(False), col(Voucher.valid_until) > now),
        col(Voucher.is_dead).is_(False),
        or_(col(Voucher.not_before).is_(None), col(Voucher.not_before) <= now),
        or_(col(Voucher.lease_until).is_(None), col(Voucher.lease_until) <= now),
    ]


def _is_over(one: Voucher, now: datetime) -> bool:
    return one.valid_until is not None and one.valid_until <= now
