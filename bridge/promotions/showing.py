"""Promotions for people. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from connectors.rewards import Promotion, PromotionKind, is_halfway

MOST_SHOWN = 5
"""Differences named in one line."""
_OF_PLUGINS = ("by_app", "by_module")
"""Names at the top of native texts that are rules of the bridge's plugin in the shop."""
_BY_PLUGIN = "rule of the plugin in the shop"
_BY_SHOP = "promotion of the shop"
_LEFT = "what a plugin that went, or a write that broke off, left"


def described(promotion: Promotion, store: str) -> str:
    """``gift mug in main: 1 x MUG-1 free from 50.00 EUR net``."""
    _, rule, _ = promotion.key.split(":", 2)
    if promotion.kind is PromotionKind.GIFT:
        what = f"gift {rule} in {store}: {promotion.label} free"
        pieces = promotion.most_pieces or 1
        what += f", {pieces} pieces" if pieces > 1 else ""
    else:
        what = f"discount {rule} in {store}: {_off(promotion)}"
        what += ", for products bought together" if promotion.needs_product_ids else ""
    return what + _from(promotion)


def _off(promotion: Promotion) -> str:
    discount = promotion.discount
    if discount.amount is not None:
        return f"{discount.amount:f} {promotion.currency} off"
    most = (
        "" if discount.maximum is None else f", {discount.maximum:f} {promotion.currency} at most"
    )
    return f"{_plain(discount.percent or Decimal(0))} % off{most}"


def _from(promotion: Promotion) -> str:
    threshold = promotion.threshold
    if threshold is None:
        return ""
    side = "gross" if threshold.is_gross else "net"
    when = " after discounts" if threshold.after_discounts else ""
    return f" from {threshold.amount:f} {promotion.currency} {side}{when}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


# --- native texts --------------------------------------------------------------------------


def differences(before: str, after: str) -> list[str]:
    """What differs between two native texts, by the names the shop uses: ``discount_amount: 100
    -> 50``. Only for reading: texts are compared as they are."""
    was, will = _way(before), _way(after)
    if was != will:  # each has names of its own, which say nothing about the other's
        return [f"{was} -> {will}"]
    flat = [dict(_flat(_parsed(text))) for text in (before, after)]
    names = sorted({*flat[0], *flat[1]})
    changed = [name for name in names if flat[0].get(name) != flat[1].get(name)]
    said = [f"{name}: {flat[0].get(name, '-')} -> {flat[1].get(name, '-')}" for name in changed]
    more = len(said) - MOST_SHOWN
    return [*said[:MOST_SHOWN], f"and {more} more"] if more > 0 else said


def _way(text: str) -> str:
    if is_halfway(text):
        return _LEFT
    told = _parsed(text)
    is_rule = isinstance(told, dict) and any(name in told for name in _OF_PLUGINS)
    return _BY_PLUGIN if is_rule else _BY_SHOP


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and (value or not path):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for position, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{position}]")
    else:
        yield path or "text", json.dumps(value, ensure_ascii=False)
