"""Who buys again, and what a customer is worth: over all members and their counted orders.

An order counts when it was neither cancelled nor returned whole; what it comes to is what was
kept of it, after discounts and refunds, in the programme's currency, with or without tax as the
programme counts (:mod:`bridge.orders.totals`). Every order is read for it, once: with 500,000
orders that takes seconds, so the figure is kept (:data:`CUSTOMERS`).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from bridge.figures.keeping import Figure
from bridge.figures.money import Money, average, money, percent
from bridge.figures.terms import Terms
from bridge.inbox.models import InboxRow
from bridge.inbox.review import OPEN
from bridge.kit.calendar import day_of, day_start, months_later
from bridge.members.addressees import names_of
from bridge.members.models import Member
from bridge.orders.models import HandledOrder
from bridge.orders.volumes import volumes
from bridge.points.models import Holder
from connectors.base import Basis

TOP = 10
_AT_ONCE = 5_000
"""Members that are held in memory together."""


@dataclass(frozen=True, slots=True)
class Buyers:
    """Members who bought, together. Money is of the programme's currency."""

    customers: int
    """With at least one counted order,"""
    repeat_customers: int
    """and with at least two."""
    repeat_rate: Decimal | None
    """Percent of ``customers``, with one decimal; ``None``: nobody bought."""
    orders: int
    spend: Money | None
    """``None`` before a programme was loaded: no order was handled then."""
    per_customer: Money | None
    """Of all orders ever: the customer lifetime value."""
    per_order: Money | None


@dataclass(frozen=True, slots=True)
class TierBuyers:
    tier: str
    """The key; empty: none. The tier that members have now, whenever they bought."""
    name: str
    buyers: Buyers


@dataclass(frozen=True, slots=True)
class Spender:
    member_id: int
    name: str
    """What people call him by; empty in what is kept: a person's name is asked for when it is
    shown (:func:`with_names`), so that it is forgotten with him."""
    orders: int
    spend: Money


@dataclass(frozen=True, slots=True)
class Customers:
    basis: Basis
    ever: Buyers
    year_from: date
    """The first day of the last twelve months."""
    year: Buyers
    """The same of orders placed since then."""
    tiers: tuple[TierBuyers, ...]
    """Of all orders ever: the lowest tier first, those without a tier before."""
    top: tuple[Spender, ...]
    """Who bought for most, ever."""
    guest_orders: int
    """Counted orders of nobody who is a member: they are in none of these figures,"""
    unhandled_orders: int
    """nor are orders that came in and could not be handled yet, for want of an exchange rate to
    the programme's currency, say: `loyalty-bridge inbox --failed` names the reasons."""


@dataclass(slots=True)
class _Sum:
    customers: int = 0
    repeat: int = 0
    orders: int = 0
    spend: int = 0

    def add(self, orders: Any, spend: Any) -> None:
        """One customer's; PostgreSQL gives sums as decimals."""
        self.customers += orders > 0
        self.repeat += orders > 1
        self.orders += int(orders)
        self.spend += int(spend)

    def take(self, other: _Sum) -> None:
        self.customers += other.customers
        self.repeat += other.repeat
        self.orders += other.orders
        self.spend += other.spend


class _Best:
    """Who bought for most; of equals, who came first."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int]] = []

    def look_at(self, spend: Any, member_id: int, orders: int) -> None:
        one = (int(spend), -member_id, orders)
        if len(self._heap) < TOP:
            heapq.heappush(self._heap, one)
        else:
            heapq.heappushpop(self._heap, one)

    def sorted(self) -> list[tuple[int, int, int]]:
        """Spend, member, orders."""
        found = sorted(self._heap, reverse=True)
        return [(spend, -member, orders) for spend, member, orders in found]


def buyers(customers: int, repeat: int, orders: int, spend: int, currency: str) -> Buyers:
    """``spend`` in minor units. Pure: of 5,000 customers 500 bought again, that is 10 %."""
    if not currency:
        return Buyers(customers, repeat, percent(repeat, customers), orders, None, None, None)
    return Buyers(
        customers,
        repeat,
        percent(repeat, customers),
        orders,
        money(spend, currency),
        average(spend, customers, currency),
        average(spend, orders, currency),
    )


def buyers_between(
    session: Session,
    workspace_id: int,
    terms: Terms,
    since: datetime | None,
    until: datetime | None,
) -> Buyers:
    """Of orders placed from ``since`` on and before ``until``; worked out when it is asked for."""
    found = volumes(session, workspace_id, None, since, until=until, basis=terms.basis).values()
    return buyers(
        len(found),
        sum(one.orders > 1 for one in found),
        sum(one.orders for one in found),
        sum(one.spend for one in found),
        terms.currency,
    )


def work_out(session: Session, workspace_id: int, terms: Terms, now: datetime) -> Customers:
    year_from = months_later(day_of(now, terms.zone), -12)
    ever: defaultdict[str, _Sum] = defaultdict(_Sum)
    year: defaultdict[str, _Sum] = defaultdict(_Sum)
    best = _Best()
    for one in _each(session, workspace_id, terms.basis, day_start(year_from, terms.zone)):
        ever[one.tier].add(one.orders, one.spend)
        year[one.tier].add(one.year_orders, one.year_spend)
        best.look_at(one.spend, one.member_id, one.orders)
    return Customers(
        terms.basis,
        _together(ever.values(), terms),
        year_from,
        _together(year.values(), terms),
        tuple(
            TierBuyers(key, name, _together([ever[key]], terms))
            for key, name in _tiers(terms, ever)
        ),
        _top(terms, best.sorted()),
        _guest_orders(session, workspace_id),
        _unhandled(session, workspace_id),
    )


CUSTOMERS = Figure("customers", Customers, work_out)


def with_names(session: Session, workspace_id: int, found: Customers) -> Customers:
    """With the names of those who bought for most, as they are now; who is gone is left out."""
    ids = [one.member_id for one in found.top]
    there = session.scalars(
        select(col(Member.id)).where(
            col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids)
        )
    )
    names = names_of(session, workspace_id, [(Holder.MEMBER, one or 0) for one in there])
    top = tuple(
        replace(one, name=names[Holder.MEMBER, one.member_id])
        for one in found.top
        if (Holder.MEMBER, one.member_id) in names
    )
    return replace(found, top=top)


def _each(session: Session, workspace_id: int, basis: Basis, year_from: datetime) -> Iterable[Any]:
    """Every member who bought, with his tier and what he bought ever and in the last year."""
    total = HandledOrder.net_total if basis is Basis.NET else HandledOrder.gross_total
    lately = col(HandledOrder.placed_at) >= year_from
    bought = (
        select(
            col(HandledOrder.member_id).label("member_id"),
            func.count().label("orders"),
            func.sum(col(total)).label("spend"),
            func.sum(case((lately, 1), else_=0)).label("year_orders"),
            func.sum(case((lately, col(total)), else_=0)).label("year_spend"),
        )
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.counts).is_(True),
            col(HandledOrder.member_id).is_not(None),
        )
        .group_by(col(HandledOrder.member_id))
        .subquery()
    )
    return session.execute(
        select(bought, col(Member.tier).label("tier"))
        .join(Member, col(Member.id) == bought.c.member_id)
        .where(col(Member.workspace_id) == workspace_id)
        .execution_options(yield_per=_AT_ONCE)
    )


def _together(sums: Iterable[_Sum], terms: Terms) -> Buyers:
    total = _Sum()
    for one in sums:
        total.take(one)
    return buyers(total.customers, total.repeat, total.orders, total.spend, terms.currency)


def _tiers(terms: Terms, found: Iterable[str]) -> list[tuple[str, str]]:
    """Those of the programme, and those that members still have from an earlier version."""
    known = [("", ""), *terms.tiers]
    left = sorted(set(found) - {key for key, _ in known})
    return [*known, *((key, key) for key in left)] if terms.tiers or left else []


def _top(terms: Terms, best: Iterable[tuple[int, int, int]]) -> tuple[Spender, ...]:
    if not terms.currency:
        return ()
    return tuple(
        Spender(member, "", orders, money(spend, terms.currency)) for spend, member, orders in best
    )


def _guest_orders(session: Session, workspace_id: int) -> int:
    found = session.execute(
        select(func.count())
        .select_from(HandledOrder)
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.counts).is_(True),
            col(HandledOrder.member_id).is_(None),
        )
    )
    return int(found.scalar_one())


def _unhandled(session: Session, workspace_id: int) -> int:
    rows = (
        select(col(InboxRow.installation_id), col(InboxRow.entity_id))
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.state).in_(OPEN),
            col(InboxRow.resource) == "order",
        )
        .distinct()
        .subquery()
    )
    return int(session.execute(select(func.count()).select_from(rows)).scalar_one())
