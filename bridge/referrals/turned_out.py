"""Friends who turn out to have been known: news of a shop came in after they were confirmed.

Their voucher is for who is new: unused, it ends. Where it was used already it stays what it is,
and the referral is judged as any other (:mod:`bridge.referrals.judging`).
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlmodel import Session, col

from bridge.members.models import ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.referrals.knowing import known_before
from bridge.referrals.models import Referral, ReferralState
from bridge.referrals.orders import SKEW
from bridge.vouchers.ending import CannotEnd, withdraw
from bridge.vouchers.models import Ending, Voucher, VoucherState


def known_after_all(session: Session, workspace_id: int, most: int) -> list[int]:
    """Referrals (their ids) whose voucher is open, and under whose address a shop has, or had,
    somebody before they were asked for."""
    customer = exists().where(
        col(ShopCustomer.workspace_id) == workspace_id,
        col(ShopCustomer.email) == col(Referral.email),
        col(ShopCustomer.created_at) < col(Referral.asked_at),
    )
    guest = exists().where(
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.email) == col(Referral.email),
        col(HandledOrder.cancelled_at).is_(None),
        col(HandledOrder.placed_at) < col(Referral.asked_at),
    )
    rows = session.execute(
        select(col(Referral.id))
        .join(
            Voucher,
            and_(
                col(Voucher.id) == col(Referral.voucher_id),
                col(Voucher.state) == VoucherState.OPEN.value,
            ),
        )
        .where(col(Referral.workspace_id) == workspace_id, or_(customer, guest))
        .order_by(col(Referral.id))
        .limit(most)
    )
    return [one for one in rows.scalars() if one is not None]


def take_back(session: Session, workspace_id: int, referral_id: int, now: datetime) -> bool:
    """Ends the friend's voucher; whether there was a reason to. One who has not bought yet is
    known, and brings nothing."""
    referral = session.execute(
        select(Referral)
        .where(col(Referral.workspace_id) == workspace_id, col(Referral.id) == referral_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    reasons = known_before(session, workspace_id, [referral.email], [], referral.asked_at - SKEW)
    if not reasons or referral.voucher_id is None:
        return False
    try:
        withdraw(
            session,
            workspace_id,
            referral.voucher_id,
            reasons[0],
            now,
            ending=Ending.CAUSE_GONE,
        )
    except CannotEnd:
        return False  # used meanwhile
    if referral.state == ReferralState.CONFIRMED.value:
        referral.state = ReferralState.KNOWN.value
        referral.reasons = json.dumps(list(reasons), ensure_ascii=False)
        referral.decided_at, referral.decided_by = now, "rules"
        session.add(referral)
    session.flush()
    return True
