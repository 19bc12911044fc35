"""What is known of a referrer and of who bought, for the guards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from bridge.kit.money import from_minor
from bridge.members.joining import takes_part
from bridge.members.models import Company, Member, MemberCustomer, MemberEmail, ShopCustomer
from bridge.members.vat import normal_vat_id
from bridge.orders.models import HandledOrder
from bridge.programme.emails import folded_email
from bridge.referrals.codes import everyone_he_is
from bridge.referrals.judging import Facts, Person
from bridge.referrals.knowing import known_before
from bridge.referrals.models import Referral, ReferralCode, ReferralState
from bridge.referrals.offers import Terms
from bridge.referrals.orders import SKEW, as_told, orders_of

MONTH = timedelta(days=30)


def facts_of(
    session: Session,
    workspace_id: int,
    referral: Referral,
    order: HandledOrder,
    terms: Terms,
    member_id: int,
    now: datetime,
) -> Facts:
    """``member_id``: the referrer as he stands now."""
    told = as_told(order)
    bought_as = folded_email(told.email) if told.email else ""
    referrer = person(session, workspace_id, member_id)
    buyer = person(session, workspace_id, order.member_id)
    buyer = Person(
        buyer.member_ids,
        buyer.emails | ({bought_as} if bought_as else set()),
        buyer.company_ids,
        buyer.companies | ({told.company} if told.company else set()),
        buyer.vat_ids | _vat_ids([told.vat_id]),
    )
    code_ids = _code_ids(session, workspace_id, sorted(referrer.member_ids))
    bought, returned = _friends(session, workspace_id, code_ids, referral)
    return Facts(
        invited=referral.email,
        referrer=referrer,
        buyer=buyer,
        buyer_email=bought_as,
        known_before=known_before(
            session,
            workspace_id,
            [one for one in (referral.email, bought_as) if one],
            sorted(buyer.member_ids),
            referral.asked_at - SKEW,
        ),
        paid=worth_of(order, terms),
        least=terms.referrals.order,
        currency=terms.programme.currency,
        returned_before=_returned_before(session, workspace_id, referral, order),
        friends_bought=bought,
        friends_returned=returned,
        also_of=_also_of(session, workspace_id, referral),
        takes_part=bool(takes_part(session, workspace_id, [member_id], now)),
        rewards_in_month=_rewards(session, workspace_id, code_ids, now),
        most_a_month=terms.referrals.most_a_month,
    )


def worth_of(order: HandledOrder, terms: Terms) -> Decimal:
    """The goods, after discounts and returns, in the programme's currency."""
    total = order.gross_total if terms.is_gross else order.net_total
    return from_minor(total, terms.programme.currency)


def person(session: Session, workspace_id: int, member_id: int | None) -> Person:
    if member_id is None:
        return Person()
    ids = everyone_he_is(session, workspace_id, member_id)
    emails = set(
        session.execute(
            select(col(MemberEmail.email)).where(
                col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.member_id).in_(ids)
            )
        ).scalars()
    )
    companies, vat_ids = set(), []
    for row in session.execute(_customers(workspace_id, ids)):
        emails |= {one for one in (row.linked, row.told) if one}
        companies |= {row.company} if row.company else set()
        vat_ids += [row.vat_id, row.told_vat_id]
    firms = session.execute(
        select(col(Company.id), col(Company.name), col(Company.vat_id))
        .join(Member, col(Member.company_id) == col(Company.id))
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids))
    ).all()
    return Person(
        frozenset(ids),
        frozenset(emails),
        frozenset(row.id for row in firms),
        frozenset({*companies, *(row.name for row in firms)}),
        _vat_ids([*vat_ids, *(row.vat_id for row in firms)]),
    )


def _customers(workspace_id: int, ids: Sequence[int]) -> Any:
    return (
        select(
            col(MemberCustomer.email).label("linked"),
            col(MemberCustomer.vat_id),
            col(ShopCustomer.email).label("told"),
            col(ShopCustomer.company),
            col(ShopCustomer.vat_id).label("told_vat_id"),
        )
        .select_from(MemberCustomer)
        .outerjoin(
            ShopCustomer,
            (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id))
            & (col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id)),
        )
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id).in_(ids),
        )
    )


def _vat_ids(told: Sequence[str | None]) -> frozenset[str]:
    return frozenset(normal_vat_id(one) for one in told if one and normal_vat_id(one))


def _code_ids(session: Session, workspace_id: int, member_ids: Sequence[int]) -> list[int]:
    rows = session.execute(
        select(col(ReferralCode.id)).where(
            col(ReferralCode.workspace_id) == workspace_id,
            col(ReferralCode.member_id).in_(member_ids),
        )
    )
    return [one for one in rows.scalars() if one is not None]


def _friends(
    session: Session, workspace_id: int, code_ids: Sequence[int], but: Referral
) -> tuple[int, int]:
    """How many other friends bought, and how many of them returned it."""
    rows = session.execute(
        select(col(Referral.state), func.count())
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.code_id).in_(code_ids),
            col(Referral.order_id) != "",
            col(Referral.id) != but.id,
        )
        .group_by(col(Referral.state))
    )
    counts = {row[0]: row[1] for row in rows}
    return sum(counts.values()), counts.get(ReferralState.RETURNED.value, 0)


def _also_of(session: Session, workspace_id: int, referral: Referral) -> str:
    """One order rewards once: somebody may have two addresses, and two referrers. Of two that
    wait, the one who came first is not odd."""
    rows = session.execute(
        select(col(Referral.email))
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.installation_id) == referral.installation_id,
            col(Referral.order_id) == referral.order_id,
            col(Referral.id) != referral.id,
            or_(
                col(Referral.state) == ReferralState.REWARDED.value,
                and_(
                    col(Referral.id) < (referral.id or 0),
                    col(Referral.state).in_(
                        [ReferralState.ORDERED.value, ReferralState.REVIEW.value]
                    ),
                ),
            ),
        )
        .order_by(col(Referral.id))
        .limit(1)
    )
    return rows.scalar_one_or_none() or ""


def _rewards(session: Session, workspace_id: int, code_ids: Sequence[int], now: datetime) -> int:
    return int(
        session.execute(
            select(func.count()).where(
                col(Referral.workspace_id) == workspace_id,
                col(Referral.code_id).in_(code_ids),
                col(Referral.state) == ReferralState.REWARDED.value,
                col(Referral.decided_at) > now - MONTH,
            )
        ).scalar_one()
    )


def _returned_before(
    session: Session, workspace_id: int, referral: Referral, order: HandledOrder
) -> int:
    """A cancelled order was never delivered: that is no return."""
    return sum(
        not one.counts and one.cancelled_at is None
        for one in orders_of(session, workspace_id, referral)
        if (one.placed_at, one.installation_id, one.order_id)
        < (order.placed_at, order.installation_id, order.order_id)
    )
