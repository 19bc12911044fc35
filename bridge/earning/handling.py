"""Handling orders: who bought, what it is worth now, and what the book lacks of that.

Orders come in batches (:mod:`bridge.earning.order_batch`), and each statement serves the whole
batch; what one order is worth is computed by :mod:`bridge.earning.judging`. An order that cannot
be handled (a missing exchange rate) is told by its own, and the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import CustomerKey, Versions, versions
from bridge.earning.news import ORDER, MissingRate, News, asks, by_installation
from bridge.earning.order_batch import OrderBatch
from bridge.earning.past import EventKey
from bridge.kit.errors import BridgeError
from bridge.orders.history import orders_after
from bridge.orders.models import HandledOrder

__all__ = [
    "ORDER",
    "MissingRate",
    "News",
    "decide_orders",
    "handle_orders",
    "rehandle_orders",
]

_TOGETHER = 500
"""Orders of one member that are judged again together."""


def handle_orders(
    session: Session, workspace_id: int, news: Sequence[News], now: datetime
) -> list[bool | BridgeError]:
    """Handles orders of distinct keys. For each, in the given order: whether it was handled
    (False: something newer was before), or why it cannot be. Nothing is posted for the latter.
    """
    known = versions(session, workspace_id)
    results: dict[CustomerKey, bool | BridgeError] = {}
    batches: list[OrderBatch] = []
    parts = _parts(news, known)
    if len(parts) > 1:
        OrderBatch(session, workspace_id, now, known).lock_ahead(news, ())
    for part in parts:
        batch = OrderBatch(session, workspace_id, now, known)
        batch.read(part)
        for one in part:
            batch.take(one)
        batch.write()
        results |= batch.results
        batches.append(batch)
    _correct(session, workspace_id, batches, now)
    return [results[one.key] for one in news]


def _parts(news: Sequence[News], known: Versions) -> Sequence[Sequence[News]]:
    """Where points depend on the buyer's other orders, each sees what the one before did."""
    if not any(asks(version) for version in known.known):
        return [news]
    in_order = sorted(news, key=lambda one: (one.order.placed_at, *one.key))
    return [[one] for one in in_order]


def decide_orders(
    session: Session, workspace_id: int, keys: Sequence[CustomerKey], now: datetime
) -> int:
    """Applies what depends on the buyer's past to these orders, in this order; how many.

    Everything that came before them must have been handled.
    """
    known = versions(session, workspace_id)
    OrderBatch(session, workspace_id, now, known).lock_ahead((), keys)
    batches = []
    for member_id, theirs in _by_member(session, workspace_id, keys).items():
        batch = OrderBatch(session, workspace_id, now, known, again=True)
        batch.deciding = True
        batch.judge_again(theirs, member_id)
        batches.append(batch)
    _correct(session, workspace_id, batches, now)
    return sum(result is True for batch in batches for result in batch.results.values())


def rehandle_orders(
    session: Session, workspace_id: int, keys: Sequence[CustomerKey], now: datetime
) -> int:
    """Judges handled orders anew, by what is known of them; how many.

    For what changed around them: an amount a person told, a member that was split, a repair.
    """
    known = versions(session, workspace_id)
    batches = []
    for key in keys:
        batch = OrderBatch(session, workspace_id, now, known, again=True)
        batch.judge_again([key])
        batches.append(batch)
    _correct(session, workspace_id, batches, now)
    return sum(result is True for batch in batches for result in batch.results.values())


def _by_member(
    session: Session, workspace_id: int, keys: Sequence[CustomerKey]
) -> dict[int, list[CustomerKey]]:
    """Handled orders of members, in this order."""
    found: dict[CustomerKey, int] = {}
    for installation_id, ids in by_installation(keys).items():
        rows = session.execute(
            select(col(HandledOrder.order_id), col(HandledOrder.member_id)).where(
                col(HandledOrder.workspace_id) == workspace_id,
                col(HandledOrder.installation_id) == installation_id,
                col(HandledOrder.order_id).in_(ids),
            )
        )
        found |= {(installation_id, row[0]): row[1] for row in rows if row[1] is not None}
    theirs: dict[int, list[CustomerKey]] = {}
    for key in keys:
        if key in found:
            theirs.setdefault(found[key], []).append(key)
    return theirs


def _correct(
    session: Session, workspace_id: int, batches: Sequence[OrderBatch], now: datetime
) -> None:
    """Later orders that were decided by a past which is another now."""
    taking_part = [one for batch in batches for one in batch.memberships()]
    _correct_undecided(session, workspace_id, taking_part, now)
    earliest: dict[int, EventKey] = {}
    for changed in (*(batch.changed() for batch in batches), taking_part):
        for member_id, key in changed:
            earliest[member_id] = min(key, earliest.get(member_id, key))
    for member_id, key in sorted(earliest.items()):
        later = orders_after(session, workspace_id, member_id, *key)
        for start in range(0, len(later), _TOGETHER):
            batch = OrderBatch(
                session, workspace_id, now, versions(session, workspace_id), again=True
            )
            batch.judge_again(later[start : start + _TOGETHER], member_id)


def _correct_undecided(
    session: Session, workspace_id: int, since: Sequence[tuple[int, EventKey]], now: datetime
) -> None:
    """Of members who take part otherwise than before: what orders earn by themselves."""
    for member_id, key in since:
        later = orders_after(session, workspace_id, member_id, *key, decided=False)
        for one in later:
            batch = OrderBatch(
                session, workspace_id, now, versions(session, workspace_id), again=True
            )
            batch.judge_again([one])
