"""Events of the book: each entry, with what the account had right after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from bridge.points.models import OWN_PLACES, Account, Entry, Holder, Place
from bridge.subscribers.event import Event, People, Source, event, installation_names
from bridge.subscribers.event_types import Balance, EventType, PointsPosted
from bridge.subscribers.movement_rules import change, movement


def events(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    rows = session.execute(
        select(Entry, col(Account.holder), col(Account.holder_id))
        .join(Account, col(Account.id) == col(Entry.account_id))
        .where(col(Entry.workspace_id) == workspace_id, col(Entry.id).in_(ids))
        .order_by(col(Entry.id))
    ).all()
    after = balances_after(session, workspace_id, [row[0] for row in rows])
    people = People(session, workspace_id, [_member(row) for row in rows])
    shops = installation_names(session, workspace_id)
    return [_event(row, after[row[0].id], people, shops) for row in rows]


def balances_after(
    session: Session, workspace_id: int, entries: Sequence[Entry]
) -> dict[int, Balance]:
    """What each entry's account had right after it, by the entry's id: what it has now, less what
    later entries moved. One statement, so that account and entries are of one moment; an
    account's entries are numbered in the order in which they were written, under its lock."""
    if not entries:
        return {}
    names = [f"later_{place.value}" for place in OWN_PLACES]
    later = (
        select(
            col(Entry.id).label("id"),
            col(Entry.account_id).label("account_id"),
            *(
                func.sum(_change(place))
                .over(
                    partition_by=col(Entry.account_id),
                    order_by=col(Entry.id).desc(),
                    rows=(None, -1),
                )
                .label(name)
                for place, name in zip(OWN_PLACES, names, strict=True)
            ),
        )
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.account_id).in_({one.account_id for one in entries}),
            col(Entry.id) >= min(_id(one) for one in entries),
        )
        .subquery()
    )
    now = (col(Account.pending), col(Account.available), col(Account.reserved), col(Account.debt))
    rows = session.execute(
        select(
            later.c.id,
            *(
                (column - func.coalesce(later.c[name], 0)).label(place.value)
                for place, column, name in zip(OWN_PLACES, now, names, strict=True)
            ),
        )
        .join(Account, col(Account.id) == later.c.account_id)
        .where(later.c.id.in_([_id(one) for one in entries]))
    )
    return {
        row.id: Balance(
            available=int(row.available),
            pending=int(row.pending),
            reserved=int(row.reserved),
            debt=int(row.debt),
        )
        for row in rows
    }


def _change(place: Place) -> Any:
    """As :func:`bridge.subscribers.movement_rules.change`, in SQL."""
    came = case((col(Entry.credit) == place.value, col(Entry.points)), else_=0)
    went = case((col(Entry.debit) == place.value, col(Entry.points)), else_=0)
    return went - came if place is Place.DEBT else came - went


def _id(entry: Entry) -> int:
    assert entry.id is not None
    return entry.id


def _member(row: Any) -> int | None:
    _entry, holder, holder_id = row
    return holder_id if holder == Holder.MEMBER.value else None


def _event(row: Any, after: Balance, people: People, shops: dict[int, str]) -> Event:
    entry, holder, holder_id = row
    debit, credit = Place(entry.debit), Place(entry.credit)
    told = PointsPosted(
        entry=entry.id,
        movement=movement(debit, credit, entry.effect),
        points=entry.points,
        change=change(Place.AVAILABLE, debit, credit, entry.points),
        balance=after,
        holder=holder,
        holder_id=holder_id,
        member=people.told_if_any(_member(row)),
        installation=shops.get(entry.installation_id),
        source=entry.source_kind,
        source_id=entry.source_id,
        rule=entry.rule or None,
        occurred_at=entry.occurred_at,
    )
    key = f"points/{entry.id}"
    return event(key, EventType.POINTS_POSTED, entry.posted_at, _member(row), told)


SOURCE = Source(
    "points",
    frozenset({EventType.POINTS_POSTED}),
    Entry,
    col(Entry.posted_at),
    events,
)
