"""From the shop's rows to a promotion's text. Pure.

What says what the bridge would say reads the same. Everything else, made by a person, stands
under ``changed``, so that the text differs and tells how.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.rewards import HeldPromotion
from connectors.shopware import ids
from connectors.shopware.mapping import moment, number
from connectors.shopware.paging import Criteria, Row
from connectors.shopware.promotion_payload import (
    SETTINGS,
    Facts,
    basket_rule_id,
    discount_id,
    discount_row,
    product_rule_id,
    rows_of,
)
from connectors.shopware.promotion_rules import (
    basket_conditions,
    normal,
    plain,
    products_of,
    tree_of,
)
from connectors.shopware.promotion_text import Said, moment_text, text_of

_RULES: Criteria = {"associations": {"conditions": {}}}
OWN: Criteria = {"includes": {"promotion": ["id", "customFields"]}}
"""Enough to tell whose it is."""
WHOLE: Criteria = {
    "associations": {
        "salesChannels": {},
        "discounts": {"associations": {"discountRules": _RULES, "promotionDiscountPrices": {}}},
        "personaRules": {},
        "cartRules": _RULES,
        "orderRules": {},
    },
    "includes": {
        "promotion": [
            "id", "name", "active", "validFrom", "validUntil", "useCodes", "useIndividualCodes",
            "priority", "exclusive", "customFields", "salesChannels", "discounts", "personaRules",
            "cartRules", "orderRules", *SETTINGS,
        ],
        "promotion_sales_channel": ["id", "salesChannelId"],
        "promotion_discount": [
            "id", "scope", "type", "value", "maxValue", "considerAdvancedRules", "sorterKey",
            "applierKey", "usageKey", "pickerKey", "discountRules", "promotionDiscountPrices",
        ],
        "promotion_discount_prices": ["id", "currencyId", "price"],
        "rule": ["id", "customFields", "conditions"],
        "rule_condition": ["id", "type", "value", "parentId"],
    },
}  # fmt: skip
RULE: Criteria = {
    **_RULES,
    "includes": {name: WHOLE["includes"][name] for name in ("rule", "rule_condition")},
}

_RATES_DIFFER = Decimal("0.2")
"""Rates of exchange move, and the amount beside them is exact: by so much one may be off."""


def own_fields(row: Row) -> Mapping[str, Any]:
    """What the bridge keeps on a row of its own."""
    fields = row.get("customFields")
    own = fields.get(ids.CUSTOM_FIELD) if isinstance(fields, dict) else None
    return own if isinstance(own, dict) else {}


def key_of(row: Row, mark: str) -> str | None:
    """The key of a promotion that carries this mark; ``None``: somebody else's. A copy that a
    person made of ours has our mark, but an id of its own: it is his."""
    own = own_fields(row)
    key = own.get("key")
    if own.get("mark") != mark or not isinstance(key, str):
        return None
    return key if row.get("id") == ids.promotion_id(mark, key) else None


def needs_rates(row: Row) -> bool:
    """Whether its text depends on the shop's tax rates."""
    says = [own_fields(rule).get("says") for rule in rows_of(row, "cartRules")]
    return any(isinstance(one, dict) and one.get("threshold") for one in says)


def held(row: Row, key: str, mark: str, facts: Facts) -> HeldPromotion:
    said = said_by(row, key, mark, facts)
    return HeldPromotion(
        key=key,
        native_id=str(row["id"]),
        native=text_of(said),
        name=str(said["title"] or said["name"]),
        is_active=bool(said["active"]),
    )


def said_by(row: Row, key: str, mark: str, facts: Facts) -> Said:
    own, changed = own_fields(row), _settings(row)
    currency = str(own.get("currency") or "")
    channels = sorted(str(c.get("salesChannelId")) for c in rows_of(row, "salesChannels"))
    store, *more = channels or [""]
    if more:
        changed["channels"] = channels
    said: Said = {
        "active": row.get("active") is True,
        "basket": _basket(row, key, mark, currency, facts, changed),
        "codes": row.get("useCodes") is True,
        "currency": currency,
        "discounts": _discounts(row, key, mark, currency, facts, changed),
        "from": moment_text(moment(row.get("validFrom"))),
        "groups": sorted(str(rule["id"]) for rule in rows_of(row, "personaRules")),
        "kind": str(own.get("kind") or ""),
        "name": str(row.get("name") or ""),
        "priority": row.get("priority"),
        "store": store,
        "title": str(own.get("title") or ""),
        "until": moment_text(moment(row.get("validUntil"))),
    }
    return {**said, "changed": changed} if changed else said


def _settings(row: Row) -> Said:
    found = {n: row.get(n) for n, unused in SETTINGS.items() if row.get(n) not in (unused, None)}
    if row.get("exclusive"):
        found["exclusive"] = True
    if row.get("useIndividualCodes") is not row.get("useCodes"):
        found["useIndividualCodes"] = row.get("useIndividualCodes")
    others = sorted(str(rule["id"]) for rule in rows_of(row, "orderRules"))
    if others:
        found["orderRules"] = others
    return found


def _basket(
    row: Row, key: str, mark: str, currency: str, facts: Facts, changed: Said
) -> Said | None:
    rules = rows_of(row, "cartRules")
    if not rules:
        return None
    says = own_fields(rules[0]).get("says")
    is_ours = [str(rule["id"]) for rule in rules] == [basket_rule_id(mark, key)]
    tree = tree_of(rules[0].get("conditions"))
    if is_ours and isinstance(says, dict) and facts.currencies.id(currency) is not None:
        wanted = basket_conditions(says, facts.currency_id(currency), facts.rates)
        if normal(wanted) == tree:
            return says
    changed["basket"] = tree if is_ours else sorted(str(rule["id"]) for rule in rules)
    return None


# --- discounts -----------------------------------------------------------------------------


def _discounts(
    row: Row, key: str, mark: str, currency: str, facts: Facts, changed: Said
) -> list[Said]:
    there = {str(one["id"]): one for one in rows_of(row, "discounts")}
    found: list[Said] = []
    for position in range(len(there)):
        discount = there.pop(discount_id(mark, key, position), None)
        if discount is None:
            break
        said = _discount(discount, position, key, mark, currency, facts)
        found.append(said)
        if not _agrees(discount, said, position, key, mark, currency, facts):
            changed[f"discount {position}"] = _raw(discount)
    if there:
        changed["discounts"] = [_raw(there[one]) for one in sorted(there)]
    return found


def _discount(row: Row, position: int, key: str, mark: str, currency: str, facts: Facts) -> Said:
    is_limited = row.get("type") == "percentage"
    usage = str(row.get("usageKey") or "")
    rules = rows_of(row, "discountRules")
    is_ours = [str(r["id"]) for r in rules] == [product_rule_id(mark, key, position)]
    products = products_of(tree_of(rules[0].get("conditions"))) if is_ours else None
    money = _money(row, "maxValue" if is_limited else "value", currency, facts)
    return {
        "type": str(row.get("type")),
        "value": _number(row.get("value")) if is_limited else money,
        "maximum": money if is_limited else None,
        "products": products or [],
        "pieces": int(usage) if usage.isdecimal() and products else None,
    }


def _money(row: Row, name: str, currency: str, facts: Facts) -> str | None:
    """In the store's currency: what is kept for it, else the default currency's."""
    for price in rows_of(row, "promotionDiscountPrices"):
        if price.get("currencyId") == facts.currencies.id(currency):
            return _number(price.get("price"))
    return _number(row.get(name))


def _agrees(
    row: Row, said: Said, position: int, key: str, mark: str, currency: str, facts: Facts
) -> bool:
    """Whether the bridge would write it just so."""
    if facts.currencies.id(currency) is None or said["value"] is None:
        return False
    wanted = discount_row(mark, key, position, said, currency, facts)
    exact = ("scope", "type", "considerAdvancedRules")
    keys = ("sorterKey", "applierKey", "usageKey", "pickerKey")
    return (
        all(row.get(name) == wanted[name] for name in exact)
        and all((row.get(name) or None) == wanted[name] for name in keys)
        and all(_near(row.get(name), wanted[name]) for name in ("value", "maxValue"))
        and _prices(row) == _prices(wanted)
        and _rule_ids(row) == _rule_ids(wanted)
    )


def _near(there: Any, wanted: Any) -> bool:
    one, other = _number(there), _number(wanted)
    if one is None or other is None:
        return one is other
    return _off(Decimal(one), Decimal(other))


def _off(one: Decimal, other: Decimal) -> bool:
    return one == other or abs(one - other) <= other * _RATES_DIFFER


def _prices(row: Row) -> dict[str, str | None]:
    kept = rows_of(row, "promotionDiscountPrices")
    return {str(one.get("currencyId")): _number(one.get("price")) for one in kept}


def _rule_ids(row: Row) -> list[str]:
    return sorted(str(rule["id"]) for rule in rows_of(row, "discountRules"))


def _raw(row: Row) -> Said:
    names = ("scope", "type", "considerAdvancedRules", "sorterKey", "applierKey", "usageKey")
    said: Said = {name: row.get(name) for name in (*names, "pickerKey")}
    numbers = {name: _number(row.get(name)) for name in ("value", "maxValue")}
    rules = {str(r["id"]): tree_of(r.get("conditions")) for r in rows_of(row, "discountRules")}
    return {**said, **numbers, "rules": rules, "prices": _prices(row)}


def _number(value: object) -> str | None:
    amount = number(value)
    return None if amount is None else plain(amount)
