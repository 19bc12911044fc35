"""From a promotion's text to what the shop is told, in one transaction. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.errors import Rejected
from connectors.shopware import ids
from connectors.shopware.client import operation
from connectors.shopware.mapping import Currencies
from connectors.shopware.paging import Row
from connectors.shopware.promotion_rules import (
    TaxRates,
    Tree,
    basket_conditions,
    condition_rows,
    flattened,
    product_conditions,
    wire,
)
from connectors.shopware.promotion_text import Said

SETTINGS: Mapping[str, Any] = {
    "code": None,
    "useSetGroups": False,
    "customerRestriction": False,
    "preventCombination": False,
    "maxRedemptionsGlobal": None,
    "maxRedemptionsPerCustomer": None,
}
"""What ours never use. The redemptions count the promotion, not a code (PLATFORM_FACTS
Shopware 18)."""

_FINEST = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text means in this shop."""

    currencies: Currencies
    rates: TaxRates
    factors: Mapping[str, Decimal] = field(default_factory=dict)
    """By ISO code, what one of the default currency is in that one."""

    def currency_id(self, code: str) -> str:
        found = self.currencies.id(code)
        if found is None:
            raise Rejected(
                f"The shop has no currency {code}", advice="Add it in the shop's settings."
            )
        return found

    def is_default(self, code: str) -> bool:
        return any(c.is_default for c in self.currencies.all if c.code == code)


# --- ids -----------------------------------------------------------------------------------


def discount_id(mark: str, key: str, position: int) -> str:
    return ids.derived_id(mark, "promotion-discount", key, str(position))


def basket_rule_id(mark: str, key: str) -> str:
    return ids.derived_id(mark, "promotion-basket", key)


def product_rule_id(mark: str, key: str, position: int) -> str:
    return ids.derived_id(mark, "promotion-products", key, str(position))


def rule_ids(mark: str, key: str, said: Said) -> list[str]:
    """Of the rules that this text needs."""
    return [rule.id for rule in _rules(mark, key, said)]


# --- rules ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    name: str
    says: Any
    """The basket of the text, or the products."""
    is_basket: bool

    def tree(self, currency: str, facts: Facts) -> Tree:
        if not self.is_basket:
            return product_conditions(self.says)
        return basket_conditions(self.says, facts.currency_id(currency), facts.rates)


def _rules(mark: str, key: str, said: Said) -> Iterator[_Rule]:
    title = said["title"] or said["name"]
    if said["basket"]:
        name = f"Loyalty Bridge, basket: {title}"
        yield _Rule(basket_rule_id(mark, key), name, said["basket"], is_basket=True)
    for position, discount in enumerate(said["discounts"]):
        if discount["products"]:
            rule_id = product_rule_id(mark, key, position)
            name = f"Loyalty Bridge, products: {title}"
            yield _Rule(rule_id, name, discount["products"], is_basket=False)


def _rule_row(rule: _Rule, mark: str, key: str, currency: str, facts: Facts) -> Row:
    return {
        "id": rule.id,
        "name": rule.name[:255],
        "priority": 1,
        "moduleTypes": {"types": ["promotion"]},
        "customFields": {
            ids.CUSTOM_FIELD: {"mark": mark, "promotion": key, "says": rule.says},
        },
        "conditions": condition_rows(rule.tree(currency, facts), mark, rule.id),
    }


def _outdated_conditions(there: Row | None, wanted: Sequence[Row]) -> list[Row]:
    """What is not wanted any more, but for what goes with its parent. A condition that a person
    changed keeps its id, and is written over."""
    kept = {one["id"] for one in flattened(wanted)}
    found = rows_of(there, "conditions") if there else ()
    unwanted = {str(row["id"]): row for row in found if row["id"] not in kept}
    return [{"id": one} for one, row in unwanted.items() if row.get("parentId") not in unwanted]


# --- the promotion -------------------------------------------------------------------------


def promotion_row(mark: str, key: str, said: Said, facts: Facts) -> Row:
    own = {name: said[name] for name in ("kind", "title", "currency")}
    channel = ids.derived_id(mark, "promotion-channel", key, said["store"])
    row: Row = {
        **SETTINGS,
        "id": ids.promotion_id(mark, key),
        "name": said["name"],
        "active": said["active"],
        "validFrom": said["from"],
        "validUntil": said["until"],
        "useCodes": said["codes"],
        "useIndividualCodes": said["codes"],
        "priority": said["priority"],
        "customFields": {ids.CUSTOM_FIELD: {"mark": mark, "key": key, **own}},
        "salesChannels": [{"id": channel, "salesChannelId": said["store"], "priority": 1}],
        "discounts": [
            discount_row(mark, key, position, discount, said["currency"], facts)
            for position, discount in enumerate(said["discounts"])
        ],
    }
    if said["groups"]:
        row["personaRules"] = [{"id": rule} for rule in said["groups"]]
    if said["basket"]:
        row["cartRules"] = [{"id": basket_rule_id(mark, key)}]
    return row


def discount_row(
    mark: str, key: str, position: int, said: Said, currency: str, facts: Facts
) -> Row:
    """``applierKey`` ALL with ``usageKey`` *n*: *n* pieces of all that the rule names, the
    cheapest first (shopware ``AdvancedPackageFilter``, ``Applier``). ``applierKey`` 1, as
    recorded (promotions.json #31), is one piece alone."""
    is_limited = said["type"] == "percentage"
    money = said["maximum"] if is_limited else said["value"]
    in_default, prices = _in_currencies(money, currency, facts)
    named = bool(said["products"])
    own = discount_id(mark, key, position)
    row: Row = {
        "id": own,
        "scope": "cart",
        "type": said["type"],
        "value": wire(Decimal(said["value"])) if is_limited else in_default,
        "maxValue": in_default if is_limited else None,
        "considerAdvancedRules": named,
        "sorterKey": "PRICE_ASC" if named else None,
        "applierKey": "ALL" if named else None,
        "usageKey": str(said["pieces"] or "ALL") if named else None,
        "pickerKey": None,
    }
    if prices:
        row["promotionDiscountPrices"] = [
            {"id": ids.derived_id(mark, "promotion-price", own, c), "currencyId": c, "price": price}
            for c, price in prices.items()
        ]
    if named:
        row["discountRules"] = [{"id": product_rule_id(mark, key, position)}]
    return row


def _in_currencies(
    money: str | None, currency: str, facts: Facts
) -> tuple[int | Decimal | None, dict[str, int | Decimal]]:
    """What the shop keeps in its default currency, and what it keeps beside for others.

    An amount is one of the default currency and turned into others by their factor, unless it is
    kept for that one (shopware ``PromotionItemBuilder::getCurrencySpecificValue``).
    """
    if money is None:
        return None, {}
    amount = Decimal(money)
    if facts.is_default(currency):
        return wire(amount), {}
    factor = facts.factors.get(currency) or Decimal(1)
    in_default = (amount / factor).quantize(_FINEST)
    return wire(in_default), {facts.currency_id(currency): wire(amount)}


# --- one transaction -----------------------------------------------------------------------


def operations(
    mark: str,
    key: str,
    said: Said,
    facts: Facts,
    there: Row | None,
    rules_there: Mapping[str, Row],
) -> dict[str, dict[str, Any]]:
    """For ``_action/sync``: rules, then the promotion, then what is too much.

    ``there``: the promotion as it was read; ``rules_there``: rules of ours, by id.
    """
    rules = list(_rules(mark, key, said))
    rows = [_rule_row(rule, mark, key, said["currency"], facts) for rule in rules]
    wanted = promotion_row(mark, key, said, facts)
    _adopt_ids(wanted, there or {})
    if there and there.get("exclusive"):
        wanted["exclusive"] = False
    outdated = [
        condition
        for row in rows
        for condition in _outdated_conditions(rules_there.get(row["id"]), row["conditions"])
    ]
    surplus = _surplus(wanted, there or {})
    _leave_links(wanted, there or {})
    made = {
        "rules": operation("rule", "upsert", rows),
        "promotion": operation("promotion", "upsert", [wanted]),
        "conditions": operation("rule_condition", "delete", outdated),
        **surplus,
    }
    return {name: one for name, one in made.items() if one["payload"]}


def _adopt_ids(wanted: Row, there: Row) -> None:
    """What a person took away and put back has another id, and stays."""
    _adopt(wanted["salesChannels"], rows_of(there, "salesChannels"), "salesChannelId")
    before = {str(row["id"]): row for row in rows_of(there, "discounts")}
    for discount in wanted["discounts"]:
        old = rows_of(before.get(discount["id"], {}), "promotionDiscountPrices")
        _adopt(discount.get("promotionDiscountPrices", ()), old, "currencyId")


def _adopt(wanted: Sequence[Row], there: Sequence[Row], name: str) -> None:
    known = {str(row.get(name)): str(row["id"]) for row in there}
    for row in wanted:
        row["id"] = known.get(row[name], row["id"])


def _leave_links(wanted: Row, there: Row) -> None:
    """What is linked already is not linked again."""
    before = {str(row["id"]): row for row in rows_of(there, "discounts")}
    _leave(wanted, there, "personaRules", "cartRules")
    for discount in wanted["discounts"]:
        _leave(discount, before.get(discount["id"], {}), "discountRules")


def _leave(wanted: Row, there: Row, *names: str) -> None:
    for name in names:
        linked = {str(row["id"]) for row in rows_of(there, name)}
        left = [row for row in wanted.pop(name, ()) if row["id"] not in linked]
        if left:
            wanted[name] = left


def _surplus(wanted: Row, there: Row) -> dict[str, dict[str, Any]]:
    owner = {"promotionId": wanted["id"]}
    found = {
        name: operation(entity, "delete", _extra(name, wanted, there))
        for name, entity in (
            ("salesChannels", "promotion_sales_channel"),
            ("discounts", "promotion_discount"),
        )
    }
    for name, entity in (
        ("personaRules", "promotion_persona_rule"),
        ("cartRules", "promotion_cart_rule"),
        ("orderRules", "promotion_order_rule"),
    ):
        links = [{**owner, "ruleId": row["id"]} for row in _extra(name, wanted, there)]
        found[name] = operation(entity, "delete", links)
    before = {str(row["id"]): row for row in rows_of(there, "discounts")}
    prices: list[Row] = []
    links = []
    for discount in wanted["discounts"]:
        old = before.get(discount["id"], {})
        prices += _extra("promotionDiscountPrices", discount, old)
        links += [
            {"discountId": discount["id"], "ruleId": row["id"]}
            for row in _extra("discountRules", discount, old)
        ]
    found["prices"] = operation("promotion_discount_prices", "delete", prices)
    found["discountRules"] = operation("promotion_discount_rule", "delete", links)
    return found


def _extra(name: str, wanted: Row, there: Row) -> list[Row]:
    kept = {row["id"] for row in wanted.get(name, ())}
    return [{"id": str(row["id"])} for row in rows_of(there, name) if row["id"] not in kept]


def rows_of(row: Row, name: str) -> Sequence[Row]:
    found = row.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def rules_on(row: Row) -> Iterable[Row]:
    """All rules a promotion hangs on, of whatever kind."""
    for name in ("personaRules", "cartRules", "orderRules"):
        yield from rows_of(row, name)
    for discount in rows_of(row, "discounts"):
        yield from rows_of(discount, "discountRules")
