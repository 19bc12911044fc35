"""Entries that put the book right. Nothing that was posted is ever touched: what should not be
there is reversed, what is missing is posted anew.

They are written as they are, past :class:`bridge.points.book.Book`: that one relies on balances,
and here it is the balances that may be wrong. Whoever writes them brings the account and its
lots in line with :func:`bridge.reconciling.balances.settle` in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from bridge.earning.handling import ORDER
from bridge.orders.models import HandledOrder
from bridge.points.book import Cause
from bridge.points.granting import EARN, GIVEN, TAKE_AVAILABLE, TAKE_PENDING, TAKEN
from bridge.points.models import Entry, Place

CORRECT = "correct"
"""The effect of entries that belong to no other event than the repair itself."""
RECONCILE = "reconcile"
"""Their source."""


def is_ours(why: Any) -> Any:
    """The condition on an entry's ``why`` of being written here."""
    return why.startswith(f'{{"by": "{RECONCILE}"', autoescape=True)


def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(Entry), list(rows))


def correction(
    session: Session,
    workspace_id: int,
    account_id: int,
    lot_id: int,
    debit: Place,
    credit: Place,
    points: int,
    now: datetime,
    reason: str,
    line: str = "",
) -> dict[str, Any]:
    """``line`` tells corrections of one account in one repair apart."""
    source_id = f"account {account_id}"
    return {
        "workspace_id": workspace_id,
        "account_id": account_id,
        "lot_id": lot_id,
        "debit": debit.value,
        "credit": credit.value,
        "points": points,
        "effect": CORRECT,
        "installation_id": 0,
        "source_kind": RECONCILE,
        "source_id": source_id,
        "source_line": line or f"{debit.value}/{credit.value}",
        "revision": _next_revision(session, workspace_id, 0, RECONCILE, source_id),
        "rule": "",
        "reverses_id": None,
        "programme_number": None,
        "occurred_at": now,
        "posted_at": now,
        "why": _why(reason),
    }


def correcting(
    session: Session, workspace_id: int, account_id: int, now: datetime, line: str
) -> Cause:
    """The same as a cause, for what goes through the book."""
    source_id = f"account {account_id}"
    return Cause(
        RECONCILE,
        source_id,
        now,
        line=line,
        revision=_next_revision(session, workspace_id, 0, RECONCILE, source_id),
        why=_why("What was lent to the lot comes back from what its order posted."),
    )


def purchase_entry(
    session: Session,
    workspace_id: int,
    of: Any,
    legs: tuple[Place, Place],
    points: int,
    effect: str,
    now: datetime,
    reason: str,
) -> dict[str, Any]:
    """``of``: source, account and lot of something that was bought with points."""
    return {
        "workspace_id": workspace_id,
        "account_id": of.account_id,
        "lot_id": of.lot_id,
        "debit": legs[0].value,
        "credit": legs[1].value,
        "points": points,
        "effect": effect,
        "installation_id": 0,
        "source_kind": of.source_kind,
        "source_id": of.source_id,
        "source_line": "",
        "revision": _next_revision(session, workspace_id, 0, of.source_kind, of.source_id),
        "rule": "",
        "reverses_id": None,
        "programme_number": None,
        "occurred_at": now,
        "posted_at": now,
        "why": _why(reason),
    }


def reversal(session: Session, entry: Any, now: datetime, reason: str) -> dict[str, Any]:
    """The entry the other way round. What it said its source earned or lost is taken back with
    it, so that handling finds the source as it was before."""
    effect = CORRECT
    if entry.effect in GIVEN:
        effect = TAKE_PENDING if entry.credit == Place.PENDING.value else TAKE_AVAILABLE
    elif entry.effect in TAKEN:
        effect = EARN
    revision = _next_revision(
        session, entry.workspace_id, entry.installation_id, entry.source_kind, entry.source_id
    )
    if entry.source_kind == ORDER:
        _keep_counting(session, entry, revision)
    return {
        **_same(entry),
        "debit": entry.credit,
        "credit": entry.debit,
        "effect": effect,
        "revision": revision,
        "reverses_id": entry.id,
        "posted_at": now,
        "why": _why(reason),
    }


def moved(
    session: Session, entry: Any, account_id: int, lot_id: int, now: datetime, reason: str
) -> list[dict[str, Any]]:
    """The entry taken out of the account and lot it stands in, and posted where it belongs. What
    its source earned stays the same."""
    revision = _next_revision(
        session, entry.workspace_id, entry.installation_id, entry.source_kind, entry.source_id
    )
    if entry.source_kind == ORDER:
        _keep_counting(session, entry, revision + 1)
    same = {**_same(entry), "effect": CORRECT, "posted_at": now, "why": _why(reason)}
    # The lot it names keeps what it says unless the lot itself is the mistake.
    old_lot, new_lot = (0, 0) if lot_id == entry.lot_id else (entry.lot_id, lot_id)
    back = {
        "debit": entry.credit,
        "credit": entry.debit,
        "revision": revision,
        "reverses_id": entry.id,
        "lot_id": old_lot,
    }
    again = {
        "account_id": account_id,
        "lot_id": new_lot,
        "revision": revision + 1,
        "reverses_id": None,
    }
    return [{**same, **back}, {**same, **again}]


def _same(entry: Any) -> dict[str, Any]:
    names = (
        "workspace_id",
        "account_id",
        "lot_id",
        "debit",
        "credit",
        "points",
        "installation_id",
        "source_kind",
        "source_id",
        "source_line",
        "rule",
        "programme_number",
        "occurred_at",
    )
    return {name: getattr(entry, name) for name in names}


def _next_revision(
    session: Session, workspace_id: int, installation_id: int, kind: str, source_id: str
) -> int:
    last = session.execute(
        select(func.max(col(Entry.revision))).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == installation_id,
            col(Entry.source_kind) == kind,
            col(Entry.source_id) == source_id,
        )
    ).scalar_one()
    return 0 if last is None else int(last) + 1


def _keep_counting(session: Session, entry: Any, revision: int) -> None:
    """An order counts its own revisions: the next difference must not meet this one's."""
    session.execute(
        update(HandledOrder)
        .where(
            col(HandledOrder.workspace_id) == entry.workspace_id,
            col(HandledOrder.installation_id) == entry.installation_id,
            col(HandledOrder.order_id) == entry.source_id,
            col(HandledOrder.revision) < revision,
        )
        .values(revision=revision)
    )


def _why(reason: str) -> str:
    return json.dumps({"by": RECONCILE, "reason": reason}, ensure_ascii=False)
