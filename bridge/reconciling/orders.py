"""Handled orders: what their rows, their entries and their lots say, and what they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import Session, col

from bridge.earning.handling import ORDER, rehandle_orders
from bridge.earning.posting import LineRule
from bridge.orders.models import HandledOrder
from bridge.points.models import Entry, Lot
from bridge.reconciling.books import CHUNK, Books, at
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.judging import Judged, OrderKey, judged, kept
from bridge.reconciling.likely import likely_circumstances
from bridge.reconciling.lot_dates import find_of_orders

COLUMNS = "order-columns"
POINTS = "order-points"
FROZEN = "order-frozen"
REVISION = "order-revision"
_REHANDLE = "Judge the order anew, and post the difference."


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    after: OrderKey = (0, "")
    while True:
        with books.looking() as session:
            rows = _some(session, books.workspace_id, after)
            found = judged(session, books.workspace_id, rows)
            revisions = _posted_revisions(session, books.workspace_id, rows)
            dates = list(find_of_orders(books, session, found, stores))
            ripe = {one.key for one in found if _is_undecided(session, books, one)}
        for one in found:
            yield from _of_order(books, one, stores, revisions.get(one.key, 0))
            if one.key in ripe:
                yield _undecided(books, one, stores)
        yield from dates
        if len(rows) < CHUNK:
            return
        after = (rows[-1].installation_id, rows[-1].order_id)


def _some(session: Session, workspace_id: int, after: OrderKey) -> Sequence[Any]:
    """The next ones by key."""
    same = col(HandledOrder.installation_id) == after[0]
    return session.execute(
        select(HandledOrder.__table__)  # type: ignore[attr-defined]
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            or_(
                col(HandledOrder.installation_id) > after[0],
                and_(same, col(HandledOrder.order_id) > after[1]),
            ),
        )
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
        .limit(CHUNK)
    ).all()


def _posted_revisions(
    session: Session, workspace_id: int, rows: Sequence[Any]
) -> dict[OrderKey, int]:
    found = session.execute(
        select(col(Entry.installation_id), col(Entry.source_id), func.max(col(Entry.revision)))
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.source_kind) == ORDER,
            col(Entry.installation_id).in_({row.installation_id for row in rows}),
            col(Entry.source_id).in_([row.order_id for row in rows]),
        )
        .group_by(col(Entry.installation_id), col(Entry.source_id))
    )
    return {(row[0], row[1]): int(row[2]) for row in found}


def _of_order(
    books: Books, one: Judged, stores: dict[int, str], posted_revision: int
) -> Iterator[Finding]:
    store = stores.get(one.row.installation_id, "")
    where = f"order {one.order.number}"
    fix = rejudging(books, one.key)
    wrong = {
        name: (getattr(one.row, name), value)
        for name, value in one.columns.items()
        if getattr(one.row, name) != value
    }
    if one.row.circumstances and kept(one.row.circumstances) is None:
        wrong["circumstances"] = (one.row.circumstances[:40], "what can be read")
    frozen = wrong.pop("is_frozen", None)
    if wrong:
        yield Finding(
            COLUMNS,
            where,
            f"{_columns_in_words(wrong)}.",
            "The row in `orders` was changed past the bridge: it does not say what the order "
            "that came in says.",
            "Compute it anew from the order.",
            fix,
            store=store,
        )
    if frozen is not None:
        yield Finding(
            FROZEN,
            where,
            "It is marked as frozen, and no refund of unknown amount is open."
            if frozen[0]
            else "A refund of unknown amount is open, and the order is not marked as frozen.",
            "The mark was changed past the bridge.",
            "Judge the order anew: points are held exactly while a refund is open.",
            fix,
            store=store,
        )
    if posted_revision > one.row.revision:
        yield Finding(
            REVISION,
            where,
            f"Revision {one.row.revision}, but the book has one of revision {posted_revision}.",
            "The row's revision was set back, or entries were added, past the bridge: the next "
            "change of the order could not be posted.",
            "Count on from the book's.",
            fix,
            store=store,
        )
    if one.differences:
        yield _points(one, where, store, fix)


def _is_undecided(session: Session, books: Books, one: Judged) -> bool:
    waits = "is_decided" not in one.columns and not one.row.is_decided
    return waits and _is_ripe(session, books.workspace_id, one.row)


def _undecided(books: Books, one: Judged, stores: dict[int, str]) -> Finding:
    return Finding(
        COLUMNS,
        f"order {one.order.number}",
        "Its points are ripe, and it is marked as not decided yet.",
        "The mark was changed past the bridge: points ripen only once their order is decided.",
        "Mark it as decided.",
        rejudging(books, one.key),
        store=stores.get(one.row.installation_id, ""),
    )


def _points(one: Judged, where: str, store: str, fix: Fix) -> Finding:
    return Finding(
        POINTS,
        where,
        f"Posted {_sum(one.posted):,} points, and it should be {_sum(one.worth or {}):,}: "
        f"{_lines_in_words(one.differences)}.",
        _why_points(one),
        _REHANDLE,
        fix,
        store=store,
    )


def _why_points(one: Judged) -> str:
    if not one.posted:
        return "Its entries are gone, or it was marked as handled without being so."
    if all(was > is_ for was, is_ in one.differences.values()):
        return "An entry was doubled, raised or added, or one that took back is gone."
    if all(was < is_ for was, is_ in one.differences.values()):
        return "An entry is gone or was lowered, or points were taken back that should not be."
    return "Entries were changed past the bridge."


def rejudging(books: Books, key: OrderKey) -> Fix:
    """Handles the order again by what is known of it."""

    def mend(session: Session, now: datetime) -> bool:
        row = _some_one(session, books.workspace_id, key)
        if row is None:
            return False
        highest = _posted_revisions(session, books.workspace_id, [row]).get(key, 0)
        values: dict[str, Any] = {}
        if highest > row.revision:
            values["revision"] = highest
        if not row.is_decided and _is_ripe(session, books.workspace_id, row):
            values["is_decided"] = True
        if row.circumstances and kept(row.circumstances) is None:
            values["circumstances"] = ""
        _set(session, books.workspace_id, key, values)
        likely = likely_circumstances(session, books.workspace_id, key)
        if likely is not None:
            _set(session, books.workspace_id, key, {"circumstances": likely})
        return bool(rehandle_orders(session, books.workspace_id, [key], now)) or bool(values)

    return books.fix(mend)


def _set(session: Session, workspace_id: int, key: OrderKey, values: dict[str, Any]) -> None:
    if values:
        session.execute(
            update(HandledOrder)
            .where(
                col(HandledOrder.workspace_id) == workspace_id,
                col(HandledOrder.installation_id) == key[0],
                col(HandledOrder.order_id) == key[1],
            )
            .values(**values)
        )


def _is_ripe(session: Session, workspace_id: int, row: Any) -> bool:
    """Points ripen only once the order is decided."""
    return (
        session.execute(
            select(col(Lot.id)).where(
                col(Lot.workspace_id) == workspace_id,
                col(Lot.account_id) == row.account_id,
                col(Lot.installation_id) == row.installation_id,
                col(Lot.source_kind) == ORDER,
                col(Lot.source_id) == row.order_id,
                col(Lot.ripened_at).is_not(None),
            )
        ).first()
        is not None
    )


def _some_one(session: Session, workspace_id: int, key: OrderKey) -> Any:
    return session.execute(
        select(HandledOrder.__table__)  # type: ignore[attr-defined]
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.installation_id) == key[0],
            col(HandledOrder.order_id) == key[1],
        )
        .with_for_update()
    ).first()


# -- in words -------------------------------------------------------------------------------


def _sum(points: Any) -> int:
    return sum(points.values())


def _columns_in_words(wrong: dict[str, tuple[Any, Any]]) -> str:
    return "; ".join(
        f"`{name}` is {_shown(was)} instead of {_shown(is_)}"
        for name, (was, is_) in sorted(wrong.items())
    )


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return at(value)
    return "empty" if value is None or value == "" else str(value)


def _lines_in_words(differences: dict[LineRule, tuple[int, int]]) -> str:
    shown = [
        f"line {line or '-'} by rule {rule or '-'} {was:,} instead of {is_:,}"
        for (line, rule), (was, is_) in list(differences.items())[:5]
    ]
    more = len(differences) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
