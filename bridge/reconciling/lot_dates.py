"""When lots ripen and expire: what they say, and what their orders and activities lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bridge.earning.dates import counts_from, expires_at
from bridge.earning.handling import ORDER, rehandle_orders
from bridge.points.models import Account, Entry, Lot, Place
from bridge.points.ripening import RIPEN
from bridge.programme.points import CountedFrom
from bridge.reconciling.balances import settle
from bridge.reconciling.books import Books, at
from bridge.reconciling.correcting import correction, write
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.judging import Judged, OrderKey
from bridge.reconciling.sums import net

DATES = "lot-dates"
_CAUSE = "The lot's row was changed past the bridge: its order and the programme say otherwise."


def find_of_orders(
    books: Books, session: Session, orders: Sequence[Judged], stores: Mapping[int, str]
) -> Iterator[Finding]:
    lots = _lots(session, books.workspace_id, orders)
    ripened = _ripened(session, books.workspace_id, orders)
    for one in orders:
        lot = lots.get(one.key)
        if lot is None or one.settings is None:
            continue
        where = f"lot {lot.id} (order {one.order.number})"
        store = stores.get(one.row.installation_id, "")
        if lot.ripened_at is None:
            wanted = (one.ripens_at, one.expires_at)
            if (lot.ripens_at, lot.expires_at) != wanted and one.row.revision:
                yield Finding(
                    DATES,
                    where,
                    f"It ripens at {at(lot.ripens_at)} and expires at {at(lot.expires_at)}, "
                    f"instead of {at(wanted[0])} and {at(wanted[1])}.",
                    _CAUSE,
                    "Take the dates from the order.",
                    _redating(books, one.key),
                    store=store,
                )
            continue
        known, wanted_end = _end(one, ripened.get(one.key))
        if known and lot.expires_at != wanted_end:
            yield Finding(
                DATES,
                where,
                f"It expires at {at(lot.expires_at)} instead of {at(wanted_end)}.",
                _CAUSE,
                "Set the date; what has expired too early becomes available again.",
                ending(books, lot.id, wanted_end),
                store=store,
            )


def _end(one: Judged, ripened: set[datetime] | None) -> tuple[bool, datetime | None]:
    """Whether it is known when a ripe lot expires, and when: it was counted from the moment
    that the book has of its ripening."""
    settings = one.settings
    assert settings is not None
    if settings.expire is None:
        return True, None
    placed = one.order.placed_at
    if settings.expire.counted_from is CountedFrom.EARNED:
        return True, expires_at(settings, placed, one.zone)
    if not ripened or len(ripened) > 1:
        return False, None
    (moment,) = ripened
    return True, expires_at(settings, counts_from(settings, placed, moment), one.zone)


def _lots(session: Session, workspace_id: int, orders: Sequence[Judged]) -> dict[OrderKey, Any]:
    """Of each order, the lot in the account that it was posted to, where anything is in it."""
    accounts = {one.key: one.row.account_id for one in orders}
    rows = session.execute(
        select(Lot.__table__).where(  # type: ignore[attr-defined]
            col(Lot.workspace_id) == workspace_id,
            col(Lot.source_kind) == ORDER,
            col(Lot.part) == "",
            col(Lot.account_id).in_({one for one in accounts.values() if one is not None}),
            col(Lot.source_id).in_([one.row.order_id for one in orders]),
        )
    )
    return {
        (row.installation_id, row.source_id): row
        for row in rows
        if accounts.get((row.installation_id, row.source_id)) == row.account_id
    }


def _ripened(
    session: Session, workspace_id: int, orders: Sequence[Judged]
) -> dict[OrderKey, set[datetime]]:
    rows = session.execute(
        select(col(Entry.installation_id), col(Entry.source_id), col(Entry.occurred_at)).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id).in_({one.row.installation_id for one in orders}),
            col(Entry.source_kind) == ORDER,
            col(Entry.source_id).in_([one.row.order_id for one in orders]),
            col(Entry.effect) == RIPEN,
            col(Entry.debit) == Place.PENDING.value,
        )
    )
    found: dict[OrderKey, set[datetime]] = {}
    for installation_id, source_id, moment in rows:
        found.setdefault((installation_id, source_id), set()).add(moment)
    return found


# -- mending --------------------------------------------------------------------------------


def _redating(books: Books, key: OrderKey) -> Fix:
    """A lot that waits takes its dates from its order whenever that is handled."""
    return books.fix(
        lambda session, now: bool(rehandle_orders(session, books.workspace_id, [key], now))
    )


def ending(books: Books, lot_id: int, wanted: datetime | None) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        lot = session.execute(
            select(col(Lot.account_id)).where(
                col(Lot.workspace_id) == books.workspace_id, col(Lot.id) == lot_id
            )
        ).first()
        if lot is None:
            return False
        session.execute(
            select(col(Account.id)).where(col(Account.id) == lot.account_id).with_for_update()
        ).all()
        session.execute(update(Lot).where(col(Lot.id) == lot_id).values(expires_at=wanted))
        session.execute(
            update(Account).where(col(Account.id) == lot.account_id).values(push_due=True)
        )
        lost = _expired(session, books.workspace_id, lot_id)
        if lost > 0 and (wanted is None or wanted > now):
            reason = f"Lot {lot_id} was given a wrong date and expired too early."
            entry = correction(
                session,
                books.workspace_id,
                lot.account_id,
                lot_id,
                Place.EXPIRED,
                Place.AVAILABLE,
                lost,
                now,
                reason,
            )
            write(session, [entry])
            session.execute(
                update(Account).where(col(Account.id) == lot.account_id).values(changed_at=now)
            )
        settle(session, books.workspace_id, lot.account_id, now)
        return True

    return books.fix(mend)


def _expired(session: Session, workspace_id: int, lot_id: int) -> int:
    total = session.execute(
        select(func.coalesce(net(Place.EXPIRED), 0)).where(
            col(Entry.workspace_id) == workspace_id, col(Entry.lot_id) == lot_id
        )
    ).scalar_one()
    return int(total)
