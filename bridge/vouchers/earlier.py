"""Codes that are made again, and that an order carries already.

A database that was restored from a backup has lost vouchers, and comes to the same codes again
for the same causes. What was bought with such a code meanwhile was handled while nobody knew it:
before the code goes into the shop, the member's own orders are looked at, so that it is not used
a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlmodel import Session, col

from bridge.db import Database
from bridge.orders.models import HandledOrder
from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.queue import DueCode, Place
from bridge.vouchers.uses import OrderKey, note_again


def note_earlier_uses(
    database: Database, place: Place, codes: Sequence[DueCode], now: datetime
) -> list[OrderKey]:
    """Notes these codes, which were never sent as far as is known, on the orders of their
    members; which orders carry one."""
    with database.reading() as session:
        keys = _carrying(session, place, codes)
    if keys:
        with database.writing() as session:
            note_again(session, place.workspace_id, keys, now)
            # The shop may still hold them: they are taken out.
            session.execute(
                update(Voucher)
                .where(
                    col(Voucher.workspace_id) == place.workspace_id,
                    col(Voucher.id).in_([one.id for one in codes]),
                    col(Voucher.state) == VoucherState.USED.value,
                    col(Voucher.intended_at).is_(None),
                )
                .values(intended_at=now)
                .execution_options(synchronize_session=False)
            )
    return keys


def _carrying(session: Session, place: Place, codes: Sequence[DueCode]) -> list[OrderKey]:
    rows = session.execute(
        select(col(HandledOrder.installation_id), col(HandledOrder.order_id))
        .join(
            Voucher,
            and_(
                col(Voucher.member_id) == col(HandledOrder.member_id),
                col(Voucher.installation_id) == col(HandledOrder.installation_id),
            ),
        )
        .where(
            col(Voucher.workspace_id) == place.workspace_id,
            col(Voucher.id).in_([one.id for one in codes]),
            col(Voucher.intended_at).is_(None),
            col(HandledOrder.workspace_id) == place.workspace_id,
            col(HandledOrder.content).contains('"codes":[{'),
            col(HandledOrder.content).icontains(col(Voucher.code)),
        )
        .distinct()
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
    )
    return [(row[0], row[1]) for row in rows]
