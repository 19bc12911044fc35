"""Promotions in a cart: which apply, and what they take off.

Of Shopware's promotions: codes and individual codes, automatic ones, percentages and absolute
amounts on the whole cart or on the lines that discount rules name (recorded: promotions.json #13
to #32). Set groups, the scopes for delivery, and picking among pieces are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import pricing
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.pricing import Buyer
from connectors.shopware.sandbox.rules import Scope, holds, matching_rules
from connectors.shopware.sandbox.storefront import Storefront, Struct


@dataclass(frozen=True, slots=True)
class Applied:
    promotion: Row
    code: str
    """Empty: it applies without one."""
    kind: str
    """``fixed``, ``individual`` or ``global``."""


class Promotions:
    def __init__(self, storefront: Storefront, notes: dict[str, Struct]) -> None:
        self._store = storefront
        self._database = storefront.database
        self._session = storefront.session
        self._notes = notes
        self.rule_ids: list[str] = []
        """Rules that hold for this cart, highest priority first."""

    def forget(self, discount_id: str) -> bool:
        """Takes back the code behind a line; whether there was one."""
        for code in self._session.codes:
            found = self._by_code(code)
            row = found and found.promotion
            if row and discount_id in self._discount_ids(row):
                self._session.codes.remove(code)
                self._session.discounts.discard(discount_id)
                return True
        return False

    def lines(self, goods: list[Struct], buyer: Buyer, asked: list[str]) -> list[Struct]:
        """The discount lines of this cart; ``asked``: codes the shopper has just entered."""
        amount = sum(line["price"]["totalPrice"] for line in goods)
        quantities = {line["referencedId"]: line["quantity"] for line in goods}
        scope = self._store.scope(amount=amount, quantities=quantities)
        self.rule_ids = matching_rules(self._database, scope)
        applied = list(self._applied(scope, asked))
        applied.sort(key=lambda one: -(one.promotion.values.get("priority") or 0))
        left = Decimal(str(amount))
        found: list[Struct] = []
        for one in applied:
            for line in self._discounts(one, goods, buyer, left):
                left += Decimal(str(line["price"]["totalPrice"]))
                found.append(line)
        self._tell(found)
        return found

    def _tell(self, lines: list[Struct]) -> None:
        for line in lines[:-1]:  # all but the last (recorded: promotions.json #15, #16)
            line["stackable"] = True
        for line in lines:
            key = line["id"]
            if key in self._session.discounts:
                continue
            self._session.discounts.add(key)
            self._notes[f"promotion-discount-added-{key}"] = {
                "message": f"Discount {line['label']} has been added",
                "code": 0,
                "key": f"promotion-discount-added-{key}",
                "level": 0,
                "messageKey": "promotion-discount-added",
                "parameters": {"name": line["label"], "discountLineItemId": key},
                "block": False,
                "blockResubmit": False,
            }

    # -- which apply ------------------------------------------------------------------------

    def _applied(self, scope: Scope, asked: list[str]) -> Iterator[Applied]:
        for key in self._database["promotion"].where("useCodes", False):
            one = Applied(self._database["promotion"].rows[key], "", "global")
            if self._applies(one, scope):
                yield one
        codes = [*self._session.codes, *(code for code in asked if code)]
        self._session.codes.clear()
        for code in dict.fromkeys(codes):
            found = self._by_code(code)
            if found is not None and self._applies(found, scope):
                self._session.codes.append(code)
                yield found
            else:
                self._not_found(code)

    def _by_code(self, code: str) -> Applied | None:
        promotions = self._database["promotion"]
        for key in promotions.where("code", code):
            row = promotions.rows[key]
            if row.values.get("useCodes") and not row.values.get("useIndividualCodes"):
                return Applied(row, code, "fixed")
        individual = self._database["promotion_individual_code"]
        for key in individual.where("code", code):
            single = individual.rows[key].values
            owner = promotions.by_id(single["promotionId"])
            usable = owner is not None and owner.values.get("useIndividualCodes")
            if owner is not None and usable and not single.get("payload"):
                return Applied(owner, code, "individual")
        return None

    def _applies(self, one: Applied, scope: Scope) -> bool:
        values, key = one.promotion.values, one.promotion.values["id"]
        return (
            bool(values.get("active"))
            and self._is_in_time(values)
            and self._is_in_channel(key)
            and self._is_left(values, scope)
            and self._is_for(key, scope)
            and self._rules_hold(key, scope)
        )

    def _is_in_time(self, values: Struct) -> bool:
        now = self._database.now()
        return (values.get("validFrom") or "") <= now <= (values.get("validUntil") or "9")

    def _is_in_channel(self, promotion_id: str) -> bool:
        table = self._database["promotion_sales_channel"]
        channel = self._store.channel.values["id"]
        keys = table.where("promotionId", promotion_id)
        return any(table.rows[key].values["salesChannelId"] == channel for key in keys)

    def _is_left(self, values: Struct, scope: Scope) -> bool:
        """Whether it may be used once more, by this customer too."""
        most = values.get("maxRedemptionsGlobal")
        if most and (values.get("orderCount") or 0) >= most:
            return False
        most = values.get("maxRedemptionsPerCustomer")
        used = values.get("ordersPerCustomerCount") or {}
        return not (most and used and used.get(scope.customer.get("id"), 0) >= most)

    def _is_for(self, promotion_id: str, scope: Scope) -> bool:
        persons = self._others("promotion_persona_customer", promotion_id, "customerId")
        return not persons or scope.customer.get("id") in persons

    def _rules_hold(self, promotion_id: str, scope: Scope) -> bool:
        for mapping in ("promotion_persona_rule", "promotion_cart_rule", "promotion_order_rule"):
            rules = self._others(mapping, promotion_id, "ruleId")
            if rules and not any(holds(self._database, rule, scope) for rule in rules):
                return False
        return True

    def _others(self, mapping: str, promotion_id: str, name: str) -> list[str]:
        table = self._database[mapping]
        keys = table.where("promotionId", promotion_id)
        return [str(table.rows[key].values[name]) for key in keys]

    def _not_found(self, code: str) -> None:
        """Recorded: promotions.json #16, #21, #25."""
        self._notes["promotion-not-found"] = {
            "message": f"Promotion with code {code} not found!",
            "code": 0,
            "promotionCode": code,
            "key": "promotion-not-found",
            "level": 20,
            "messageKey": "promotion-not-found",
            "parameters": {"code": code},
            "block": False,
            "blockResubmit": False,
        }

    # -- what they take off -----------------------------------------------------------------

    def _discount_ids(self, promotion: Row) -> list[str]:
        keys = self._database["promotion_discount"].where("promotionId", promotion.values["id"])
        return [str(key) for key in keys]

    def _discounts(
        self, one: Applied, goods: list[Struct], buyer: Buyer, left: Decimal
    ) -> Iterator[Struct]:
        for key in sorted(self._discount_ids(one.promotion)):
            discount = self._database["promotion_discount"].rows[key].values
            if discount["scope"] != "cart" or discount["type"] not in ("percentage", "absolute"):
                continue
            lines = [line for line in goods if self._is_meant(discount, line)]
            off = min(_off(discount, lines), left)
            if lines and off > 0:
                yield self._line(one, discount, lines, buyer, off)
                left -= pricing.rounded(off)

    def _is_meant(self, discount: Struct, line: Struct) -> bool:
        """Whether a discount rule names the line; without such rules, all are meant."""
        if not discount.get("considerAdvancedRules"):
            return True
        table = self._database["promotion_discount_rule"]
        rules = [
            str(table.rows[key].values["ruleId"])
            for key in table.where("discountId", discount["id"])
        ]
        if not rules:
            return True
        quantities = {line["referencedId"]: line["quantity"]}
        scope = self._store.scope(amount=line["price"]["totalPrice"], quantities=quantities)
        return any(holds(self._database, rule, scope) for rule in rules)

    def _line(
        self, one: Applied, discount: Struct, lines: list[Struct], buyer: Buyer, off: Decimal
    ) -> Struct:
        name = self._store.reader.translated(one.promotion, "name")
        prices = [line["price"] for line in lines]
        return {
            "payload": _payload(one, discount, lines, off),
            "label": name,
            "quantity": 1,
            "priceDefinition": _definition(discount, off),
            "price": pricing.shared_price(-pricing.rounded(off), prices, buyer.tax_status),
            "good": False,
            "description": name,
            "cover": None,
            "deliveryInformation": None,
            "children": [],
            "requirement": {"_name": "andContainer", "rules": [], "apiAlias": "rule_andContainer"},
            "removable": True,
            "stackable": False,
            "quantityInformation": None,
            "modified": False,
            "shippingCostAware": True,
            "dataTimestamp": None,
            "dataContextHash": None,
            "uniqueIdentifier": new_id(),
            "states": [],
            "modifiedByApp": False,
            "id": discount["id"],
            "type": "promotion",
            "referencedId": one.code,
            "apiAlias": "cart_line_item",
        }


def _off(discount: Struct, lines: list[Struct]) -> Decimal:
    """What a discount takes off, unrounded (recorded: promotions.json #18, ``composition``)."""
    value = Decimal(str(discount["value"]))
    total = sum((Decimal(str(line["price"]["totalPrice"])) for line in lines), Decimal(0))
    if discount["type"] == "absolute":
        return min(value, total)
    most = discount.get("maxValue")
    off = total * min(value, Decimal(100)) / 100
    return min(off, Decimal(str(most))) if most else off


def _definition(discount: Struct, off: Decimal) -> Struct:
    if discount["type"] == "percentage":
        name, value = "percentage", -Decimal(str(discount["value"]))
    else:
        name, value = "price", -off
    kind = "percentage" if name == "percentage" else "absolute"
    return {
        name: pricing.shown(value),
        "filter": None,
        "type": kind,
        "apiAlias": f"cart_price_{kind}",
    }


def _payload(one: Applied, discount: Struct, lines: list[Struct], off: Decimal) -> Struct:
    values = one.promotion.values
    advanced = discount.get("considerAdvancedRules")
    most = discount.get("maxValue")
    return {
        "promotionId": values["id"],
        "priority": values.get("priority"),
        "discountId": discount["id"],
        "discountType": discount["type"],
        "code": one.code,
        "value": str(discount["value"]),
        "promotionCodeType": one.kind,
        "maxValue": "" if most is None else str(most),
        "discountScope": discount["scope"],
        "preventCombination": bool(values.get("preventCombination")),
        "exclusions": values.get("exclusionIds") or [],
        "groupId": "",
        "setGroups": [],
        "filter": {
            name: (discount.get(name) or "") if advanced else None
            for name in ("sorterKey", "applierKey", "usageKey", "pickerKey")
        },
        "composition": _composition(lines, off),
    }


def _composition(lines: list[Struct], off: Decimal) -> list[Struct]:
    """What of the discount belongs to which line, by what the lines come to."""
    total = sum((Decimal(str(line["price"]["totalPrice"])) for line in lines), Decimal(0))
    return [
        {
            "id": line["id"],
            "quantity": line["quantity"],
            "discount": _share(off, Decimal(str(line["price"]["totalPrice"])), total),
        }
        for line in lines
    ]


def _share(off: Decimal, part: Decimal, total: Decimal) -> Any:
    return pricing.shown(off * part / total) if total else 0
