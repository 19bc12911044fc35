"""Issuing a voucher: decided and stored here; a worker puts its code into the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from bridge.kit.money import from_minor, to_millionths, to_minor
from bridge.vouchers.codes import code_of
from bridge.vouchers.models import Voucher, VoucherKind
from bridge.vouchers.pooling import CODES_PER_POOL, Worth, pool_for
from bridge.vouchers.stores import StorePlace
from connectors.rewards import Discount, Threshold

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class NewVoucher:
    """A voucher to be issued. ``kind``, ``rule``, ``source_kind`` and ``source_id`` are its
    cause: told again, the same cause gives the same voucher back.

    Exactly one of ``amount`` and ``percent`` is set. Money is in the store's currency.
    """

    kind: VoucherKind
    source_kind: str
    """``request``, ``order``, ``occasion``, ``referral``, ``voucher`` (exchanged)…"""
    source_id: str
    store: StorePlace
    rule: str = ""
    """The programme's key of the rule or campaign; empty: redemption has none."""
    amount: Decimal | None = None
    percent: Decimal | None = None
    maximum: Decimal | None = None
    """Of ``percent``: the most it takes off."""
    member_id: int | None = None
    email: str = ""
    """Of a friend who is no member yet."""
    account_id: int | None = None
    """The account whose points are reserved for it; its caller reserves them."""
    points: int = 0
    basket: Decimal | None = None
    """The least the goods in the basket must be worth, before discounts."""
    basket_is_gross: bool = False
    group_ids: tuple[str, ...] = ()
    """The shop's customer groups that may use it; empty: everyone."""
    audience_ids: tuple[str, ...] = ()
    """The audiences of those groups, where prices hang on audiences."""
    valid_until: datetime | None = None
    """From then on it is taken away: the end of a day in ``zone``."""
    zone: ZoneInfo = _UTC
    """The programme's time zone."""
    label: str = "Voucher"
    """What the buyer's basket and order show."""
    first_order_only: bool = False
    programme_number: int | None = None


def issue(
    session: Session,
    workspace_id: int,
    secret: bytes,
    new: NewVoucher,
    now: datetime,
    *,
    codes_per_pool: int = CODES_PER_POOL,
) -> Voucher:
    """The voucher, written, so that it has an id, and wanted in its shop.

    ``secret``: :func:`bridge.vouchers.codes.workspace_secret`. Locks the pool until the commit:
    accounts must be locked before. Raises ValueError for money that the currency cannot say.
    """
    found = issued_for(session, workspace_id, new)
    if found is not None:
        return found
    worth = _worth(new)
    pool = pool_for(
        session,
        workspace_id,
        new.store,
        worth,
        new.valid_until,
        new.zone,
        now,
        most=codes_per_pool,
    )
    # Whoever issued for the same cause meanwhile held the pool until it was committed.
    found = issued_for(session, workspace_id, new)
    if found is not None:
        return found
    assert pool.id is not None
    voucher = row_of(workspace_id, secret, new, pool.id, now)
    try:
        with session.begin_nested():
            session.add(voucher)
            session.flush()
    except IntegrityError:
        # The same cause at this moment, into another pool (midnight, a changed label).
        found = issued_for(session, workspace_id, new)
        if found is None:
            raise
        return found
    pool.placed += 1
    session.add(pool)
    session.flush()
    return voucher


def issued_for(session: Session, workspace_id: int, new: NewVoucher) -> Voucher | None:
    """What was issued for this cause before."""
    return session.execute(
        select(Voucher)
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.kind) == new.kind.value,
            col(Voucher.rule) == new.rule,
            col(Voucher.source_kind) == new.source_kind,
            col(Voucher.source_id) == new.source_id,
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _worth(new: NewVoucher) -> Worth:
    threshold = None
    if new.basket is not None:
        threshold = Threshold(new.basket, is_gross=new.basket_is_gross)
    return Worth(
        new.kind.value,
        Discount(percent=new.percent, amount=new.amount, maximum=new.maximum),
        new.label,
        threshold,
        tuple(sorted(new.group_ids)),
        tuple(sorted(new.audience_ids)),
        new.first_order_only,
    )


def row_of(
    workspace_id: int, secret: bytes, new: NewVoucher, pool_id: int, now: datetime
) -> Voucher:
    """Not written yet."""
    if (new.amount is None) is (new.percent is None):
        raise ValueError("a voucher needs an amount or a percentage")
    store = new.store
    cause = (new.kind.value, new.rule, new.source_kind, new.source_id)
    return Voucher(
        workspace_id=workspace_id,
        installation_id=store.installation_id,
        store_id=store.store_id,
        code=code_of(secret, workspace_id, store.installation_id, *cause),
        kind=new.kind.value,
        rule=new.rule,
        source_kind=new.source_kind,
        source_id=new.source_id,
        member_id=new.member_id,
        email=new.email,
        account_id=new.account_id,
        points=new.points,
        amount_minor=_minor(new.amount, store.currency),
        percent_millionths=None if new.percent is None else to_millionths(new.percent),
        maximum_minor=_minor(new.maximum, store.currency),
        currency=store.currency,
        pool_id=pool_id,
        programme_number=new.programme_number,
        made_at=now,
        valid_until=new.valid_until,
    )


def _minor(value: Decimal | None, currency: str) -> int | None:
    if value is None:
        return None
    minor = to_minor(value, currency)
    if from_minor(minor, currency) != value:
        raise ValueError(f"{value} {currency} is not a whole number of its smallest units")
    return minor
