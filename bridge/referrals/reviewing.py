"""A person decides what the guards found odd."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.kit.encryption import KeyRing
from bridge.kit.errors import BridgeError
from bridge.referrals.models import Referral, ReferralState
from bridge.referrals.rewarding import decide, lock_referral
from connectors.sentences import sentence


class NotInReview(BridgeError):
    """There is nothing to decide."""


def accept(
    session: Session,
    workspace_id: int,
    referral_id: int,
    keys: Callable[[], KeyRing],
    by: str,
    now: datetime,
) -> None:
    """Rewards the referrer, whatever was odd. Raises :class:`NotInReview`, also when the order
    was given back meanwhile, and BridgeError when the reward cannot be made."""
    _require(session, workspace_id, referral_id)
    if not decide(session, workspace_id, referral_id, keys, now, accepted_by=by):
        raise NotInReview(
            sentence(
                "Referral %(referral_id)s has no order any more that could be rewarded: it was "
                "cancelled or returned.",
                referral_id=f"{referral_id}",
            )
        )


def refuse(session: Session, workspace_id: int, referral_id: int, by: str, now: datetime) -> None:
    """No reward, for good. Raises :class:`NotInReview`."""
    _require(session, workspace_id, referral_id)
    referral = lock_referral(session, workspace_id, referral_id)
    if referral.state != ReferralState.REVIEW:
        raise NotInReview(
            sentence(
                "Referral %(referral_id)s was decided meanwhile: %(state)s.",
                referral_id=f"{referral_id}",
                state=referral.state,
            )
        )
    referral.state = ReferralState.REFUSED.value
    referral.decided_at, referral.decided_by = now, by
    session.add(referral)
    session.flush()


def how_many(session: Session, workspace_id: int) -> int:
    """That wait for a decision."""
    statement = (
        select(func.count())
        .select_from(Referral)
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.state) == ReferralState.REVIEW.value,
        )
    )
    return int(session.execute(statement).scalar_one())


def _require(session: Session, workspace_id: int, referral_id: int) -> None:
    state = session.execute(
        select(col(Referral.state)).where(
            col(Referral.workspace_id) == workspace_id, col(Referral.id) == referral_id
        )
    ).scalar_one_or_none()
    if state != ReferralState.REVIEW:
        what = "is not known" if state is None else f"is {state}, and waits for nobody"
        raise NotInReview(
            sentence(
                "Referral %(referral_id)s %(what)s. See: loyalty-bridge referrals review",
                referral_id=f"{referral_id}",
                what=what,
            )
        )
