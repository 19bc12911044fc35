"""Balances that shops show: what the bridge believes that they show, and what the book says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from bridge.balances.models import ShownBalance
from bridge.balances.pushing import text_of
from bridge.balances.standing import balances_of
from bridge.db import insert_or_ignore
from bridge.installations.models import Installation
from bridge.members.models import Company, Member, MemberCustomer
from bridge.points.models import Account, Holder
from bridge.programme.service import current
from bridge.reconciling.books import Books, chunked
from bridge.reconciling.findings import Finding, Fix
from connectors.sales import Balance, Balances, as_held

SHOWN = "balance-shown"
IN_SHOP = "balance-in-shop"
_CHUNK = 100
"""As many as a shop is asked for at once."""


def find(books: Books) -> Iterator[Finding]:
    """Without asking the shops."""
    stores = books.stores()
    for installation_id, rows, wanted in _settled(books, None):
        for row in rows:
            if row.shown is None and row.version is None:
                continue  # nobody but the shop can say whether it is to be told
            if row.shown != text_of(wanted[row.member_id]) or row.shown_for != row.member_id:
                yield Finding(
                    SHOWN,
                    f"customer {row.customer_id}",
                    f"The shop was last seen to show {_said(row.shown)}, the book says "
                    f"{_in_words(wanted[row.member_id])}, and nothing is due.",
                    "What was noted of the shop was changed past the bridge, or points were.",
                    "Tell the shop again.",
                    telling(books, installation_id, row.customer_id, row.member_id),
                    store=stores.get(installation_id, ""),
                )


def find_in_shop(
    books: Books, installation_id: int, store: str, shop: Balances
) -> Iterator[Finding]:
    """Asks the shop what it shows. Raises ConnectorError."""
    for _, rows, wanted in _settled(books, installation_id):
        held = shop.read([row.customer_id for row in rows])
        for row in rows:
            if row.customer_id not in held:
                continue  # he was deleted there
            shows, should = held[row.customer_id], as_held(shop, wanted[row.member_id])
            if shows != should and (row.version is not None or shows is not None or any_of(should)):
                yield Finding(
                    IN_SHOP,
                    f"customer {row.customer_id}",
                    f"The shop shows {_in_words(shows)}, and the book says {_in_words(should)}.",
                    "Somebody changed it in the shop, or the shop was restored from a backup."
                    if row.version is not None
                    else "The shop was never told, or what was noted of it was deleted.",
                    "Tell the shop again.",
                    telling(books, installation_id, row.customer_id, row.member_id),
                    store=store,
                )


def any_of(balance: Balance) -> bool:
    return balance != Balance(0, 0)


def _settled(
    books: Books, only: int | None
) -> Iterator[tuple[int, Sequence[Any], Mapping[int, Balance]]]:
    """Customers whom nothing is due to be told, some at a time, with what they should see."""
    with books.looking() as session:
        ids = session.execute(_customers(books.workspace_id, only)).all()
    for some in chunked(ids, _CHUNK):
        for installation_id in sorted({one.installation_id for one in some}):
            mine = [one.customer_id for one in some if one.installation_id == installation_id]
            with books.looking() as session:
                rows = session.execute(
                    _customers(books.workspace_id, installation_id).where(
                        col(MemberCustomer.customer_id).in_(mine)
                    )
                ).all()
                found = current(session, books.workspace_id)
                wanted = balances_of(
                    session,
                    books.workspace_id,
                    found[1] if found else None,
                    (row.member_id for row in rows),
                )
            if rows:
                yield installation_id, rows, wanted


def _customers(workspace_id: int, installation_id: int | None) -> Any:
    together = col(Company.holds_points).is_(True)
    account = and_(
        col(Account.workspace_id) == workspace_id,
        or_(
            and_(
                together,
                col(Account.holder) == Holder.COMPANY.value,
                col(Account.holder_id) == col(Member.company_id),
            ),
            and_(
                or_(~together, col(Company.id).is_(None)),
                col(Account.holder) == Holder.MEMBER.value,
                col(Account.holder_id) == col(Member.id),
            ),
        ),
    )
    which = [
        col(MemberCustomer.workspace_id) == workspace_id,
        col(Installation.removed_at).is_(None),
        col(Account.push_due).is_(False),
        or_(
            col(ShownBalance.customer_id).is_(None),
            and_(
                col(ShownBalance.is_due).is_(False),
                col(ShownBalance.is_dead).is_(False),
                col(ShownBalance.lease_until).is_(None),
            ),
        ),
    ]
    if installation_id is not None:
        which.append(col(MemberCustomer.installation_id) == installation_id)
    return (
        select(
            col(MemberCustomer.installation_id),
            col(MemberCustomer.customer_id),
            col(MemberCustomer.member_id),
            col(ShownBalance.version),
            col(ShownBalance.shown),
            col(ShownBalance.member_id).label("shown_for"),
        )
        .join(Installation, col(Installation.id) == col(MemberCustomer.installation_id))
        .join(Member, col(Member.id) == col(MemberCustomer.member_id))
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .join(Account, account)
        .outerjoin(
            ShownBalance,
            and_(
                col(ShownBalance.installation_id) == col(MemberCustomer.installation_id),
                col(ShownBalance.customer_id) == col(MemberCustomer.customer_id),
            ),
        )
        .where(*which)
        .order_by(col(MemberCustomer.installation_id), col(MemberCustomer.customer_id))
    )


def telling(books: Books, installation_id: int, customer_id: str, member_id: int) -> Fix:
    """Makes it due, whatever the shop was believed to show."""

    def mend(session: Session, now: datetime) -> bool:
        insert_or_ignore(
            session,
            ShownBalance,
            [
                {
                    "installation_id": installation_id,
                    "customer_id": customer_id,
                    "workspace_id": books.workspace_id,
                    "member_id": member_id,
                    "version": 0,
                    "is_due": False,
                    "attempts": 0,
                    "lease_owner": "",
                    "error": "",
                    "is_dead": False,
                }
            ],
            ("installation_id", "customer_id"),
        )
        done: Any = session.execute(
            update(ShownBalance)
            .where(
                col(ShownBalance.workspace_id) == books.workspace_id,
                col(ShownBalance.installation_id) == installation_id,
                col(ShownBalance.customer_id) == customer_id,
            )
            .values(
                member_id=member_id,
                version=col(ShownBalance.version) + 1,
                is_due=True,
                shown=None,
                not_before=None,
            )
        )
        return bool(done.rowcount)

    return books.fix(mend)


def _said(text: str | None) -> str:
    if text is None:
        return "nothing"
    try:
        return _in_words(Balance(**json.loads(text)))
    except (TypeError, ValueError):
        return f"`{text[:60]}`"


def _in_words(balance: Balance | None) -> str:
    if balance is None:
        return "nothing"
    words = f"{balance.available:,} available, {balance.pending:,} pending"
    tier = f", {balance.tier}" if balance.tier else ""
    ends = f", {balance.expiring:,} up to {balance.expires_on}" if balance.expiring else ""
    return words + tier + ends
