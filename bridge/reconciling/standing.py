"""One account beside its entries: what its row and its lots say, and what they should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.points.models import Account, Entry, Lot, Place
from bridge.reconciling.sums import NOTHING, PLACES, Held, held, held_by

_OWN = tuple(place.value for place in PLACES)
_FROM_OUTSIDE = tuple(
    place.value for place in Place if place.value not in _OWN and place is not Place.DEBT
)


@dataclass(frozen=True, slots=True)
class LotStanding:
    id: int
    installation_id: int
    kind: str
    source_id: str
    row: Held
    sums: Held
    is_filled: bool
    """Whether an entry brought points into it from outside."""

    @property
    def missing(self) -> Held:
        """What the row has more than the entries; less, where it is negative."""
        return self.row.minus(self.sums)


@dataclass(frozen=True, slots=True)
class AccountStanding:
    id: int
    holder: str
    holder_id: int
    row: Held
    sums: Held
    lots: Sequence[LotStanding]
    """Those that differ from their entries."""
    is_last_gone: bool
    """The row was written by a posting that has left no entry."""

    @property
    def rows_agree(self) -> bool:
        """The account and its lots say the same, and the entries something else: nobody changed
        a single row, so that it is the entries that may be wrong."""
        missing = NOTHING
        for lot in self.lots:
            missing = missing.plus(lot.missing)
        return bool(self.lots) and missing == self.row.minus(self.sums)._replace(debt=0)

    def counts(self, lot: LotStanding) -> bool:
        """Whether the account's balance holds what the lot has more than its entries."""
        more = self.row.minus(self.sums)
        both = zip(more[:3], lot.missing[:3], strict=True)
        return all(mine >= its for mine, its in both if its > 0)

    @property
    def is_sound(self) -> bool:
        return self.row == self.sums and not self.lots


def account_standing(
    session: Session, workspace_id: int, account_id: int, *, lock: bool = False
) -> AccountStanding | None:
    """``None``: there is no such account."""
    query = select(Account.__table__).where(  # type: ignore[attr-defined]
        col(Account.workspace_id) == workspace_id, col(Account.id) == account_id
    )
    row = session.execute(query.with_for_update() if lock else query).first()
    if row is None:
        return None
    mine = (col(Entry.workspace_id) == workspace_id, col(Entry.account_id) == account_id)
    sums = held_by(session, col(Entry.account_id), *mine).get(account_id, NOTHING)
    last: datetime | None = session.execute(
        select(func.max(col(Entry.posted_at))).where(*mine)
    ).scalar_one()
    return AccountStanding(
        row.id,
        row.holder,
        row.holder_id,
        held(row),
        sums,
        _lots(session, workspace_id, account_id),
        last is not None and last < row.changed_at,
    )


def _lots(session: Session, workspace_id: int, account_id: int) -> list[LotStanding]:
    lots = session.execute(
        select(Lot.__table__).where(  # type: ignore[attr-defined]
            col(Lot.workspace_id) == workspace_id, col(Lot.account_id) == account_id
        )
    ).all()
    of_lots = col(Entry.lot_id).in_(
        select(col(Lot.id)).where(
            col(Lot.workspace_id) == workspace_id, col(Lot.account_id) == account_id
        )
    )
    sums = held_by(session, col(Entry.lot_id), col(Entry.workspace_id) == workspace_id, of_lots)
    filled = set(
        session.execute(
            select(col(Entry.lot_id))
            .where(
                col(Entry.workspace_id) == workspace_id,
                of_lots,
                col(Entry.credit).in_(_OWN),
                col(Entry.debit).in_(_FROM_OUTSIDE),
            )
            .distinct()
        ).scalars()
    )
    return [
        _lot(row, sums.get(row.id, NOTHING), row.id in filled)
        for row in lots
        if held(row) != sums.get(row.id, NOTHING)._replace(debt=0)
    ]


def _lot(row: Any, sums: Held, is_filled: bool) -> LotStanding:
    return LotStanding(
        row.id,
        row.installation_id,
        row.source_kind,
        row.source_id,
        held(row),
        sums._replace(debt=0),
        is_filled,
    )
