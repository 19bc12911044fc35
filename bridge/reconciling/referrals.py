"""Referrals: who was thanked, with what, and for which order; what partners were credited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select, update
from sqlmodel import Session, col

from bridge.earning.posting import posted_sums
from bridge.installations.models import Installation
from bridge.orders.models import HandledOrder
from bridge.points.book import Book
from bridge.points.models import Entry, Place
from bridge.reconciling.books import Books
from bridge.reconciling.correcting import RECONCILE
from bridge.reconciling.findings import Finding, Fix, Severity
from bridge.referrals.models import PartnerOrder, Referral, ReferralState
from bridge.referrals.offers import REFERRAL
from bridge.referrals.rewarding import RULES, lock_referral
from bridge.referrals.settling import PARTNER, settle_partner_order
from bridge.vouchers.ending import begin_end
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.models import Ending, Voucher, VoucherKind, VoucherState

REWARD = "referral-reward"
TWICE = "referral-twice"
ORDER = "referral-order"
PARTNERS = "partner-points"
_OUTSIDE = (Place.ISSUED.value, Place.ADJUSTED.value)
_PAST = "The referral, or what it brought, was changed past the bridge: both are written together."


@dataclass(frozen=True, slots=True)
class Brought:
    """What a referral brought who referred, as book and vouchers have it."""

    points: int = 0
    voucher_id: int | None = None
    is_open: bool = False
    """The voucher can still be used."""


NOTHING = Brought()


def find(books: Books) -> Iterator[Finding]:
    with books.looking() as session:
        brought = _brought(session, books.workspace_id)
        referrals = session.scalars(
            select(Referral)
            .where(
                col(Referral.workspace_id) == books.workspace_id,
                or_(
                    col(Referral.state) == ReferralState.REWARDED.value,
                    col(Referral.reward_points) > 0,
                    col(Referral.reward_voucher_id).is_not(None),
                    col(Referral.id).in_(sorted(brought)),
                ),
            )
            .order_by(col(Referral.id))
        ).all()
        orders = _orders(session, books.workspace_id)
        partners = _partners(session, books.workspace_id)
    for one in referrals:
        yield from _of(books, one, brought.get(one.id or 0, NOTHING), orders)
    for row, points in partners:
        yield Finding(
            PARTNERS,
            f"order id {row.order_id}",
            f"It is said to have credited its partner {row.points:,} points, and the book has "
            f"{points:,}.",
            "Entries, or what is noted of the order, were changed past the bridge.",
            "Compute anew what it credits, and post the difference.",
            _crediting(books, (row.installation_id, row.order_id)),
            store=row.name,
        )


def _of(
    books: Books, one: Referral, brought: Brought, orders: Mapping[int, Any]
) -> Iterator[Finding]:
    assert one.id is not None
    where = f"referral {one.id}"
    if brought.points and brought.voucher_id is not None:
        yield Finding(
            TWICE,
            where,
            f"It brought {brought.points:,} points and voucher #{brought.voucher_id}.",
            "Two rewards were given for one friend, past the bridge.",
            "Withdraw the voucher." if brought.is_open else "The voucher was used: talk to him.",
            _withdrawing(books, one.id, brought.voucher_id) if brought.is_open else None,
        )
        return
    is_rewarded = one.state == ReferralState.REWARDED.value
    noted = (is_rewarded, one.reward_points, one.reward_voucher_id)
    got = (brought != NOTHING, brought.points, brought.voucher_id)
    if noted != got:
        yield Finding(
            REWARD,
            where,
            f"It is {one.state}, with {_in_words(one.reward_points, one.reward_voucher_id)}; "
            f"what it brought is {_in_words(brought.points, brought.voucher_id)}.",
            _PAST,
            "Note what it brought; where it brought nothing, it is decided anew.",
            _noting(books, one.id),
        )
    elif is_rewarded and one.id not in orders and one.decided_by == RULES:
        yield Finding(
            ORDER,
            where,
            f"It was rewarded with {_in_words(brought.points, brought.voucher_id)}, and no order "
            "of the friend was ever complete.",
            "The referral was decided past the bridge, or its order was changed.",
            "Take the reward back (`loyalty-bridge points adjust`, `vouchers withdraw`), or "
            "leave it.",
            None,
            Severity.WAITS,
        )


def _in_words(points: int, voucher_id: int | None) -> str:
    if voucher_id is not None:
        return f"voucher #{voucher_id}" + (f" and {points:,} points" if points else "")
    return f"{points:,} points" if points else "nothing"


# -- what there is --------------------------------------------------------------------------


def _brought(
    session: Session, workspace_id: int, referral_id: int | None = None
) -> dict[int, Brought]:
    """By referral. Points count, whatever became of them afterwards."""
    amount = col(Entry.points)
    way = case(
        (col(Entry.debit).in_(_OUTSIDE), amount),
        (col(Entry.credit).in_(_OUTSIDE), -amount),
        else_=0,
    )
    only = [] if referral_id is None else [col(Entry.source_id) == str(referral_id)]
    points = session.execute(
        select(col(Entry.source_id), func.sum(way))
        .where(col(Entry.workspace_id) == workspace_id, col(Entry.source_kind) == REFERRAL, *only)
        .group_by(col(Entry.source_id))
    )
    found = {int(id_): Brought(int(sum_)) for id_, sum_ in points if sum_}
    mine = [] if referral_id is None else [col(Voucher.source_id) == str(referral_id)]
    vouchers = session.scalars(
        select(Voucher)
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.kind) == VoucherKind.REFERRER.value,
            col(Voucher.source_kind) == REFERRAL,
            *mine,
        )
        .order_by(col(Voucher.id).desc())
    )
    for voucher in vouchers:
        id_ = int(voucher.source_id)
        before = found.get(id_, NOTHING)
        if before.points and voucher.ending == Ending.WITHDRAWN.value:
            continue  # the second of two rewards, taken back
        is_open = voucher.state == VoucherState.OPEN.value
        found[id_] = Brought(before.points, voucher.id, is_open)
    return found


def _orders(session: Session, workspace_id: int) -> dict[int, Any]:
    """Complete orders, also those that were undone since, by the referral they are of."""
    rows = session.execute(
        select(col(Referral.id), col(HandledOrder.number))
        .join(
            HandledOrder,
            and_(
                col(HandledOrder.installation_id) == col(Referral.installation_id),
                col(HandledOrder.order_id) == col(Referral.order_id),
            ),
        )
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.state) == ReferralState.REWARDED.value,
            or_(col(HandledOrder.completed_at).is_not(None), col(HandledOrder.counts).is_(False)),
        )
    )
    return {row[0]: row[1] for row in rows}


def _partners(session: Session, workspace_id: int) -> Sequence[tuple[Any, int]]:
    rows = session.execute(
        select(
            col(PartnerOrder.installation_id),
            col(PartnerOrder.order_id),
            col(PartnerOrder.points),
            col(Installation.name),
        )
        .join(Installation, col(Installation.id) == col(PartnerOrder.installation_id))
        .where(col(PartnerOrder.workspace_id) == workspace_id)
        .order_by(col(PartnerOrder.installation_id), col(PartnerOrder.order_id))
    ).all()
    keys = [(row.installation_id, row.order_id) for row in rows]
    posted = posted_sums(session, workspace_id, PARTNER, keys) if keys else {}
    found = []
    for row in rows:
        points = sum(posted.get((row.installation_id, row.order_id), {}).values())
        if points != row.points:
            found.append((row, points))
    return found


# -- mending --------------------------------------------------------------------------------


def _noting(books: Books, referral_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        one = lock_referral(session, books.workspace_id, referral_id)
        found = _brought(session, books.workspace_id, referral_id).get(referral_id, NOTHING)
        one.reward_points, one.reward_voucher_id = found.points, found.voucher_id
        if found != NOTHING:
            one.state = ReferralState.REWARDED.value
            one.decided_at = one.decided_at or now
            one.decided_by = one.decided_by or RECONCILE
        elif one.state == ReferralState.REWARDED.value:
            bought = bool(one.order_id)
            state = ReferralState.ORDERED if bought else ReferralState.CONFIRMED
            one.state, one.decided_at, one.decided_by = state.value, None, ""
        session.flush()
        return True

    return books.fix(mend)


def _withdrawing(books: Books, referral_id: int, voucher_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher = lock_vouchers(session, book, [voucher_id]).get(voucher_id)
        if voucher is None or voucher.state != VoucherState.OPEN.value:
            return False
        begin_end(book, voucher, Ending.WITHDRAWN, f"Referral {referral_id} brought points.")
        session.flush()
        return True

    return books.fix(mend)


def _crediting(books: Books, key: tuple[int, str]) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        session.execute(
            update(PartnerOrder)
            .where(
                col(PartnerOrder.workspace_id) == books.workspace_id,
                col(PartnerOrder.installation_id) == key[0],
                col(PartnerOrder.order_id) == key[1],
            )
            .values(due_at=now)
            .execution_options(synchronize_session=False)
        )
        return settle_partner_order(session, books.workspace_id, key, now)

    return books.fix(mend)
