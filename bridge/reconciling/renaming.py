"""Lots that say they come from something else than what fills them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from bridge.points.models import Entry, Lot
from bridge.reconciling.books import Books
from bridge.reconciling.findings import Fix
from bridge.reconciling.forms import FILLS

_FILLING = or_(*(and_(col(Entry.effect) == one, col(Entry.debit) == two) for one, two in FILLS))


def is_renamed(session: Session, row: Any) -> bool:
    """Whether it is the lot that is wrong, and not the entry: everything that fills the lot
    comes from one and the same source, which has no other lot in the account."""
    comes_from = (row.source_kind, row.source_id)
    if (row.effect, row.debit) not in FILLS or comes_from == (row.of, row.whose):
        return False
    found = session.execute(
        select(col(Entry.installation_id), col(Entry.source_kind), col(Entry.source_id)).where(
            col(Entry.workspace_id) == row.workspace_id,
            col(Entry.lot_id) == row.lot_id,
            _FILLING,
        )
    )
    sources = {tuple(one) for one in found}
    return len(sources) == 1 and bool(row.lot_id) and not _has_lot(session, row)


def _has_lot(session: Session, row: Any) -> bool:
    found = session.execute(
        select(col(Lot.id)).where(
            col(Lot.account_id) == row.account_id,
            col(Lot.installation_id) == row.installation_id,
            col(Lot.source_kind) == row.source_kind,
            col(Lot.source_id) == row.source_id,
        )
    )
    return found.first() is not None


def renaming(books: Books, row: Any) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        done: Any = session.execute(
            update(Lot)
            .where(col(Lot.workspace_id) == books.workspace_id, col(Lot.id) == row.lot_id)
            .values(
                installation_id=row.installation_id,
                source_kind=row.source_kind,
                source_id=row.source_id,
            )
        )
        return bool(done.rowcount)

    return books.fix(mend)
