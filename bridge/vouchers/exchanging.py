"""Exchanging a voucher for one in another store: one of them can be used, at any moment.

The old one ends first, as any other does, and keeps its points reserved until nobody can have
used it. Then the new one is issued and takes the reservation over. Used in the last moment, the
old one stays what it is, and there is no new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.earning.batch import Version, versions
from bridge.inbox.known import ReadThrough
from bridge.kit.calendar import day_of
from bridge.kit.errors import BridgeError
from bridge.points.book import Book
from bridge.points.spending import hand_over
from bridge.programme.rewards import Redemption
from bridge.vouchers.ending import ENDED, ENDING, OPEN, CannotEnd, finish_end, proven
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Ending, Voucher, VoucherKind
from bridge.vouchers.redeeming import (
    LABEL,
    basket_of,
    cause_of,
    check_offered,
    redemption_at,
)
from bridge.vouchers.rules import NotRedeemable, in_currency, worth_of
from bridge.vouchers.stores import StorePlace, store_with_id
from connectors.base import Basis
from connectors.sentences import sentence

EXCHANGED = "voucher"
"""``source_kind`` of a voucher that takes another's place; its ``source_id`` is that one's id."""


def exchange(
    session: Session,
    workspace_id: int,
    secret: bytes,
    voucher_id: int,
    store: StorePlace,
    why: str,
    now: datetime,
) -> Voucher:
    """Withdraws a voucher for points, for one of equal worth in ``store``, valid as long. Returns
    the new one where the old was never sent to its shop; else the old one, which ends first:
    ``replaced_by`` will name the new one. Told again, it changes nothing.

    Raises CannotEnd for a voucher that cannot be exchanged (any more), NotRedeemable where the
    other store does not offer it, MissingVoucherRate, and KeyError when there is none.
    """
    book = Book(session, workspace_id, now)
    old = lock_vouchers(session, book, [voucher_id])[voucher_id]
    if old.replaced_by is not None and _leads_to(old, store):
        (new,) = lock_vouchers(session, book, [old.replaced_by]).values()
        return new
    _check(old, store)
    _new(session, workspace_id, old, store, now)  # raises what keeps it from being
    old.to_installation_id, old.to_store_id = store.installation_id, store.store_id
    old.state, old.ending, old.is_wanted = ENDING, Ending.EXCHANGED.value, False
    old.why = why
    session.flush()
    if old.intended_at is None:
        return _replace(session, book, secret, old, store)
    return old


def exchange_proven(
    session: Session,
    workspace_id: int,
    secret: bytes,
    read: Mapping[int, ReadThrough],
    now: datetime,
    *,
    limit: int = 50,
) -> int:
    """Issues what old vouchers are exchanged for, once those are proven to be unused; how many,
    at most ``limit``. Where the new one cannot be (its store is gone, its time is over), the
    points come back instead."""
    ids = proven(session, workspace_id, read, limit=limit, exchanged=True)
    book = Book(session, workspace_id, now)
    count = 0
    for old in lock_vouchers(session, book, ids).values():
        if old.state != ENDING or old.ending != Ending.EXCHANGED.value or old.is_there:
            continue
        store = store_with_id(session, workspace_id, old.to_installation_id or 0, old.to_store_id)
        try:
            if store is None:
                raise CannotEnd(sentence("Its new store is not connected any more."))
            _replace(session, book, secret, old, store)
        except BridgeError as error:
            old.why = f"{old.why} Not exchanged: {error}".strip()
            finish_end(book, old)
        count += 1
    session.flush()
    return count


def _leads_to(old: Voucher, store: StorePlace) -> bool:
    return (old.to_installation_id, old.to_store_id) == (store.installation_id, store.store_id)


def _check(old: Voucher, store: StorePlace) -> None:
    if old.kind != VoucherKind.POINTS.value or old.account_id is None:
        raise CannotEnd(
            sentence(
                "Voucher %(old_code)s was given (%(kind)s): it holds where it was given. Only "
                "vouchers for points can be exchanged.",
                old_code=old.code,
                kind=old.kind,
            )
        )
    if old.is_for_basket:
        raise CannotEnd(
            sentence(
                "%(old_code)s is held for a basket: take it back, then make a voucher.",
                old_code=old.code,
            )
        )
    is_exchanging = old.state == ENDING and old.ending == Ending.EXCHANGED.value
    if old.state != OPEN and not is_exchanging:
        ended = f", {old.ending}" if old.ending else ""
        raise CannotEnd(
            sentence(
                "Voucher %(old_code)s is %(state)s%(ended)s: it cannot be exchanged.",
                old_code=old.code,
                state=old.state,
                ended=ended,
            )
        )
    if (old.installation_id, old.store_id) == (store.installation_id, store.store_id):
        raise CannotEnd(
            sentence(
                "Voucher %(old_code)s is one of %(store_name)s already.",
                old_code=old.code,
                store_name=store.name,
            )
        )


def _replace(
    session: Session, book: Book, secret: bytes, old: Voucher, store: StorePlace
) -> Voucher:
    """Issues the new one, which takes over what is reserved for the old."""
    # Before anything is changed: what keeps it from being raises here.
    asked = _new(session, old.workspace_id, old, store, book.now)
    new = issue(session, old.workspace_id, secret, asked, book.now)
    number = old.programme_number
    hand_over(book, cause_of(old, book.now, number), cause_of(new, book.now, number))
    book.write()
    old.state, old.ended_at, old.replaced_by = ENDED, book.now, new.id
    session.flush()
    return new


def _new(
    session: Session, workspace_id: int, old: Voucher, store: StorePlace, now: datetime
) -> NewVoucher:
    version, redemption = redemption_at(session, workspace_id, now)
    programme = version.programme
    if old.valid_until is not None and old.valid_until <= now:
        raise NotRedeemable(
            sentence("Voucher %(old_code)s is not valid any more.", old_code=old.code)
        )
    check_offered(redemption, programme, store, now)
    zone = ZoneInfo(programme.timezone)
    then, bought_by = _bought_by(session, workspace_id, old, version, redemption)
    value = worth_of(bought_by, old.points)
    day = day_of(now, zone)
    currency = then.programme.currency
    face = in_currency(value, currency, store.currency, programme.rates, day)
    return NewVoucher(
        kind=VoucherKind.POINTS,
        source_kind=EXCHANGED,
        source_id=str(old.id),
        store=store,
        amount=face,
        member_id=old.member_id,
        account_id=old.account_id,
        points=old.points,
        basket=basket_of(redemption, face, store),
        basket_is_gross=programme.prices_are is Basis.GROSS,
        valid_until=old.valid_until,
        zone=zone,
        label=LABEL,
        programme_number=old.programme_number,
    )


def _bought_by(
    session: Session, workspace_id: int, old: Voucher, now: Version, redemption: Redemption
) -> tuple[Version, Redemption]:
    """The rate that its points were redeemed at."""
    for version in versions(session, workspace_id).known:
        then = version.programme.redemption
        if version.number == old.programme_number and then is not None:
            return version, then
    return now, redemption
