"""Rewards of the catalogue: what members took, what is held and spent for it, what is in stock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, cast, func, select, update
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.members.models import Member
from bridge.points.book import Book
from bridge.points.models import Account, Entry, Holder
from bridge.reconciling.books import CHUNK, Books
from bridge.reconciling.correcting import RECONCILE
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.purchase_rules import Said, claim_is, claim_should
from bridge.reconciling.purchases import NOT_IN_BOOK, bring_in_line, in_book
from bridge.rewards.claiming import REWARD, cause_of
from bridge.rewards.models import FulfilmentState, RewardClaim, RewardStock

POINTS = "reward-points"
STATE = "reward-state"
MISSING = "reward-missing"
STOCK = "reward-stock"


def find(books: Books) -> Iterator[Finding]:
    yield from _lost(books)
    yield from _claims(books)
    with books.looking() as session:
        stocks = list(session.execute(_wrong_stocks(books.workspace_id)))
    for row in stocks:
        yield Finding(
            STOCK,
            f"reward {row.reward}",
            f"{row.taken:,} pieces are counted as taken, and {row.claims:,} claims stand.",
            "The count, or a claim, was changed past the bridge.",
            "Count the claims anew.",
            _counting(books, row.reward),
        )


# -- claims and their points ----------------------------------------------------------------


def _claims(books: Books) -> Iterator[Finding]:
    after = 0
    while True:
        with books.looking() as session:
            claims = session.scalars(
                select(RewardClaim)
                .where(
                    col(RewardClaim.workspace_id) == books.workspace_id,
                    col(RewardClaim.id) > after,
                )
                .order_by(col(RewardClaim.id))
                .limit(CHUNK)
            ).all()
            said = in_book(session, books.workspace_id, REWARD, (str(one.id) for one in claims))
        for one in claims:
            yield from _of(books, one, said.get(str(one.id), NOT_IN_BOOK))
        if len(claims) < CHUNK:
            return
        after = claims[-1].id or 0


def _of(books: Books, claim: RewardClaim, found: Any) -> Iterator[Finding]:
    assert claim.id is not None
    where = f"claim {claim.id} ({claim.name})"
    state = claim_is(claim.state, found.said, claim.points, was_freed=found.was_freed)
    if state != claim.state:
        yield Finding(
            STATE,
            where,
            f"It is {claim.state}, and the book says that it is {state}.",
            "The claim's state was changed past the bridge: state and entries are written "
            "together.",
            f"Make it {state}.",
            _mending(books, claim.id),
        )
    elif found.said != claim_should(claim.state, claim.points):
        should = claim_should(claim.state, claim.points)
        yield Finding(
            POINTS,
            where,
            f"It is {claim.state}: {should.held:,} points should be held and {should.paid:,} "
            f"spent, and the book has {found.said.held:,} and {found.said.paid:,}.",
            "Entries were added, changed or deleted past the bridge, or the claim was.",
            "Post the difference.",
            _mending(books, claim.id),
        )


def _mending(books: Books, claim_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        which = (
            col(RewardClaim.workspace_id) == books.workspace_id,
            col(RewardClaim.id) == claim_id,
        )
        account_id = session.scalars(select(col(RewardClaim.account_id)).where(*which)).first()
        if account_id is None:
            return False
        book = Book(session, books.workspace_id, now)
        account = book.lock([account_id])[account_id]
        claim = session.scalars(
            select(RewardClaim)
            .where(*which)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one()
        found = in_book(session, books.workspace_id, REWARD, [str(claim_id)]).get(
            str(claim_id), NOT_IN_BOOK
        )
        claim.state = claim_is(claim.state, found.said, claim.points, was_freed=found.was_freed)
        if claim.state == FulfilmentState.OPEN.value:
            claim.decided_at, claim.decided_by = None, ""
        elif claim.decided_at is None:
            claim.decided_at, claim.decided_by = now, RECONCILE
        session.flush()
        bring_in_line(book, account, cause_of(claim, now), claim_should(claim.state, claim.points))
        return True

    return books.fix(mend)


# -- claims that are gone -------------------------------------------------------------------


def _lost(books: Books) -> Iterator[Finding]:
    with books.looking() as session:
        known = select(cast(col(RewardClaim.id), String)).where(
            col(RewardClaim.workspace_id) == books.workspace_id
        )
        ids = session.scalars(
            select(col(Entry.source_id))
            .where(
                col(Entry.workspace_id) == books.workspace_id,
                col(Entry.source_kind) == REWARD,
                col(Entry.source_id).not_in(known),
            )
            .distinct()
            .order_by(col(Entry.source_id))
        ).all()
        said = in_book(session, books.workspace_id, REWARD, ids)
    for id_ in ids:
        if said[id_].said == Said():
            continue
        held, paid = said[id_].said
        yield Finding(
            MISSING,
            f"claim {id_}",
            f"{held:,} points are held for it and {paid:,} spent, and there is no such claim.",
            "The claim's row was deleted past the bridge.",
            "Write it anew, as the book has it: open while its points are held.",
            _restoring(books, id_),
        )


def _restoring(books: Books, id_: str) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        first = session.execute(
            select(Entry.__table__)  # type: ignore[attr-defined]
            .where(
                col(Entry.workspace_id) == books.workspace_id,
                col(Entry.source_kind) == REWARD,
                col(Entry.source_id) == id_,
            )
            .order_by(col(Entry.id))
            .limit(1)
        ).first()
        said = in_book(session, books.workspace_id, REWARD, [id_]).get(id_, NOT_IN_BOOK).said
        if first is None or said == Said():
            return False
        told = json.loads(first.why)
        is_open = said.held > 0
        state = FulfilmentState.OPEN if is_open else FulfilmentState.FULFILLED
        row = {
            "id": int(id_),
            "workspace_id": books.workspace_id,
            "request_id": f"{RECONCILE}-{id_}",
            "reward": told.get("key", ""),
            "name": told.get("reward", ""),
            "member_id": _member(session, books.workspace_id, first.account_id),
            "account_id": first.account_id,
            "points": said.held or said.paid,
            "state": state.value,
            "claimed_at": first.occurred_at,
            "decided_at": None if is_open else now,
            "decided_by": "" if is_open else RECONCILE,
            "note": "",
        }
        insert_or_ignore(session, RewardClaim, [row], ("id",))
        return True

    return books.fix(mend)


def _member(session: Session, workspace_id: int, account_id: int) -> int:
    """Whose account it is; of a company's the first who belongs to it."""
    account = session.get_one(Account, account_id)
    if account.holder == Holder.MEMBER.value:
        return account.holder_id
    first = session.scalars(
        select(func.min(col(Member.id))).where(
            col(Member.workspace_id) == workspace_id,
            col(Member.company_id) == account.holder_id,
        )
    ).one()
    if first is None:
        raise LookupError(f"Account {account_id} belongs to a company that nobody belongs to.")
    return int(first)


# -- stock ----------------------------------------------------------------------------------


def _wrong_stocks(workspace_id: int) -> Any:
    stands = and_(
        col(RewardClaim.workspace_id) == col(RewardStock.workspace_id),
        col(RewardClaim.reward) == col(RewardStock.reward),
        col(RewardClaim.state) != FulfilmentState.CANCELLED.value,
    )
    claims = func.count(col(RewardClaim.id))
    return (
        select(col(RewardStock.reward), col(RewardStock.taken), claims.label("claims"))
        .outerjoin(RewardClaim, stands)
        .where(col(RewardStock.workspace_id) == workspace_id)
        .group_by(col(RewardStock.reward), col(RewardStock.taken))
        .having(claims != col(RewardStock.taken))
        .order_by(col(RewardStock.reward))
    )


def _counting(books: Books, reward: str) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        which = (
            col(RewardStock.workspace_id) == books.workspace_id,
            col(RewardStock.reward) == reward,
        )
        # The row is the lock for who takes the next one.
        session.execute(select(col(RewardStock.taken)).where(*which).with_for_update()).all()
        count = session.scalars(
            select(func.count()).where(
                col(RewardClaim.workspace_id) == books.workspace_id,
                col(RewardClaim.reward) == reward,
                col(RewardClaim.state) != FulfilmentState.CANCELLED.value,
            )
        ).one()
        session.execute(
            update(RewardStock)
            .where(*which)
            .values(taken=count)
            .execution_options(synchronize_session=False)
        )
        return True

    return books.fix(mend)
