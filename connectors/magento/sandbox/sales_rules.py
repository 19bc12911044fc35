"""Cart price rules and their coupons, as far as orders need them (cart_price_rules.json)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.discounting import Rule
from connectors.magento.sandbox.errors import Refused, internal
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.values import collated

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]
NO_COUPON = "NO_COUPON"

RULE = Type(
    "Magento\\SalesRule\\Api\\Data\\RuleInterface",
    {
        "rule_id": "int",
        "name": "string",
        "store_labels": "any",
        "description": "string",
        "website_ids": "int[]",
        "customer_group_ids": "int[]",
        "from_date": "string",
        "to_date": "string",
        "uses_per_customer": "int",
        "is_active": "bool",
        "condition": "any",
        "action_condition": "any",
        "stop_rules_processing": "bool",
        "is_advanced": "bool",
        "product_ids": "int[]",
        "sort_order": "int",
        "simple_action": "string",
        "discount_amount": "float",
        "discount_qty": "float",
        "discount_step": "int",
        "apply_to_shipping": "bool",
        "times_used": "int",
        "is_rss": "bool",
        "coupon_type": "string",
        "use_auto_generation": "bool",
        "uses_per_coupon": "int",
        "simple_free_shipping": "string",
        "extension_attributes": "any",
    },
)
COUPON = Type(
    "Magento\\SalesRule\\Api\\Data\\CouponInterface",
    {
        "coupon_id": "int",
        "rule_id": "int",
        "code": "string",
        "usage_limit": "int",
        "usage_per_customer": "int",
        "times_used": "int",
        "expiration_date": "string",
        "is_primary": "bool",
        "created_at": "string",
        "type": "int",
        "extension_attributes": "any",
    },
)
_DEFAULTS: Row = {
    "store_labels": [],
    "website_ids": [],
    "customer_group_ids": [],
    "uses_per_customer": 0,
    "is_active": False,
    "stop_rules_processing": True,
    "is_advanced": True,
    "sort_order": 0,
    "discount_amount": 0,
    "discount_step": 0,
    "apply_to_shipping": False,
    "times_used": 0,
    "is_rss": False,
    "coupon_type": NO_COUPON,
    "use_auto_generation": False,
    "uses_per_coupon": 0,
    "simple_free_shipping": "0",
}
"""Of a rule that says no more than its name (recorded: #16)."""


@dataclass(slots=True)
class SalesRules:
    rows: dict[int, Row] = field(default_factory=dict)
    coupons: dict[int, Row] = field(default_factory=dict)
    next_id: int = 1
    next_coupon_id: int = 1

    def add(self, given: Row) -> Row:
        row = {**_DEFAULTS, **given, "rule_id": self.next_id}
        for name, kind in (("condition", ""), ("action_condition", "\\Product")):
            row[name] = _condition(row.get(name), kind)
        self.rows[self.next_id] = row
        self.next_id += 1
        return row

    def add_coupon(self, rule_id: int, code: str, **more: Any) -> Row:
        row = {"coupon_id": self.next_coupon_id, "rule_id": rule_id, "code": code, **more}
        self.coupons[self.next_coupon_id] = row
        self.next_coupon_id += 1
        return row

    def coupon(self, code: str) -> Row | None:
        wanted = collated(code)
        return next((one for one in self.coupons.values() if collated(one["code"]) == wanted), None)

    def get(self, rule_id: int) -> Row:
        row = self.rows.get(rule_id)
        if row is None:
            raise Refused(404, "No such entity.")
        return row

    def in_force(self, group_id: int, website_id: int, today: str, coupon: str) -> list[Row]:
        """The rules for a buyer on a day, in the order they apply: of equal ones those without
        a coupon first (recorded: #38)."""
        found = [
            row
            for row in self.rows.values()
            if row["is_active"]
            and group_id in row["customer_group_ids"]
            and website_id in row["website_ids"]
            and (row.get("from_date") or today) <= today <= (row.get("to_date") or today)
            and self._unlocked(row, coupon)
        ]
        return sorted(
            found,
            key=lambda row: (row["sort_order"], row["coupon_type"] != NO_COUPON, row["rule_id"]),
        )

    def _unlocked(self, row: Row, code: str) -> bool:
        if row["coupon_type"] == NO_COUPON:
            return True
        coupon = self.coupon(code) if code else None
        return coupon is not None and coupon["rule_id"] == row["rule_id"]


def as_rule(row: Row) -> Rule:
    return Rule(
        id=row["rule_id"],
        action=row.get("simple_action") or "",
        amount=Decimal(str(row["discount_amount"])),
        most=Decimal(str(row.get("discount_qty") or 0)),
        step=Decimal(str(row["discount_step"])),
        conditions=row["condition"],
        actions=row["action_condition"],
        is_last=row["stop_rules_processing"],
    )


def _condition(given: Any, kind: str) -> Row:
    if isinstance(given, dict) and given:
        return {"operator": None, **given}
    return {
        "condition_type": f"Magento\\SalesRule\\Model\\Rule\\Condition{kind}\\Combine",
        "aggregator_type": "all",
        "operator": None,
        "value": True,
    }


# -- services -------------------------------------------------------------------------------


def shown(row: Row) -> Row:
    """A number of pieces that is none is left out (recorded: #0, #11)."""
    return {name: value for name, value in row.items() if value or name != "discount_qty"}


def create(shop: Shop, call: Call) -> Any:
    """Nearly anything goes, as in the recorded shop; unknown groups break it (recorded: #18)."""
    given = parameter(call.body(), "rule", RULE, most=shop.most_items)
    if not set(given.get("customer_group_ids") or []) <= set(shop.groups.rows):
        raise internal()
    call.work.kind = "write"
    return shown(shop.sales_rules.add(given))


def get(shop: Shop, call: Call) -> Any:
    return shown(shop.sales_rules.get(call.params["ruleId"]))


def search(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    columns = {
        name: lambda row, name=name: row.get(name)
        for name, kind in RULE.properties.items()
        if kind != "any" and not kind.endswith("[]")
    }
    rows, total = select(shop.sales_rules.rows.values(), criteria, columns, lambda name: internal())
    return answer([shown(row) for row in rows], criteria, total)


def delete(shop: Shop, call: Call) -> Any:
    """Its coupons go with it."""
    rule_id = shop.sales_rules.get(call.params["ruleId"])["rule_id"]
    call.work.kind = "write"
    del shop.sales_rules.rows[rule_id]
    for coupon in [one for one in shop.sales_rules.coupons.values() if one["rule_id"] == rule_id]:
        del shop.sales_rules.coupons[coupon["coupon_id"]]
    return True


def create_coupon(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "coupon", COUPON, most=shop.most_items)
    rule = shop.sales_rules.rows.get(given.get("rule_id") or 0)
    if rule is None:
        reason = f"No such entity with rule_id = {given.get('rule_id')}"
        raise Refused(400, "Error occurred when saving coupon: %1", [reason])
    if shop.sales_rules.coupon(given.get("code") or "") is not None:
        raise Refused(400, "%1 already exists.", ["Coupon with the same code"])
    more = {
        "usage_limit": rule["uses_per_coupon"],
        "usage_per_customer": rule["uses_per_customer"],
        "times_used": 0,
        **({"expiration_date": given["expiration_date"]} if given.get("expiration_date") else {}),
        "is_primary": None,
        "type": given.get("type") or 0,
    }
    call.work.kind = "write"
    row = shop.sales_rules.add_coupon(rule["rule_id"], given["code"], **more)
    return {**row, "times_used": None}


def search_coupons(shop: Shop, call: Call) -> Any:
    """A coupon counts as unused: what counts uses is a queue's consumer (recorded: #39)."""
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    columns = {
        name: lambda row, name=name: row.get(name)
        for name, kind in COUPON.properties.items()
        if kind != "any"
    }
    rows, total = select(
        shop.sales_rules.coupons.values(), criteria, columns, lambda name: internal()
    )
    return answer([dict(row) for row in rows], criteria, total)


_QUOTE = "Magento_SalesRule::quote"

ROUTES = (
    Route("POST", "salesRules", _QUOTE, create),
    Route("GET", "salesRules/search", _QUOTE, search),
    Route("GET", "salesRules/{ruleId:int}", _QUOTE, get),
    Route("DELETE", "salesRules/{ruleId:int}", _QUOTE, delete),
    Route("POST", "coupons", _QUOTE, create_coupon),
    Route("GET", "coupons/search", _QUOTE, search_coupons),
)
