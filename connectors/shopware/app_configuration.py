"""What the app in a shop is told: gift rules as the baskets' script reads them. Pure.

The configuration of one sales channel replaces the global one whole (PLUGIN_FACTS "Shopware app"),
so each channel gets all of its own. The script gives nothing for what it does not understand; here
everything is refused that it would not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.errors import Rejected
from connectors.rewards import Promotion, PromotionKind, Threshold
from connectors.shopware.app.manifests import APP_NAME

DOMAIN = f"{APP_NAME}.config"
GIFTS = f"{DOMAIN}.gifts"
GUARDED = f"{DOMAIN}.guarded_"
"""And a promotion's id: its codes are taken from their owners alone."""
OPEN_CODE = f"{DOMAIN}.open_"
"""And a code's name: of these it is anybody's."""
POINTS_LABEL = f"{DOMAIN}.pointsLabel"
"""What the basket calls the discount for points."""
MEMBER_URL = f"{DOMAIN}.memberUrl"
"""Where the account's button leads: POST with the shop's ``token``."""
REDEEM_URL = f"{DOMAIN}.redeemUrl"
"""Where the account's form sends ``{"points": 500}``, the token as its bearer."""

MOST_RULES = 50
"""The script reads no more (51 rules cost 92 to 105 ms a basket, PLUGIN_FACTS "Cart script")."""
MOST_PIECES = 99
MOST_BYTES = 100_000
"""Of the rules of one channel as JSON; the shop takes 500 kB."""
_PLACES = Decimal("0.000001")
_LARGEST = Decimal(10) ** 9
_SMALLEST = Decimal("0.0001")
_ID = re.compile(r"[0-9a-f]{32}")
_LAST_SECOND = 99_999_999_999


@dataclass(frozen=True, slots=True)
class GiftRule:
    """One gift in one sales channel."""

    rule: str
    """The programme's key; the line in the basket carries it."""
    product_id: str
    quantity: int
    threshold: Threshold
    """In the channel's own currency."""
    currency_id: str
    currency_factor: Decimal
    """How much of it one unit of the shop's default currency is."""
    group_ids: tuple[str, ...] = ()
    """Empty: everyone, guests too."""
    tiers: tuple[str, ...] = ()
    """Keys of tiers; empty: whatever tier."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """No gift from then on."""
    promotion_id: str = ""
    """The shop's own promotion for the same gift, which the script takes out of baskets."""


def gift_rule(
    promotion: Promotion,
    rule: str,
    currency_id: str,
    currency_factor: Decimal,
    tiers: Iterable[str] = (),
) -> GiftRule:
    """The gift that the shop would otherwise make free once the shopper adds it. Raises
    Rejected for what is no gift."""
    if promotion.kind is not PromotionKind.GIFT or promotion.threshold is None:
        raise Rejected(f"{promotion.name} is no gift")
    if len(promotion.product_ids) != 1:
        raise Rejected(f"{promotion.name}: a gift is one product")
    return GiftRule(
        rule=rule,
        product_id=promotion.product_ids[0],
        quantity=promotion.most_pieces or 1,
        threshold=promotion.threshold,
        currency_id=currency_id,
        currency_factor=currency_factor,
        group_ids=promotion.group_ids,
        tiers=tuple(tiers),
        starts_at=promotion.starts_at,
        ends_at=promotion.ends_at,
    )


def compiled_gifts(rules: Iterable[GiftRule]) -> list[dict[str, Any]]:
    """The value of :data:`GIFTS`, ready for JSON: the same for the same rules in any order.

    Where two rules give one product, the script takes the first that fits: the one with the lower
    threshold, then by key. Raises Rejected naming the rule that cannot be said.
    """
    ordered = sorted(rules, key=lambda one: (one.product_id, one.threshold.amount, one.rule))
    if len(ordered) > MOST_RULES:
        raise Rejected(f"{len(ordered)} gift rules in one sales channel: {MOST_RULES} at most")
    told = [_compiled(rule) for rule in ordered]
    size = len(json.dumps(told))
    if size > MOST_BYTES:
        raise Rejected(f"The gift rules of one sales channel take {size:,} bytes")
    return told


def _compiled(one: GiftRule) -> dict[str, Any]:
    _check(one)
    base = (one.threshold.amount / one.currency_factor).quantize(_PLACES)
    if not _SMALLEST <= base < _LARGEST:
        raise Rejected(f"{one.rule}: the shop cannot say a threshold of {base}")
    promotion = {"promotion": one.promotion_id} if one.promotion_id else {}
    return {
        **promotion,
        "rule": one.rule,
        "product": one.product_id,
        "quantity": one.quantity,
        "amount": float(one.threshold.amount),
        "currency": one.currency_id,
        "base": float(base),
        "gross": one.threshold.is_gross,
        "after": one.threshold.after_discounts,
        "groups": sorted(set(one.group_ids)),
        "tiers": sorted(set(one.tiers)),
        "from": _seconds(one.starts_at),
        "until": _seconds(one.ends_at),
    }


def _check(one: GiftRule) -> None:
    ids: Mapping[str, Iterable[str]] = {
        "product": (one.product_id,),
        "currency": (one.currency_id,),
        "customer group": one.group_ids,
        "promotion": (one.promotion_id,) if one.promotion_id else (),
    }
    for what, values in ids.items():
        for value in values:
            if not _ID.fullmatch(value):
                raise Rejected(f"{one.rule}: `{value}` is no id of a {what} in a Shopware")
    if not 1 <= one.quantity <= MOST_PIECES:
        raise Rejected(f"{one.rule}: {one.quantity} pieces; 1 to {MOST_PIECES} can be given")
    if not _SMALLEST <= one.threshold.amount < _LARGEST:
        raise Rejected(f"{one.rule}: the shop cannot say a threshold of {one.threshold.amount}")
    if one.currency_factor <= 0:
        raise Rejected(f"{one.rule}: the currency's factor is {one.currency_factor}")


def _seconds(moment: datetime | None) -> int | None:
    """Since 1970, as the shop counts; a moment before that has come already."""
    if moment is None:
        return None
    return min(max(int(moment.astimezone(UTC).timestamp()), 0), _LAST_SECOND)
