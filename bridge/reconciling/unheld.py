"""Points that left what was held for a voucher or a reward, where none were held: either what
held them is gone, or they were taken out once more than they should.

It is looked for before the balances are: these would take the missing points from wherever the
member still has some.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlmodel import Session, col

from bridge.points.models import Account, Entry, Place
from bridge.points.spending import CAPTURE, RESERVE
from bridge.reconciling.balances import settle
from bridge.reconciling.books import Books
from bridge.reconciling.correcting import purchase_entry, reversal, write
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.purchases import NOT_IN_BOOK, in_book, should_of
from bridge.rewards.claiming import REWARD
from bridge.vouchers.redeeming import VOUCHER

UNHELD = "entry-unheld"
_NAMES = {VOUCHER: "voucher", REWARD: "claim"}
_RESERVED = Place.RESERVED.value


def find(books: Books) -> Iterator[Finding]:
    with books.looking() as session:
        rows = [
            (row, _surplus(session, books.workspace_id, row))
            for row in session.execute(_below_nothing(books.workspace_id))
        ]
    for row, entry in rows:
        is_gone = entry is None
        yield Finding(
            UNHELD,
            f"{_NAMES[row.source_kind]} #{row.source_id} (lot {row.lot_id})",
            f"{-row.held:,} points more left what was held for it than ever were held.",
            "The entry that held them was deleted past the bridge."
            if is_gone
            else "Somebody wrote an entry past the bridge that takes them out once more.",
            "Post that they were held." if is_gone else "Post the reversal of what is too much.",
            _mending(books, row),
        )


def _below_nothing(workspace_id: int, *more: Any) -> Any:
    points = col(Entry.points)
    way = case(
        (col(Entry.credit) == _RESERVED, points), (col(Entry.debit) == _RESERVED, -points), else_=0
    )
    return (
        select(
            col(Entry.source_kind),
            col(Entry.source_id),
            col(Entry.lot_id),
            col(Entry.account_id),
            func.sum(way).label("held"),
        )
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.source_kind).in_([VOUCHER, REWARD]),
            col(Entry.installation_id) == 0,
            *more,
        )
        .group_by(
            col(Entry.source_kind),
            col(Entry.source_id),
            col(Entry.lot_id),
            col(Entry.account_id),
        )
        .having(func.sum(way) < 0)
        .order_by(col(Entry.source_kind), col(Entry.source_id), col(Entry.lot_id))
    )


def _surplus(session: Session, workspace_id: int, row: Any) -> Any:
    """The last entry that spent them, where more was spent than it should have cost."""
    said = in_book(session, workspace_id, row.source_kind, [row.source_id])
    should = should_of(session, workspace_id, row.source_kind, row.source_id)
    if should is None or said.get(row.source_id, NOT_IN_BOOK).said.paid <= should.paid:
        return None
    return session.execute(
        select(Entry.__table__)  # type: ignore[attr-defined]
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.source_kind) == row.source_kind,
            col(Entry.source_id) == row.source_id,
            col(Entry.lot_id) == row.lot_id,
            col(Entry.effect) == CAPTURE,
            col(Entry.points) <= -row.held,
        )
        .order_by(col(Entry.id).desc())
        .limit(1)
    ).first()


def _mending(books: Books, before: Any) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        session.execute(
            select(col(Account.id)).where(col(Account.id) == before.account_id).with_for_update()
        ).all()
        same = (
            col(Entry.source_kind) == before.source_kind,
            col(Entry.source_id) == before.source_id,
            col(Entry.lot_id) == before.lot_id,
        )
        row = session.execute(_below_nothing(books.workspace_id, *same)).first()
        if row is None:
            return False
        entry = _surplus(session, books.workspace_id, row)
        if entry is not None:
            written = reversal(session, entry, now, f"Entry {entry.id}: no points were held.")
        else:
            written = purchase_entry(
                session,
                books.workspace_id,
                row,
                (Place.AVAILABLE, Place.RESERVED),
                -row.held,
                RESERVE,
                now,
                "The entry that held these points was gone.",
            )
        write(session, [written])
        session.execute(
            update(Account)
            .where(col(Account.id) == row.account_id)
            .values(changed_at=now, push_due=True)
        )
        settle(session, books.workspace_id, row.account_id, now)
        return True

    return books.fix(mend)
