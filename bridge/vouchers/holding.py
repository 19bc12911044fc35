"""Vouchers under lock, with the accounts whose points are held for them.

Accounts are locked first, in the order of their ids, then vouchers in that of theirs; so does
everybody who changes either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.points.book import Book
from bridge.vouchers.models import Voucher


def lock_vouchers(session: Session, book: Book, voucher_ids: Iterable[int]) -> dict[int, Voucher]:
    """By id, as they are now, locked until the commit; one that is not there is left out."""
    ids = sorted(set(voucher_ids))
    if not ids:
        return {}
    accounts = session.execute(
        select(col(Voucher.account_id)).where(
            *_these(book, ids), col(Voucher.account_id).is_not(None)
        )
    ).scalars()
    book.lock({one for one in accounts if one is not None})
    found = session.scalars(
        select(Voucher)
        .where(*_these(book, ids))
        .order_by(col(Voucher.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    # Whoever merged two members meanwhile gave their vouchers another account.
    book.lock({one.account_id for one in found if one.account_id is not None})
    return {one.id: one for one in found if one.id is not None}


def _these(book: Book, ids: list[int]) -> tuple[Any, ...]:
    return col(Voucher.workspace_id) == book.workspace_id, col(Voucher.id).in_(ids)
