"""Vouchers that cost no points, and whose orders were all cancelled: they are issued anew.

The code itself is burnt: the shop may have taken it as used for ever, or give it free again, and
it is taken out either way. What takes its place is worth the same, where and as long as it was.
Should one of the orders stand after all, the new one is taken back, unless it was used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.earning.batch import versions
from bridge.points.book import Book
from bridge.vouchers.ending import ENDED, OPEN, USED, begin_end
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Ending, Voucher, VoucherKind, VoucherPool, VoucherUse
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.stores import StorePlace, stores_of

_SUCCESSOR = aliased(Voucher)
_SOURCE = "voucher"
"""``source_kind`` of what was issued anew."""


def reissue_due(
    session: Session, workspace_id: int, secret: bytes, now: datetime, *, limit: int = 50
) -> int:
    """How many were issued, at most ``limit``."""
    places = {(one.installation_id, one.store_id): one for one in stores_of(session, workspace_id)}
    rows = session.execute(
        select(col(Voucher.id), col(Voucher.replaced_by))
        .outerjoin(_SUCCESSOR, col(_SUCCESSOR.id) == col(Voucher.replaced_by))
        .where(
            *_given(workspace_id),
            col(Voucher.installation_id).in_(sorted({shop for shop, _ in places})),
            or_(col(Voucher.valid_until).is_(None), col(Voucher.valid_until) > now),
            ~_stands(),
            or_(
                col(Voucher.replaced_by).is_(None),
                and_(
                    col(_SUCCESSOR.state) == ENDED,
                    col(_SUCCESSOR.ending) == Ending.CAUSE_GONE.value,
                ),
            ),
        )
        .order_by(col(Voucher.id))
        .limit(limit)
    )
    before = {row[0]: row[1] for row in rows}
    if not before:
        return 0
    book = Book(session, workspace_id, now)
    zone = _zone(session, workspace_id)
    count = 0
    for old_id, old in lock_vouchers(session, book, before).items():
        store = places.get((old.installation_id, old.store_id))
        if store is None or old.replaced_by != before[old_id] or _is_used(session, old):
            continue
        new = _like(session, old, store, zone)
        old.replaced_by = issue(session, workspace_id, secret, new, now).id
        count += 1
    session.flush()
    return count


def take_back_due(session: Session, workspace_id: int, now: datetime, *, limit: int = 50) -> int:
    """Ends what was issued anew where an order stands after all; how many."""
    ids = session.scalars(
        select(col(_SUCCESSOR.id))
        .join(Voucher, col(_SUCCESSOR.id) == col(Voucher.replaced_by))
        .where(*_given(workspace_id), _stands(), col(_SUCCESSOR.state) == OPEN)
        .order_by(col(_SUCCESSOR.id))
        .limit(limit)
    )
    book = Book(session, workspace_id, now)
    count = 0
    for new in lock_vouchers(session, book, [one for one in ids if one is not None]).values():
        if new.state == OPEN:
            begin_end(book, new, Ending.CAUSE_GONE, "The order it was given back for stands.")
            count += 1
    session.flush()
    return count


def last_in_place_of(session: Session, workspace_id: int, ids: Iterable[int]) -> set[int]:
    """What holds now of these vouchers: themselves, or what was issued in their place, also
    through others."""
    found: set[int] = set()
    newest = set(ids)
    while newest:
        rows = session.execute(
            select(col(Voucher.id), col(Voucher.replaced_by)).where(
                col(Voucher.workspace_id) == workspace_id, col(Voucher.id).in_(sorted(newest))
            )
        ).all()
        found |= {row[0] for row in rows if row[1] is None}
        newest = {row[1] for row in rows if row[1] is not None}
    return found


def first_before(session: Session, workspace_id: int, ids: Iterable[int]) -> set[int]:
    """The vouchers that these were issued in place of, first of all; those that were issued in
    place of none are themselves."""
    found: set[int] = set()
    newest = set(ids)
    while newest:
        rows = session.execute(
            select(col(Voucher.id), col(Voucher.replaced_by)).where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.replaced_by).in_(sorted(newest)),
            )
        ).all()
        found |= newest - {row[1] for row in rows}
        newest = {row[0] for row in rows if row[0] is not None}
    return found


def _given(workspace_id: int) -> Sequence[Any]:
    return (
        col(Voucher.workspace_id) == workspace_id,
        col(Voucher.state) == USED,
        col(Voucher.points) == 0,
    )


def _stands() -> Any:
    return exists().where(
        col(VoucherUse.voucher_id) == col(Voucher.id), col(VoucherUse.is_cancelled).is_(False)
    )


def _is_used(session: Session, old: Voucher) -> bool:
    """Under the voucher's lock."""
    return old.state != USED or bool(
        session.execute(
            select(col(VoucherUse.order_id))
            .where(
                col(VoucherUse.workspace_id) == old.workspace_id,
                col(VoucherUse.voucher_id) == old.id,
                col(VoucherUse.is_cancelled).is_(False),
            )
            .limit(1)
        ).first()
    )


def _like(session: Session, old: Voucher, store: StorePlace, zone: ZoneInfo) -> NewVoucher:
    pool = session.get_one(VoucherPool, old.pool_id)
    held = promotion_of(pool)
    threshold = held.threshold
    return NewVoucher(
        kind=VoucherKind(old.kind),
        rule=old.rule,
        source_kind=_SOURCE,
        source_id=str(old.replaced_by or old.id),
        store=store,
        amount=held.discount.amount,
        percent=held.discount.percent,
        maximum=held.discount.maximum,
        member_id=old.member_id,
        email=old.email,
        basket=threshold.amount if threshold else None,
        basket_is_gross=threshold.is_gross if threshold else False,
        group_ids=held.group_ids,
        audience_ids=held.audience_ids,
        valid_until=old.valid_until,
        zone=zone,
        label=held.label,
        first_order_only=held.first_order_only,
        programme_number=old.programme_number,
    )


def _zone(session: Session, workspace_id: int) -> ZoneInfo:
    newest = versions(session, workspace_id).newest
    return ZoneInfo(newest.programme.timezone if newest else "UTC")
