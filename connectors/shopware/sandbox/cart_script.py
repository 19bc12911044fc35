"""What the app's script does to a basket, in Python: the sandbox has no Twig.

``tests/connectors/shopware/app/test_cart_script.py`` runs the real script in real Twig over
baskets made at random and finds the same. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

PREFIX = "lbgift-"
POINTS = "lbpoints-"
MOST_RULES = 50
_POINTS = ("key", "worth", "until", "channel", "currency", "share")
_PLAIN = ("product", "quantity", "amount", "base", "currency", "rule", "from", "until", "promotion")
_PRODUCT = re.compile(r"[0-9a-f]{32}")
_COUNT = re.compile(r"[1-9][0-9]?")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_MOMENT = re.compile(r"[0-9]{1,11}")
_KEY = re.compile(r"[0-9a-z]{8,40}")
_WORTH = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")
_SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
_CODE = re.compile(r"[0-9a-z_]{4,64}")


@dataclass(frozen=True, slots=True)
class Shopper:
    currency_id: str
    currency_factor: Decimal
    tax_state: str
    """``gross``, ``net`` or ``tax-free``."""
    group_id: str
    fields: Mapping[str, Any] | None = None
    """A signed-in customer's custom fields; ``None`` for a guest."""
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class Worth:
    """On the side that the basket shows."""

    total: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)

    def __sub__(self, other: Worth) -> Worth:
        return Worth(self.total - other.total, self.tax - other.tax)

    def on(self, *, gross: bool, tax_state: str) -> Decimal:
        if gross:
            return self.total + self.tax if tax_state == "net" else self.total
        return self.total - self.tax if tax_state == "gross" else self.total


@dataclass(frozen=True, slots=True)
class Sold:
    """How the shop sells a product: whether so many pieces more can be bought."""

    least: int = 1
    most: int | None = None
    steps: int = 1

    def allows(self, pieces: int, bought: int) -> bool:
        if pieces < self.least or (self.steps > 1 and (pieces - self.least) % self.steps):
            return False
        return self.most is None or self.most - bought >= pieces


@dataclass(frozen=True, slots=True)
class Gift:
    product_id: str
    quantity: int
    rule: str

    @property
    def line_id(self) -> str:
        return PREFIX + self.product_id


def wanted(told: Any, shopper: Shopper, goods: Worth, discounts: Worth, now: int) -> list[Gift]:
    """What the rules give. ``told`` is the configuration as it is, whatever that may be; ``goods``
    the lines without gifts, ``discounts`` what promotions take off those, both as amounts above
    zero; ``now`` is in seconds."""
    found: dict[str, Gift] = {}
    for rule in _rules(told):
        if not isinstance(rule, dict) or not _is_sound(rule, now):
            continue
        product_id = str(rule["product"])
        if product_id in found or not _is_for(rule, shopper):
            continue
        if _is_reached(rule, shopper, goods, discounts):
            found[product_id] = Gift(product_id, int(rule["quantity"]), _text(rule.get("rule")))
    return list(found.values())


def natives(told: Any, now: int) -> frozenset[str]:
    """Promotions of the shop's own, by id, that make gifts of these rules free while the app is
    off: while it is on they would give a second one."""
    sound = (one for one in _rules(told) if isinstance(one, dict) and _is_sound(one, now))
    return frozenset(str(one["promotion"]) for one in sound if one.get("promotion") is not None)


def to_be_had(
    gifts: Iterable[Gift], bought: Mapping[str, int], sold: Callable[[str], Sold | None]
) -> list[Gift]:
    """``bought`` are the pieces of each product; ``sold`` gives ``None`` for what cannot be bought
    at all."""
    return [one for one in gifts if _is_to_be_had(one, bought, sold)]


def points_off(shopper: Shopper, left: Decimal, now: int) -> tuple[str, Decimal] | None:
    """The discount's name and what it takes off, in the shopper's currency, at most ``left``,
    what the basket costs otherwise."""
    if shopper.fields is None or left <= 0:
        return None
    fields = {name: shopper.fields.get(f"loyalty_bridge_redeem_{name}") for name in _POINTS}
    key, worth, share = fields["key"], fields["worth"], fields["share"]
    share = 100 if share is None else share
    if not (_is(key, _KEY) and _is(worth, _WORTH) and _is(share, _SHARE)):
        return None
    is_here = (fields["channel"], fields["currency"]) == (shopper.channel_id, shopper.currency_id)
    if not is_here or not _is(fields["until"], _MOMENT) or int(str(fields["until"])) <= now:
        return None
    cent = Decimal("0.01")
    most = left * min(Decimal(str(share)), Decimal(100)) / 100
    most = most.quantize(cent, ROUND_FLOOR)
    off = min(Decimal(str(worth)) * shopper.currency_factor, most)
    return (POINTS + str(key), off) if off > 0 else None


def code_taken(
    setting: Callable[[str], Any], fields: Mapping[str, Any] | None, promotion_id: str, code: str
) -> str | None:
    """The code as the line of this promotion carries it on; ``None``: the line goes. ``setting`` is
    a value of the app's configuration; ``fields`` are the customer's, ``None`` while nobody is
    signed in."""
    if not code or setting(f"guarded_{promotion_id}") is not True:
        return code
    typed = code.strip(" \t\n\r\0\x0b")
    name = typed.lower().replace("-", "_")
    if not _CODE.fullmatch(name):
        return None
    his = (fields or {}).get(f"loyalty_bridge_code_{name}")
    is_his = his not in (None, False, "", [], {}) and not _is_zero(his)
    return typed.upper() if is_his or setting(f"open_{name}") is True else None


# -- the rules ------------------------------------------------------------------------------------


def _rules(told: Any) -> Sequence[Any]:
    """A JSON object is a list with names to the shop."""
    if isinstance(told, dict):
        told = list(told.values())
    return told[:MOST_RULES] if isinstance(told, list) else []


def _is_sound(rule: Mapping[str, Any], now: int) -> bool:
    values = [rule.get(name) for name in _PLAIN]
    if any(value is True or isinstance(value, list | dict) for value in values):
        return False
    if any(not isinstance(rule.get(n) or [], list | dict) for n in ("groups", "tiers")):
        return False
    if any(rule.get(n) is not None and not _is_list(rule[n]) for n in ("groups", "tiers")):
        return False
    return (
        _is(rule.get("product"), _PRODUCT)
        and _is(rule.get("quantity"), _COUNT)
        and all(_is(rule.get(n), _NUMBER) and _number(rule[n]) > 0 for n in ("amount", "base"))
        and (rule.get("promotion") is None or _is(rule["promotion"], _PRODUCT))
        and (rule.get("from") is None or (_is(rule["from"], _MOMENT) and int(rule["from"]) <= now))
        and (
            rule.get("until") is None or (_is(rule["until"], _MOMENT) and int(rule["until"]) > now)
        )
    )


def _is_for(rule: Mapping[str, Any], shopper: Shopper) -> bool:
    groups, tiers = _listed(rule.get("groups")), _listed(rule.get("tiers"))
    tier = (shopper.fields or {}).get("loyalty_bridge_tier_key")
    has_tier = isinstance(tier, str) and tier != "" and tier in tiers
    return (not groups or shopper.group_id in groups) and (not tiers or has_tier)


def _is_reached(rule: Mapping[str, Any], shopper: Shopper, goods: Worth, discounts: Worth) -> bool:
    counted = goods - discounts if rule.get("after") is True else goods
    worth = counted.on(gross=rule.get("gross") is True, tax_state=shopper.tax_state)
    threshold = _number(rule["base"]) * shopper.currency_factor
    if rule.get("currency") == shopper.currency_id:
        threshold = _number(rule["amount"])
    return round(worth, 4) >= round(threshold, 4)


def _is_to_be_had(
    gift: Gift, bought: Mapping[str, int], sold: Callable[[str], Sold | None]
) -> bool:
    terms = sold(gift.product_id)
    return terms is not None and terms.allows(gift.quantity, bought.get(gift.product_id, 0))


# -- values as PHP takes them ---------------------------------------------------------------------


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e14:
        return str(int(value))
    return str(value)


def _is(value: Any, form: re.Pattern[str]) -> bool:
    if value is True or isinstance(value, list | dict):
        return False
    return form.fullmatch(_text(value)) is not None


def _is_zero(value: Any) -> bool:
    return isinstance(value, int) and value == 0


def _number(value: Any) -> Decimal:
    return Decimal(_text(value))


def _is_list(value: Any) -> bool:
    return isinstance(value, list | dict)


def _listed(value: Any) -> list[Any]:
    return list(value.values() if isinstance(value, dict) else value or [])


def lines_of_ours(ids: Iterable[str]) -> list[str]:
    """Those of a basket's lines that only the script may put there."""
    return [one for one in ids if one.startswith((PREFIX, POINTS))]
