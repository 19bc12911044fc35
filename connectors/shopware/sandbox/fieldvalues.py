"""What each type of field accepts, and how it is stored and shown."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.definitions import DEFAULT_CURRENCY, Field
from connectors.shopware.sandbox.identifiers import HEX_ID, parse_time

PRICE_FIELDS = frozenset(
    {
        ("product", "price"),
        ("product", "purchasePrices"),
        ("product_price", "price"),
        ("shipping_method_price", "currencyPrice"),
    }
)
"""JSON fields that hold one price per currency."""

CALCULATED = frozenset(
    {
        ("order", "price"),
        ("order", "shippingCosts"),
        ("order_line_item", "price"),
        ("order_line_item", "priceDefinition"),
        ("order_delivery", "shippingCosts"),
        ("order_delivery_position", "price"),
        ("order_transaction", "amount"),
        ("order_transaction_capture", "amount"),
        ("order_transaction_capture_refund", "amount"),
        ("order_transaction_capture_refund_position", "amount"),
    }
)
"""JSON fields that hold a price as a cart works it out."""

_CALCULATED_PRICE: dict[str, Any] = {
    "unitPrice": 0,
    "quantity": 1,
    "totalPrice": 0,
    "calculatedTaxes": [],
    "taxRules": [],
    "referencePrice": None,
    "listPrice": None,
    "regulationPrice": None,
}

DATES_WITHOUT_TIME = frozenset({("customer", "birthday"), ("order", "orderDate")})

EMAILS = frozenset({("customer", "email"), ("user", "email"), ("order_customer", "email")})

_LONGEST_STRING = 255
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")
"""Symfony's Email constraint in its mode html5."""

Violations = list[dict[str, Any]]
Check = Callable[[Any, str, Violations], Any]


def number(value: float) -> int | float:
    """A number as the shop's JSON shows it: 119.0 is ``119``."""
    return int(value) if float(value).is_integer() else float(value)


def is_numeric(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    if not isinstance(value, str):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def accept(entity: str, field: Field, value: Any, pointer: str, found: Violations) -> Any:
    """The value to store. What is wrong with it is added to ``found``.

    ``None`` and, for texts, ``""`` are blank: wrong where the field is required.
    """
    if (entity, field.name) in PRICE_FIELDS:
        return _prices(field, value, pointer, found)
    if value == "" and field.type in ("string", "text", "date", "uuid"):
        value = value if field.has("allow_empty_string") else None
        if value is None and field.has("required"):
            found.append(errors.blank(pointer, ""))
            return None
    if value is None:
        if field.has("required"):
            found.append(errors.blank(pointer))
        return None
    if (entity, field.name) in DATES_WITHOUT_TIME:
        moment = _date(value, pointer, found)
        return moment and f"{moment[:10]}T00:00:00.000+00:00"
    if (entity, field.name) in EMAILS:
        return _email(value, pointer, found)
    check = _CHECKS.get(field.type)
    checked = check(value, pointer, found) if check else value
    if (entity, field.name) in CALCULATED and isinstance(value, dict):
        return _calculated(field, value)
    return checked


def _calculated(field: Field, value: dict[str, Any]) -> dict[str, Any]:
    """A price as it is kept, whatever of it was said (recorded: changes_a_poller_sees.json #7)."""
    told = {name: one for name, one in value.items() if name != "extensions"}
    if field.name == "priceDefinition" or "netPrice" in told:
        return told
    taxes = [
        {**one, "apiAlias": "cart_tax_calculated"} for one in told.get("calculatedTaxes") or ()
    ]
    rules = [{**one, "apiAlias": "cart_tax_rule"} for one in told.get("taxRules") or ()]
    whole = {**_CALCULATED_PRICE, **told, "calculatedTaxes": taxes, "taxRules": rules}
    return {**whole, "apiAlias": "calculated_price"}


def _string(value: Any, pointer: str, found: Violations) -> Any:
    if not isinstance(value, str):
        found.append(errors.wrong_type(pointer, value, "string"))
    elif len(value) > _LONGEST_STRING:
        found.append(errors.too_long(pointer, value, _LONGEST_STRING))
    return value


def _email(value: Any, pointer: str, found: Violations) -> Any:
    if isinstance(value, list | dict):
        found.append(errors.wrong_type(pointer, value, "string"))
    elif not EMAIL.fullmatch(str(value)):
        found.append(errors.bad_email(pointer, str(value)))
    return value


def _text(value: Any, pointer: str, found: Violations) -> Any:
    if not isinstance(value, str):
        found.append(errors.wrong_type(pointer, value, "string"))
    return value


def _bool(value: Any, pointer: str, found: Violations) -> Any:
    if not isinstance(value, bool):
        found.append(errors.wrong_type(pointer, value, "bool"))
    return value


def _int(value: Any, pointer: str, found: Violations) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        found.append(errors.wrong_type(pointer, value, "int"))
    return value


def _float(value: Any, pointer: str, found: Violations) -> Any:
    if not is_numeric(value):
        found.append(errors.wrong_type(pointer, value, "numeric"))
        return None
    return number(float(value))


def _json(value: Any, pointer: str, found: Violations) -> Any:
    if not isinstance(value, list | dict):
        found.append(errors.wrong_type(pointer, value, "array"))
    return _as_kept(value)


def _as_kept(value: Any) -> Any:
    """The shop cannot tell an empty object from an empty list: both are ``[]``."""
    if isinstance(value, dict):
        return {name: _as_kept(one) for name, one in value.items()} or []
    if isinstance(value, list):
        return [_as_kept(one) for one in value]
    return value


def _date(value: Any, pointer: str, found: Violations) -> str | None:
    if not isinstance(value, str):
        found.append(errors.wrong_type(pointer, value, "DateTimeInterface"))
        return None
    moment = parse_time(value)
    if moment is None:
        raise errors.plain(
            500,
            f"Failed to parse time string ({value}) at position 0 ({value[:1]}): "
            "The timezone could not be found in the database",
        )
    return moment


def _uuid(value: Any, pointer: str, found: Violations) -> Any:
    if not isinstance(value, str) or not HEX_ID.match(value):
        found.append(errors.bad_uuid(pointer, value))
    return value


def _password(value: Any, pointer: str, found: Violations) -> Any:
    return hashed(_text(value, pointer, found))


def hashed(password: Any) -> str:
    return "sha256:" + hashlib.sha256(str(password).encode()).hexdigest()


_CHECKS: dict[str, Check] = {
    "string": _string,
    "text": _text,
    "boolean": _bool,
    "int": _int,
    "float": _float,
    "json_object": _json,
    "json_list": _json,
    "date": _date,
    "uuid": _uuid,
    "password": _password,
}


# -- prices: one entry a currency ------------------------------------------------------------


def _prices(field: Field, value: Any, pointer: str, found: Violations) -> Any:
    if value is None or value in ([], {}):
        if field.has("required"):
            found.append(errors.blank(pointer, value))
        return None
    if not isinstance(value, list | dict):
        found.append(errors.wrong_type(pointer, value, "array"))
        return None
    before = len(found)
    keyed = value.items() if isinstance(value, dict) else enumerate(value)
    entries = {}
    for key, raw in keyed:
        entry = _price(raw, f"{pointer}/{key}", found)
        if entry:
            entries[entry["currencyId"]] = entry
    if len(found) == before and DEFAULT_CURRENCY not in entries:
        found.append(errors.said(pointer, "No price for default currency defined"))
    return list(entries.values())


def _price(raw: Any, pointer: str, found: Violations) -> dict[str, Any] | None:
    if not isinstance(raw, dict):
        found.append(errors.wrong_type(pointer, raw, "array"))
        return None
    before = len(found)
    for name in ("currencyId", "gross", "net", "linked"):
        if name not in raw:
            found.append(errors.missing_field(f"{pointer}/{name}", name))
    _price_currency(raw, pointer, found)
    for name in ("gross", "net"):
        if name in raw and (raw[name] is None or raw[name] == ""):
            found.append(errors.blank(f"{pointer}/{name}", raw[name]))
        elif name in raw and not is_numeric(raw[name]):
            found.append(errors.wrong_type(f"{pointer}/{name}", raw[name], "numeric"))
    if not isinstance(raw.get("linked", True), bool | None):
        found.append(errors.wrong_type(f"{pointer}/linked", raw["linked"], "boolean"))
    beside = _prices_beside(raw, pointer, found)
    if len(found) > before:
        return None
    return {
        "currencyId": raw["currencyId"],
        "net": number(float(raw["net"])),
        "gross": number(float(raw["gross"])),
        "linked": bool(raw["linked"]),
        **beside,
    }


def _prices_beside(raw: dict[str, Any], pointer: str, found: Violations) -> dict[str, Any]:
    """What it cost before, where that is said."""
    return {
        name: _price({"currencyId": raw.get("currencyId"), **raw[name]}, f"{pointer}/{name}", found)
        for name in ("listPrice", "regulationPrice")
        if isinstance(raw.get(name), dict)
    }


def _price_currency(raw: dict[str, Any], pointer: str, found: Violations) -> None:
    currency = raw.get("currencyId", DEFAULT_CURRENCY)
    if not currency:
        found.append(errors.blank(f"{pointer}/currencyId", currency))
    elif not isinstance(currency, str) or not HEX_ID.match(currency):
        found.append(errors.bad_uuid(f"{pointer}/currencyId", currency))


def shown_price(entry: dict[str, Any]) -> dict[str, Any]:
    former, regulation = entry.get("listPrice"), entry.get("regulationPrice")
    return {
        "extensions": [],
        "currencyId": entry["currencyId"],
        "net": entry["net"],
        "gross": entry["gross"],
        "linked": entry["linked"],
        "listPrice": former and shown_price(former),
        "percentage": former and {side: _off(entry, former, side) for side in ("net", "gross")},
        "regulationPrice": regulation and shown_price(regulation),
        "apiAlias": "price",
    }


def _off(entry: dict[str, Any], former: dict[str, Any], side: str) -> float | int:
    """How many percent less than before."""
    before = former[side]
    return number(round(100 - entry[side] / before * 100, 2)) if before > 0 else 0
