"""Coupons: made one by one or by the shop, searched, deleted (cart_price_rules.json #4 to #10,
#39, #43, #44)."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.errors import Refused, internal
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.sales_rules import NO_COUPON, Row

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

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
_SPEC = Type(
    "Magento\\SalesRule\\Api\\Data\\CouponGenerationSpecInterface",
    {
        "rule_id": "int",
        "format": "string",
        "quantity": "int",
        "length": "int",
        "prefix": "string",
        "suffix": "string",
        "delimiter_at_every": "int",
        "delimiter": "string",
        "extension_attributes": "any",
    },
)
_LETTERS = {
    "alphanum": string.ascii_uppercase + string.digits,
    "alpha": string.ascii_uppercase,
    "num": string.digits,
}


def _counted(shop: Shop) -> None:
    if shop.faults.shop["consumers"]:
        shop.sales_rules.consume()


def create(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "coupon", COUPON, most=shop.most_items)
    rule = shop.sales_rules.rows.get(given.get("rule_id") or 0)
    reason = _against(rule, given)
    if rule is None or reason:
        raise Refused(400, "Error occurred when saving coupon: %1", [reason])
    if shop.sales_rules.coupon(given.get("code") or "") is not None:
        raise Refused(400, "%1 already exists.", ["Coupon with the same code"])
    expires = given.get("expiration_date")
    call.work.kind = "write"
    row = shop.sales_rules.add_coupon(
        rule["rule_id"],
        given["code"],
        **_limits(rule),
        **({"expiration_date": expires} if expires else {}),
        is_primary=True if given.get("is_primary") else None,
        type=given.get("type") or 0,
    )
    return {**row, "times_used": None}


def _against(rule: Row | None, given: Row) -> str:
    """As magento2 ``CouponRepository::save``."""
    if rule is None:
        return f"No such entity with rule_id = {given.get('rule_id')}"
    if rule["coupon_type"] == NO_COUPON:
        return "Specified rule does not allow coupons"
    if rule["use_auto_generation"] and not given.get("type"):
        return "Specified rule only allows auto generated coupons"
    if not rule["use_auto_generation"] and given.get("type"):
        return "Specified rule does not allow auto generated coupons"
    return ""


def _limits(rule: Row) -> Row:
    return {
        "usage_limit": rule["uses_per_coupon"],
        "usage_per_customer": rule["uses_per_customer"],
        "times_used": 0,
    }


def generate(shop: Shop, call: Call) -> Any:
    spec = parameter(call.body(), "couponSpec", _SPEC, most=shop.most_items)
    rule = shop.sales_rules.rows.get(spec.get("rule_id") or 0)
    if rule is None:
        reason = f"No such entity with rule_id = {spec.get('rule_id')}"
        raise Refused(400, "Error occurred when generating coupons: %1", [reason])
    call.work.kind = "write"
    codes = [_code(spec) for _ in range(spec.get("quantity") or 0)]
    more = {**_limits(rule), "is_primary": None, "created_at": shop.now(), "type": 1}
    for code in codes:
        shop.sales_rules.add_coupon(rule["rule_id"], code, **more)
    return codes


def _code(spec: Row) -> str:
    letters = _LETTERS[spec["format"]]
    raw = "".join(secrets.choice(letters) for _ in range(spec["length"]))
    every = spec.get("delimiter_at_every") or len(raw)
    parts = [raw[at : at + every] for at in range(0, len(raw), every)]
    split = (spec.get("delimiter") or "").join(parts)
    return f"{spec.get('prefix') or ''}{split}{spec.get('suffix') or ''}"


def search(shop: Shop, call: Call) -> Any:
    """A coupon counts as unused until a consumer has counted its use (recorded: #39)."""
    _counted(shop)
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


def _one(shop: Shop, call: Call) -> Row:
    row = shop.sales_rules.coupons.get(call.params["couponId"])
    if row is None:
        raise Refused(404, "No such entity.")
    return row


def get(shop: Shop, call: Call) -> Any:
    _counted(shop)
    return dict(_one(shop, call))


def delete(shop: Shop, call: Call) -> Any:
    row = _one(shop, call)
    call.work.kind = "write"
    shop.sales_rules.drop_coupon(row)
    return True


def delete_by_codes(shop: Shop, call: Call) -> Any:
    named = parameter(call.body(), "codes", "string[]", most=shop.most_items)
    return _delete(shop, call, {code: shop.sales_rules.coupon(code) for code in named})


def delete_by_ids(shop: Shop, call: Call) -> Any:
    named = parameter(call.body(), "ids", "int[]", most=shop.most_items)
    return _delete(shop, call, {str(one): shop.sales_rules.coupons.get(one) for one in named})


def _delete(shop: Shop, call: Call, found: dict[str, Row | None]) -> Any:
    missing = [name for name, row in found.items() if row is None]
    if missing and not call.body().get("ignoreInvalidCoupons", True):
        raise Refused(400, "Some coupons are invalid.")
    call.work.kind = "write"
    for row in found.values():
        if row is not None and row["coupon_id"] in shop.sales_rules.coupons:
            shop.sales_rules.drop_coupon(row)
    return {"failed_items": [], "missing_items": missing}


_QUOTE = "Magento_SalesRule::quote"

ROUTES = (
    Route("POST", "coupons", _QUOTE, create),
    Route("POST", "coupons/generate", _QUOTE, generate),
    Route("POST", "coupons/deleteByCodes", _QUOTE, delete_by_codes),
    Route("POST", "coupons/deleteByIds", _QUOTE, delete_by_ids),
    Route("GET", "coupons/search", _QUOTE, search),
    Route("GET", "coupons/{couponId:int}", _QUOTE, get),
    Route("DELETE", "coupons/{couponId:int}", _QUOTE, delete),
)
