"""Points that a shopper pays with in his basket: held in the book first, then for his basket.

What is held is a voucher whose code nobody types: it stands in the customer's fields in the shop as
a key, and the shop's script takes its worth off his basket by itself. So it is used, charged, ended
and proven to be unused as every voucher is, but for two things: an order costs what it took off and
not the whole face, and there is one for a customer, which changes when he thinks again.

Less than before, or nothing, does not give points back at once: an order of the last second may
have taken off what stood there until now. What is held stays held until it is used or has ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bridge.kit.money import from_minor, to_minor
from bridge.members.holding import account_holder
from bridge.members.models import Member
from bridge.members.standing import identity, locked
from bridge.points.book import Book, NotEnoughPoints, OpenAccount
from bridge.points.expiring import expired
from bridge.points.ripening import expire_due
from bridge.points.spending import reserve, reserve_more
from bridge.points.statement import open_lots, standing
from bridge.vouchers.charging import points_taken
from bridge.vouchers.ending import ENDING, OPEN, begin_end
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.issuing import NewVoucher, row_of
from bridge.vouchers.models import BasketRequest, Ending, Voucher, VoucherState
from bridge.vouchers.pooling import basket_pool
from bridge.vouchers.redeeming import Request, cause_of, voucher_for
from bridge.vouchers.stores import StorePlace

BASKET = "basket"
"""``source_kind`` of what is held for a basket; its ``source_id`` is the request's."""
LASTS = timedelta(minutes=60)
"""From the last time he asked: long enough to find a card and look up an address, and points that
somebody forgot in a basket are his again on the same evening."""
_REMEMBERED = timedelta(days=1)
"""Requests; what a shop signs for one lasts minutes."""
_TAKEN_BACK = "Taken out of the basket by the shopper."


@dataclass(frozen=True, slots=True)
class Asked:
    """A shopper wants ``points`` taken off his baskets in ``store``; 0: none any more."""

    member_id: int
    customer_id: str
    """In the shop."""
    points: int
    store: StorePlace
    request: str
    """Told again under the same, nothing changes any more."""


@dataclass(frozen=True, slots=True)
class InBasket:
    """What a customer's baskets take off, and what he could still put in."""

    points: int
    worth: Decimal
    currency: str
    until: datetime | None
    is_there: bool
    """The shop was seen to have it, or to have nothing; else it is on its way."""
    available: int


def hold(session: Session, workspace_id: int, secret: bytes, asked: Asked, now: datetime) -> bool:
    """Holds the points, in place of what was held for him in this shop before. False: the request
    was granted before, and nothing was changed.

    ``secret``: :func:`bridge.vouchers.codes.workspace_secret`. Raises NotRedeemable,
    NotEnoughPoints, MissingVoucherRate, and KeyError for a member who is not there: the unit of
    work is to be given up then.
    """
    member = locked(session, workspace_id, asked.member_id)
    holder = account_holder(session, member)
    book = Book(session, workspace_id, now)
    account = book.open([holder])[holder]
    if not _is_new(session, workspace_id, asked.request, now):
        return False
    alive = _alive(session, book, asked.store.installation_id, asked.customer_id)
    if asked.points == 0:
        _end(book, alive)
    else:
        new = _wanted(session, workspace_id, asked, member, account, now)
        same = next((one for one in alive if _is_like(one, new)), None)
        _end(book, (one for one in alive if one is not same))
        if same is None:
            _make(book, account, secret, asked, new)
        else:
            _change(book, account, same, new)
    session.flush()
    return True


def in_basket(
    session: Session,
    workspace_id: int,
    store: StorePlace,
    customer_id: str,
    member_id: int,
    now: datetime,
) -> InBasket:
    """Locks and changes nothing."""
    member = session.get_one(Member, member_id)
    has = standing(session, workspace_id, *account_holder(session, member))
    over = expired(open_lots(session, workspace_id, has.account_id), now)
    voucher = session.scalars(
        select(Voucher)
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.installation_id) == store.installation_id,
            col(Voucher.customer_id) == customer_id,
            col(Voucher.state) == OPEN,
            col(Voucher.basket_minor).is_not(None),
            col(Voucher.valid_until) > now,
        )
        .order_by(col(Voucher.id).desc())
        .limit(1)
    ).first()
    available = max(has.available - over, 0)
    if voucher is None:
        is_gone = not _is_left(session, workspace_id, store, customer_id)
        return InBasket(0, Decimal(0), store.currency, None, is_gone, available)
    worth = from_minor(voucher.basket_minor or 0, voucher.currency)
    until, is_there = voucher.valid_until, voucher.is_there
    return InBasket(points_in(voucher), worth, voucher.currency, until, is_there, available)


def _is_left(session: Session, workspace_id: int, store: StorePlace, customer_id: str) -> bool:
    """Whether the shop may still have what is to be taken away."""
    found = session.execute(
        select(col(Voucher.id))
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.installation_id) == store.installation_id,
            col(Voucher.customer_id) == customer_id,
            col(Voucher.basket_minor).is_not(None),
            col(Voucher.is_wanted).is_(False),
            col(Voucher.intended_at).is_not(None),
            col(Voucher.removed_at).is_(None),
        )
        .limit(1)
    )
    return found.first() is not None


def points_in(voucher: Voucher) -> int:
    """Points that its basket takes off now, of those that are held."""
    face = voucher.amount_minor or 1
    return points_taken(voucher.points, face, voucher.basket_minor or 0)


def key_of(voucher: Voucher) -> str:
    """Its code, as the shop has it."""
    return voucher.code.lower()


# -- what is there --------------------------------------------------------------------------


def _is_new(session: Session, workspace_id: int, request: str, now: datetime) -> bool:
    """The member is locked: nobody else tells the same of him at this moment."""
    session.execute(
        delete(BasketRequest)
        .where(
            col(BasketRequest.workspace_id) == workspace_id,
            col(BasketRequest.at) < now - _REMEMBERED,
        )
        .execution_options(synchronize_session=False)
    )
    if session.get(BasketRequest, (workspace_id, request)) is not None:
        return False
    session.add(BasketRequest(workspace_id=workspace_id, request=request, at=now))
    session.flush()
    return True


def _alive(session: Session, book: Book, installation_id: int, customer_id: str) -> list[Voucher]:
    """What may still be taken off his baskets, newest first."""
    ids = session.scalars(
        select(col(Voucher.id)).where(
            col(Voucher.workspace_id) == book.workspace_id,
            col(Voucher.installation_id) == installation_id,
            col(Voucher.customer_id) == customer_id,
            col(Voucher.basket_minor).is_not(None),
            col(Voucher.state).in_([OPEN, ENDING]),
        )
    )
    vouchers = lock_vouchers(session, book, [one for one in ids if one is not None])
    found = [one for one in vouchers.values() if one.state in (OPEN, ENDING)]
    return sorted(found, key=lambda one: (one.state != OPEN, -(one.id or 0)))


def _is_like(one: Voucher, new: NewVoucher) -> bool:
    """Whether it can be changed into the new one: a point is worth the same in both, but for what
    another currency rounds away."""
    held, wanted = (one.points, one.amount_minor or 1), (new.points, _face(new))
    (less, less_minor), (more, more_minor) = sorted((held, wanted))
    return (
        (one.store_id, one.currency) == (new.store.store_id, new.store.currency)
        and (one.account_id, one.programme_number) == (new.account_id, new.programme_number)
        and points_taken(more, more_minor, less_minor) == less
    )


def _wanted(
    session: Session,
    workspace_id: int,
    asked: Asked,
    member: Member,
    account: OpenAccount,
    now: datetime,
) -> NewVoucher:
    request = Request(identity(member), asked.points, asked.store, asked.request, BASKET)
    return voucher_for(session, workspace_id, request, member, account.id, now)


def _face(new: NewVoucher) -> int:
    return to_minor(new.amount or Decimal(0), new.store.currency)


def _until(now: datetime) -> datetime:
    return (now + LASTS).replace(microsecond=0)


# -- what becomes of it ---------------------------------------------------------------------


def _make(book: Book, account: OpenAccount, secret: bytes, asked: Asked, new: NewVoucher) -> None:
    expire_due(book, account)
    if new.points > account.available:
        raise NotEnoughPoints(new.points, account.available)
    session, now = book.session, book.now
    pool = basket_pool(session, book.workspace_id, new.store, new.kind.value, now)
    voucher = row_of(book.workspace_id, secret, new, pool, now)
    voucher.code = voucher.code.replace("-", "")
    voucher.basket_minor, voucher.customer_id = _face(new), asked.customer_id
    voucher.valid_until = _until(now)
    session.add(voucher)
    session.flush()
    reserve(book, account, new.points, cause_of(voucher, now, new.programme_number))
    book.write()


def _change(book: Book, account: OpenAccount, one: Voucher, new: NewVoucher) -> None:
    """Never less is held than may be taken off."""
    more = new.points - one.points
    if more > 0:
        expire_due(book, account)
        if more > account.available:
            raise NotEnoughPoints(new.points, account.available + one.points)
        book.write()
        reserve_more(book, account, more, cause_of(one, book.now, one.programme_number))
        book.write()
        one.points, one.amount_minor = new.points, _face(new)
    one.basket_minor, one.valid_until = _face(new), _until(book.now)
    one.state, one.ending, one.why = OPEN, "", ""
    one.is_wanted, one.is_there, one.removed_at = True, False, None
    one.attempts, one.not_before, one.error, one.is_dead = 0, None, "", False


def _end(book: Book, vouchers: Iterable[Voucher]) -> None:
    for one in vouchers:
        if one.state == VoucherState.OPEN.value:
            begin_end(book, one, Ending.WITHDRAWN, _TAKEN_BACK)
            one.not_before = None
