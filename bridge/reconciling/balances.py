"""Accounts and lots hold what their entries add up to; where they do not, the entries are right.

With one exception: where an account and its lots agree with each other, and an entry can be shown
to be gone (a lot that nothing ever filled; an account whose last posting left no trace) that no
order can tell anew, what is missing is posted again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlmodel import Session, col

from bridge.earning.handling import ORDER, rehandle_orders
from bridge.earning.past import ACTIVITY
from bridge.orders.models import HandledOrder
from bridge.points.book import Book
from bridge.points.models import Account, Entry, Lot, Place
from bridge.reconciling.books import Books, chunked
from bridge.reconciling.correcting import CORRECT, correcting, correction, write
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.judging import OrderKey, judged
from bridge.reconciling.purchases import is_out_of_line
from bridge.reconciling.refilling import refill
from bridge.reconciling.standing import AccountStanding, LotStanding, account_standing
from bridge.reconciling.sums import PLACES, Held, differing, effect, summed

ACCOUNT = "account-balance"
LOT = "lot-balance"
_ROW_CHANGED = "Its row was changed past the bridge: the entries it is made of were not."
_ENTRY_CHANGED = (
    "An entry was added, changed or deleted past the bridge: the account and its lots agree with "
    "each other, and not with the entries; or both rows were changed alike."
)
_ENTRY_GONE = "The entry that filled it was deleted past the bridge: nothing else fills a lot."
_LAST_GONE = (
    "The account's last posting is gone: its row was written after the newest entry that is left."
)


def find(books: Books) -> Iterator[Finding]:
    for some in chunked(_differing_accounts(books)):
        with books.looking() as session:
            standings = [account_standing(session, books.workspace_id, one) for one in some]
        for standing in standings:
            if standing is not None and not standing.is_sound:
                yield from _findings(books, standing)


def _differing_accounts(books: Books) -> Sequence[int]:
    """Ids only: two statements, whatever the size of the book."""
    of_account = summed(col(Entry.account_id), col(Entry.workspace_id) == books.workspace_id)
    of_lot = summed(
        col(Entry.lot_id), col(Entry.workspace_id) == books.workspace_id, col(Entry.lot_id) != 0
    )
    accounts = (
        select(col(Account.id))
        .outerjoin(of_account, of_account.c.key == col(Account.id))
        .where(
            col(Account.workspace_id) == books.workspace_id,
            _differs(Account, of_account, (*PLACES, Place.DEBT)),
        )
    )
    lots = (
        select(col(Lot.account_id))
        .outerjoin(of_lot, of_lot.c.key == col(Lot.id))
        .where(col(Lot.workspace_id) == books.workspace_id, _differs(Lot, of_lot, PLACES))
    )
    with books.looking() as session:
        found = {*session.execute(accounts).scalars(), *session.execute(lots).scalars()}
    return sorted(one for one in found if one is not None)


def _differs(table: Any, sums: Any, places: Sequence[Place]) -> Any:
    return or_(
        *(
            col(getattr(table, place.value)) != func.coalesce(getattr(sums.c, place.value), 0)
            for place in places
        )
    )


def _findings(books: Books, standing: AccountStanding) -> Iterator[Finding]:
    fix = settling(books, standing.id)
    for lot in standing.lots:
        cause = _cause(standing, lot)
        gone = cause in (_ENTRY_GONE, _LAST_GONE) and lot.kind not in (ORDER, ACTIVITY)
        yield Finding(
            LOT,
            f"lot {lot.id} of account {standing.id} ({_source(lot)})",
            f"The lot says {differing(lot.row, lot.sums)}, as its entries add up.",
            cause,
            "Post what is missing."
            if gone
            else "Set it to what its entries say; what its order "
            "or activity should have earned is then posted.",
            fix,
        )
    if standing.row != standing.sums:
        yield Finding(
            ACCOUNT,
            f"account {standing.id} of {standing.holder} {standing.holder_id}",
            f"The account says {differing(standing.row, standing.sums)}, as its entries add up.",
            _ENTRY_CHANGED if standing.rows_agree else _ROW_CHANGED,
            "Set it to what its entries say, once these are complete.",
            fix,
        )


def _cause(standing: AccountStanding, lot: LotStanding) -> str:
    if not lot.is_filled and standing.counts(lot):
        return _ENTRY_GONE
    if not standing.rows_agree:
        return _ROW_CHANGED
    return _LAST_GONE if standing.is_last_gone else _ENTRY_CHANGED


def _source(lot: LotStanding) -> str:
    return f"{lot.kind} {lot.source_id}"


# -- mending --------------------------------------------------------------------------------


def settling(books: Books, account_id: int) -> Fix:
    """Brings the account in line, and posts what its orders then lack."""
    return books.fix(lambda session, now: settle(session, books.workspace_id, account_id, now))


def settle(session: Session, workspace_id: int, account_id: int, now: datetime) -> bool:
    """Sets the account and its lots to what their entries say, under the account's lock, and has
    orders judged anew whose entries may not be what was posted. False: nothing differed."""
    standing = account_standing(session, workspace_id, account_id, lock=True)
    if standing is None or standing.is_sound:
        return False
    entries: list[dict[str, Any]] = []
    suspects: dict[OrderKey, int] = {}
    advanced: dict[int, int] = {}
    for lot in standing.lots:
        posted = _posted_anew(session, workspace_id, standing, lot, now)
        cures = _without_debts(
            session, workspace_id, standing.id, lot.id, _with(lot.sums, posted), now
        )
        lent = sum(one["points"] for one in cures if one["debit"] == Place.ADJUSTED.value)
        if lot.kind == ORDER and (lent or (standing.rows_agree and not posted)):
            suspects[lot.installation_id, lot.source_id] = lot.id
            advanced[lot.id] = lent
        posted += cures
        _set(session, Lot, lot.id, _with(lot.sums, posted))
        entries += posted
    sums = _with(standing.sums, entries)
    if sums.debt < 0:
        entries.append(_owed_again(session, workspace_id, standing.id, -sums.debt, now))
        sums = sums._replace(debt=0)
    write(session, entries)
    _set(session, Account, standing.id, sums, push_due=True, **_touched(entries, now))
    known = _known(session, workspace_id, list(suspects))
    if known:
        rehandle_orders(session, workspace_id, known, now)
        for key in known:
            lot_id = suspects[key]
            _take_in_return(session, workspace_id, standing.id, lot_id, advanced[lot_id], now)
    return True


def _owed_again(
    session: Session, workspace_id: int, account_id: int, points: int, now: datetime
) -> dict[str, Any]:
    return correction(
        session,
        workspace_id,
        account_id,
        0,
        Place.DEBT,
        Place.ADJUSTED,
        points,
        now,
        "More was paid than was ever owed: what was taken back as debt is gone.",
    )


def _take_in_return(
    session: Session, workspace_id: int, account_id: int, lot_id: int, lent: int, now: datetime
) -> None:
    """What was put into a lot so that no place of it was below nothing, out of what its order
    then posted."""
    if not lent:
        return
    book = Book(session, workspace_id, now)
    account = book.lock([account_id])[account_id]
    for lot in book.lots_by_id([lot_id]):
        for place in (Place.PENDING, Place.AVAILABLE):
            points = min(lent, getattr(lot, place.value))
            if points:
                cause = correcting(
                    session, workspace_id, account_id, now, f"{lot_id}/{place.value}"
                )
                book.post(account, lot, place, Place.ADJUSTED, points, CORRECT, cause)
                lent -= points
    book.write()


def _posted_anew(
    session: Session,
    workspace_id: int,
    standing: AccountStanding,
    lot: LotStanding,
    now: datetime,
) -> list[dict[str, Any]]:
    """Entries for what can be shown to be missing, and nothing else posts."""
    if not lot.is_filled and standing.counts(lot):
        if lot.kind in (ORDER, ACTIVITY):
            return []
        return refill(session, workspace_id, standing, lot, now)
    if not standing.rows_agree:
        return []
    if not standing.is_last_gone or _is_its_orders(session, workspace_id, lot):
        return []
    if is_out_of_line(session, workspace_id, standing.id):
        return []  # it is posted for what was bought, by what that should cost
    return [
        correction(session, workspace_id, standing.id, lot.id, *legs, points, now, _LAST_GONE)
        for place, missing in zip(PLACES, lot.missing, strict=False)
        if (points := abs(missing))
        for legs in [(Place.ADJUSTED, place) if missing > 0 else (place, Place.ADJUSTED)]
    ]


def _is_its_orders(session: Session, workspace_id: int, lot: LotStanding) -> bool:
    """Whether what is missing is what the lot's order should have earned or lost."""
    if lot.kind != ORDER:
        return False
    row = session.execute(
        select(HandledOrder.__table__).where(  # type: ignore[attr-defined]
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.installation_id) == lot.installation_id,
            col(HandledOrder.order_id) == lot.source_id,
        )
    ).first()
    found = judged(session, workspace_id, [row] if row is not None else [])
    return not found or bool(found[0].all_differences)


def _without_debts(
    session: Session, workspace_id: int, account_id: int, lot_id: int, sums: Held, now: datetime
) -> list[dict[str, Any]]:
    """A place that more was taken from than ever came there: an entry is gone that had brought
    it there. It is taken from where it then still is, else from outside."""
    left = dict(zip(PLACES, sums, strict=False))
    found: list[dict[str, Any]] = []
    for place in PLACES:
        for other in (*PLACES, Place.ADJUSTED):
            points = -left[place]
            if other is not Place.ADJUSTED:
                points = min(points, left[other])
            if points <= 0 or other is place:
                continue
            left[place] += points
            if other in left:
                left[other] -= points
            reason = f"Entries of lot {lot_id} are gone: more left {place.value} than came there."
            line = f"{lot_id}/{other.value}/{place.value}"
            found.append(
                correction(
                    session,
                    workspace_id,
                    account_id,
                    lot_id,
                    other,
                    place,
                    points,
                    now,
                    reason,
                    line,
                )
            )
    return found


def _with(sums: Held, entries: Sequence[dict[str, Any]]) -> Held:
    for one in entries:
        sums = sums.plus(effect(one["debit"], one["credit"], one["points"]))
    return sums


def _set(session: Session, table: Any, row_id: int, found: Held, **more: Any) -> None:
    values = {place.value: points for place, points in zip(PLACES, found, strict=False)}
    if table is Account:
        values["debt"] = found.debt
    session.execute(update(table).where(col(table.id) == row_id).values(**values, **more))


def _touched(entries: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
    return {"changed_at": now} if entries else {}


def _known(session: Session, workspace_id: int, suspects: Sequence[OrderKey]) -> list[OrderKey]:
    """Those that were handled."""
    found = []
    for installation_id, order_id in suspects:
        row = session.execute(
            select(col(HandledOrder.order_id)).where(
                col(HandledOrder.workspace_id) == workspace_id,
                col(HandledOrder.installation_id) == installation_id,
                col(HandledOrder.order_id) == order_id,
            )
        ).first()
        if row is not None:
            found.append((installation_id, order_id))
    return found
