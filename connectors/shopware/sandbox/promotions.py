"""Promotions in a cart: which apply.

Of Shopware's promotions: codes and individual codes, automatic ones, conditions on shoppers,
carts and orders, priorities; percentages and absolute amounts on the whole cart or on the lines
that discount rules name (recorded: promotions.json #13 to #32). Set groups and discounts on the
delivery are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.shopware.sandbox import errors, pricing, rules
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.discounts import Discount, Taken
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.pricing import Buyer
from connectors.shopware.sandbox.rules import Good, Scope, holds, matching_rules
from connectors.shopware.sandbox.storefront import Storefront, Struct

CodeTaken = Callable[[str, str], str | None]
"""The code as an app lets the line of this promotion carry it on; ``None``: it takes it out."""
_CONDITIONS = ("promotion_persona_rule", "promotion_cart_rule", "promotion_order_rule")


@dataclass(frozen=True, slots=True)
class Applied:
    promotion: Row
    code: str
    """Empty: it applies without one."""
    kind: str
    """``fixed``, ``individual`` or ``global``."""

    @property
    def priority(self) -> int:
        return int(self.promotion.values.get("priority") or 0)


class Promotions:
    def __init__(
        self,
        storefront: Storefront,
        notes: dict[str, Struct],
        without: Container[str] = (),
        code_taken: CodeTaken = lambda promotion_id, code: code,
    ) -> None:
        """``without``: promotions whose lines an app takes out again, by id."""
        self._store = storefront
        self._database = storefront.database
        self._session = storefront.session
        self._notes = notes
        self._without = without
        self._code_taken = code_taken
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
        scope = self._scope(goods, buyer)
        self.rule_ids = matching_rules(self._database, scope)
        applied = list(self._found(scope, asked))
        self._refuse_twice(applied)
        applied.sort(key=lambda one: -one.priority)
        found: list[Struct] = []
        for one in applied if goods else ():
            now = _so_far(scope, [*goods, *found], buyer)
            if self._rules_hold(str(one.promotion.values["id"]), now):
                lines = list(self._discounts(one, goods, buyer, now))
                found += self._guarded(one, lines)
            elif one.code:
                self._not_eligible(one)
        self._tell(found)
        return found

    def _scope(self, goods: list[Struct], buyer: Buyer) -> Scope:
        sold = [
            Good(
                line["referencedId"],
                line["payload"].get("parentId"),
                line["quantity"],
                float(line["price"]["totalPrice"]),
            )
            for line in goods
        ]
        scope = replace(self._store.scope(), tax_state=buyer.tax_status, goods=sold)
        return _so_far(scope, goods, buyer)

    def _refuse_twice(self, applied: list[Applied]) -> None:
        """Two codes of one promotion make two lines of one id (shopware#5036, #8741)."""
        known: set[str] = set()
        for one in applied:
            key = str(one.promotion.values["id"])
            if key in known:
                self._session.codes.remove(one.code)
                raise errors.coded(
                    400,
                    "CHECKOUT__CART_LINEITEM_NOT_STACKABLE",
                    f'Line item with identifier "{key}" is not stackable and the quantity cannot '
                    "be changed.",
                    {"id": key},
                )
            known.add(key)

    def _tell(self, lines: list[Struct]) -> None:
        for line in lines[:-1]:  # all but the last (recorded: promotions.json #15, #16)
            line["stackable"] = True
        for line in lines:
            key = line["id"]
            if key in self._session.discounts:
                continue
            self._session.discounts.add(key)
            label = line["label"]
            self._note(
                f"promotion-discount-added-{key}",
                "promotion-discount-added",
                f"Discount {label} has been added",
                {"name": label, "discountLineItemId": key},
            )

    # -- which apply ------------------------------------------------------------------------

    def _found(self, scope: Scope, asked: list[str]) -> Iterator[Applied]:
        """Automatic ones first (Shopware CartPromotionsDataDefinition). A code whose conditions do
        not hold is found, and waits for better times."""
        for key in self._database["promotion"].where("useCodes", False):
            one = Applied(self._database["promotion"].rows[key], "", "global")
            if self._is_open(one, scope):
                yield one
        codes = [*self._session.codes, *(code for code in asked if code)]
        self._session.codes.clear()
        for code in dict.fromkeys(codes):
            found = self._by_code(code)
            if found is not None and self._is_open(found, scope):
                self._session.codes.append(code)
                yield found
            else:
                self._not_found(code)

    def _by_code(self, code: str) -> Applied | None:
        """As the database's collation compares: regardless of case and of blanks behind."""
        code = code.rstrip()
        promotions = self._database["promotion"]
        for key in promotions.where_text("code", code):
            row = promotions.rows[key]
            if row.values.get("useCodes") and not row.values.get("useIndividualCodes"):
                return Applied(row, code, "fixed")
        individual = self._database["promotion_individual_code"]
        for key in individual.where_text("code", code):
            single = individual.rows[key].values
            owner = promotions.by_id(single["promotionId"])
            usable = owner is not None and owner.values.get("useIndividualCodes")
            if owner is not None and usable and not single.get("payload"):
                return Applied(owner, code, "individual")
        return None

    def _is_open(self, one: Applied, scope: Scope) -> bool:
        values, key = one.promotion.values, one.promotion.values["id"]
        return (
            bool(values.get("active"))
            and key not in self._without
            and self._is_in_time(values)
            and self._is_in_channel(key)
            and self._is_left(values, scope)
            and bool(self._discount_ids(one.promotion))
        )

    def _is_in_time(self, values: Struct) -> bool:
        """From the first moment on, not in the last one (Shopware ActiveDateRange)."""
        now = self._database.now()
        return (values.get("validFrom") or "") <= now < (values.get("validUntil") or "9")

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

    def _rules_hold(self, promotion_id: str, scope: Scope) -> bool:
        """Shopware PromotionEntity::getPreconditionRule. Persons count where the promotion says
        so, and then instead of the rules for them."""
        promotion = self._database["promotion"].rows[promotion_id].values
        if promotion.get("customerRestriction"):
            persons = self._others("promotion_persona_customer", promotion_id, "customerId")
            if scope.customer.get("id") not in persons:
                return False
        return all(
            any(holds(self._database, rule, scope) for rule in named)
            for named in self._conditions(promotion_id)
        )

    def _conditions(self, promotion_id: str) -> list[list[str]]:
        """One rule of each list has to hold."""
        promotion = self._database["promotion"].rows[promotion_id].values
        tables = _CONDITIONS[1:] if promotion.get("customerRestriction") else _CONDITIONS
        found = [self._others(table, promotion_id, "ruleId") for table in tables]
        return [named for named in found if named]

    def _others(self, mapping: str, promotion_id: str, name: str) -> list[str]:
        table = self._database[mapping]
        keys = table.where("promotionId", promotion_id)
        return [str(table.rows[key].values[name]) for key in keys]

    # -- what the cart says of them ---------------------------------------------------------

    def _not_found(self, code: str) -> None:
        """Recorded: promotions.json #16, #21, #25."""
        text = f"Promotion with code {code} not found!"
        self._note("promotion-not-found", "promotion-not-found", text, {"code": code}, 20)
        self._notes["promotion-not-found"]["promotionCode"] = code

    def _not_eligible(self, one: Applied) -> None:
        """Shopware PromotionNotEligibleError."""
        name = self._store.reader.translated(one.promotion, "name")
        text = f"Promotion {name} not eligible for cart!"
        self._note("promotion-not-eligible", "promotion-not-eligible", text, {"name": name})
        self._notes["promotion-not-eligible"]["name"] = name

    def _guarded(self, one: Applied, lines: list[Struct]) -> list[Struct]:
        """As the app's script does with each line: the code stays until somebody signed in."""
        code = self._code_taken(str(one.promotion.values["id"]), one.code)
        if code is not None:
            return [{**line, "payload": {**line["payload"], "code": code}} for line in lines]
        is_known = self._store.customer is not None
        if is_known and lines and one.code in self._session.codes:
            self._session.codes.remove(one.code)
        why = "of-another" if is_known else "sign-in"
        for line in lines:
            key = f"loyalty-bridge-code-{line['id']}"
            kind, level = f"loyalty-bridge-code-{why}", 10 if is_known else 0
            self._note(key, kind, "", {"code": one.code}, level)
        return []

    def _note(self, key: str, kind: str, text: str, parameters: Struct, level: int = 0) -> None:
        self._notes[key] = {
            "message": text,
            "code": 0,
            "key": key,
            "level": level,
            "messageKey": kind,
            "parameters": parameters,
            "block": False,
            "blockResubmit": False,
        }

    # -- what they take off -----------------------------------------------------------------

    def _discount_ids(self, promotion: Row) -> list[str]:
        keys = self._database["promotion_discount"].where("promotionId", promotion.values["id"])
        return [str(key) for key in keys]

    def _discounts(
        self, one: Applied, goods: list[Struct], buyer: Buyer, now: Scope
    ) -> Iterator[Struct]:
        left = Decimal(str(now.position))
        for key in sorted(self._discount_ids(one.promotion)):
            values = self._database["promotion_discount"].rows[key].values
            discount = Discount(self._database, values, buyer)
            if not discount.is_known:
                continue
            taken = discount.taken(goods, lambda rule, line: self._is_meant(rule, line, now), left)
            if taken is not None:
                yield self._line(one, discount, taken, buyer)
                left -= pricing.rounded(taken.off)

    def _is_meant(self, rule: str, line: Struct, now: Scope) -> bool:
        alone = [good for good in now.goods if good.product_id == line["referencedId"]]
        return holds(self._database, rule, replace(now, goods=alone))

    def _line(self, one: Applied, discount: Discount, taken: Taken, buyer: Buyer) -> Struct:
        name = self._store.reader.translated(one.promotion, "name")
        off = -pricing.rounded(taken.off)
        return {
            "payload": _payload(one, discount, taken),
            "label": name,
            "quantity": 1,
            "priceDefinition": self._definition(discount),
            "price": pricing.shared_price(off, taken.prices, buyer.tax_status),
            "good": False,
            "description": name,
            "cover": None,
            "deliveryInformation": None,
            "children": [],
            "requirement": self._requirement(str(one.promotion.values["id"])),
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
            "id": discount.values["id"],
            "type": "promotion",
            "referencedId": one.code,
            "apiAlias": "cart_line_item",
        }

    def _requirement(self, promotion_id: str) -> Struct:
        named = self._conditions(promotion_id)
        return rules.container("andContainer", [self._one_of(ids) for ids in named])

    def _one_of(self, rule_ids: list[str]) -> Struct:
        shown = [rules.shown(self._database, rule) for rule in rule_ids]
        return rules.container("orContainer", shown)

    def _definition(self, discount: Discount) -> Struct:
        kind = "percentage" if discount.is_percentage else "absolute"
        name = "percentage" if discount.is_percentage else "price"
        value = (
            Decimal(str(discount.values["value"])) if discount.is_percentage else discount.amount
        )
        meant = discount.rule_ids
        return {
            name: pricing.shown(-value),
            "filter": self._one_of(meant) if meant else None,
            "type": kind,
            "apiAlias": f"cart_price_{kind}",
        }


def _so_far(scope: Scope, lines: list[Struct], buyer: Buyer) -> Scope:
    price = pricing.cart_price([line["price"] for line in lines], buyer.tax_status)
    return replace(scope, position=float(price["positionPrice"]), total=float(price["totalPrice"]))


def _payload(one: Applied, discount: Discount, taken: Taken) -> Struct:
    values, own, most = one.promotion.values, discount.values, discount.most
    return {
        "promotionId": values["id"],
        "priority": values.get("priority"),
        "discountId": own["id"],
        "discountType": own["type"],
        "code": one.code,
        "value": str(own["value"]),
        "promotionCodeType": one.kind,
        "maxValue": "" if most is None else str(pricing.shown(most)),
        "discountScope": own["scope"],
        "preventCombination": bool(values.get("preventCombination")),
        "exclusions": values.get("exclusionIds") or [],
        "groupId": "",
        "setGroups": [],
        "filter": {
            name: (own.get(name) or "") if own.get("considerAdvancedRules") else None
            for name in ("sorterKey", "applierKey", "usageKey", "pickerKey")
        },
        "composition": taken.composition,
    }
