"""Rules: which conditions are allowed, and for whom a rule holds."""

from __future__ import annotations

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


def matching_rules(database: Database, group_id: str) -> list[str]:
    """Ids of the rules that hold for a shopper of this group, highest priority first."""
    rules = database["rule"].rows
    matching = [key for key in rules if holds(database, str(key), group_id)]
    matching.sort(key=lambda key: (-(rules[key].values.get("priority") or 0), key))
    return [str(key) for key in matching]


def holds(database: Database, rule_id: str, group_id: str) -> bool:
    """Whether a rule holds; one without conditions holds for everyone."""
    conditions = database["rule_condition"]
    rows = [conditions.rows[key] for key in conditions.where("ruleId", rule_id)]
    children: dict[Any, list[Row]] = {}
    for row in rows:
        children.setdefault(row.values.get("parentId"), []).append(row)
    return all(_matches(row, children, group_id) for row in children.get(None, ()))


def _matches(condition: Row, children: dict[Any, list[Row]], group_id: str) -> bool:
    type_ = condition.values["type"]
    if type_ in CONTAINERS:
        parts = [_matches(row, children, group_id) for row in children.get(_id(condition), ())]
        return _combined(type_, parts)
    if type_ in ("alwaysValid", "cartAlwaysValid"):
        return True
    if type_ == "customerCustomerGroup":
        value = condition.values.get("value") or {}
        listed = group_id in (value.get("customerGroupIds") or ())
        return listed if value.get("operator") == "=" else not listed
    return False


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
