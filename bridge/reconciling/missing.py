"""Entries whose lot or account is not there any more: their rows are made anew from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from bridge.campaigns.giving import CAMPAIGN
from bridge.earning.handling import ORDER
from bridge.earning.models import HandledActivity
from bridge.earning.occasions_due import OCCASION
from bridge.members.adjusting import ADJUSTMENT
from bridge.members.models import Company, Member
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Entry, Holder, Lot
from bridge.reconciling.balances import settle
from bridge.reconciling.books import Books
from bridge.reconciling.correcting import CORRECT, moved, write
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.forms import FILLS
from bridge.reconciling.judging import judged
from bridge.reconciling.sums import Held, held, in_words, summed
from bridge.referrals.offers import REFERRAL

LOT = "lot-missing"
ACCOUNT = "account-missing"


@dataclass(frozen=True, slots=True)
class Source:
    installation_id: int
    kind: str
    id: str
    part: str
    earned_at: datetime
    expires_at: datetime | None = None


# -- lots -----------------------------------------------------------------------------------


def find_lots(books: Books) -> Iterator[Finding]:
    of_lot = summed(
        col(Entry.lot_id), col(Entry.workspace_id) == books.workspace_id, col(Entry.lot_id) != 0
    )
    with books.looking() as session:
        rows = [
            (row.key, held(row)._replace(debt=0))
            for row in session.execute(
                select(of_lot)
                .outerjoin(Lot, col(Lot.id) == of_lot.c.key)
                .where(col(Lot.id).is_(None))
                .order_by(of_lot.c.key)
            )
        ]
        sources = {
            lot_id: _source(session, books.workspace_id, lot_id) for lot_id, sums in rows if sums
        }
    for lot_id, sums in rows:
        if sums:
            yield _missing_lot(books, lot_id, sums, sources[lot_id])


def _missing_lot(books: Books, lot_id: int, sums: Held, source: Source | None) -> Finding:
    origin = f" ({source.kind} {source.id})" if source else ""
    return Finding(
        LOT,
        f"lot {lot_id}{origin}",
        f"Entries speak of a lot that is not there: it should hold {in_words(sums)}.",
        "The lot's row was deleted, or entries were given another lot, past the bridge: nobody "
        "can spend what lies in no lot.",
        "Make the lot again from its entries."
        if source
        else "Nothing tells what filled it: give the points again with `points adjust`.",
        _remaking_lot(books, lot_id) if source else None,
    )


def _source(session: Session, workspace_id: int, lot_id: int) -> Source | None:
    """What first filled it."""
    rows = session.execute(
        select(Entry.__table__)  # type: ignore[attr-defined]
        .where(col(Entry.workspace_id) == workspace_id, col(Entry.lot_id) == lot_id)
        .order_by(col(Entry.id))
    ).all()
    for row in rows:
        if (row.effect, row.debit) in FILLS or row.effect == CORRECT:
            return Source(row.installation_id, row.source_kind, row.source_id, "", row.occurred_at)
        if row.effect == "move_in":
            former = row.source_line.partition("/")[0]
            old = session.get(Lot, int(former)) if former.isdecimal() else None
            if old is not None:
                return Source(
                    old.installation_id,
                    old.source_kind,
                    old.source_id,
                    old.part,
                    old.earned_at,
                    old.expires_at,
                )
    return None


def _remaking_lot(books: Books, lot_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        rows = session.execute(
            select(Entry.__table__)  # type: ignore[attr-defined]
            .where(col(Entry.workspace_id) == books.workspace_id, col(Entry.lot_id) == lot_id)
            .order_by(col(Entry.id))
        ).all()
        source = _source(session, books.workspace_id, lot_id)
        if source is None or session.get(Lot, lot_id) is not None:
            return False
        account_id = rows[0].account_id
        session.execute(
            select(col(Account.id)).where(col(Account.id) == account_id).with_for_update()
        ).all()
        there = _same_source(session, account_id, source)
        if there is None:
            session.connection().execute(
                insert(Lot), [_lot_row(session, books.workspace_id, lot_id, rows, source)]
            )
        else:
            reason = f"It named lot {lot_id}, which is not there."
            for row in rows:
                write(session, moved(session, row, account_id, there, now, reason))
        settle(session, books.workspace_id, account_id, now)
        return True

    return books.fix(mend)


def _same_source(session: Session, account_id: int, source: Source) -> int | None:
    return session.execute(
        select(col(Lot.id)).where(
            col(Lot.account_id) == account_id,
            col(Lot.installation_id) == source.installation_id,
            col(Lot.source_kind) == source.kind,
            col(Lot.source_id) == source.id,
            col(Lot.part) == source.part,
        )
    ).scalar_one_or_none()


def _lot_row(
    session: Session, workspace_id: int, lot_id: int, rows: Any, source: Source
) -> dict[str, Any]:
    ripe = [row.posted_at for row in rows if row.credit == "available"]
    row = {
        "id": lot_id,
        "workspace_id": workspace_id,
        "account_id": rows[0].account_id,
        "installation_id": source.installation_id,
        "source_kind": source.kind,
        "source_id": source.id,
        "part": source.part,
        "earned_at": source.earned_at,
        "ripens_at": None,
        "ripened_at": min(ripe, default=None),
        "expires_at": source.expires_at,
        "pending": 0,
        "available": 0,
        "reserved": 0,
    }
    handled = session.execute(
        select(HandledOrder.__table__).where(  # type: ignore[attr-defined]
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.installation_id) == source.installation_id,
            col(HandledOrder.order_id) == source.id,
        )
    ).first()
    if source.kind == ORDER and handled is not None:
        for one in judged(session, workspace_id, [handled]):
            row |= {"expires_at": one.expires_at, "earned_at": one.order.placed_at}
            if not ripe:
                row["ripens_at"] = one.ripens_at
    return row


# -- accounts -------------------------------------------------------------------------------


def find_accounts(books: Books) -> Iterator[Finding]:
    of_account = summed(col(Entry.account_id), col(Entry.workspace_id) == books.workspace_id)
    with books.looking() as session:
        rows = [
            (row.key, held(row))
            for row in session.execute(
                select(of_account)
                .outerjoin(Account, col(Account.id) == of_account.c.key)
                .where(col(Account.id).is_(None))
                .order_by(of_account.c.key)
            )
        ]
        holders = {id_: _holder(session, books.workspace_id, id_) for id_, _ in rows}
    for account_id, sums in rows:
        holder = holders[account_id]
        yield Finding(
            ACCOUNT,
            f"account {account_id}",
            f"Entries speak of an account that is not there: it should hold {in_words(sums)}.",
            "The account's row was deleted past the bridge, without the database's foreign keys.",
            f"Make it again, for {holder[0]} {holder[1]}."
            if holder
            else "Nothing tells whose it was: restore it from a backup.",
            _remaking_account(books, account_id) if holder else None,
        )


def _holder(session: Session, workspace_id: int, account_id: int) -> tuple[str, int] | None:
    """Whose it was, by what earned into it; ``None``: that cannot be told, or he has another
    one by now."""
    rows = session.execute(
        select(col(Member.id), col(Member.company_id), col(Company.holds_points))
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.merged_into).is_(None),
            col(Member.id).in_(_named(session, workspace_id, account_id)),
        )
    ).all()
    holders = {
        (Holder.COMPANY.value, row.company_id)
        if row.holds_points
        else (Holder.MEMBER.value, row.id)
        for row in rows
    }
    if len(holders) != 1:
        return None
    (found,) = holders
    taken = session.execute(
        select(col(Account.id)).where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == found[0],
            col(Account.holder_id) == found[1],
        )
    ).first()
    return None if taken is not None else found


def _named(session: Session, workspace_id: int, account_id: int) -> set[int]:
    """Members whose orders and activities went there, and those whom entries name."""
    found: set[int | None] = set()
    for table in (HandledOrder, HandledActivity):
        found |= set(
            session.execute(
                select(col(table.member_id))
                .where(col(table.workspace_id) == workspace_id, col(table.account_id) == account_id)
                .distinct()
            ).scalars()
        )
    if not found - {None}:
        lines = session.execute(
            select(col(Entry.source_line))
            .where(
                col(Entry.workspace_id) == workspace_id,
                col(Entry.account_id) == account_id,
                col(Entry.source_kind).in_((ADJUSTMENT, OCCASION, CAMPAIGN, REFERRAL)),
            )
            .distinct()
        ).scalars()
        found |= {int(line) for line in lines if line.isdecimal()}
    return {one for one in found if one is not None}


def _remaking_account(books: Books, account_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        holder = _holder(session, books.workspace_id, account_id)
        if holder is None:
            return False
        last = session.execute(
            select(func.max(col(Entry.posted_at))).where(col(Entry.account_id) == account_id)
        ).scalar_one()
        row = {
            "id": account_id,
            "workspace_id": books.workspace_id,
            "holder": holder[0],
            "holder_id": holder[1],
            "available": 0,
            "pending": 0,
            "reserved": 0,
            "debt": 0,
            "changed_at": last or now,
            "push_due": True,
        }
        session.connection().execute(insert(Account), [row])
        settle(session, books.workspace_id, account_id, now)
        return True

    return books.fix(mend)
