"""What people ask of referrals: how many, which, and which wait for a decision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.members.addressees import names_of
from bridge.members.finding import member_named
from bridge.orders.models import HandledOrder
from bridge.points.models import Holder
from bridge.referrals.clicks import clicks_of
from bridge.referrals.codes import codes_of
from bridge.referrals.models import PartnerOrder, Referral, ReferralCode, ReferralState
from bridge.referrals.offers import place_title
from bridge.vouchers.models import Voucher

_CONFIRMED = tuple(
    state.value
    for state in ReferralState
    if state not in (ReferralState.ASKED, ReferralState.KNOWN)
)


@dataclass(frozen=True, slots=True)
class Stats:
    """Of a member's own code and his partners' codes together; each friend counts once."""

    clicks: int
    """Visits of the page."""
    asked: int
    """Friends who gave an address and have not confirmed it yet."""
    sign_ups: int
    """Friends who confirmed an address that was new."""
    first_orders: int
    """Friends who bought, and did not give all of it back."""
    in_review: int
    rewards: int
    """Friends for whom the referrer was rewarded."""
    points: int
    """What he got for friends, in points."""
    vouchers: int
    """What he got for friends, in vouchers."""
    partner_orders: int
    """Orders that credit him as a partner."""
    partner_points: int


def stats_of(session: Session, workspace_id: int, member_id: int) -> Stats:
    codes = [one.id for one in codes_of(session, workspace_id, member_id) if one.id is not None]
    mine = (col(Referral.workspace_id) == workspace_id, col(Referral.code_id).in_(codes))
    rows = session.execute(
        select(
            col(Referral.state),
            func.count(),
            func.coalesce(func.sum(col(Referral.reward_points)), 0),
            func.count(col(Referral.reward_voucher_id)),
        )
        .where(*mine)
        .group_by(col(Referral.state))
    ).all()
    count = {row[0]: int(row[1]) for row in rows}
    kept = session.execute(
        select(func.count())
        .select_from(Referral)
        .join(
            HandledOrder,
            (col(HandledOrder.installation_id) == col(Referral.installation_id))
            & (col(HandledOrder.order_id) == col(Referral.order_id)),
        )
        .where(*mine, col(Referral.confirmed_at).is_not(None), col(HandledOrder.counts).is_(True))
    ).scalar_one()
    credited = session.execute(
        select(func.count(), func.coalesce(func.sum(col(PartnerOrder.points)), 0)).where(
            col(PartnerOrder.workspace_id) == workspace_id,
            col(PartnerOrder.code_id).in_(codes),
            col(PartnerOrder.points) > 0,
        )
    ).one()
    return Stats(
        clicks=clicks_of(session, workspace_id, codes),
        asked=count.get(ReferralState.ASKED.value, 0),
        sign_ups=sum(count.get(state, 0) for state in _CONFIRMED),
        first_orders=int(kept),
        in_review=count.get(ReferralState.REVIEW.value, 0),
        rewards=count.get(ReferralState.REWARDED.value, 0),
        points=sum(int(row[2]) for row in rows),
        vouchers=sum(int(row[3]) for row in rows),
        partner_orders=int(credited[0]),
        partner_points=int(credited[1]),
    )


@dataclass(frozen=True, slots=True)
class ListedReferral:
    id: int
    email: str
    state: str
    code: str
    partner: str
    referrer: str
    """What names him: an address, or his number."""
    asked_at: datetime
    confirmed_at: datetime | None
    store: str
    """Where his code holds, or where he bought."""
    voucher: str
    """The friend's code."""
    order: str
    """The number of his first order."""
    ordered_at: datetime | None
    due_at: datetime | None
    reasons: tuple[str, ...]
    reward_points: int
    reward_voucher: str
    decided_at: datetime | None
    decided_by: str


def listed(
    session: Session,
    workspace_id: int,
    states: Sequence[str] = (),
    limit: int = 100,
    *,
    below: int | None = None,
) -> list[ListedReferral]:
    """Newest first; of these states, or of all. ``below``: the last one's number on the page
    before."""
    statement = (
        select(Referral, ReferralCode)
        .join(ReferralCode, col(ReferralCode.id) == col(Referral.code_id))
        .where(col(Referral.workspace_id) == workspace_id)
        .order_by(col(Referral.id).desc())
        .limit(limit)
    )
    if states:
        statement = statement.where(col(Referral.state).in_(states))
    if below is not None:
        statement = statement.where(col(Referral.id) < below)
    rows = [(row[0], row[1]) for row in session.execute(statement)]
    members = {code.member_id for _, code in rows}
    now = {one: member_named(session, workspace_id, f"#{one}") for one in members}
    names = names_of(session, workspace_id, [(Holder.MEMBER, one) for one in set(now.values())])
    codes = _voucher_codes(session, workspace_id, [referral for referral, _ in rows])
    numbers = _order_numbers(session, workspace_id, [referral for referral, _ in rows])
    return [
        ListedReferral(
            id=referral.id,
            email=referral.email,
            state=referral.state,
            code=code.code,
            partner=code.partner,
            referrer=names[Holder.MEMBER, now[code.member_id]],
            asked_at=referral.asked_at,
            confirmed_at=referral.confirmed_at,
            store=place_title(
                session, workspace_id, referral.installation_id or 0, referral.store_id
            ),
            voucher=codes.get(referral.voucher_id, ""),
            order=numbers.get((referral.installation_id, referral.order_id), ""),
            ordered_at=referral.ordered_at,
            due_at=referral.due_at,
            reasons=tuple(json.loads(referral.reasons)),
            reward_points=referral.reward_points,
            reward_voucher=codes.get(referral.reward_voucher_id, ""),
            decided_at=referral.decided_at,
            decided_by=referral.decided_by,
        )
        for referral, code in rows
    ]


@dataclass(frozen=True, slots=True)
class Friend:
    """Somebody who came by a member's code, as that member may know of him: not who he is."""

    id: int
    at: datetime
    """When he confirmed his address."""
    state: ReferralState
    due_at: datetime | None
    """Of one who bought: when the return period is over; ``None``: the order is not complete."""
    reward_points: int
    has_voucher: bool
    """The referrer was thanked by a voucher."""


def friends_of(
    session: Session, workspace_id: int, member_id: int, before: int, most: int
) -> list[Friend]:
    """Newest first; below the id ``before``, 0: from the newest. Without those who have not
    confirmed their address: anybody can type one, and would see here whether it was referred
    by another."""
    codes = [one.id for one in codes_of(session, workspace_id, member_id) if one.id is not None]
    statement = (
        select(Referral)
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.code_id).in_(codes),
            col(Referral.state) != ReferralState.ASKED.value,
        )
        .order_by(col(Referral.id).desc())
        .limit(most)
    )
    if before:
        statement = statement.where(col(Referral.id) < before)
    return [
        Friend(
            id=row.id or 0,
            at=row.confirmed_at or row.asked_at,
            state=ReferralState(row.state),
            due_at=row.due_at,
            reward_points=row.reward_points,
            has_voucher=row.reward_voucher_id is not None,
        )
        for row in session.execute(statement).scalars()
    ]


def _voucher_codes(
    session: Session, workspace_id: int, referrals: Sequence[Referral]
) -> dict[int | None, str]:
    ids = {one for row in referrals for one in (row.voucher_id, row.reward_voucher_id) if one}
    rows = session.execute(
        select(col(Voucher.id), col(Voucher.code)).where(
            col(Voucher.workspace_id) == workspace_id, col(Voucher.id).in_(sorted(ids))
        )
    )
    return {row[0]: row[1] for row in rows}


def _order_numbers(
    session: Session, workspace_id: int, referrals: Sequence[Referral]
) -> dict[Any, str]:
    ids = sorted({row.order_id for row in referrals if row.order_id})
    rows = session.execute(
        select(
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
            col(HandledOrder.number),
        ).where(col(HandledOrder.workspace_id) == workspace_id, col(HandledOrder.order_id).in_(ids))
    )
    return {(row[0], row[1]): row[2] for row in rows}
