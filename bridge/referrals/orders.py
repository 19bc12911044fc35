"""Orders of friends, as they come in: which is the first one, and when it can be judged.

What is noted is read from the orders as handled, so that late, repeated and shuffled news come
to the same. Nothing is paid here: that is :mod:`bridge.referrals.rewarding`, when the return
period is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, exists, or_, select, tuple_
from sqlmodel import Session, col

from bridge.inbox.codec import decoded
from bridge.kit.calendar import day_end, day_of
from bridge.members.models import MemberEmail
from bridge.orders.models import HandledOrder
from bridge.programme.emails import folded_email
from bridge.referrals.models import Referral, ReferralCode, ReferralState
from bridge.referrals.offers import REFERRAL, terms_at
from bridge.referrals.partners import note_partner_orders
from bridge.vouchers.codes import normal_code
from bridge.vouchers.models import Voucher, VoucherKind, VoucherUse
from connectors.sales import Order

OrderKey: TypeAlias = tuple[int, str]
"""Installation id and order id."""
OPEN = (
    ReferralState.CONFIRMED.value,
    ReferralState.ORDERED.value,
    ReferralState.REVIEW.value,
    ReferralState.RETURNED.value,
)
"""States in which a friend's orders are followed; REVIEW is left by a person, or a return."""


def note_orders(
    session: Session, workspace_id: int, orders: Sequence[tuple[int, Order]], now: datetime
) -> int:
    """Orders that were just handled, with their installations, in the same unit of work; how
    many friends they are of. Locks referrals and nothing else."""
    keys = list(dict.fromkeys((installation_id, order.id) for installation_id, order in orders))
    if not keys or not _any_code(session, workspace_id):
        return 0
    friends = _friends(session, workspace_id, orders)
    carried = {key: friend.code_id for friend, found in friends for key in found}
    note_partner_orders(session, workspace_id, orders, carried, now)
    for friend, found in friends:
        follow(session, workspace_id, friend, now, found)
    return len(friends)


def _any_code(session: Session, workspace_id: int) -> bool:
    """Whether this merchant ever gave a code to a member or partner."""
    return bool(session.execute(_ANY_CODE, {"workspace": workspace_id}).scalar_one())


_ANY_CODE = select(exists().where(col(ReferralCode.workspace_id) == bindparam("workspace")))
"""Built once: it is asked for every batch of orders."""


def _friends(
    session: Session, workspace_id: int, orders: Sequence[tuple[int, Order]]
) -> list[tuple[Referral, list[OrderKey]]]:
    """Whose orders these are, by the address or by the voucher, locked in the order of ids; of a
    friend who was erased the one that was noted before."""
    by_email: dict[str, list[OrderKey]] = {}
    by_code: dict[OrderKey, list[OrderKey]] = {}
    nameless: list[OrderKey] = []
    for installation_id, order in orders:
        key = (installation_id, order.id)
        if order.email:
            by_email.setdefault(folded_email(order.email), []).append(key)
        for used in order.codes:
            by_code.setdefault((installation_id, normal_code(used.code)), []).append(key)
        if not order.email:
            nameless.append(key)
    by_voucher = _by_voucher(session, workspace_id, by_code)
    rows = session.execute(
        select(Referral)
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.confirmed_at).is_not(None),
            or_(
                col(Referral.email).in_(sorted(by_email)),
                col(Referral.id).in_(sorted(by_voucher)),
                *([_noted(nameless)] if nameless else ()),
            ),
        )
        .order_by(col(Referral.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [
        (row, [*by_email.get(row.email, ()), *by_voucher.get(row.id or 0, ())])
        for row in rows.scalars()
    ]


def _noted(keys: Sequence[OrderKey]) -> ColumnElement[bool]:
    return tuple_(col(Referral.installation_id), col(Referral.order_id)).in_(keys)


def _by_voucher(
    session: Session, workspace_id: int, codes: dict[OrderKey, list[OrderKey]]
) -> dict[int, list[OrderKey]]:
    """Orders by the referral (its id) whose voucher they carry."""
    found: dict[int, list[OrderKey]] = {}
    for installation_id in sorted({one for one, _ in codes}):
        asked = sorted(code for one, code in codes if one == installation_id)
        rows = session.execute(
            select(col(Voucher.source_id), col(Voucher.code)).where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.installation_id) == installation_id,
                col(Voucher.code).in_(asked),
                col(Voucher.kind) == VoucherKind.FRIEND.value,
                col(Voucher.source_kind) == REFERRAL,
            )
        )
        found |= {int(row[0]): codes[installation_id, row[1]] for row in rows}
    return found


# -- one friend -----------------------------------------------------------------------------


def follow(
    session: Session,
    workspace_id: int,
    referral: Referral,
    now: datetime,
    more: Iterable[OrderKey] = (),
) -> None:
    """Which of his orders is the first that counts, and when it is due. The referral is locked;
    what was decided stays."""
    if referral.state not in OPEN:
        return
    found = orders_of(session, workspace_id, referral, more)
    kept = next((order for order in found if order.counts), None)
    first = kept or (found[0] if found else None)
    before = _standing(referral)
    if first is None:
        referral.order_id, referral.ordered_at, referral.due_at = "", None, None
        referral.state = ReferralState.CONFIRMED.value
    else:
        referral.installation_id, referral.store_id = first.installation_id, first.store_id
        referral.order_id, referral.ordered_at = first.order_id, first.placed_at
        referral.due_at = _due_at(session, workspace_id, referral, first)
        if not first.counts:
            referral.state = ReferralState.RETURNED.value
        elif referral.state != ReferralState.REVIEW or before[1] != referral.order_id:
            referral.state = ReferralState.ORDERED.value
    if _standing(referral) != before:
        session.add(referral)
        session.flush()


def _standing(referral: Referral) -> tuple[object, ...]:
    return referral.state, referral.order_id, referral.installation_id, referral.due_at


def orders_of(
    session: Session, workspace_id: int, referral: Referral, more: Iterable[OrderKey] = ()
) -> list[HandledOrder]:
    """The friend's orders since he was invited, first to last: of his address, of the member it
    stands for, with his voucher."""
    member = (
        select(col(MemberEmail.member_id))
        .where(
            col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.email) == referral.email
        )
        .scalar_subquery()
    )
    used = select(col(VoucherUse.installation_id), col(VoucherUse.order_id)).where(
        col(VoucherUse.workspace_id) == workspace_id,
        col(VoucherUse.voucher_id) == referral.voucher_id,
    )
    keys = {(row[0], row[1]) for row in session.execute(used)} | set(more)
    if referral.order_id and referral.installation_id is not None:
        keys.add((referral.installation_id, referral.order_id))
    which = [
        col(HandledOrder.email) == referral.email,
        col(HandledOrder.member_id) == member,
    ]
    if keys:
        which.append(
            tuple_(col(HandledOrder.installation_id), col(HandledOrder.order_id)).in_(sorted(keys))
        )
    rows = session.execute(
        select(HandledOrder)
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            or_(*which),
            col(HandledOrder.placed_at) >= referral.asked_at - SKEW,
        )
        .execution_options(populate_existing=True)
    )
    return sorted(
        rows.scalars(), key=lambda one: (one.placed_at, one.installation_id, one.order_id)
    )


SKEW = timedelta(minutes=10)
"""A shop's clock may be behind the bridge's: what lies so little before is no sign of a past."""


def _due_at(
    session: Session, workspace_id: int, referral: Referral, order: HandledOrder
) -> datetime | None:
    """When the return period is over; ``None``: never, by what is known now. Partners are paid
    by their own agreement (:mod:`bridge.referrals.partners`)."""
    code = session.get(ReferralCode, referral.code_id)
    terms = terms_at(session, workspace_id, referral.confirmed_at or order.placed_at)
    if order.completed_at is None or not order.counts or terms is None or code is None:
        return None
    if code.partner:
        return None
    return over_at(order.completed_at, terms.referrals.after_days, terms.zone)


def over_at(completed_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the last day of the return period; with no days: at once."""
    if not days:
        return completed_at
    return day_end(day_of(completed_at, zone) + timedelta(days=days), zone)


def as_told(order: HandledOrder) -> Order:
    return decoded(Order, order.content)
