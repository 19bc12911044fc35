"""Order numbers that were skipped: noticed, asked for a while, then given up.

A shop reserves a number for a checkout that may never finish, so that a gap alone means little.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.inbox.models import NumberGap, NumberSeries
from bridge.inbox.numbers import Jump, counted, noticed
from connectors.sales import Order

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 60, 6 * 60, 24 * 60))
"""Before the first, second… time that a missing number is asked for; then it is given up."""


@dataclass(frozen=True, slots=True)
class Due:
    number: str
    asked: int


def note_numbers(
    session: Session,
    workspace_id: int,
    installation_id: int,
    orders: Iterable[Order],
    beginning: datetime,
    now: datetime,
) -> tuple[Jump, ...]:
    """Follows the numbers of orders placed since ``beginning`` (older ones may turn up in any
    order); the jumps it noticed. Gaps that these orders fill are closed."""
    orders = list(orders)
    if not orders:
        return ()
    _close(session, workspace_id, installation_id, {order.number for order in orders}, found=True)
    places = [counted(order.number) for order in orders if order.placed_at >= beginning]
    known = {place for place in places if place is not None}
    highest = _highest(session, workspace_id, installation_id, {place.series for place in known})
    news = noticed(highest, known)
    upsert(
        session,
        NumberSeries,
        [
            {
                "installation_id": installation_id,
                "series": series,
                "workspace_id": workspace_id,
                "highest": value,
            }
            for series, value in sorted(news.highest.items())
        ],
    )
    _add(session, workspace_id, installation_id, news.missing, now)
    return news.jumps


def due(
    session: Session, workspace_id: int, installation_id: int, now: datetime, limit: int
) -> list[Due]:
    """Missing numbers to ask the shop for now."""
    found = session.execute(
        select(col(NumberGap.number), col(NumberGap.asked))
        .where(
            col(NumberGap.workspace_id) == workspace_id,
            col(NumberGap.installation_id) == installation_id,
            col(NumberGap.next_at) <= now,
        )
        .order_by(col(NumberGap.next_at), col(NumberGap.number))
        .limit(limit)
    )
    return [Due(*row) for row in found]


def asked(
    session: Session,
    workspace_id: int,
    installation_id: int,
    numbers: Sequence[Due],
    found: Collection[str],
    now: datetime,
) -> None:
    """The shop was asked for these; of those it did not have, some are asked for again later."""
    _close(session, workspace_id, installation_id, set(found), found=True)
    for times in {one.asked for one in numbers}:
        missed = {one.number for one in numbers if one.asked == times} - set(found)
        more = times + 1 < len(PAUSES)
        _update(
            session,
            workspace_id,
            installation_id,
            missed,
            asked=times + 1,
            next_at=now + PAUSES[times + 1] if more else None,
        )


def _highest(
    session: Session, workspace_id: int, installation_id: int, series: Collection[str]
) -> dict[str, int]:
    rows = session.execute(
        select(col(NumberSeries.series), col(NumberSeries.highest))
        .where(
            col(NumberSeries.workspace_id) == workspace_id,
            col(NumberSeries.installation_id) == installation_id,
            col(NumberSeries.series).in_(series),
        )
        .order_by(col(NumberSeries.series))
        .with_for_update()
    )
    return {row.series: row.highest for row in rows}


def _add(
    session: Session,
    workspace_id: int,
    installation_id: int,
    numbers: Sequence[str],
    now: datetime,
) -> None:
    if not numbers:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert(NumberGap).on_conflict_do_nothing(
        index_elements=["installation_id", "number"]
    )
    session.connection().execute(
        statement,
        [
            {
                "installation_id": installation_id,
                "number": number,
                "workspace_id": workspace_id,
                "noticed_at": now,
                "asked": 0,
                "next_at": now + PAUSES[0],
                "found": False,
            }
            for number in numbers
        ],
    )


def _close(
    session: Session,
    workspace_id: int,
    installation_id: int,
    numbers: Collection[str],
    *,
    found: bool,
) -> None:
    _update(session, workspace_id, installation_id, numbers, next_at=None, found=found)


def _update(
    session: Session,
    workspace_id: int,
    installation_id: int,
    numbers: Collection[str],
    **values: Any,
) -> None:
    if numbers:
        session.connection().execute(
            update(NumberGap)
            .where(
                col(NumberGap.workspace_id) == workspace_id,
                col(NumberGap.installation_id) == installation_id,
                col(NumberGap.number).in_(numbers),
                col(NumberGap.found).is_(False),
            )
            .values(**values)
        )
