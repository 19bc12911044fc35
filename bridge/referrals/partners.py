"""Partners: an agreement's code credits its owner for what the customers buy whom it brought.

An order carries the code as a promotion code, as the shop's affiliate code, or because its buyer
came by the code's link. From the buyer's first such order on, all his orders are the owner's,
for as long as the agreement says; one that carries another partner's code is that one's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select, tuple_, update
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.kit.calendar import day_end, day_of, months_later
from bridge.orders.models import HandledOrder
from bridge.programme.emails import folded_email
from bridge.programme.rewards import Partner
from bridge.referrals.models import PartnerOrder, ReferralCode
from bridge.vouchers.codes import normal_code
from connectors.sales import Order


def credit(partner: Partner, goods: Decimal) -> int:
    """Points for goods worth so much after discounts and returns; whole ones. Pure."""
    return max(int(goods * partner.points / partner.each), 0)


def ends_at(partner: Partner, first_at: datetime, zone: ZoneInfo) -> datetime | None:
    """From when on a customer's orders credit nobody any more; ``None``: never. Pure."""
    if partner.months is None:
        return None
    return day_end(months_later(day_of(first_at, zone), partner.months), zone)


def note_partner_orders(
    session: Session,
    workspace_id: int,
    orders: Sequence[tuple[int, Order]],
    carried: Mapping[tuple[int, str], int],
    now: datetime,
) -> None:
    """Which orders are to be looked at: these, and where one of them carries a code, the
    buyer's others. ``carried``: codes (ids) of friends' orders. Nothing is posted."""
    known = _partner_codes(session, workspace_id)
    if not known:
        return
    carrying = _carrying(orders, carried, known)
    keys = [(installation_id, order.id) for installation_id, order in orders]
    follows = _brought(session, workspace_id, keys)
    rows: dict[tuple[int, str], int] = {
        key: follows[key] for key in keys if key in follows
    } | carrying
    for key, code_id in carrying.items():
        for other in _others(session, workspace_id, key):
            rows.setdefault(other, follows.get(other, code_id))
    _write(session, workspace_id, rows, carrying.keys(), now)


def _partner_codes(session: Session, workspace_id: int) -> dict[str, int]:
    rows = session.execute(
        select(col(ReferralCode.code), col(ReferralCode.id)).where(
            col(ReferralCode.workspace_id) == workspace_id, col(ReferralCode.partner) != ""
        )
    )
    return {row[0]: row[1] for row in rows}


def _carrying(
    orders: Sequence[tuple[int, Order]],
    carried: Mapping[tuple[int, str], int],
    known: Mapping[str, int],
) -> dict[tuple[int, str], int]:
    found = {}
    ids = set(known.values())
    for installation_id, order in orders:
        key = (installation_id, order.id)
        told = [*(used.code for used in order.codes), order.referral_code]
        codes = [known[normal_code(text)] for text in told if normal_code(text) in known]
        if not codes and carried.get(key) in ids:
            codes = [carried[key]]
        if codes:
            found[key] = codes[0]
    return found


def _brought(
    session: Session, workspace_id: int, keys: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    """Of these orders, those that are followed already, or whose buyer has one that carries a
    code."""
    rows = session.execute(
        select(
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
            col(HandledOrder.member_id),
            col(HandledOrder.email),
        ).where(
            col(HandledOrder.workspace_id) == workspace_id,
            tuple_(col(HandledOrder.installation_id), col(HandledOrder.order_id)).in_(keys),
        )
    ).all()
    members = {row.member_id for row in rows if row.member_id is not None}
    emails = {row.email for row in rows if row.email}
    first = first_carrying(session, workspace_id, members, emails)
    found = {}
    for row in rows:
        code = first.get(row.member_id) or first.get(row.email or None)
        if code is not None:
            found[row.installation_id, row.order_id] = code[0]
    followed = session.execute(
        select(
            col(PartnerOrder.installation_id),
            col(PartnerOrder.order_id),
            col(PartnerOrder.code_id),
        ).where(
            col(PartnerOrder.workspace_id) == workspace_id,
            tuple_(col(PartnerOrder.installation_id), col(PartnerOrder.order_id)).in_(keys),
        )
    )
    return {(row[0], row[1]): row[2] for row in followed} | found


def first_carrying(
    session: Session,
    workspace_id: int,
    members: set[int],
    emails: set[str],
    code_id: int | None = None,
) -> dict[Any, tuple[int, datetime]]:
    """The code that brought each buyer (a member's id, or a guest's address), and when: of his
    counted orders that carry one, the first. ``code_id``: only that code."""
    which = [
        col(PartnerOrder.workspace_id) == workspace_id,
        col(PartnerOrder.carries).is_(True),
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.counts).is_(True),
    ]
    if code_id is not None:
        which.append(col(PartnerOrder.code_id) == code_id)
    carrying = (
        select(
            col(HandledOrder.placed_at),
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
            col(HandledOrder.member_id),
            col(HandledOrder.email),
            col(PartnerOrder.code_id),
        )
        .select_from(HandledOrder)
        .join(PartnerOrder, _same_order())
        .where(*which)
    )
    # Two statements, so that each has an index: there may be many orders.
    rows = sorted(
        {
            tuple(row)
            for theirs in (
                col(HandledOrder.member_id).in_(members),
                col(HandledOrder.email).in_(emails),
            )
            for row in session.execute(carrying.where(theirs))
        },
        key=lambda row: row[:3],
    )
    found: dict[Any, tuple[int, datetime]] = {}
    for placed_at, _, _, member_id, email, code in rows:
        for buyer in (member_id, email or None):
            if buyer is not None:
                found.setdefault(buyer, (code, placed_at))
    return found


def _same_order() -> Any:
    return and_(
        col(HandledOrder.installation_id) == col(PartnerOrder.installation_id),
        col(HandledOrder.order_id) == col(PartnerOrder.order_id),
    )


def _others(session: Session, workspace_id: int, key: tuple[int, str]) -> list[tuple[int, str]]:
    """Later orders of who placed this one: news may come in any order."""
    one = session.get(HandledOrder, key)
    if one is None or one.workspace_id != workspace_id:
        return []
    same = []
    if one.member_id is not None:
        same.append(col(HandledOrder.member_id) == one.member_id)
    if one.email:
        same.append(col(HandledOrder.email) == folded_email(one.email))
    if not same:
        return []
    rows = session.execute(
        select(col(HandledOrder.installation_id), col(HandledOrder.order_id)).where(
            col(HandledOrder.workspace_id) == workspace_id,
            or_(*same),
            col(HandledOrder.placed_at) >= one.placed_at,
        )
    )
    return [(row[0], row[1]) for row in rows if (row[0], row[1]) != key]


def _write(
    session: Session,
    workspace_id: int,
    rows: Mapping[tuple[int, str], int],
    carrying: Collection[tuple[int, str]],
    now: datetime,
) -> None:
    """The one code of an order that carries it does not change with what follows."""
    keys = sorted(rows)
    insert_or_ignore(
        session,
        PartnerOrder,
        [
            {
                "installation_id": key[0],
                "order_id": key[1],
                "workspace_id": workspace_id,
                "code_id": rows[key],
                "carries": key in carrying,
                "points": 0,
                "changed_at": now,
            }
            for key in keys
        ],
        ("installation_id", "order_id"),
    )
    if keys:
        _change(session, workspace_id, keys, due_at=now, changed_at=now)
    for key in sorted(carrying):
        _change(session, workspace_id, [key], code_id=rows[key], carries=True)


def _change(
    session: Session, workspace_id: int, keys: Sequence[tuple[int, str]], **values: Any
) -> None:
    session.execute(
        update(PartnerOrder)
        .where(
            col(PartnerOrder.workspace_id) == workspace_id,
            tuple_(col(PartnerOrder.installation_id), col(PartnerOrder.order_id)).in_(keys),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
