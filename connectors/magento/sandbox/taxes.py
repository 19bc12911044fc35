"""Tax rates and rules (recorded: orders_composite_and_tax.json #0, #1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.errors import Refused, all_required, internal, no_such
from connectors.magento.sandbox.groups import TAX_CLASSES
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.values import number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]

RATE = Type(
    "Magento\\Tax\\Api\\Data\\TaxRateInterface",
    {
        "id": "int",
        "tax_country_id": "string",
        "tax_region_id": "int",
        "region_name": "string",
        "tax_postcode": "string",
        "zip_is_range": "int",
        "zip_from": "int",
        "zip_to": "int",
        "rate": "float",
        "code": "string",
        "titles": "any",
        "extension_attributes": "any",
    },
)
RULE = Type(
    "Magento\\Tax\\Api\\Data\\TaxRuleInterface",
    {
        "id": "int",
        "code": "string",
        "priority": "int",
        "position": "int",
        "customer_tax_class_ids": "int[]",
        "product_tax_class_ids": "int[]",
        "tax_rate_ids": "int[]",
        "calculate_subtotal": "bool",
        "extension_attributes": "any",
    },
)
_RATE_FIELDS = ("id", "tax_country_id", "tax_region_id", "tax_postcode", "rate", "code")
_RULE_FIELDS = tuple(name for name in RULE.properties if name != "extension_attributes")


@dataclass(frozen=True, slots=True)
class Applied:
    """One rate on one line."""

    code: str
    percent: Decimal


@dataclass(slots=True)
class Taxes:
    rates: dict[int, Row] = field(default_factory=dict)
    rules: dict[int, Row] = field(default_factory=dict)
    next_rate_id: int = 1
    next_rule_id: int = 1

    def add_rate(self, given: Row) -> Row:
        row = {
            "tax_region_id": 0,
            "tax_postcode": "*",
            **{name: given[name] for name in _RATE_FIELDS if given.get(name) is not None},
            "id": self.next_rate_id,
            "titles": given.get("titles") or [],
        }
        self.rates[self.next_rate_id] = row
        self.next_rate_id += 1
        return row

    def add_rule(self, given: Row) -> Row:
        row = {
            "priority": 0,
            "position": 0,
            "calculate_subtotal": False,
            **{name: given[name] for name in _RULE_FIELDS if given.get(name) is not None},
            "id": self.next_rule_id,
        }
        self.rules[self.next_rule_id] = row
        self.next_rule_id += 1
        return row

    def due(self, address: Mapping[str, Any] | None, customer: int, product: int) -> list[Applied]:
        """The rates for a buyer's and a product's tax class at an address."""
        rules = [
            rule
            for rule in self.rules.values()
            if customer in rule["customer_tax_class_ids"]
            and product in rule["product_tax_class_ids"]
        ]
        rules.sort(key=lambda rule: (rule["priority"], rule["position"]))
        found: dict[int, Applied] = {}
        for rule in rules:
            for rate_id in rule["tax_rate_ids"]:
                rate = self.rates.get(rate_id)
                if rate is not None and address is not None and _holds(rate, address):
                    found[rate_id] = Applied(rate["code"], Decimal(str(rate["rate"])))
        return list(found.values())


def _holds(rate: Row, address: Mapping[str, Any]) -> bool:
    if rate["tax_country_id"] != address.get("country_id"):
        return False
    if rate["tax_region_id"] and rate["tax_region_id"] != address.get("region_id"):
        return False
    wanted, postcode = str(rate["tax_postcode"]), str(address.get("postcode") or "")
    if wanted.endswith("*"):
        return postcode.startswith(wanted[:-1])
    return wanted == postcode


# -- services -------------------------------------------------------------------------------


def create_rate(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "taxRate", RATE, most=shop.most_items)
    missing = [name for name in ("tax_country_id", "code") if not given.get(name)]
    if given.get("rate") is None:
        missing.append("percentage_rate")
    if missing:
        raise all_required(missing)
    if any(one["code"] == given["code"] for one in shop.taxes.rates.values()):
        raise Refused(400, "Code already exists.")
    call.work.kind = "write"
    return _shown(shop.taxes.add_rate(given))


def _shown(rate: Row) -> Row:
    return {**rate, "rate": number(Decimal(str(rate["rate"])))}


def create_rule(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "rule", RULE, most=shop.most_items)
    lists = ("customer_tax_class_ids", "product_tax_class_ids", "tax_rate_ids")
    missing = [name for name in ("code", *lists) if not given.get(name)]
    if missing:
        raise all_required(missing)
    _check_parts(shop, given)
    if any(one["code"] == given["code"] for one in shop.taxes.rules.values()):
        raise Refused(400, "Code already exists.")
    call.work.kind = "write"
    return dict(shop.taxes.add_rule(given))


def _check_parts(shop: Shop, given: Row) -> None:
    for kind in ("CUSTOMER", "PRODUCT"):
        known = {one["class_id"] for one in TAX_CLASSES if one["class_type"] == kind}
        for one in given[f"{kind.lower()}_tax_class_ids"]:
            if one not in known:
                raise no_such(f"{kind.lower()}_tax_class_ids", one)
    for one in given["tax_rate_ids"]:
        if one not in shop.taxes.rates:
            raise no_such("tax_rate_ids", one)


def search_rates(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    columns = {name: lambda row, name=name: row.get(name) for name in _RATE_FIELDS}
    rows, total = select(shop.taxes.rates.values(), criteria, columns, lambda name: internal())
    return answer([_shown(row) for row in rows], criteria, total)


def search_rules(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    columns = {
        name: lambda row, name=name: row.get(name)
        for name in ("id", "code", "priority", "position")
    }
    rows, total = select(shop.taxes.rules.values(), criteria, columns, lambda name: internal())
    return answer([dict(row) for row in rows], criteria, total)


def get_rate(shop: Shop, call: Call) -> Any:
    rate = shop.taxes.rates.get(call.params["rateId"])
    if rate is None:
        raise no_such("taxRateId", call.params["rateId"])
    return _shown(rate)


def get_rule(shop: Shop, call: Call) -> Any:
    rule = shop.taxes.rules.get(call.params["ruleId"])
    if rule is None:
        raise no_such("taxRuleId", call.params["ruleId"])
    return dict(rule)


def delete_rate(shop: Shop, call: Call) -> Any:
    rate_id = get_rate(shop, call)["id"]
    if any(rate_id in rule["tax_rate_ids"] for rule in shop.taxes.rules.values()):
        raise Refused(400, "The tax rate cannot be removed. It exists in a tax rule.")
    call.work.kind = "write"
    del shop.taxes.rates[rate_id]
    return True


def delete_rule(shop: Shop, call: Call) -> Any:
    rule_id = get_rule(shop, call)["id"]
    call.work.kind = "write"
    del shop.taxes.rules[rule_id]
    return True


_TAX = "Magento_Tax::manage_tax"

ROUTES = (
    Route("POST", "taxRates", _TAX, create_rate),
    Route("GET", "taxRates/search", _TAX, search_rates),
    Route("GET", "taxRates/{rateId:int}", _TAX, get_rate),
    Route("DELETE", "taxRates/{rateId:int}", _TAX, delete_rate),
    Route("POST", "taxRules", _TAX, create_rule),
    Route("GET", "taxRules/search", _TAX, search_rules),
    Route("GET", "taxRules/{ruleId:int}", _TAX, get_rule),
    Route("DELETE", "taxRules/{ruleId:int}", _TAX, delete_rule),
)
