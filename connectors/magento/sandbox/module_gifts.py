"""Which gifts belong into a basket: an oracle for the module's own decision, and as pure.

Both are judged by the same table (tests/connectors/magento/module/gift_examples.json). What is not
understood in every point gives nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MOST_PIECES = 99
MOST_RULES = 50
"""Of one website; no more are looked at."""
_LONGEST = 64
_DEEPEST = 32
"""PHP is told to read no more lists within lists."""
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PLACES = Decimal("0.0001")
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class GiftRule:
    key: str
    sku: str
    quantity: int
    amount: Decimal
    """In the website's base currency."""
    currency: str
    gross: bool
    after_discounts: bool
    groups: tuple[str, ...]
    """Empty: everyone; guests are "0"."""
    tiers: tuple[str, ...]
    """Empty: whatever tier."""
    begins: int | None
    ends: int | None


def read_rule(text: str, key: str) -> GiftRule | None:
    """``key``: the one it is kept under. ``None``: not understood."""
    try:
        told = json.loads(text, parse_constant=_no_number)
        json.dumps(told, ensure_ascii=False).encode()  # no half letters
        is_deep = _depth(told) > _DEEPEST
    except (ValueError, RecursionError):
        return None
    if is_deep or not isinstance(told, dict) or told.get("key") != key or not _is_understood(told):
        return None
    return GiftRule(
        key,
        told["sku"],
        told["quantity"],
        Decimal(told["amount"]),
        told["currency"],
        told["gross"],
        told["after_discounts"],
        tuple(told["groups"]),
        tuple(told["tiers"]),
        told["from"],
        told["until"],
    )


def _depth(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inner), default=0)


def _no_number(name: str) -> None:
    raise ValueError(name)


def _is_understood(told: Mapping[str, Any]) -> bool:
    return (
        told.get("v") == 1
        and _is_whole(told["v"])
        and all(_is_name(told.get(name)) for name in ("key", "sku"))
        and _is_whole(told.get("quantity"))
        and 1 <= told["quantity"] <= MOST_PIECES
        and _is_like(_AMOUNT, told.get("amount"))
        and _is_like(_CURRENCY, told.get("currency"))
        and all(isinstance(told.get(name), bool) for name in ("gross", "after_discounts"))
        and all(_are_texts(told.get(name)) for name in ("groups", "tiers"))
        and all(name in told and _is_moment(told[name]) for name in ("from", "until"))
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def _is_moment(value: Any) -> bool:
    return value is None or _is_whole(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value.encode()) <= _LONGEST


def _is_like(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


# -- the basket -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    sku: str
    quantity: Decimal
    gift: str = ""
    """The rule that it says it is for; empty: goods."""


@dataclass(frozen=True, slots=True)
class Basket:
    """Amounts in the base currency, of goods alone: without gifts and shipping."""

    net: Decimal
    gross: Decimal
    net_discount: Decimal
    gross_discount: Decimal
    """What promotions take off, positive."""
    currency: str
    group: str
    tier: str
    now: int
    lines: Sequence[Line]
    declined: Sequence[str] = ()
    """Rules whose gift the shopper took out."""

    def worth(self, rule: GiftRule) -> Decimal:
        whole = self.gross if rule.gross else self.net
        if rule.after_discounts:
            whole -= self.gross_discount if rule.gross else self.net_discount
        return whole.quantize(_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Changes:
    add: tuple[GiftRule, ...]
    remove: tuple[str, ...]
    """Lines."""
    fix: Mapping[str, int]
    """Line to the quantity it has to have."""


def decide(rules: Iterable[GiftRule], basket: Basket) -> Changes:
    wanted = {rule.key: rule for rule in gifts(rules, basket)}
    missing, remove, fix = dict(wanted), [], {}
    for line in basket.lines:
        if not line.gift:
            continue
        rule = missing.pop(line.gift, None)
        if rule is None or _name(rule.sku) != _name(line.sku):
            remove.append(line.id)
            if rule is not None:
                missing[rule.key] = rule
        elif line.quantity != rule.quantity:
            fix[line.id] = rule.quantity
    add = tuple(rule for rule in wanted.values() if rule.key in missing)
    return Changes(add, tuple(remove), fix)


def gifts(rules: Iterable[GiftRule], basket: Basket) -> list[GiftRule]:
    """Of rules for one product the first that fits counts, the lowest amount first."""
    if not _has_goods(basket):
        return []
    found: dict[str, GiftRule] = {}
    for rule in sorted(rules, key=lambda one: (one.amount, one.key)):
        if _fits(rule, basket):
            found.setdefault(_name(rule.sku), rule)
    return [rule for rule in found.values() if rule.key not in basket.declined]


def declined(rules: Iterable[GiftRule], basket: Basket, removed: Iterable[str]) -> list[str]:
    """The rules that are declined from now on: those that were, and those whose gift was taken out
    by hand though the basket is worth it. An emptied basket begins anew."""
    if not _has_goods(basket):
        return []
    given = {rule.key for rule in gifts(rules, basket)}
    found = [*basket.declined, *(key for key in removed if key in given)]
    return list(dict.fromkeys(found))[-MOST_RULES:]


def _has_goods(basket: Basket) -> bool:
    return any(not line.gift for line in basket.lines)


def _name(sku: str) -> str:
    """The database knows no capitals in it."""
    return sku.strip().lower()


def _fits(rule: GiftRule, basket: Basket) -> bool:
    return (
        rule.currency == basket.currency
        and basket.worth(rule) >= rule.amount.quantize(_PLACES, ROUND_HALF_UP)
        and (not rule.groups or basket.group in rule.groups)
        and (not rule.tiers or basket.tier in rule.tiers)
        and (rule.begins is None or rule.begins <= basket.now)
        and (rule.ends is None or basket.now < rule.ends)
    )
