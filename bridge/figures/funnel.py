"""What referrals bring: from a visit of the page to the reward. Counted when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.figures.money import percent
from bridge.orders.models import HandledOrder
from bridge.referrals.models import Referral, ReferralClicks, ReferralState


@dataclass(frozen=True, slots=True)
class Funnel:
    """Of all codes, partners' too; each friend counts once."""

    clicks: int
    """Visits of the codes' pages."""
    sign_ups: int
    """Friends who confirmed an address that was new."""
    first_orders: int
    """Friends who bought, and did not give all of it back."""
    rewards: int
    """Friends for whom somebody was rewarded."""
    sign_up_rate: Decimal | None
    """Percent of clicks, with one decimal,"""
    order_rate: Decimal | None
    """of sign-ups,"""
    reward_rate: Decimal | None
    """and of first orders; ``None``: of nothing."""
    waiting: int
    """Friends who gave an address and have not confirmed it yet."""
    in_review: int
    """Friends about whom a person is to decide."""
    points: int
    """Given for friends."""
    vouchers: int
    """Likewise."""


def funnel(session: Session, workspace_id: int) -> Funnel:
    rows = session.execute(
        select(
            col(Referral.state),
            func.count(),
            func.coalesce(func.sum(col(Referral.reward_points)), 0),
            func.count(col(Referral.reward_voucher_id)),
        )
        .where(col(Referral.workspace_id) == workspace_id)
        .group_by(col(Referral.state))
    ).all()
    return funnel_of(
        _clicks(session, workspace_id),
        {ReferralState(row[0]): int(row[1]) for row in rows},
        _first_orders(session, workspace_id),
        sum(int(row[2]) for row in rows),
        sum(int(row[3]) for row in rows),
    )


def funnel_of(
    clicks: int,
    friends: dict[ReferralState, int],
    first_orders: int,
    points: int,
    vouchers: int,
) -> Funnel:
    """Pure."""
    waiting = friends.get(ReferralState.ASKED, 0)
    sign_ups = sum(friends.values()) - waiting - friends.get(ReferralState.KNOWN, 0)
    rewards = friends.get(ReferralState.REWARDED, 0)
    return Funnel(
        clicks,
        sign_ups,
        first_orders,
        rewards,
        percent(sign_ups, clicks),
        percent(first_orders, sign_ups),
        percent(rewards, first_orders),
        waiting,
        friends.get(ReferralState.REVIEW, 0),
        points,
        vouchers,
    )


def _clicks(session: Session, workspace_id: int) -> int:
    return int(
        session.execute(
            select(func.coalesce(func.sum(col(ReferralClicks.clicks)), 0)).where(
                col(ReferralClicks.workspace_id) == workspace_id
            )
        ).scalar_one()
    )


def _first_orders(session: Session, workspace_id: int) -> int:
    """As :func:`bridge.referrals.looking.stats_of` counts them for one member."""
    found = session.execute(
        select(func.count())
        .select_from(Referral)
        .join(
            HandledOrder,
            (col(HandledOrder.installation_id) == col(Referral.installation_id))
            & (col(HandledOrder.order_id) == col(Referral.order_id)),
        )
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.confirmed_at).is_not(None),
            col(HandledOrder.counts).is_(True),
        )
    )
    return int(found.scalar_one())
