"""Vouchers that orders bring for the next purchase: given, and taken back when the order is
undone before they are used.

Orders that were read lately are looked at, and those whose vouchers are still open. What each
should have is decided from the order as it is now, so that late, repeated and shuffled news end
the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from bridge.campaigns.giving import Secret
from bridge.campaigns.settling import KINDS, ORDER, NextGiven, OrderKey, order_of, settle_orders
from bridge.campaigns.trying import again_when_lost
from bridge.db import Database, upsert
from bridge.earning.batch import Versions, versions
from bridge.earning.models import FollowedClock
from bridge.kit.clock import Clock
from bridge.orders.models import HandledOrder
from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.reissuing import first_before

CLOCK = "next_purchase"
LOOK_BACK = timedelta(days=1)
"""Orders that were handled while the last look was taken, and by clocks that differ."""
BATCH = 200


def give_for_orders(
    database: Database, workspace_id: int, secret: Secret, clock: Clock
) -> NextGiven:
    """Gives and takes back what is due by now. Repeatable, and safe beside itself."""
    now = clock()
    total = NextGiven()
    with database.reading() as session:
        known = versions(session, workspace_id)
        since = _since(session, workspace_id, known)
    if since is None:
        return total
    for keys in _batches(database, workspace_id, since):

        def settle(session: Session, keys: Sequence[OrderKey] = keys) -> NextGiven:
            return settle_orders(session, workspace_id, keys, secret, clock())

        total += again_when_lost(database, settle)
    row = {"workspace_id": workspace_id, "name": CLOCK, "through": now, "last_id": 0}
    with database.writing() as session:
        upsert(session, FollowedClock, [row])
    return total


def _since(session: Session, workspace_id: int, known: Versions) -> datetime | None:
    """What was read since then may bring something; ``None``: nothing ever does."""
    rules = [rule for one in known.known for rule in one.programme.next_purchase.values()]
    if not rules:
        return None
    first = next(one.since for one in known.known if one.programme.next_purchase)
    followed = session.get(FollowedClock, (workspace_id, CLOCK))
    if followed is None:
        return first
    waits = timedelta(days=max(rule.after_days for rule in rules) + 1)
    return max(first, followed.through - waits - LOOK_BACK)


# -- which orders ---------------------------------------------------------------------------


def _batches(
    database: Database, workspace_id: int, since: datetime
) -> Iterator[Sequence[OrderKey]]:
    last: tuple[datetime, int, str] | None = None
    while True:
        with database.reading() as session:
            rows = session.execute(_read_since(workspace_id, since, last)).all()
        if rows:
            yield [OrderKey(row.installation_id, row.order_id) for row in rows]
            last = (rows[-1].fetched_at, rows[-1].installation_id, rows[-1].order_id)
        if len(rows) < BATCH:
            break
    newest = 0
    while True:
        with database.reading() as session:
            vouchers = session.execute(_open_vouchers(workspace_id, newest)).all()
        if vouchers:
            with database.reading() as session:
                sources = _sources(session, workspace_id, [row.id for row in vouchers])
            yield sorted({order_of(one) for one in sources})
            newest = vouchers[-1].id
        if len(vouchers) < BATCH:
            return


def _read_since(workspace_id: int, since: datetime, last: tuple[datetime, int, str] | None) -> Any:
    """Complete orders of members; what waits for its return period is looked at again."""
    key = (col(HandledOrder.fetched_at), col(HandledOrder.installation_id))
    which = [
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.fetched_at) >= since,
        col(HandledOrder.completed_at).is_not(None),
        col(HandledOrder.member_id).is_not(None),
        col(HandledOrder.counts).is_(True),
    ]
    if last is not None:
        same_time = key[0] == last[0]
        which += [
            key[0] >= last[0],
            or_(
                key[0] > last[0],
                and_(same_time, key[1] > last[1]),
                and_(same_time, key[1] == last[1], col(HandledOrder.order_id) > last[2]),
            ),
        ]
    return (
        select(*key, col(HandledOrder.order_id))
        .where(*which)
        .order_by(*key, col(HandledOrder.order_id))
        .limit(BATCH)
    )


def _open_vouchers(workspace_id: int, after: int) -> Any:
    return (
        select(col(Voucher.id))
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.state) == VoucherState.OPEN.value,
            col(Voucher.kind).in_([kind.value for kind in KINDS]),
            col(Voucher.id) > after,
        )
        .order_by(col(Voucher.id))
        .limit(BATCH)
    )


def _sources(session: Session, workspace_id: int, ids: Sequence[int]) -> Sequence[str]:
    """What brought these vouchers, or those that they were issued in place of."""
    first = first_before(session, workspace_id, ids)
    return session.scalars(
        select(col(Voucher.source_id)).where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.id).in_(sorted(first)),
            col(Voucher.source_kind) == ORDER,
        )
    ).all()
