"""Rows of opening balances as entries of the book, and what the book says of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.points.book import Book, Cause, OpenAccount
from bridge.points.debts import settle_debt
from bridge.points.models import Account, Entry, Place
from bridge.points.opening import OpeningRow, State

Item = TypeVar("Item")

IMPORT = "import"
CHUNK = 500
"""Rows that are looked up and posted together."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of some accounts together."""

    available: int = 0
    pending: int = 0
    reserved: int = 0
    owed: int = 0

    @property
    def net(self) -> int:
        return self.available + self.pending + self.reserved - self.owed


def post_row(book: Book, account: OpenAccount, row: OpeningRow) -> None:
    why = {"state": row.state.value, "reference": row.reference, **row.terms}
    if row.note:
        why["note"] = row.note
    told = json.dumps(why, ensure_ascii=False, sort_keys=True)
    cause = Cause(IMPORT, row.key, book.now, why=told)
    if row.state is State.OWED:
        book.post(account, None, Place.DEBT, Place.ADJUSTED, row.points, IMPORT, cause)
        for lot in book.lots(account):
            settle_debt(book, account, lot, lot.available, cause)
        return
    is_pending = row.state is State.PENDING
    lot = book.new_lot(
        account,
        (0, IMPORT, row.key, ""),
        row.earned_at or book.now,
        ripens_at=row.ripens_at,
        expires_at=row.expires_at,
        is_ripe=not is_pending,
    )
    to = Place.PENDING if is_pending else Place.AVAILABLE
    book.post(account, lot, Place.ADJUSTED, to, row.points, IMPORT, cause)
    settle_debt(book, account, lot, row.points, cause)


def imported(
    session: Session, workspace_id: int, keys: Sequence[str]
) -> dict[str, tuple[int, dict[str, str]]]:
    """What was imported before, by key: points and dates."""
    rows = session.execute(
        select(col(Entry.source_id), col(Entry.points), col(Entry.why)).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == 0,
            col(Entry.source_kind) == IMPORT,
            col(Entry.source_id).in_(keys),
            col(Entry.effect) == IMPORT,
        )
    )
    return {key: (points, dates(json.loads(why))) for key, points, why in rows}


def said(row: OpeningRow) -> tuple[int, dict[str, str]]:
    return row.points, dict(row.terms)


def dates(why: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in why.items() if name.endswith("_on")}


def in_words(points: int, dates: Mapping[str, str]) -> str:
    told = ", ".join(f"{name} {text}" for name, text in sorted(dates.items()))
    return f"{points:,} points" + (f" ({told})" if told else "")


def sums(session: Session, workspace_id: int, accounts: Sequence[int]) -> Sums:
    found = [0, 0, 0, 0]
    columns = (Account.available, Account.pending, Account.reserved, Account.debt)
    for some in chunks(accounts):
        row = session.execute(
            select(*(func.coalesce(func.sum(col(one)), 0) for one in columns)).where(
                col(Account.workspace_id) == workspace_id, col(Account.id).in_(some)
            )
        ).one()
        found = [old + int(new) for old, new in zip(found, row, strict=True)]
    return Sums(*found)


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    found = iter(items)
    while some := list(islice(found, CHUNK)):
        yield some
