"""Reading the book: balances, lots and entries of one account, for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.points.models import Account, Entry, Holder, Lot, Place


@dataclass(frozen=True, slots=True)
class Standing:
    """An account now."""

    account_id: int
    available: int
    pending: int
    reserved: int
    debt: int


NO_POINTS = Standing(0, 0, 0, 0, 0)
"""Of a holder who has no account yet."""


@dataclass(frozen=True, slots=True)
class LotStanding:
    id: int
    installation_id: int
    source_kind: str
    source_id: str
    earned_at: datetime
    ripens_at: datetime | None
    expires_at: datetime | None
    pending: int
    available: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, as the holder sees it."""

    id: int
    at: datetime
    """The business time."""
    posted_at: datetime
    effect: str
    debit: Place
    credit: Place
    points: int
    change: int
    """Of the available points."""
    installation_id: int
    source_kind: str
    source_id: str
    source_line: str
    rule: str
    revision: int
    lot_id: int
    programme_number: int | None
    why: Mapping[str, Any]


def standing(session: Session, workspace_id: int, holder: Holder, holder_id: int) -> Standing:
    row = session.execute(
        select(
            col(Account.id),
            col(Account.available),
            col(Account.pending),
            col(Account.reserved),
            col(Account.debt),
        ).where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == holder.value,
            col(Account.holder_id) == holder_id,
        )
    ).first()
    return NO_POINTS if row is None else Standing(*row)


def open_lots(session: Session, workspace_id: int, account_id: int) -> list[LotStanding]:
    """Lots with something in them, first to expire first."""
    rows = session.execute(
        select(
            col(Lot.id),
            col(Lot.installation_id),
            col(Lot.source_kind),
            col(Lot.source_id),
            col(Lot.earned_at),
            col(Lot.ripens_at),
            col(Lot.expires_at),
            col(Lot.pending),
            col(Lot.available),
            col(Lot.reserved),
        ).where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.account_id) == account_id,
            (col(Lot.pending) > 0) | (col(Lot.available) > 0) | (col(Lot.reserved) > 0),
        )
    )
    lots = [LotStanding(*row) for row in rows]
    return sorted(lots, key=lambda lot: (lot.expires_at is None, lot.expires_at or 0, lot.id))


def history(
    session: Session, workspace_id: int, account_id: int, *, most: int = 50, before: int = 0
) -> list[Line]:
    """Entries, newest first; ``before``: only those with a lower id, to page on."""
    which = [col(Entry.workspace_id) == workspace_id, col(Entry.account_id) == account_id]
    if before:
        which.append(col(Entry.id) < before)
    rows = session.scalars(select(Entry).where(*which).order_by(col(Entry.id).desc()).limit(most))
    return [line_of(entry) for entry in rows]


def entry(session: Session, workspace_id: int, entry_id: int) -> Line | None:
    found = session.get(Entry, entry_id)
    return line_of(found) if found is not None and found.workspace_id == workspace_id else None


def of_source(
    session: Session, workspace_id: int, installation_id: int, kind: str, source_id: str
) -> Sequence[Line]:
    """Everything one source did, oldest first."""
    rows = session.scalars(
        select(Entry)
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == installation_id,
            col(Entry.source_kind) == kind,
            col(Entry.source_id) == source_id,
        )
        .order_by(col(Entry.id))
    )
    return [line_of(one) for one in rows]


def line_of(entry: Entry) -> Line:
    """A written entry as its holder sees it."""
    change = 0
    if entry.credit == Place.AVAILABLE.value:
        change = entry.points
    elif entry.debit == Place.AVAILABLE.value:
        change = -entry.points
    assert entry.id is not None
    return Line(
        entry.id,
        entry.occurred_at,
        entry.posted_at,
        entry.effect,
        Place(entry.debit),
        Place(entry.credit),
        entry.points,
        change,
        entry.installation_id,
        entry.source_kind,
        entry.source_id,
        entry.source_line,
        entry.rule,
        entry.revision,
        entry.lot_id,
        entry.programme_number,
        json.loads(entry.why),
    )
