"""What the bridge did to open baskets, and who walks them now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlmodel import Session, col

from bridge.db import insert_or_ignore, upsert
from bridge.gifts.models import CartCursor, CartGift, GiftState
from bridge.gifts.rules import Remembered
from bridge.outbox.workers import is_alive
from connectors.sales import Mark

UNDECIDED = (GiftState.ADDING.value, GiftState.REMOVING.value)
OPEN = (*UNDECIDED, GiftState.ADDED.value)
"""Of baskets whose end is not known yet."""


@dataclass(frozen=True, slots=True)
class Place:
    """One shop of one merchant."""

    workspace_id: int
    installation_id: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Owner and end together are its fence: one process may hold several, one after another."""

    owner: str
    until: datetime


# --- who walks ------------------------------------------------------------------------------


def take(
    session: Session, place: Place, owner: str, home: Path, now: datetime, length: timedelta
) -> tuple[Lease, Mark | None] | None:
    """The right to walk the baskets of a shop, and how far the last walk got (``None``: there
    was none). ``None``: somebody else has it."""
    row = {
        "installation_id": place.installation_id,
        "workspace_id": place.workspace_id,
        "at": _NEVER,
        "cart_id": "",
        "polled_at": now,
        "lease_owner": "",
    }
    insert_or_ignore(session, CartCursor, [row], ["installation_id"])
    cursor = session.execute(
        select(CartCursor).where(*_cursor(place)).with_for_update()
    ).scalar_one()
    taken = cursor.lease_until is not None and cursor.lease_until > now
    if taken and cursor.lease_owner and is_alive(home, cursor.lease_owner):
        return None
    lease = Lease(owner, now + length)
    cursor.lease_owner, cursor.lease_until = lease.owner, lease.until
    session.add(cursor)
    return lease, None if cursor.at == _NEVER else Mark(cursor.at, cursor.cart_id)


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def renew(
    session: Session, place: Place, lease: Lease, now: datetime, length: timedelta
) -> Lease | None:
    """``None``: it was lost, and nothing may be sent any more."""
    longer = Lease(lease.owner, now + length)
    return longer if _move(session, place, lease, lease_until=longer.until) else None


def holds(session: Session, place: Place, lease: Lease, now: datetime) -> bool:
    """Whether it is still the newest and has not ended, as the transaction sees it; nobody takes
    it until that ends."""
    found = session.execute(
        select(col(CartCursor.lease_owner), col(CartCursor.lease_until))
        .where(*_cursor(place))
        .with_for_update()
    ).one_or_none()
    return found is not None and tuple(found) == (lease.owner, lease.until) and lease.until > now


def note_way(session: Session, place: Place, lease: Lease, mark: Mark, now: datetime) -> bool:
    """How far the walk got; nothing when the lease was lost."""
    return _move(session, place, lease, at=mark.at, cart_id=mark.id, polled_at=now)


def let_go(session: Session, place: Place, lease: Lease) -> None:
    _move(session, place, lease, lease_owner="", lease_until=None)


def _move(session: Session, place: Place, lease: Lease, **values: Any) -> bool:
    moved = session.execute(
        update(CartCursor)
        .where(
            *_cursor(place),
            col(CartCursor.lease_owner) == lease.owner,
            col(CartCursor.lease_until) == lease.until,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(getattr(moved, "rowcount", 0))


def _cursor(place: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        col(CartCursor.workspace_id) == place.workspace_id,
        col(CartCursor.installation_id) == place.installation_id,
    )


# --- what was done --------------------------------------------------------------------------


def remembered(
    session: Session, place: Place, cart_id: str, now: datetime
) -> dict[str, Remembered]:
    """Of one basket, by rule."""
    rows = session.execute(
        select(CartGift)
        .where(*_here(place), col(CartGift.cart_id) == cart_id)
        .order_by(col(CartGift.rule))
    ).scalars()
    return {row.rule: _remembered(row, now) for row in rows}


def _remembered(row: CartGift, now: datetime) -> Remembered:
    return Remembered(
        rule=row.rule,
        store_id=row.store_id,
        product_id=row.product_id,
        quantity=row.quantity,
        state=GiftState(row.state),
        item_id=row.item_id,
        items_before=frozenset(json.loads(row.items_before)),
        attempts=row.attempts,
        not_before=row.not_before,
        is_leased=row.lease_until is not None and row.lease_until > now,
        error=row.error,
        since=row.changed_at,
    )


def keep(
    session: Session,
    place: Place,
    cart_id: str,
    gifts: Iterable[Remembered],
    now: datetime,
    lease: Lease | None = None,
) -> None:
    """Stores these, whatever was there. ``lease``: until then what is sent may be on its way."""
    upsert(
        session,
        CartGift,
        [
            {
                "installation_id": place.installation_id,
                "cart_id": cart_id,
                "rule": gift.rule,
                "workspace_id": place.workspace_id,
                "store_id": gift.store_id,
                "product_id": gift.product_id,
                "sku": gift.product_id,
                "quantity": gift.quantity,
                "item_id": gift.item_id,
                "items_before": json.dumps(sorted(gift.items_before)),
                "state": gift.state.value,
                "error": gift.error,
                "attempts": gift.attempts,
                "not_before": gift.not_before,
                "lease_owner": lease.owner if lease else "",
                "lease_until": lease.until if lease else None,
                "changed_at": now,
            }
            for gift in gifts
        ],
    )


def review_later(session: Session, place: Place, cart_id: str, at: datetime | None) -> None:
    """When this basket is looked at again though nothing in it changed, as long as a gift is in
    it."""
    session.execute(
        update(CartGift)
        .where(
            *_here(place),
            col(CartGift.cart_id) == cart_id,
            col(CartGift.state) == GiftState.ADDED.value,
        )
        .values(not_before=at)
        .execution_options(synchronize_session=False)
    )


def with_gifts(session: Session, place: Place) -> set[str]:
    """Baskets whose end is not known and that the bridge put something into."""
    rows = session.scalars(
        select(col(CartGift.cart_id)).where(*_here(place), col(CartGift.state).in_(OPEN)).distinct()
    )
    return set(rows)


def due(
    session: Session,
    place: Place,
    offered: Collection[tuple[str, str]],
    now: datetime,
    most: int,
) -> list[str]:
    """Baskets to look at though they may not have changed: a call whose end is not known, a gift
    that was refused for a while, one whose time has come, and those of rules that the shop does
    not make free any more. ``offered``: rules and stores of those that it does."""
    withdrawn = [pair for pair in _given(session, place) if pair not in offered]
    later = and_(
        col(CartGift.state).in_((*OPEN, GiftState.REMOVED.value)),
        col(CartGift.not_before) <= now,
    )
    conditions: list[ColumnElement[bool]] = [later]
    conditions += [
        and_(
            col(CartGift.state) == GiftState.ADDED.value,
            col(CartGift.rule) == rule,
            col(CartGift.store_id) == store_id,
        )
        for rule, store_id in withdrawn
    ]
    rows = session.execute(
        select(col(CartGift.cart_id), func.min(col(CartGift.changed_at)))
        .where(*_here(place), or_(*conditions))
        .group_by(col(CartGift.cart_id))
        .order_by(func.min(col(CartGift.changed_at)))
        .limit(most)
    )
    return [row[0] for row in rows]


def _given(session: Session, place: Place) -> list[tuple[str, str]]:
    rows = session.execute(
        select(col(CartGift.rule), col(CartGift.store_id))
        .where(*_here(place), col(CartGift.state) == GiftState.ADDED.value)
        .distinct()
    )
    return [(rule, store_id) for rule, store_id in rows]


def forget_gifts(session: Session, workspace_id: int, before: datetime) -> int:
    """Lets go of what was settled long ago; how many."""
    gone = session.execute(
        delete(CartGift).where(
            col(CartGift.workspace_id) == workspace_id,
            col(CartGift.state).not_in(OPEN),
            col(CartGift.changed_at) < before,
        )
    )
    return int(getattr(gone, "rowcount", 0))


def _here(place: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        col(CartGift.workspace_id) == place.workspace_id,
        col(CartGift.installation_id) == place.installation_id,
    )
