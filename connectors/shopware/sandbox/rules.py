"""Rules: which conditions are allowed, and for whom a rule holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.database import Database, Row
from connectors.shopware.sandbox.identifiers import HEX_ID

CONTAINERS = frozenset(
    {"orContainer", "andContainer", "xorContainer", "notContainer", "allLineItemsContainer"}
)
_OTHERS = """
    alwaysValid cartAlwaysValid cartCartAmount cartGoodsCount cartGoodsPrice cartHasDeliveryFreeItem
    cartLineItem cartLineItemActualStock cartLineItemClearanceSale cartLineItemCreationDate
    cartLineItemCustomField cartLineItemDimensionHeight cartLineItemDimensionLength
    cartLineItemDimensionVolume cartLineItemDimensionWeight cartLineItemDimensionWidth
    cartLineItemGoodsTotal cartLineItemInCategory cartLineItemInProductStream
    cartLineItemIsNew cartLineItemListPrice cartLineItemListPriceRatio
    cartLineItemOfManufacturer cartLineItemOfType cartLineItemProductStates
    cartLineItemPromoted cartLineItemProperty cartLineItemPurchasePrice
    cartLineItemReleaseDate cartLineItemStock cartLineItemTag cartLineItemTaxation
    cartLineItemTotalPrice cartLineItemUnitPrice cartLineItemWithQuantity
    cartLineItemsInCart cartLineItemsInCartCount cartPaymentMethod cartPositionPrice
    cartShippingCost cartShippingMethod cartTaxDisplay cartTotalPurchasePrice cartVolume
    cartWeight currency customerAffiliateCode customerAge customerBillingCity
    customerBillingCountry customerBillingState customerBillingStreet
    customerBillingZipCode customerBirthday customerCampaignCode customerCreatedByAdmin
    customerCustomField customerCustomerGroup customerCustomerNumber customerCustomerTag
    customerDaysSinceFirstLogin customerDaysSinceLastLogin customerDaysSinceLastOrder
    customerDifferentAddresses customerEmail customerIsActive customerIsCompany
    customerIsGuest customerIsNewCustomer customerIsNewsletterRecipient customerLastName
    customerLoggedIn customerNumberOfReviews customerOrderCount customerOrderTotalAmount
    customerRequestedGroup customerSalutation customerShippingCity
    customerShippingCountry customerShippingState customerShippingStreet
    customerShippingZipCode dateRange dayOfWeek language numberOfReviews
    orderCreatedByAdmin promotionCodeOfType promotionLineItem promotionValue
    promotionsInCartCount salesChannel scriptRule timeRange
"""
CONDITION_TYPES = CONTAINERS | frozenset(_OTHERS.split())


def violations_of(type_: Any, value: Any, pointer: str) -> list[dict[str, Any]]:
    """What is wrong with a condition (recorded: products_and_advanced_prices.json #5, #6)."""
    if type_ not in CONDITION_TYPES:
        return [
            errors.violation(
                f"{pointer}/type",
                "CONTENT__INVALID_RULE_TYPE_EXCEPTION",
                f"This {type_} is not a valid condition type.",
                "This {{ value }} is not a valid condition type.",
                {"{{ value }}": type_},
            )
        ]
    if type_ == "customerCustomerGroup":
        return _group_violations(value if isinstance(value, dict) else {}, f"{pointer}/value")
    return []


def _group_violations(value: dict[str, Any], pointer: str) -> list[dict[str, Any]]:
    found = []
    groups = value.get("customerGroupIds")
    if not groups:
        found.append(errors.blank(f"{pointer}/customerGroupIds", groups))
    elif not isinstance(groups, list):
        found.append(errors.wrong_type(f"{pointer}/customerGroupIds", groups, "array"))
    else:
        found += [
            errors.violation(
                f"{pointer}/customerGroupIds",
                errors.CONSTRAINT_CODE,
                f'The value "{group}" is not a valid uuid.',
                'The value "{{ string }}" is not a valid uuid.',
                {"{{ string }}": group},
            )
            for group in groups
            if not isinstance(group, str) or not HEX_ID.match(group)
        ]
    operator = value.get("operator")
    if not operator:
        found.append(errors.blank(f"{pointer}/operator", operator))
    elif operator not in ("=", "!="):
        text = "The value you selected is not a valid choice."
        shown = {"{{ value }}": errors.shown(operator), "{{ choices }}": '"=", "!="'}
        found.append(errors.violation(f"{pointer}/operator", errors.CHOICE_CODE, text, text, shown))
    return found


@dataclass(frozen=True, slots=True)
class Good:
    """A line of the cart that is sold."""

    product_id: str
    parent_id: str | None
    quantity: int
    total: float
    """As the shopper sees it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What rules look at: the shopper, and the cart as far as there is one."""

    group_id: str
    customer: Mapping[str, Any] = field(default_factory=dict)
    sales_channel_id: str = ""
    currency_id: str = ""
    tax_state: str = "gross"
    goods: Sequence[Good] = ()
    position: float = 0
    """What all lines come to so far, discounts as well, as the shopper sees it."""
    total: float = 0
    """The same with tax."""

    @property
    def products(self) -> set[str]:
        """Variants count as their parents too (Shopware LineItemRule)."""
        own = {good.product_id for good in self.goods}
        return own | {good.parent_id for good in self.goods if good.parent_id}


def matching_rules(database: Database, scope: Scope) -> list[str]:
    """Ids of the rules that hold, highest priority first."""
    rules = database["rule"].rows
    matching = [key for key in rules if holds(database, str(key), scope)]
    matching.sort(key=lambda key: (-(rules[key].values.get("priority") or 0), key))
    return [str(key) for key in matching]


def holds(database: Database, rule_id: str, scope: Scope) -> bool:
    """Whether a rule holds; one without conditions holds for everyone."""
    children = _by_parent(database, rule_id)
    return all(_matches(row, children, scope) for row in children.get(None, ()))


def shown(database: Database, rule_id: str) -> dict[str, Any]:
    """A rule as a cart shows it (recorded: promotions.json #15, #32)."""
    children = _by_parent(database, rule_id)

    def show(row: Row) -> dict[str, Any]:
        type_, value = row.values["type"], row.values.get("value")
        said = {"_name": type_, **(value if isinstance(value, dict) else {})}
        if type_ in CONTAINERS:
            said["rules"] = [show(child) for child in children.get(_id(row), ())]
        return {**said, "apiAlias": f"rule_{type_}"}

    return container("andContainer", [show(row) for row in children.get(None, ())])


def container(type_: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"_name": type_, "rules": parts, "apiAlias": f"rule_{type_}"}


def _by_parent(database: Database, rule_id: str) -> dict[Any, list[Row]]:
    conditions = database["rule_condition"]
    rows = [conditions.rows[key] for key in conditions.where("ruleId", rule_id)]
    rows.sort(key=lambda row: row.values.get("position") or 0)
    children: dict[Any, list[Row]] = {}
    for row in rows:
        children.setdefault(row.values.get("parentId"), []).append(row)
    return children


def _matches(condition: Row, children: dict[Any, list[Row]], scope: Scope) -> bool:
    type_ = condition.values["type"]
    below = children.get(_id(condition), [])
    if type_ in CONTAINERS:
        return _combined(type_, [_matches(row, children, scope) for row in below])
    if type_ == "cartGoodsPrice" and below:  # only those goods that the conditions below name
        meant = [
            good
            for good in scope.goods
            if all(_matches(row, children, replace(scope, goods=(good,))) for row in below)
        ]
        scope = replace(scope, goods=meant)
    seen = _SEEN.get(type_)
    if seen is None:
        return False
    value = condition.values.get("value")
    value = value if isinstance(value, dict) else {}
    actual, wanted = seen(scope, value)
    return _compared(actual, str(value.get("operator") or "="), wanted)


def _compared(actual: Any, operator: str, wanted: Any) -> bool:
    if isinstance(wanted, list | tuple):
        among = actual & set(wanted) if isinstance(actual, set) else actual in wanted
        return not among if operator == "!=" else bool(among)
    try:
        return bool(_OPERATORS[operator](actual, wanted))
    except (KeyError, TypeError):
        return False


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda actual, wanted: bool(actual == wanted),
    "!=": lambda actual, wanted: bool(actual != wanted),
    ">=": lambda actual, wanted: bool(actual >= wanted),
    "<=": lambda actual, wanted: bool(actual <= wanted),
    ">": lambda actual, wanted: bool(actual > wanted),
    "<": lambda actual, wanted: bool(actual < wanted),
}

_SEEN: dict[str, Callable[[Scope, dict[str, Any]], tuple[Any, Any]]] = {
    "alwaysValid": lambda scope, value: (True, True),
    "cartAlwaysValid": lambda scope, value: (True, True),
    "customerCustomerGroup": lambda scope, value: (
        scope.group_id,
        value.get("customerGroupIds") or [],
    ),
    "cartCartAmount": lambda scope, value: (scope.total, value.get("amount")),
    "cartPositionPrice": lambda scope, value: (scope.position, value.get("amount")),
    "cartGoodsPrice": lambda scope, value: (
        round(sum(good.total for good in scope.goods), 2),
        value.get("amount"),
    ),
    "cartTaxDisplay": lambda scope, value: (scope.tax_state, value.get("taxDisplay")),
    "cartLineItem": lambda scope, value: (scope.products, value.get("identifiers") or []),
    "cartGoodsCount": lambda scope, value: (
        sum(good.quantity for good in scope.goods),
        value.get("count"),
    ),
    "customerOrderCount": lambda scope, value: (
        scope.customer.get("orderCount") if scope.customer else None,
        value.get("count"),
    ),
    "customerIsGuest": lambda scope, value: (
        bool(scope.customer.get("guest")),
        bool(value.get("isGuest")),
    ),
    "customerLoggedIn": lambda scope, value: (
        bool(scope.customer),
        bool(value.get("isLoggedIn")),
    ),
    "customerCustomerNumber": lambda scope, value: (
        scope.customer.get("customerNumber"),
        value.get("numbers") or [],
    ),
    "salesChannel": lambda scope, value: (
        scope.sales_channel_id,
        value.get("salesChannelIds") or [],
    ),
    "currency": lambda scope, value: (scope.currency_id, value.get("currencyIds") or []),
}
"""What a condition sees, and what it compares that with; all other types never hold here."""


def _id(row: Row) -> Any:
    return row.values["id"]


def _combined(type_: str, parts: list[bool]) -> bool:
    if type_ == "andContainer":
        return all(parts)
    if type_ == "notContainer":
        return not any(parts)
    if type_ == "xorContainer":
        return parts.count(True) == 1
    return any(parts)
