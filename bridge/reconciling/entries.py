"""Entries that the bridge cannot have posted: of an impossible form, doubled, in another's lot,
in a lot or an account that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.earning.handling import ORDER
from bridge.orders.models import HandledOrder
from bridge.points.models import OWN_PLACES, Account, Entry, Lot
from bridge.reconciling.balances import settle
from bridge.reconciling.books import Books
from bridge.reconciling.correcting import is_ours, moved, reversal, write
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.forms import FILLS, FORMS, ONCE, PLACES, fault
from bridge.reconciling.orders import rejudging
from bridge.reconciling.renaming import is_renamed, renaming

FORM = "entry-form"
DOUBLED = "entry-doubled"
SOURCE = "lot-source"
MISPLACED = "entry-misplaced"

_OWN = tuple(place.value for place in OWN_PLACES)
_IN_LOTS = _OWN[:3]
_PAST = (
    "Somebody wrote it past the bridge, which posts no such entry. The database refuses that "
    "entries are changed or deleted, but not that they are added."
)
_ONCE = (
    "Somebody wrote it past the bridge, while the unique index was gone that lets one cause have "
    "its effect once."
)
_REVERSE = "Post its reversal, and set the account and its lots to what the entries say."
_MOVE = "Post it where it belongs: out of there, and in here."


def find_forms(books: Books) -> Iterator[Finding]:
    """Places and legs that no effect has, lots filled by what they do not come from."""
    with books.looking() as session:
        found = _uncorrected(session, books.workspace_id, _of_bad_form(books.workspace_id))
        renamed = {
            row.lot_id: row
            for row in found
            if not fault(row.effect, row.debit, row.credit) and is_renamed(session, row)
        }
        doubled = _uncorrected(session, books.workspace_id, _doubled(books.workspace_id))
    for row in renamed.values():
        yield Finding(
            SOURCE,
            f"lot {row.lot_id} of account {row.account_id}",
            f"It is said to come from {row.of} {row.whose}, and all that fills it comes from "
            f"{row.source_kind} {row.source_id}.",
            "The lot's row was changed past the bridge.",
            "Let it say what its entries say.",
            renaming(books, row),
        )
    for row in found:
        if row.lot_id in renamed:
            continue
        what = fault(row.effect, row.debit, row.credit) or _strange(row)
        yield Finding(
            FORM,
            _where(row),
            f"{row.points:,} points: {what}.",
            _PAST,
            _REVERSE,
            _reversing(books, row, what),
        )
    for row in doubled:
        what = f"{row.points:,} points, for a cause that had this effect already"
        yield Finding(
            DOUBLED, _where(row), f"{what}.", _ONCE, _REVERSE, _reversing(books, row, what)
        )


def _of_bad_form(workspace_id: int) -> Any:
    legs = [
        and_(
            col(Entry.effect) == effect,
            ~or_(*(and_(col(Entry.debit) == one, col(Entry.credit) == two) for one, two in known)),
        )
        for effect, known in FORMS.items()
    ]
    no_place = or_(col(Entry.debit).not_in(PLACES), col(Entry.credit).not_in(PLACES))
    nowhere = and_(
        col(Entry.lot_id) == 0, or_(col(Entry.debit).in_(_IN_LOTS), col(Entry.credit).in_(_IN_LOTS))
    )
    not_its_own = and_(
        or_(*(and_(col(Entry.effect) == one, col(Entry.debit) == two) for one, two in FILLS)),
        col(Entry.credit).in_(_IN_LOTS),
        col(Lot.id).is_not(None),
        or_(
            col(Lot.installation_id) != col(Entry.installation_id),
            col(Lot.source_kind) != col(Entry.source_kind),
            col(Lot.source_id) != col(Entry.source_id),
        ),
    )
    first = aliased(Entry)
    again = and_(
        col(Entry.effect).in_(ONCE),
        exists(
            select(1).where(
                col(first.workspace_id) == workspace_id,
                col(first.lot_id) == col(Entry.lot_id),
                col(first.effect) == col(Entry.effect),
                col(first.installation_id) == col(Entry.installation_id),
                col(first.source_kind) == col(Entry.source_kind),
                col(first.source_id) == col(Entry.source_id),
                col(first.debit) == col(Entry.debit),
                col(first.revision) < col(Entry.revision),
            )
        ),
    )
    return (
        select(Entry.__table__, col(Lot.source_kind).label("of"), col(Lot.source_id).label("whose"))  # type: ignore[attr-defined]
        .outerjoin(Lot, col(Lot.id) == col(Entry.lot_id))
        .where(
            col(Entry.workspace_id) == workspace_id,
            or_(*legs, no_place, nowhere, not_its_own, again),
        )
        .order_by(col(Entry.id))
    )


def _strange(row: Any) -> str:
    if row.effect in ONCE and row.revision:
        return f"`{row.effect}` happens once for one cause, and this is a repetition"
    if not row.lot_id:
        return "it moves points of no lot, so that nobody could ever spend them"
    return f"it fills the lot of {row.of} {row.whose}, and comes from something else"


_CAUSED_BY: tuple[Any, ...] = (
    col(Entry.installation_id),
    col(Entry.source_kind),
    col(Entry.source_id),
    col(Entry.source_line),
    col(Entry.revision),
    col(Entry.rule),
    col(Entry.effect),
    col(Entry.lot_id),
)


def _doubled(workspace_id: int) -> Any:
    """All but the first of each cause."""
    causes = (
        select(*_CAUSED_BY, func.min(col(Entry.id)).label("first"))
        .where(col(Entry.workspace_id) == workspace_id)
        .group_by(*_CAUSED_BY)
        .having(func.count() > 1)
        .subquery()
    )
    same = and_(*(one == causes.c[one.key] for one in _CAUSED_BY))
    return (
        select(Entry.__table__)  # type: ignore[attr-defined]
        .join(causes, same)
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.id) != causes.c.first,
        )
        .order_by(col(Entry.id))
    )


def _uncorrected(session: Session, workspace_id: int, query: Any) -> list[Any]:
    """Without what was put right before, and what itself put another one right."""
    rows = session.execute(query.where(~is_ours(col(Entry.why)))).all()
    if not rows:
        return []
    corrected = set(
        session.execute(
            select(col(Entry.reverses_id)).where(
                col(Entry.workspace_id) == workspace_id,
                col(Entry.reverses_id).is_not(None),
                is_ours(col(Entry.why)),
            )
        ).scalars()
    )
    return [row for row in rows if row.id not in corrected]


def _reversing(books: Books, row: Any, reason: str) -> Fix:
    """The entry goes; what its order or activity should have instead is posted afterwards."""

    def mend(session: Session, now: datetime) -> bool:
        if not _lock(session, books.workspace_id, row.account_id, row.id):
            return False
        write(session, [reversal(session, row, now, f"Entry {row.id}: {reason}.")])
        _touch(session, row.account_id, now)
        settle(session, books.workspace_id, row.account_id, now)
        return True

    return _then_judged_anew(books, row, books.fix(mend))


def _then_judged_anew(books: Books, row: Any, fix: Fix) -> Fix:
    """Of its own order, and of the one whose lot it stood in."""

    def both() -> bool:
        mended = fix()
        with books.looking() as session:
            lot = session.get(Lot, row.lot_id)
        orders = {(row.installation_id, row.source_id)} if row.source_kind == ORDER else set()
        if lot is not None and lot.source_kind == ORDER:
            orders.add((lot.installation_id, lot.source_id))
        for key in sorted(orders) if mended else ():
            rejudging(books, key)()
        return mended

    return both


# -- in the wrong place ---------------------------------------------------------------------


def find_misplaced(books: Books) -> Iterator[Finding]:
    """Entries of one account in a lot of another."""
    with books.looking() as session:
        rows = _uncorrected(session, books.workspace_id, _astray(books.workspace_id))
        lots = {row.lot_id: _moved_lot(session, books.workspace_id, row) for row in rows}
    for lot_id, account_id in lots.items():
        if account_id is not None:
            (of,) = {row.of for row in rows if row.lot_id == lot_id}
            yield Finding(
                MISPLACED,
                f"lot {lot_id}",
                f"It is account {of}'s, and all its entries are account {account_id}'s.",
                "The lot's row was given to another account past the bridge.",
                f"Give it back to account {account_id}.",
                _giving_back(books, lot_id, of, account_id),
            )
    for row in rows:
        if lots[row.lot_id] is None:
            yield Finding(
                MISPLACED,
                _where(row),
                f"{row.points:,} points of account {row.account_id}, in lot {row.lot_id} of "
                f"account {row.of}.",
                "Somebody changed or wrote it past the bridge: an entry's account is its lot's.",
                _MOVE,
                _moving(books, row),
            )


def _astray(workspace_id: int) -> Any:
    return (
        select(Entry.__table__, col(Lot.account_id).label("of"))  # type: ignore[attr-defined]
        .join(Lot, col(Lot.id) == col(Entry.lot_id))
        .where(
            col(Entry.workspace_id) == workspace_id, col(Lot.account_id) != col(Entry.account_id)
        )
        .order_by(col(Entry.id))
    )


def _moved_lot(session: Session, workspace_id: int, row: Any) -> int | None:
    """The account a lot was taken from; ``None``: it is the entries that are astray."""
    accounts = set(
        session.execute(
            select(col(Entry.account_id)).where(
                col(Entry.workspace_id) == workspace_id, col(Entry.lot_id) == row.lot_id
            )
        ).scalars()
    )
    if accounts != {row.account_id}:
        return None
    handled = session.execute(
        select(col(HandledOrder.account_id))
        .join(
            Lot,
            and_(
                col(Lot.installation_id) == col(HandledOrder.installation_id),
                col(Lot.source_id) == col(HandledOrder.order_id),
                col(Lot.source_kind) == "order",
            ),
        )
        .where(col(HandledOrder.workspace_id) == workspace_id, col(Lot.id) == row.lot_id)
    ).scalar_one_or_none()
    if handled is not None:
        return None if handled == row.of else int(row.account_id)
    return int(row.account_id) if _still_holds(session, row) else None


def _still_holds(session: Session, row: Any) -> bool:
    """Whether the entries' account counts them in its balance, so that the entries are right."""
    columns = (Account.available, Account.pending, Account.reserved)
    balance = session.execute(
        select(*(col(one) for one in columns)).where(col(Account.id) == row.account_id)
    ).first()
    lot = session.execute(
        select(col(Lot.available), col(Lot.pending), col(Lot.reserved)).where(
            col(Lot.id) == row.lot_id
        )
    ).one()
    return balance is not None and all(mine >= its for mine, its in zip(balance, lot, strict=True))


def _giving_back(books: Books, lot_id: int, wrong: int, right: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        _lock_accounts(session, books.workspace_id, {wrong, right})
        done: Any = session.execute(
            update(Lot)
            .where(
                col(Lot.workspace_id) == books.workspace_id,
                col(Lot.id) == lot_id,
                col(Lot.account_id) == wrong,
            )
            .values(account_id=right)
        )
        for account_id in sorted({wrong, right}):
            settle(session, books.workspace_id, account_id, now)
        return bool(done.rowcount)

    return books.fix(mend)


def _moving(books: Books, row: Any) -> Fix:
    """Into the account of its lot; or into the lot of its own source, where its account has
    one and the lot it names is another's."""

    def mend(session: Session, now: datetime) -> bool:
        _lock_accounts(session, books.workspace_id, {row.account_id, row.of})
        if not _lock(session, books.workspace_id, row.account_id, row.id):
            return False
        own = _own_lot(session, row)
        reason = f"Entry {row.id} stood in account {row.account_id}, and its lot in {row.of}."
        account_id = row.of if own is None else row.account_id
        lot_id = row.lot_id if own is None else own
        write(session, moved(session, row, account_id, lot_id, now, reason))
        for account_id in sorted({row.account_id, row.of}):
            _touch(session, account_id, now)
            settle(session, books.workspace_id, account_id, now)
        return True

    return books.fix(mend)


def _own_lot(session: Session, row: Any) -> int | None:
    """The lot of the entry's source in its account; ``None``: there is none, or the lot it
    names is of that source too."""
    same = (
        col(Lot.installation_id) == row.installation_id,
        col(Lot.source_kind) == row.source_kind,
        col(Lot.source_id) == row.source_id,
    )
    named = session.execute(select(col(Lot.id)).where(*same, col(Lot.id) == row.lot_id)).first()
    if named is not None:
        return None
    return session.execute(
        select(col(Lot.id)).where(*same, col(Lot.account_id) == row.account_id)
    ).scalar_one_or_none()


# -- parts ----------------------------------------------------------------------------------


def _lock(session: Session, workspace_id: int, account_id: int, entry_id: int) -> bool:
    """Whether the entry is still to be put right, once its account is locked."""
    _lock_accounts(session, workspace_id, {account_id})
    found = session.execute(
        select(col(Entry.id)).where(col(Entry.reverses_id) == entry_id, is_ours(col(Entry.why)))
    )
    return found.first() is None


def _lock_accounts(session: Session, workspace_id: int, ids: set[int]) -> None:
    session.execute(
        select(col(Account.id))
        .where(col(Account.workspace_id) == workspace_id, col(Account.id).in_(sorted(ids)))
        .order_by(col(Account.id))
        .with_for_update()
    ).all()


def _touch(session: Session, account_id: int, now: datetime) -> None:
    session.execute(
        update(Account).where(col(Account.id) == account_id).values(changed_at=now, push_due=True)
    )


def _where(row: Any) -> str:
    return f"entry {row.id} of account {row.account_id} ({row.source_kind} {row.source_id})"
