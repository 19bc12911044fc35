"""What was bought with points, as the book has it: vouchers and rewards of the catalogue.

It is read from where points moved, whatever the entries call it: what was put right by a reversal
counts as if it had never been.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from bridge.points.book import Book, Cause, NotEnoughPoints, OpenAccount
from bridge.points.models import Entry, Place
from bridge.points.paying import settle
from bridge.points.ripening import expire_due
from bridge.points.spending import RELEASE, RESERVE, anew, release
from bridge.reconciling.purchase_rules import NOTHING, Said, claim_should, voucher_should
from bridge.rewards.claiming import REWARD
from bridge.rewards.models import RewardClaim
from bridge.vouchers.models import Voucher
from bridge.vouchers.redeeming import VOUCHER
from bridge.vouchers.settling import Policies, kept_of
from bridge.vouchers.uses import as_use, uses_of

_RESERVED, _REDEEMED = Place.RESERVED.value, Place.REDEEMED.value


@dataclass(frozen=True, slots=True)
class InBook:
    said: Said
    was_paid: bool = False
    was_freed: bool = False


NOT_IN_BOOK = InBook(NOTHING)


def in_book(
    session: Session, workspace_id: int, kind: str, ids: Iterable[str]
) -> dict[str, InBook]:
    """By the cause's id; causes without an entry are left out."""
    rows = session.execute(
        select(
            col(Entry.source_id),
            _net(_RESERVED),
            _net(_REDEEMED),
            _count(col(Entry.credit) == _REDEEMED),
            _count(col(Entry.effect) == RELEASE),
        )
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == 0,
            col(Entry.source_kind) == kind,
            col(Entry.source_id).in_(sorted(ids)),
        )
        .group_by(col(Entry.source_id))
    )
    return {row[0]: InBook(Said(int(row[1]), int(row[2])), row[3] > 0, row[4] > 0) for row in rows}


def _net(place: str) -> Any:
    points = col(Entry.points)
    way = case((col(Entry.credit) == place, points), (col(Entry.debit) == place, -points), else_=0)
    return func.coalesce(func.sum(way), 0)


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


# -- what it should be ----------------------------------------------------------------------


def should_of_vouchers(
    session: Session, workspace_id: int, vouchers: Collection[Voucher], policies: Policies
) -> dict[int, Said]:
    """By id."""
    uses = uses_of(session, workspace_id, [one.id for one in vouchers if one.id is not None])
    return {
        one.id: voucher_should(
            one.state,
            one.points,
            kept_of(one, [as_use(row) for row in uses.get(one.id, [])], policies),
        )
        for one in vouchers
        if one.id is not None
    }


def should_of(session: Session, workspace_id: int, kind: str, id_: str) -> Said | None:
    """``None``: there is no such voucher or claim."""
    if kind == REWARD:
        claim = session.scalars(
            select(RewardClaim).where(
                col(RewardClaim.workspace_id) == workspace_id, col(RewardClaim.id) == int(id_)
            )
        ).first()
        return None if claim is None else claim_should(claim.state, claim.points)
    vouchers = session.scalars(
        select(Voucher).where(
            col(Voucher.workspace_id) == workspace_id, col(Voucher.id) == int(id_)
        )
    ).all()
    policies = Policies(session, workspace_id)
    return should_of_vouchers(session, workspace_id, vouchers, policies).get(int(id_))


def is_out_of_line(session: Session, workspace_id: int, account_id: int) -> bool:
    """Whether the entries of anything that this account paid for are not what they should be:
    then it is those that are gone, and they are posted for what was bought."""
    return _vouchers_are(session, workspace_id, account_id) or _claims_are(
        session, workspace_id, account_id
    )


def _vouchers_are(session: Session, workspace_id: int, account_id: int) -> bool:
    ids = [int(one) for one in _causes(session, workspace_id, account_id, VOUCHER)]
    vouchers = session.scalars(
        select(Voucher).where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.points) > 0,
            or_(col(Voucher.account_id) == account_id, col(Voucher.id).in_(ids)),
        )
    ).all()
    should = should_of_vouchers(session, workspace_id, vouchers, Policies(session, workspace_id))
    said = in_book(session, workspace_id, VOUCHER, map(str, should))
    return _differ({str(id_): one for id_, one in should.items()}, said)


def _claims_are(session: Session, workspace_id: int, account_id: int) -> bool:
    ids = [int(one) for one in _causes(session, workspace_id, account_id, REWARD)]
    claims = session.scalars(
        select(RewardClaim).where(
            col(RewardClaim.workspace_id) == workspace_id,
            or_(col(RewardClaim.account_id) == account_id, col(RewardClaim.id).in_(ids)),
        )
    )
    should = {str(one.id): claim_should(one.state, one.points) for one in claims}
    return _differ(should, in_book(session, workspace_id, REWARD, should))


def _differ(should: Mapping[str, Said], said: Mapping[str, InBook]) -> bool:
    return any(said.get(id_, NOT_IN_BOOK).said != one for id_, one in should.items())


def _causes(session: Session, workspace_id: int, account_id: int, kind: str) -> list[str]:
    return list(
        session.scalars(
            select(col(Entry.source_id))
            .where(
                col(Entry.workspace_id) == workspace_id,
                col(Entry.account_id) == account_id,
                col(Entry.source_kind) == kind,
            )
            .distinct()
        )
    )


# -- mending --------------------------------------------------------------------------------


def bring_in_line(
    book: Book, account: OpenAccount, cause: Cause, wanted: Said, *, forgive: bool = False
) -> None:
    """Posts what makes the book say this. Raises NotEnoughPoints where points are to be held
    again, and the account has them no more."""
    said = _said(book, cause)
    if said.paid != wanted.paid:
        settle(book, account, wanted.paid, cause, forgive=forgive)
        said = _said(book, cause)
    if said.held > wanted.held:
        release(book, account, anew(book, cause))
        book.write()
        said = _said(book, cause)
    if said.held < wanted.held:
        _hold(book, account, wanted.held - said.held, anew(book, cause))


def _said(book: Book, cause: Cause) -> Said:
    found = in_book(book.session, book.workspace_id, cause.kind, [cause.id])
    return found.get(cause.id, NOT_IN_BOOK).said


def _hold(book: Book, account: OpenAccount, points: int, cause: Cause) -> None:
    expire_due(book, account)
    if points > account.available:
        raise NotEnoughPoints(points, account.available)
    for lot in book.lots(account):
        taken = min(points, lot.available)
        if taken:
            book.post(account, lot, Place.AVAILABLE, Place.RESERVED, taken, RESERVE, cause)
            points -= taken
    book.write()
