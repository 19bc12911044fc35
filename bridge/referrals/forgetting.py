"""Addresses that were given and never confirmed, or were known already, are forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlmodel import Session, col

from bridge.referrals.asking import LINK_LASTS
from bridge.referrals.models import Referral, ReferralLetter, ReferralState

MOST = 500


def forget_unconfirmed(session: Session, workspace_id: int, now: datetime) -> int:
    """Once the link in the letter has ended; how many. At most :data:`MOST` a unit of work."""
    ended = now - LINK_LASTS
    rows = session.execute(
        select(col(Referral.id))
        .where(
            col(Referral.workspace_id) == workspace_id,
            or_(
                and_(
                    col(Referral.state) == ReferralState.ASKED.value,
                    col(Referral.asked_at) <= ended,
                ),
                and_(
                    col(Referral.state) == ReferralState.KNOWN.value,
                    col(Referral.decided_at) <= ended,
                ),
            ),
        )
        .order_by(col(Referral.id))
        .limit(MOST)
        .with_for_update()
    )
    ids = [one for one in rows.scalars() if one is not None]
    if ids:
        session.execute(
            delete(ReferralLetter).where(
                col(ReferralLetter.workspace_id) == workspace_id,
                col(ReferralLetter.referral_id).in_(ids),
            )
        )
        session.execute(
            delete(Referral).where(
                col(Referral.workspace_id) == workspace_id, col(Referral.id).in_(ids)
            )
        )
    return len(ids)
