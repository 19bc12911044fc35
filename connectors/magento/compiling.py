"""From what the bridge wants to the cart price rule that says it, or why none can. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from connectors.errors import Rejected
from connectors.magento.conditions import (
    COMBINE,
    LINES_GROSS,
    LINES_NET,
    SUBTOTAL_GROSS,
    SUBTOTAL_NET,
    Condition,
    among,
    at_least,
    in_basket,
    lines_at_least,
    nested,
)
from connectors.magento.rule_text import (
    ALL_GROUPS,
    ALWAYS,
    AMOUNT_STEP,
    BY_PERCENT,
    CART_FIXED,
    FIRST_DAY,
    LAST_DAY,
    LAST_ORDER,
    NO_COUPON,
    SPECIFIC_COUPON,
    Fields,
    amount_text,
    short,
)
from connectors.magento.views import View
from connectors.rewards import Promotion, PromotionKind, Threshold

_SORT_ORDER = {PromotionKind.GIFT: 0, PromotionKind.AUTOMATIC: 10, PromotionKind.CODES: LAST_ORDER}
"""Rules take off what earlier ones left (recorded: cart_price_rules.json #38): a gift is free
before anything else, so that no part of a voucher is wasted on it; a voucher, which is money,
comes last."""
_A_MOMENT = timedelta(microseconds=1)


def compiled(promotion: Promotion, views: Sequence[View]) -> Fields:
    """The fields of the rule's text. ``views``: those of the promotion's store.

    Raises Rejected naming what Magento cannot say, and what to do.
    """
    check_store(promotion, views)
    has_codes = promotion.kind is PromotionKind.CODES
    return {
        **ALWAYS,
        "name": short(promotion.name),
        "label": label_of(promotion),
        "website_ids": [int(promotion.store_id)],
        "customer_group_ids": group_ids(promotion),
        "from_date": _first_day(promotion.starts_at, views),
        "to_date": _last_day(promotion.ends_at, views),
        "is_active": promotion.is_active,
        **_discount(promotion),
        "condition": _condition(promotion),
        "action_condition": among(promotion.product_ids),
        "coupon_type": SPECIFIC_COUPON if has_codes else NO_COUPON,
        "use_auto_generation": has_codes,
        "uses_per_coupon": 1 if has_codes else 0,
        "sort_order": _SORT_ORDER[promotion.kind],
    }


def check_store(promotion: Promotion, views: Sequence[View]) -> None:
    if not views:
        raise Rejected(
            f"The shop has no website {promotion.store_id!r} with a store view",
            advice="Read the shop again with `loyalty-bridge store check`.",
        )
    has_money = promotion.discount.amount is not None or promotion.threshold is not None
    if has_money and promotion.currency != views[0].currency:
        raise Rejected(
            f"Website {promotion.store_id} counts in {views[0].currency}, and the amount is in "
            f"{promotion.currency}",
            advice="Magento's rules count in the website's base currency: give it in that one.",
        )
    if promotion.first_order_only and promotion.kind is not PromotionKind.CODES:
        raise Rejected(
            "Magento cannot tell whether an order is a buyer's first",
            advice="Give a single-use code to new customers instead.",
        )


def label_of(promotion: Promotion) -> str:
    """Without one, the buyer would be shown the rule's description, which is the mark (recorded:
    cart_price_rules.json #32, #38)."""
    label = short(promotion.label) or short(promotion.name)
    if not label:
        raise Rejected(
            f"The promotion {promotion.key} needs a label", advice="It is what buyers are shown."
        )
    return label


def group_ids(promotion: Promotion) -> str | list[int]:
    try:
        return sorted(int(one) for one in promotion.group_ids) or ALL_GROUPS
    except ValueError:
        named = ", ".join(promotion.group_ids)
        raise Rejected(f"Magento's customer groups have numbers, not {named}") from None


# -- days -----------------------------------------------------------------------------------


def _first_day(starts_at: datetime | None, views: Sequence[View]) -> str:
    return min(_days(starts_at, views)) if starts_at else FIRST_DAY


def _last_day(ends_at: datetime | None, views: Sequence[View]) -> str:
    return max(_days(ends_at - _A_MOMENT, views)) if ends_at else LAST_DAY


def _days(at: datetime, views: Sequence[View]) -> list[str]:
    """The day it is then, in each zone that may decide: Magento compares with the day of the
    store view that is asked, and with UTC where none is (magento2 ``Rule\\Collection``,
    ``Timezone::date``). The widest range never ends a voucher early; the bridge takes it away in
    time."""
    zones = [UTC, *(view.zone for view in views)]
    return [at.astimezone(zone).date().isoformat() for zone in zones]


# -- what comes off -------------------------------------------------------------------------


def _discount(promotion: Promotion) -> Fields:
    given = promotion.discount
    if (given.percent is None) == (given.amount is None):
        raise Rejected("A discount is either a percentage or an amount")
    if given.percent is not None:
        fields = _percentage(promotion, given.percent)
    else:
        fields = _amount(promotion, given.amount or Decimal(0))
    if promotion.kind is PromotionKind.GIFT and not promotion.product_ids:
        raise Rejected("A gift needs a product: without one the whole basket would be free")
    return fields


def _percentage(promotion: Promotion, percent: Decimal) -> Fields:
    if promotion.discount.maximum is not None:
        raise Rejected(
            "Magento cannot cap a percentage",
            advice="Leave the maximum out for this store, or give a fixed amount instead.",
        )
    if not 0 < percent <= 100:
        raise Rejected(f"A discount of {percent} % cannot be given: it is above 0 and at most 100")
    if promotion.most_pieces is not None and not promotion.product_ids:
        raise Rejected("A limit of pieces needs products that it is about")
    if promotion.most_pieces is not None and promotion.most_pieces < 1:
        raise Rejected("A discount on no piece at all is none: Magento takes 0 for all there are")
    pieces = Decimal(promotion.most_pieces or 0)
    return _action(BY_PERCENT, percent, pieces)


def _amount(promotion: Promotion, amount: Decimal) -> Fields:
    if promotion.most_pieces is not None:
        raise Rejected(
            "Magento takes a fixed amount off the basket, not off so many pieces",
            advice="Leave the limit of pieces out, or give a percentage.",
        )
    if amount <= 0:
        raise Rejected(f"A discount of {amount} is none")
    return _action(CART_FIXED, amount, Decimal(0))


def _action(action: str, value: Decimal, pieces: Decimal) -> Fields:
    if value != value.quantize(AMOUNT_STEP):
        raise Rejected(f"Magento keeps four decimals of a discount: {value} has more")
    return {
        "simple_action": action,
        "discount_amount": amount_text(value),
        "discount_qty": amount_text(pieces),
    }


# -- when -----------------------------------------------------------------------------------


def _condition(promotion: Promotion) -> Condition:
    needed = [in_basket(sku) for sku in promotion.needs_product_ids]
    if promotion.threshold is not None and promotion.threshold.amount > 0:
        needed.insert(0, _threshold(promotion, promotion.threshold))
    return nested(COMBINE, needed, needs_all=True)


def _threshold(promotion: Promotion, threshold: Threshold) -> Condition:
    """Of a rule that is about some products, lines are added up: see
    :data:`connectors.magento.conditions.SUBTOTAL_NET`. A gift does not pay its own way."""
    if threshold.after_discounts:
        raise Rejected(
            "Magento's cart price rules see what a basket is worth before discounts alone",
            advice="Leave `after_discounts` out, or give this store a rule of its own without it.",
        )
    if not promotion.product_ids:
        attribute = SUBTOTAL_GROSS if threshold.is_gross else SUBTOTAL_NET
        return at_least(attribute, threshold.amount)
    own = promotion.product_ids if promotion.kind is PromotionKind.GIFT else ()
    attribute = LINES_GROSS if threshold.is_gross else LINES_NET
    return lines_at_least(attribute, threshold.amount, own)
