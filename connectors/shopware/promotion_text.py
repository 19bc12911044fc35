"""What a promotion shall be, as the canonical text that is compared and kept. Pure.

It says what the bridge wants in the shop's own ids; how the shop is told stands in
:mod:`connectors.shopware.promotion_payload`, how it is read in
:mod:`connectors.shopware.promotion_rows`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.errors import Rejected
from connectors.rewards import GIFT_KEYS, Discount, Promotion, PromotionKind
from connectors.shopware import ids
from connectors.shopware.app_configuration import MOST_PIECES
from connectors.shopware.promotion_rules import plain

Said = dict[str, Any]
"""The text, read."""

PRIORITY = {PromotionKind.CODES: 100, PromotionKind.GIFT: 1, PromotionKind.AUTOMATIC: 1}
"""Vouchers before what applies by itself. Up to Shopware 6.6 an order's individual code is marked
as used only where no promotion of another kind stands before it (shopware#3385), and the lines
stand by priority (recorded: promotions.json #22, ``payload.priority``; 1 is the default)."""
AFTER_ALL_OTHERS = 0
"""Of a promotion with a threshold after discounts: conditions see the discounts of those before."""
BY_APP = "by_app"
"""In the text of a gift that the app in the shop puts into baskets: whom it is for, by the ids of
customer groups. The app knows no rules of the shop."""
BESIDE = "beside_promotion"
"""In the text of a gift that is both, a rule of the app and a promotion: while the app is on, its
script takes that promotion's lines out of baskets; while it is off, the promotion makes free what
lies in them (docs/decisions/0033)."""
_LONGEST_NAME = 255
_HUNDRED = Decimal(100)


def text_of(said: Said) -> str:
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_text(native: str) -> Said:
    """Raises Rejected for what :func:`compiled` did not make."""
    try:
        said = json.loads(native)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("discounts"), list):
        raise Rejected("This is not the text of a Shopware promotion")
    return said


def is_by_app(native: str) -> bool:
    """Whether it is the text of a gift by the app."""
    try:
        return BY_APP in read_text(native)
    except Rejected:
        return False


def can_be_by_app(promotion: Promotion) -> bool:
    """Whether the app can give it; else it is a promotion of the shop like any other."""
    threshold = promotion.threshold
    return (
        promotion.kind is PromotionKind.GIFT
        and promotion.key.startswith(GIFT_KEYS)
        and promotion.is_active
        and len(set(promotion.product_ids)) == 1
        and threshold is not None
        and threshold.amount > 0
        and (promotion.most_pieces or 1) <= MOST_PIECES
        and not promotion.needs_product_ids
        and not promotion.first_order_only
    )


def can_be_beside(promotion: Promotion) -> bool:
    """Whether what the app can give can be a promotion as well: the shop counts the gift itself in
    what is left to pay."""
    threshold = promotion.threshold
    return can_be_by_app(promotion) and threshold is not None and not threshold.after_discounts


def compiled(
    promotion: Promotion, mark: str, *, by_app: bool = False, beside: bool = False
) -> Said:
    """Raises Rejected naming what a Shopware promotion cannot say; ``by_app`` (see
    :func:`can_be_by_app`): what the app cannot; ``beside``: it is a promotion as well (see
    :func:`can_be_beside`)."""
    if not by_app:
        _refuse(promotion)
        return _said(promotion, mark)
    assert promotion.threshold is not None
    # What is left to pay counts no gift of the app's.
    _refuse(replace(promotion, threshold=replace(promotion.threshold, after_discounts=False)))
    one = replace(promotion, most_pieces=promotion.most_pieces or 1)
    said = {**_said(one, mark), BY_APP: sorted(set(promotion.group_ids))}
    return {**said, BESIDE: True, "priority": AFTER_ALL_OTHERS} if beside else said


def beside(said: Said) -> Said | None:
    """The promotion that stands beside a rule of the app. It is worked out after all others, which
    so find the same basket whether the app takes it out or not, and holds for each basket that the
    rule holds for."""
    basket = said.get("basket") or {}
    threshold = basket.get("threshold")
    if said.get(BESIDE) is not True or not isinstance(threshold, dict):
        return None  # it stands alone, or a person's hand was in it
    kept = {name: value for name, value in said.items() if name not in (BY_APP, BESIDE)}
    return {**kept, "basket": {**basket, "threshold": {**threshold, "early": True}}}


def is_beside(promotion: Said) -> bool:
    """Whether it is a promotion that :func:`beside` made, untouched."""
    threshold = (promotion.get("basket") or {}).get("threshold")
    return (
        isinstance(threshold, dict)
        and threshold.get("early") is True
        and "changed" not in promotion
    )


def _said(promotion: Promotion, mark: str) -> Said:
    after = bool(promotion.threshold and promotion.threshold.after_discounts)
    return {
        "active": promotion.is_active,
        "basket": _basket(promotion),
        "codes": promotion.kind is PromotionKind.CODES,
        "currency": promotion.currency,
        "discounts": _discounts(promotion),
        "from": moment_text(promotion.starts_at),
        "groups": _audiences(promotion, mark),
        "kind": str(promotion.kind),
        "name": promotion.label.strip()[:_LONGEST_NAME],
        "priority": AFTER_ALL_OTHERS if after else PRIORITY[promotion.kind],
        "store": promotion.store_id,
        "title": promotion.name,
        "until": moment_text(promotion.ends_at),
    }


def moment_text(at: datetime | None) -> str | None:
    """As the shop writes it, which keeps milliseconds."""
    if at is None:
        return None
    utc = at.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03}+00:00"


# --- parts ---------------------------------------------------------------------------------


def _audiences(promotion: Promotion, mark: str) -> list[str]:
    if promotion.audience_ids:
        return sorted(set(promotion.audience_ids))
    return sorted({ids.rule_id(mark, group) for group in promotion.group_ids})


def _basket(promotion: Promotion) -> Said | None:
    said: Said = {}
    threshold = promotion.threshold
    if threshold is not None and threshold.amount > 0:
        said["threshold"] = {
            "amount": plain(threshold.amount),
            "basis": "gross" if threshold.is_gross else "net",
            "after_discounts": threshold.after_discounts,
        }
        if promotion.kind is PromotionKind.GIFT:
            # What is given does not help to reach what it is given for.
            said["threshold"]["but_for"] = sorted(set(promotion.product_ids))
    if promotion.needs_product_ids:
        said["needs"] = sorted(set(promotion.needs_product_ids))
    if promotion.first_order_only:
        said["first_order"] = True
    return said or None


def _discounts(promotion: Promotion) -> list[Said]:
    """One, or one for each product where the pieces are counted: the shop counts them together
    (shopware ``MaxUsage::getMaxItemCount`` of the one package that a cart is)."""
    worth = _worth(promotion.discount)
    products = sorted(set(promotion.product_ids))
    if promotion.most_pieces is None:
        return [{**worth, "products": products, "pieces": None}]
    return [{**worth, "products": [one], "pieces": promotion.most_pieces} for one in products]


def _worth(discount: Discount) -> Said:
    if discount.percent is not None:
        maximum = None if discount.maximum is None else plain(discount.maximum)
        return {"type": "percentage", "value": plain(discount.percent), "maximum": maximum}
    assert discount.amount is not None
    return {"type": "absolute", "value": plain(discount.amount), "maximum": None}


# --- what cannot be said -------------------------------------------------------------------


def _refuse(promotion: Promotion) -> None:
    for message in (*_faults_of_worth(promotion.discount), *_faults_of_form(promotion)):
        raise Rejected(message)


def _faults_of_worth(discount: Discount) -> Iterable[str]:
    percent, amount, maximum = discount.percent, discount.amount, discount.maximum
    if (percent is None) is (amount is None):
        yield "A discount is a percentage or an amount"
    if percent is not None and not 0 < percent <= _HUNDRED:
        yield f"A percentage is above 0 and at most 100, not {plain(percent)}"
    if amount is not None and amount <= 0:
        yield f"An amount is above 0, not {plain(amount)}"
    if maximum is not None and (amount is not None or maximum <= 0):
        yield "A maximum is above 0 and limits a percentage"


def _faults_of_form(promotion: Promotion) -> Iterable[str]:
    if not promotion.store_id:
        yield "A Shopware promotion holds in a sales channel: say in which"
    if not promotion.label.strip():
        yield "A Shopware promotion needs a label: buyers see it in their baskets"
    starts, ends = promotion.starts_at, promotion.ends_at
    if starts is not None and ends is not None and ends <= starts:
        yield f"It ends on {ends:%Y-%m-%d %H:%M}, before it begins on {starts:%Y-%m-%d %H:%M}"
    yield from _faults_of_products(promotion)


def _faults_of_products(promotion: Promotion) -> Iterable[str]:
    products, discount = promotion.product_ids, promotion.discount
    threshold = promotion.threshold
    if promotion.kind is PromotionKind.GIFT and not products:
        yield "A gift needs a product"
    if promotion.kind is PromotionKind.GIFT and threshold and threshold.after_discounts:
        yield (
            "Shopware counts the gift itself in what is left to pay: leave `after_discounts` out, "
            "or give this store a rule of its own without it"
        )
    if promotion.most_pieces is not None and (not products or promotion.most_pieces < 1):
        yield "So many pieces at most are one or more, of products that are named"
    several = promotion.most_pieces is not None and len(set(products)) > 1
    if several and (discount.amount is not None or discount.maximum is not None):
        yield (
            "With so many pieces of each at most, Shopware takes an amount or a maximum once for "
            "each product: make a promotion for each product"
        )
