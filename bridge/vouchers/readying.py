"""Before codes are taken from the queue: what dead workers held, what was used, what paused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from bridge.outbox.workers import is_alive
from bridge.vouchers.models import Voucher, VoucherPool, VoucherState
from bridge.vouchers.queue import NO_LEASE, Place, adding, here, removing

ON_ITS_WAY = timedelta(minutes=2)
"""So long a shop may still work on a call whose caller died."""


def has_pools(session: Session, place: Place) -> bool:
    """Whether a voucher was ever issued for this shop."""
    found = session.execute(
        select(col(VoucherPool.id))
        .where(
            col(VoucherPool.workspace_id) == place.workspace_id,
            col(VoucherPool.installation_id) == place.installation_id,
        )
        .limit(1)
    )
    return found.first() is not None


def take_out_the_used(session: Session, place: Place) -> int:
    """For shops where a used code could be used again: it is to be taken out; how many."""
    done: Any = session.execute(
        update(Voucher)
        .where(
            *here(place),
            col(Voucher.is_wanted).is_(True),
            col(Voucher.is_there).is_(True),
            col(Voucher.state) == VoucherState.USED.value,
        )
        .values(is_wanted=False, not_before=None)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def free_the_abandoned(
    session: Session, place: Place, home: Path, now: datetime, lease: timedelta
) -> int:
    """Frees what workers held that died; how many rows. ``lease``: how long leases are taken for.

    Codes to be put in at once: doing that twice harms nothing. What such a worker sent last may
    still be on its way: a promotion made now could be made twice, a code taken out now come in
    after. Those wait until the shop has surely done with it.
    """
    pools = [
        col(VoucherPool.workspace_id) == place.workspace_id,
        col(VoucherPool.installation_id) == place.installation_id,
        col(VoucherPool.lease_until) <= now + lease - ON_ITS_WAY,
    ]
    taken_out = [*removing(place), col(Voucher.lease_until) <= now + lease - ON_ITS_WAY]
    return (
        _free_dead(session, Voucher, adding(place), home)
        + _free_dead(session, Voucher, taken_out, home)
        + _free_dead(session, VoucherPool, pools, home)
    )


def _free_dead(
    session: Session,
    table: type[Voucher | VoucherPool],
    where: Sequence[ColumnElement[bool]],
    home: Path,
) -> int:
    leased = [*where, col(table.lease_owner) != ""]
    owners = session.scalars(select(col(table.lease_owner)).where(*leased).distinct())
    dead = [owner for owner in owners if not is_alive(home, owner)]
    if not dead:
        return 0
    done: Any = session.execute(
        update(table)
        .where(*leased, col(table.lease_owner).in_(dead))
        .values(**NO_LEASE)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def no_pauses(session: Session, place: Place, only: Collection[int] | None = None) -> None:
    """What pauses after a failure is tried at once."""
    mine = [] if only is None else [col(Voucher.id).in_(only)]
    for due in (adding(place), removing(place)):
        session.execute(
            update(Voucher)
            .where(*due, *mine, col(Voucher.not_before).is_not(None))
            .values(not_before=None)
            .execution_options(synchronize_session=False)
        )
    pools = select(col(Voucher.pool_id)).where(*adding(place), *mine)
    session.execute(
        update(VoucherPool)
        .where(col(VoucherPool.id).in_(pools), col(VoucherPool.not_before).is_not(None))
        .values(not_before=None)
        .execution_options(synchronize_session=False)
    )
