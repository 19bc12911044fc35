"""Every open lot of a workspace, in the columns that can be imported again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bridge.points.book import HolderKey
from bridge.points.models import Account, Holder, Lot
from bridge.points.opening import State, Totals, Who, last_day, written_begin, written_expiry
from bridge.workspaces.models import Workspace

CHUNK = 300
"""Accounts that are read together."""

Names = Callable[[Session, Sequence[HolderKey]], Mapping[HolderKey, Who]]
"""What people call holders by."""


@dataclass(slots=True)
class Exported:
    """What was written so far."""

    totals: Totals = field(default_factory=Totals)
    expired: int = 0
    """Points that have expired by now: they are not written."""
    nameless: int = 0
    """Members whom no address names: their rows hold in this workspace alone."""


def workspace_mark(session: Session, workspace_id: int) -> str:
    """Tells this workspace from every other, also in another database; the same in a copy."""
    workspace = session.get_one(Workspace, workspace_id)
    text = f"{workspace.key}/{workspace.created_at.isoformat()}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def one_view(session: Session) -> None:
    """Makes all that this session reads one state of the book. Call it first."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def export_rows(
    session: Session,
    workspace_id: int,
    names: Names,
    zone: ZoneInfo,
    now: datetime,
    exported: Exported,
) -> Iterator[dict[str, str]]:
    """Rows by column, account by account, first to expire first; ``exported`` is counted up."""
    mark = workspace_mark(session, workspace_id)
    for accounts in _accounts(session, workspace_id):
        called = names(session, [(Holder(one.holder), one.holder_id) for one in accounts])
        lots = _lots(session, workspace_id, [one.id for one in accounts])
        for account in accounts:
            who = called[Holder(account.holder), account.holder_id]
            rows = _of_account(account, lots.get(account.id, ()), mark, zone, now, exported)
            wrote = False
            for state, points, expires_at, cells in rows:
                exported.totals.add(who, state, points, last_day(expires_at, zone))
                wrote = True
                yield {who.kind: who.name, "points": str(points), "state": state.value, **cells}
            exported.nameless += wrote and who.name.startswith("#")


def _of_account(
    account: Any,
    lots: Iterable[Any],
    mark: str,
    zone: ZoneInfo,
    now: datetime,
    exported: Exported,
) -> Iterator[tuple[State, int, datetime | None, dict[str, str]]]:
    for lot in lots:
        over = lot.expires_at is not None and lot.expires_at <= now
        for state, points in (
            (State.AVAILABLE, lot.available),
            (State.PENDING, lot.pending),
            (State.RESERVED, lot.reserved),
        ):
            if points and over:
                exported.expired += points
            elif points:
                yield state, points, lot.expires_at, _cells(lot, state, mark, zone)
    if account.debt:
        yield State.OWED, account.debt, None, {"reference": f"debt-{account.id}@{mark}"}


def _cells(lot: Any, state: State, mark: str, zone: ZoneInfo) -> dict[str, str]:
    ripens_at = lot.ripens_at if state is State.PENDING else None
    return {
        "earned_on": written_begin(lot.earned_at, zone),
        "available_on": written_begin(ripens_at, zone),
        "expires_on": written_expiry(lot.expires_at, zone),
        "reference": f"lot-{lot.id}@{mark}",
        "note": f"{lot.source_kind} {lot.source_id}" if lot.source_kind == "order" else "",
    }


def _accounts(session: Session, workspace_id: int) -> Iterator[Sequence[Any]]:
    last = 0
    while True:
        some = session.execute(
            select(col(Account.id), col(Account.holder), col(Account.holder_id), col(Account.debt))
            .where(col(Account.workspace_id) == workspace_id, col(Account.id) > last)
            .order_by(col(Account.id))
            .limit(CHUNK)
        ).all()
        if not some:
            return
        yield some
        last = some[-1].id


def _lots(session: Session, workspace_id: int, accounts: Sequence[int]) -> dict[int, list[Any]]:
    rows = session.execute(
        select(
            col(Lot.id),
            col(Lot.account_id),
            col(Lot.source_kind),
            col(Lot.source_id),
            col(Lot.earned_at),
            col(Lot.ripens_at),
            col(Lot.expires_at),
            col(Lot.available),
            col(Lot.pending),
            col(Lot.reserved),
        ).where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.account_id).in_(accounts),
            or_(col(Lot.available) > 0, col(Lot.pending) > 0, col(Lot.reserved) > 0),
        )
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.account_id, []).append(row)
    for lots in found.values():
        lots.sort(key=lambda lot: (lot.expires_at is None, lot.expires_at or 0, lot.id))
    return found
