"""What the staff does with claims: provides them, or cancels them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from bridge.kit.errors import BridgeError
from bridge.members.holding import account_holder
from bridge.members.standing import locked
from bridge.points.book import Book
from bridge.points.spending import capture, release
from bridge.rewards.claiming import Claimed, cause_of
from bridge.rewards.models import FulfilmentState, RewardClaim, RewardStock
from connectors.sentences import sentence


class UnknownClaim(BridgeError):
    def __init__(self, number: int) -> None:
        super().__init__(
            sentence(
                "There is no claim %(number)s. List them with: loyalty-bridge rewards queue --all",
                number=f"{number}",
            )
        )


class CannotDecide(BridgeError):
    """It was decided otherwise before."""


def fulfil(
    session: Session, workspace_id: int, number: int, by: str, note: str, now: datetime
) -> Claimed:
    """The member has it: its points are spent. Told again, it changes nothing.

    Raises :class:`UnknownClaim`, and :class:`CannotDecide` when it was cancelled.
    """
    book = Book(session, workspace_id, now)
    claim = _open(session, book, number, FulfilmentState.FULFILLED)
    if claim.state != FulfilmentState.OPEN:
        return Claimed(claim, is_new=False)
    capture(book, book.lock([claim.account_id])[claim.account_id], cause_of(claim, now))
    book.write()
    _decide(session, claim, FulfilmentState.FULFILLED, by, note, now)
    return Claimed(claim, is_new=True)


def cancel(
    session: Session, workspace_id: int, number: int, by: str, note: str, now: datetime
) -> Claimed:
    """He does not get it: its points are his again, its piece is back in stock. Told again, it
    changes nothing. Raises as :func:`fulfil` does."""
    book = Book(session, workspace_id, now)
    claim = _open(session, book, number, FulfilmentState.CANCELLED)
    if claim.state != FulfilmentState.OPEN:
        return Claimed(claim, is_new=False)
    member = locked(session, workspace_id, claim.member_id)
    holder = account_holder(session, member)
    # To whoever holds his points now, with the account they came from.
    account = book.open([holder], beside=[claim.account_id])[holder]
    release(book, account, cause_of(claim, now))
    book.write()
    session.execute(
        update(RewardStock)
        .where(
            col(RewardStock.workspace_id) == workspace_id,
            col(RewardStock.reward) == claim.reward,
        )
        .values(taken=col(RewardStock.taken) - 1)
        .execution_options(synchronize_session=False)
    )
    _decide(session, claim, FulfilmentState.CANCELLED, by, note, now)
    return Claimed(claim, is_new=True)


def _open(session: Session, book: Book, number: int, wanted: FulfilmentState) -> RewardClaim:
    """The claim, locked after its member and accounts."""
    which = (col(RewardClaim.workspace_id) == book.workspace_id, col(RewardClaim.id) == number)
    found = session.scalars(select(RewardClaim).where(*which)).first()
    if found is None:
        raise UnknownClaim(number)
    member = locked(session, book.workspace_id, found.member_id)
    book.open([account_holder(session, member)], beside=[found.account_id])
    claim = session.scalars(
        select(RewardClaim)
        .where(*which)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    if claim.state not in (FulfilmentState.OPEN, wanted):
        raise CannotDecide(
            sentence(
                "Claim %(number)s (%(claim_name)s) is %(state)s since %(decided_at)s, by "
                "%(decided_by)s: it cannot be %(wanted)s any more.",
                number=f"{number}",
                claim_name=claim.name,
                state=claim.state,
                decided_at=f"{claim.decided_at:%Y-%m-%d}",
                decided_by=claim.decided_by,
                wanted=wanted.value,
            )
        )
    return claim


def _decide(
    session: Session,
    claim: RewardClaim,
    state: FulfilmentState,
    by: str,
    note: str,
    now: datetime,
) -> None:
    claim.state, claim.decided_at, claim.decided_by = state.value, now, by
    claim.note = note or claim.note
    session.add(claim)
    session.flush()
