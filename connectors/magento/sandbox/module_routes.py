"""The REST services that the bridge's module brings. Without it the shop knows no such routes.

Everything but ``me`` needs the module's own resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.auth import SELF
from connectors.magento.sandbox.errors import Refused, required
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.module import SECRETS, SETTINGS
from connectors.magento.sandbox.module_gifts import MOST_RULES, read_rule
from connectors.magento.sandbox.module_vouchers import shown
from connectors.magento.sandbox.routing import Call, Route

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]
RESOURCE = "LoyaltyBridge_Loyalty::bridge"
MOST_AT_ONCE, MOST_VOUCHERS_SHOWN = 500, 100
_DATA = "LoyaltyBridge\\Loyalty\\Api\\Data\\"
_SETTINGS = Type(f"{_DATA}SettingsInterface", dict.fromkeys(SETTINGS, "string"))
_BALANCE = Type(
    f"{_DATA}BalanceInterface",
    {
        "customer_id": "int",
        "available": "int",
        "pending": "int",
        "tier": "string",
        "tier_key": "string",
        "expiring": "int",
        "expires_on": "string",
    },
)
_GIFT = Type(f"{_DATA}GiftInterface", {"key": "string", "website_id": "int", "rule": "string"})
_VOUCHER = Type(
    f"{_DATA}VoucherInterface", {"code": "string", "customer_ids": "int[]", "email": "string"}
)
_NUMBERS = ("available", "pending", "expiring")
_TEXTS = ("tier", "tier_key", "expires_on")
NOTHING: Row = {"available": 0, "pending": 0, "tier": "", "tier_key": ""} | {
    "expiring": 0,
    "expires_on": "",
}
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,40}")


def _at_most(most: int, rows: Sequence[Any], what: str) -> None:
    if len(rows) > most:
        raise Refused(400, f"At most {most} {what} at once.")


# -- the module itself ----------------------------------------------------------------------


def module(shop: Shop, call: Call) -> Any:
    """``oldest_waiting``: in seconds."""
    known = shop.module
    return {
        "version": known.version,
        "api": known.api,
        "is_active": known.is_on,
        "told": known.setting("told"),
        "waiting": len(known.outbox),
        "oldest_waiting": known.outbox.oldest,
    }


def tell(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "settings", _SETTINGS, most=shop.most_items)
    call.work.kind = "write"
    for name in SETTINGS:
        value = given.get(name) or ""
        if value or name not in SECRETS:
            shop.module.settings[name] = value
    shop.module.outbox.nudge()
    return module(shop, call)


def forget(shop: Shop, call: Call) -> Any:
    call.work.kind = "write"
    shop.module.forget()
    return True


def hello(shop: Shop, call: Call) -> Any:
    nonce = parameter(call.body(), "nonce", "string")
    if not _NONCE.fullmatch(nonce):
        raise Refused(400, "The nonce must be 8 to 40 letters, digits, - or _.")
    call.work.kind = "write"
    shop.module.outbox.note("hello", "", [], token=f"hello-{nonce}")
    return True


# -- balances -------------------------------------------------------------------------------


def set_balances(shop: Shop, call: Call) -> Any:
    """Those that are refused hide no other."""
    given = parameter(call.body(), "balances", [_BALANCE], most=shop.most_items)
    _at_most(MOST_AT_ONCE, given, "balances")
    call.work.kind, call.work.rows = "write", len(given)
    refused = []
    for row in given:
        message = _wrong(shop, row)
        if message:
            refused.append({"customer_id": row.get("customer_id") or 0, "message": message})
        else:
            texts = {name: row.get(name) or "" for name in _TEXTS}
            shop.module.balances[row["customer_id"]] = {**NOTHING, **row, **texts}
    return refused


def _wrong(shop: Shop, row: Row) -> str:
    """Why it is refused. A number that is missing is never taken for 0."""
    if row.get("customer_id") not in shop.customers.rows:
        return "There is no such customer."
    bad = [name for name in _NUMBERS if row.get(name) is None or row[name] < 0]
    return f'"{bad[0]}" must be a whole number, 0 or more.' if bad else ""


def balances(shop: Shop, call: Call) -> Any:
    ids = [int(one) for one in _listed(call, "customerIds") if one.isdecimal()]
    _at_most(MOST_AT_ONCE, ids, "customers")
    there = [one for one in dict.fromkeys(ids) if one in shop.customers.rows]
    call.work.rows = len(there)
    return [_balance(shop, one) for one in there]


def _balance(shop: Shop, customer_id: int) -> Row:
    held = shop.module.balances.get(customer_id)
    fields = {name: (held or NOTHING)[name] for name in NOTHING}
    return {"customer_id": customer_id, "is_set": held is not None, **fields}


def _listed(call: Call, name: str) -> list[str]:
    value = call.query.get(name)
    if value is None:
        raise required(name)
    return [one.strip() for one in str(value).split(",") if one.strip()]


def drop_balances(shop: Shop, call: Call) -> Any:
    call.work.kind = "write"
    shop.module.balances.clear()
    return True


def me(shop: Shop, call: Call) -> Any:
    held = shop.module.balances.get(call.customer_id or 0)
    shown_to_him = {name: value for name, value in (held or NOTHING).items() if name in NOTHING}
    del shown_to_him["tier_key"]
    return {"is_member": held is not None, **shown_to_him}


# -- gifts ----------------------------------------------------------------------------------


def gifts(shop: Shop, call: Call) -> Any:
    return [{"key": key, **row} for key, row in sorted(shop.module.gifts.items())]


def put_gift(shop: Shop, call: Call) -> Any:
    """A rule that the module could not read is refused, so that none stands there in vain."""
    key = call.params["key"]
    given = parameter(call.body(), "gift", _GIFT, most=shop.most_items)
    if given.get("key") != key:
        raise Refused(400, "The key in the path and the key of the gift differ.")
    website, rule = given.get("website_id"), given.get("rule") or ""
    if website is None:
        raise required("website_id")
    if read_rule(rule, key) is None:
        raise Refused(400, "This rule cannot be read.")
    others = [row for k, row in shop.module.gifts.items() if k != key]
    if sum(row["website_id"] == website for row in others) >= MOST_RULES:
        raise Refused(400, f"At most {MOST_RULES} gift rules on a website.")
    call.work.kind = "write"
    shop.module.gifts[key] = {"website_id": website, "rule": rule}
    return {"key": key, **shop.module.gifts[key]}


def drop_gift(shop: Shop, call: Call) -> Any:
    call.work.kind = "write"
    shop.module.gifts.pop(call.params["key"], None)
    return True


# -- vouchers -------------------------------------------------------------------------------


def set_vouchers(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "vouchers", [_VOUCHER], most=shop.most_items)
    _at_most(MOST_AT_ONCE, given, "vouchers")
    call.work.kind, call.work.rows = "write", len(given)
    refused = []
    for row in given:
        code = (row.get("code") or "").strip()
        if not code or len(code) > 64:
            refused.append({"code": code, "message": "A code has 1 to 64 characters."})
        else:
            shop.module.vouchers.own(code, row.get("customer_ids") or [], row.get("email") or "")
    return refused


def vouchers(shop: Shop, call: Call) -> Any:
    codes = _listed(call, "codes")
    _at_most(MOST_VOUCHERS_SHOWN, codes, "vouchers")
    found = (shop.module.vouchers.of(code) for code in dict.fromkeys(c.upper() for c in codes))
    return [shown(row) for row in found if row is not None]


def forget_vouchers(shop: Shop, call: Call) -> Any:
    codes = parameter(call.body(), "codes", "string[]")
    _at_most(MOST_AT_ONCE, codes, "vouchers")
    call.work.kind = "write"
    shop.module.vouchers.forget(codes)
    return True


def _own(method: str, rest: str, handler: Callable[[Shop, Call], Any]) -> Route:
    return Route(method, f"loyalty-bridge/{rest}", RESOURCE, handler)


ROUTES = (
    _own("GET", "module", module),
    _own("PUT", "settings", tell),
    _own("DELETE", "settings", forget),
    _own("POST", "hello", hello),
    _own("POST", "balances", set_balances),
    _own("GET", "balances", balances),
    _own("DELETE", "balances", drop_balances),
    _own("GET", "gifts", gifts),
    _own("PUT", "gifts/{key}", put_gift),
    _own("DELETE", "gifts/{key}", drop_gift),
    _own("POST", "vouchers", set_vouchers),
    _own("GET", "vouchers", vouchers),
    _own("POST", "vouchers/forget", forget_vouchers),
    Route("GET", "loyalty-bridge/me", SELF, me),
)
