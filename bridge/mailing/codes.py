"""Vouchers as letters tell of them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.kit.calendar import day_of
from bridge.kit.money import from_millionths, from_minor
from bridge.letters.models import Letter
from bridge.mailing.wording import Code, Worth
from bridge.referrals.offers import place_title
from bridge.vouchers.models import Voucher, VoucherPool
from bridge.vouchers.pooling import promotion_of


def voucher_with_id(session: Session, letter: Letter, voucher_id: int) -> Voucher | None:
    """As it is now, where it is of the letter's workspace."""
    found = session.get(Voucher, voucher_id, populate_existing=True)
    return found if found is not None and found.workspace_id == letter.workspace_id else None


def is_ready(voucher: Voucher) -> bool:
    """Whether its code is in its shop, so that it can be used."""
    return voucher.is_there


def code_of(session: Session, voucher: Voucher, zone: ZoneInfo) -> Code:
    minor, millionths, most = (
        voucher.amount_minor,
        voucher.percent_millionths,
        voucher.maximum_minor,
    )
    pool = session.get(VoucherPool, voucher.pool_id)
    assert pool is not None, "every voucher hangs on one"
    threshold = promotion_of(pool).threshold
    store = place_title(session, voucher.workspace_id, voucher.installation_id, voucher.store_id)
    ends = voucher.valid_until
    return Code(
        voucher.code,
        Worth(
            voucher.currency,
            None if minor is None else from_minor(minor, voucher.currency),
            None if millionths is None else from_millionths(millionths),
            None if most is None else from_minor(most, voucher.currency),
        ),
        store,
        None if threshold is None else threshold.amount,
        None if ends is None else day_of(ends - timedelta(microseconds=1), zone),
    )
