"""Which promotion of the shop a voucher's code hangs on.

A pool is one promotion with codes of equal worth, in one store, that end in the same month. Its
end is that of the month, so that the promotion need not be written anew for each voucher; a
voucher that ends earlier ends because its code is taken away. Full pools are followed by the
next number, so that no promotion holds more codes than its shop takes without getting slow.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.kit.calendar import day_of, day_start, months_later
from bridge.vouchers.models import VoucherPool
from bridge.vouchers.stores import StorePlace
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold

KEY_PREFIX = "codes:"
"""Begins the key of every promotion that holds vouchers, and of no other."""
CODES_PER_POOL = 5_000
"""Where no other number is given: fewer than the 10,000 codes no promotion may reach."""
_PROMOTION = TypeAdapter(Promotion)
_MOMENT = timedelta(microseconds=1)
_BASKETS = "basket"


@dataclass(frozen=True, slots=True)
class Worth:
    """What all codes of a pool have in common."""

    kind: str
    """Of the vouchers: what they are for tells pools apart in the shop's admin."""
    discount: Discount
    label: str
    threshold: Threshold | None = None
    group_ids: tuple[str, ...] = ()
    audience_ids: tuple[str, ...] = ()
    first_order_only: bool = False


def pool_for(
    session: Session,
    workspace_id: int,
    store: StorePlace,
    worth: Worth,
    valid_until: datetime | None,
    zone: ZoneInfo,
    now: datetime,
    *,
    most: int = CODES_PER_POOL,
) -> VoucherPool:
    """The pool with room for one more, locked until the commit; the caller counts ``placed``.

    ``zone``: whose months they are. ``most``: codes of one promotion.
    """
    text, ends_at = _text(worth, valid_until, zone)
    while True:
        newest = _newest(session, workspace_id, store, text)
        if newest is not None and newest.placed < most and newest.is_wanted:
            return newest
        number = 1 if newest is None else newest.number + 1
        _make(session, workspace_id, store, worth, text, number, ends_at, now)


def basket_pool(
    session: Session, workspace_id: int, store: StorePlace, kind: str, now: datetime
) -> int:
    """The id of what stands for a pool of points that are held for baskets of this store: a
    voucher has one. No promotion belongs to it, now or ever."""
    worth = Worth(kind, Discount(amount=Decimal(1)), _BASKETS)
    promotion = replace(
        _promotion(worth, store, None), key=f"{_BASKETS}:{store.store_id}", name=_BASKETS
    )
    pool = VoucherPool(
        workspace_id=workspace_id,
        installation_id=store.installation_id,
        store_id=store.store_id,
        key=promotion.key,
        worth=json.dumps({"basket": True, "kind": kind}, sort_keys=True),
        number=1,
        promotion=_PROMOTION.dump_json(promotion).decode(),
        is_wanted=False,
        made_at=now,
    )
    insert_or_ignore(session, VoucherPool, [pool.model_dump(exclude={"id"})])
    return int(
        session.execute(
            select(col(VoucherPool.id)).where(
                col(VoucherPool.workspace_id) == workspace_id,
                col(VoucherPool.installation_id) == store.installation_id,
                col(VoucherPool.key) == promotion.key,
            )
        ).scalar_one()
    )


def promotion_of(pool: VoucherPool) -> Promotion:
    """What the shop shall hold for this pool."""
    return _PROMOTION.validate_json(pool.promotion)


def month_of(valid_until: datetime, zone: ZoneInfo) -> tuple[str, datetime]:
    """The month in which a voucher can be used last, like ``2026-03``, and its end (UTC)."""
    last = day_of(valid_until - _MOMENT, zone)
    return f"{last:%Y-%m}", day_start(months_later(last.replace(day=1), 1), zone)


def _text(
    worth: Worth, valid_until: datetime | None, zone: ZoneInfo
) -> tuple[str, datetime | None]:
    month, ends_at = (None, None) if valid_until is None else month_of(valid_until, zone)
    discount = worth.discount
    fields: dict[str, Any] = {
        "kind": worth.kind,
        "amount": _number(discount.amount),
        "percent": _number(discount.percent),
        "maximum": _number(discount.maximum),
        "label": worth.label,
        "groups": list(worth.group_ids),
        "audiences": list(worth.audience_ids),
        "first_order_only": worth.first_order_only,
        "until": month,
    }
    if worth.threshold is not None:
        fields["basket"] = _number(worth.threshold.amount)
        fields["gross"] = worth.threshold.is_gross
        fields["after_discounts"] = worth.threshold.after_discounts
    told = {name: value for name, value in fields.items() if value not in (None, [], False)}
    return json.dumps(told, sort_keys=True, ensure_ascii=False), ends_at


def _number(value: Any) -> str | None:
    """Equal amounts are equal texts: 10, 10.0 and 10.00."""
    return None if value is None else format(value.normalize(), "f")


def _newest(
    session: Session, workspace_id: int, store: StorePlace, worth: str
) -> VoucherPool | None:
    return session.execute(
        select(VoucherPool)
        .where(
            col(VoucherPool.workspace_id) == workspace_id,
            col(VoucherPool.installation_id) == store.installation_id,
            col(VoucherPool.store_id) == store.store_id,
            col(VoucherPool.worth) == worth,
        )
        .order_by(col(VoucherPool.number).desc())
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _make(
    session: Session,
    workspace_id: int,
    store: StorePlace,
    worth: Worth,
    text: str,
    number: int,
    ends_at: datetime | None,
    now: datetime,
) -> None:
    """Whoever else makes the same one at this moment makes it for both."""
    digest = hashlib.sha256(json.dumps([store.store_id, text]).encode()).hexdigest()[:16]
    promotion = replace(
        _promotion(worth, store, ends_at),
        key=f"{KEY_PREFIX}{digest}:{number}",
        name=_name(worth, store, text, number),
    )
    pool = VoucherPool(
        workspace_id=workspace_id,
        installation_id=store.installation_id,
        store_id=store.store_id,
        key=promotion.key,
        worth=text,
        number=number,
        promotion=_PROMOTION.dump_json(promotion).decode(),
        ends_at=ends_at,
        made_at=now,
    )
    # By its key as well as by its worth and number: whichever somebody else's meets first.
    insert_or_ignore(session, VoucherPool, [pool.model_dump(exclude={"id"})])


def _promotion(worth: Worth, store: StorePlace, ends_at: datetime | None) -> Promotion:
    return Promotion(
        key="",
        kind=PromotionKind.CODES,
        name="",
        label=worth.label,
        store_id=store.store_id,
        currency=store.currency,
        discount=worth.discount,
        ends_at=ends_at,
        group_ids=worth.group_ids,
        audience_ids=worth.audience_ids,
        threshold=worth.threshold,
        first_order_only=worth.first_order_only,
    )


def _name(worth: Worth, store: StorePlace, text: str, number: int) -> str:
    """What the shop's admin reads: ``Vouchers (points): 10 EUR, until 2026-03, no. 1``."""
    discount = worth.discount
    value = (
        f"{_number(discount.amount)} {store.currency}"
        if discount.amount is not None
        else f"{_number(discount.percent)} %"
    )
    until = json.loads(text).get("until")
    parts = [value, *([f"until {until}"] if until else []), f"no. {number}"]
    return f"Vouchers ({worth.kind}): {', '.join(parts)}"
