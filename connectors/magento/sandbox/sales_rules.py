"""Cart price rules with their coupons and what orders used of them (cart_price_rules.json)."""

from __future__ import annotations

from collections import Counter
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


@dataclass(frozen=True, slots=True)
class Buyer:
    group_id: int
    customer_id: int = 0
    """0: a guest."""


@dataclass(frozen=True, slots=True)
class Use:
    """What an order tells the queue: it was placed (1) or cancelled (-1)."""

    rule_ids: tuple[int, ...]
    code: str
    customer_id: int
    change: int


@dataclass(slots=True)
class SalesRules:
    rows: dict[int, Row] = field(default_factory=dict)
    coupons: dict[int, Row] = field(default_factory=dict)
    next_id: int = 1
    next_coupon_id: int = 1
    queue: list[Use] = field(default_factory=list)
    """Waits until consumers run."""
    _uses: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Of a rule by a customer."""
    _codes: dict[str, int] = field(default_factory=dict)
    _of_rule: dict[int, dict[int, Row]] = field(default_factory=dict)

    def add(self, given: Row) -> Row:
        row = {**_DEFAULTS, **_kept(given), "rule_id": self.next_id}
        for name, kind in _ROOTS:
            row[name] = _condition(row.get(name), kind)
        self.rows[self.next_id] = row
        self.next_id += 1
        return row

    def change(self, row: Row, given: Row) -> None:
        """What is missing keeps its value (magento2 ``Converter\\ToModel::toModel``)."""
        row |= {**_kept(given), "rule_id": row["rule_id"]}
        for name, kind in _ROOTS:
            if given.get(name) is not None:
                row[name] = _condition(given[name], kind)
        for coupon in self.of_rule(row["rule_id"]):
            coupon["usage_limit"] = row["uses_per_coupon"]
            coupon["usage_per_customer"] = row["uses_per_customer"]
            if coupon.get("is_primary"):
                self.drop_coupon(coupon)

    def drop(self, rule_id: int) -> None:
        """Its coupons go with it."""
        del self.rows[rule_id]
        for coupon in self.of_rule(rule_id):
            self.drop_coupon(coupon)

    def get(self, rule_id: int) -> Row:
        row = self.rows.get(rule_id)
        if row is None:
            raise Refused(404, "No such entity.")
        return row

    # -- coupons ----------------------------------------------------------------------------

    def add_coupon(self, rule_id: int, code: str, **more: Any) -> Row:
        row = {"coupon_id": self.next_coupon_id, "rule_id": rule_id, "code": code, **more}
        self.coupons[self.next_coupon_id] = row
        self._codes[collated(code)] = self.next_coupon_id
        self._of_rule.setdefault(rule_id, {})[self.next_coupon_id] = row
        self.next_coupon_id += 1
        return row

    def drop_coupon(self, row: Row) -> None:
        del self.coupons[row["coupon_id"]]
        del self._codes[collated(row["code"])]
        del self._of_rule[row["rule_id"]][row["coupon_id"]]

    def coupon(self, code: str) -> Row | None:
        return self.coupons.get(self._codes.get(collated(code), 0))

    def of_rule(self, rule_id: int) -> list[Row]:
        return list(self._of_rule.get(rule_id, {}).values())

    # -- uses -------------------------------------------------------------------------------

    def consume(self) -> None:
        """What the consumer ``sales.rule.update.coupon.usage`` does."""
        for use in self.queue:
            for rule_id in use.rule_ids:
                if rule_id in self.rows:
                    self.rows[rule_id]["times_used"] += use.change
                self._uses[(rule_id, use.customer_id)] += use.change
            coupon = self.coupon(use.code) if use.code else None
            if coupon is not None:
                coupon["times_used"] = max((coupon["times_used"] or 0) + use.change, 0)
        self.queue.clear()

    # -- what applies -----------------------------------------------------------------------

    def in_force(self, buyer: Buyer, website_id: int, today: str, coupon: str) -> list[Row]:
        """The rules for a buyer on a day, in the order they apply: of equal ones those without
        a coupon first (recorded: #38)."""
        found = [
            row
            for row in self.rows.values()
            if row["is_active"]
            and buyer.group_id in row["customer_group_ids"]
            and website_id in row["website_ids"]
            and (row.get("from_date") or today) <= today <= (row.get("to_date") or today)
            and self._unlocked(row, coupon)
            and self._has_uses_left(row, buyer)
        ]
        return sorted(
            found,
            key=lambda row: (row["sort_order"], row["coupon_type"] != NO_COUPON, row["rule_id"]),
        )

    def _unlocked(self, row: Row, code: str) -> bool:
        if row["coupon_type"] == NO_COUPON:
            return True
        coupon = self.coupon(code) if code else None
        if coupon is None or coupon["rule_id"] != row["rule_id"]:
            return False
        if bool(coupon.get("type")) is not bool(row["use_auto_generation"]):
            return False
        limit = int(coupon.get("usage_limit") or 0)
        return not limit or int(coupon.get("times_used") or 0) < limit

    def _has_uses_left(self, row: Row, buyer: Buyer) -> bool:
        """Guests are not counted (PLATFORM_FACTS Magento 21)."""
        limit = int(row["uses_per_customer"])
        if not limit or not buyer.customer_id:
            return True
        return self._uses[(row["rule_id"], buyer.customer_id)] < limit


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


def label_of(row: Row) -> str:
    """What buyers are shown; only that for all store views is looked at."""
    labels = (one["store_label"] for one in row["store_labels"] if not one["store_id"])
    return next((str(one) for one in labels), "")


_ROOTS = (("condition", ""), ("action_condition", "\\Product"))


def _kept(given: Row) -> Row:
    return {name: value for name, value in given.items() if value not in (None, "")}


def _condition(given: Any, kind: str) -> Row:
    root = f"Magento\\SalesRule\\Model\\Rule\\Condition{kind}\\Combine"
    if isinstance(given, dict) and given:
        return _told({"condition_type": root, **given})
    return {"condition_type": root, "aggregator_type": "all", "operator": None, "value": True}


def _told(given: Row) -> Row:
    below = [_told(one) for one in given.get("conditions") or ()]
    named = {name: given[name] for name in ("attribute_name", "aggregator_type") if given.get(name)}
    return {
        "condition_type": given.get("condition_type"),
        **({"conditions": below} if below else {}),
        **named,
        "operator": given.get("operator"),
        "value": given.get("value"),
    }


# -- services -------------------------------------------------------------------------------


def shown(row: Row) -> Row:
    """A number of pieces that is none is left out (recorded: #0, #11)."""
    return {name: value for name, value in row.items() if value or name != "discount_qty"}


def create(shop: Shop, call: Call) -> Any:
    given = _checked(shop, call)
    call.work.kind = "write"
    return shown(shop.sales_rules.add(given))


def _checked(shop: Shop, call: Call) -> Row:
    """Nearly anything goes, as in the recorded shop; unknown groups break it (recorded: #18)."""
    given: Row = parameter(call.body(), "rule", RULE, most=shop.most_items)
    if not set(given.get("customer_group_ids") or []) <= set(shop.groups.rows):
        raise internal()
    for name, _ in _ROOTS:
        if given.get(name) is not None:
            _check_condition(given[name], shop.most_items)
    return given


_CONDITION = {
    "condition_type",
    "conditions",
    "aggregator_type",
    "operator",
    "attribute_name",
    "value",
    "extension_attributes",
}
"""What a condition may say (schema.json, ``sales-rule-data-condition-interface``)."""


def _check_condition(condition: Any, most: int) -> None:
    if not isinstance(condition, dict) or not condition.keys() <= _CONDITION:
        raise internal()
    below = condition.get("conditions") or []
    if most and len(below) > most:
        told = {"type": "Magento\\SalesRule\\Api\\Data\\ConditionInterface", "max": most}
        raise Refused(400, 'Maximum items of type "%type" is %max', told)
    for one in below:
        _check_condition(one, most)


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


def update(shop: Shop, call: Call) -> Any:
    row = shop.sales_rules.get(call.params["ruleId"])
    given = _checked(shop, call)
    call.work.kind = "write"
    shop.sales_rules.change(row, given)
    if shop.faults.shop["rule_update_drops_coupons"]:
        for coupon in shop.sales_rules.of_rule(row["rule_id"]):
            shop.sales_rules.drop_coupon(coupon)
    return shown(row)


def delete(shop: Shop, call: Call) -> Any:
    rule_id = shop.sales_rules.get(call.params["ruleId"])["rule_id"]
    call.work.kind = "write"
    shop.sales_rules.drop(rule_id)
    return True


_QUOTE = "Magento_SalesRule::quote"

ROUTES = (
    Route("POST", "salesRules", _QUOTE, create),
    Route("GET", "salesRules/search", _QUOTE, search),
    Route("GET", "salesRules/{ruleId:int}", _QUOTE, get),
    Route("PUT", "salesRules/{ruleId:int}", _QUOTE, update),
    Route("DELETE", "salesRules/{ruleId:int}", _QUOTE, delete),
)
