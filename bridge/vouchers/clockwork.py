"""What time does to vouchers: they expire, are proven to be unused, are exchanged and issued anew;
pools that held them are done with. Each batch is a unit of work; repeating changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.db import Database
from bridge.inbox.known import ReadThrough
from bridge.kit.clock import Clock
from bridge.kit.encryption import KeyRing
from bridge.vouchers.automatic import make_automatic
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import ENDING, OPEN, expire_due, release_proven
from bridge.vouchers.exchanging import exchange_proven
from bridge.vouchers.models import Voucher, VoucherPool
from bridge.vouchers.reissuing import reissue_due, take_back_due
from bridge.vouchers.uses import note_again, told_since

_BATCH = 100
_MOST = 100
"""Batches of one kind at a time: what is left over waits for the next time."""


@dataclass(frozen=True, slots=True)
class Passed:
    expired: int = 0
    ended: int = 0
    """Proven to be unused; their points are released."""
    exchanged: int = 0
    reissued: int = 0
    automatic: int = 0
    finished_pools: int = 0
    problems: tuple[str, ...] = ()

    @property
    def did_anything(self) -> bool:
        return any(
            (
                self.expired,
                self.ended,
                self.exchanged,
                self.reissued,
                self.automatic,
                self.finished_pools,
            )
        )


def pass_time(
    database: Database,
    workspace_id: int,
    keys: Callable[[], KeyRing],
    read: Mapping[int, ReadThrough],
    clock: Clock,
) -> Passed:
    """``read``: how far the orders of each installation were read and handled
    (:func:`bridge.inbox.known.read_through`). Raises UnreadableSecret."""

    def all_of(step: Callable[[Session, datetime], int]) -> int:
        total = 0
        for _ in range(_MOST):
            with database.writing() as session:
                done = step(session, clock())
            total += done
            if done < _BATCH:
                break
        return total

    with database.writing() as session:
        secret = workspace_secret(session, workspace_id, keys, clock())
    expired = all_of(lambda s, now: expire_due(s, workspace_id, now, limit=_BATCH))
    all_of(lambda s, now: _note_told(s, workspace_id, now))
    ended = all_of(lambda s, now: release_proven(s, workspace_id, read, now, limit=_BATCH))
    exchanged = all_of(
        lambda s, now: exchange_proven(s, workspace_id, secret, read, now, limit=_BATCH)
    )
    all_of(lambda s, now: take_back_due(s, workspace_id, now, limit=_BATCH))
    reissued = all_of(lambda s, now: reissue_due(s, workspace_id, secret, now, limit=_BATCH))
    made = make_automatic(database, workspace_id, keys, clock)
    pools = all_of(lambda s, now: finish_pools(s, workspace_id, now, limit=_BATCH))
    return Passed(expired, ended, exchanged, reissued, made.vouchers, pools, made.problems)


def _note_told(session: Session, workspace_id: int, now: datetime) -> int:
    keys = told_since(session, workspace_id, _BATCH)
    note_again(session, workspace_id, keys, now)
    return len(keys)


def finish_pools(session: Session, workspace_id: int, now: datetime, *, limit: int) -> int:
    """Pools into which no more vouchers come and of which none can be used any more need not be
    in their shop; how many, at most ``limit``."""
    later = aliased(VoucherPool)
    is_followed = exists().where(
        col(later.installation_id) == col(VoucherPool.installation_id),
        col(later.store_id) == col(VoucherPool.store_id),
        col(later.worth) == col(VoucherPool.worth),
        col(later.number) > col(VoucherPool.number),
    )
    ids = session.scalars(
        select(col(VoucherPool.id))
        .where(
            col(VoucherPool.workspace_id) == workspace_id,
            col(VoucherPool.is_wanted).is_(True),
            or_(col(VoucherPool.ends_at) <= now, is_followed),
            ~_is_alive(),
        )
        .order_by(col(VoucherPool.id))
        .limit(limit)
        .with_for_update(key_share=True, of=VoucherPool)
    ).all()
    if ids:
        session.execute(
            update(VoucherPool)
            .where(
                col(VoucherPool.workspace_id) == workspace_id,
                col(VoucherPool.id).in_(ids),
                ~_is_alive(),
            )
            .values(is_wanted=False)
            .execution_options(synchronize_session=False)
        )
    return len(ids)


def _is_alive() -> Any:
    """A voucher of the pool may be used, or its code may still be in the shop."""
    may_be_there = and_(
        col(Voucher.is_wanted).is_(False),
        col(Voucher.intended_at).is_not(None),
        col(Voucher.removed_at).is_(None),
    )
    return exists().where(
        col(Voucher.pool_id) == col(VoucherPool.id),
        or_(
            col(Voucher.state).in_([OPEN, ENDING]),
            col(Voucher.is_there).is_(True),
            may_be_there,
        ),
    )
