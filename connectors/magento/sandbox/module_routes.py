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
from connectors.magento.sandbox.stores import website_ids

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]
RESOURCE = "LoyaltyBridge_Loyalty::bridge"
MOST_AT_ONCE, MOST_VOUCHERS_SHOWN = 500, 100
_MOST_OWNERS, _LONGEST_CODE = 1000, 64
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
_NUMBERS = ("available", "pending")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?")
_ID = re.compile(r"[1-9][0-9]{0,9}")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
NOTHING: Row = {"available": 0, "pending": 0, "tier": "", "tier_key": ""} | {
    "expiring": 0,
    "expires_on": "",
}
_LONGEST_URL, _LONGEST_SETTING = 2000, 255
_URL = re.compile(r"https?://[^/?#\s@]+(/[^?#\s]*)?", re.IGNORECASE)
_NOWHERE = "Nothing can be sent: the module is switched off, or was told no address or no secret."
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,40}")


def _at_most(most: int, rows: Sequence[Any]) -> None:
    if len(rows) > most:
        raise Refused(400, "At most %1 in a call.", [most])


def _listed(call: Call, name: str) -> list[str]:
    """``A,B``: each once."""
    value = call.query.get(name)
    if value is None:
        raise required(name)
    return list(dict.fromkeys(one.strip() for one in str(value).split(",") if one.strip()))


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
    """What is not said stays as it is."""
    given = parameter(call.body(), "settings", _SETTINGS, most=shop.most_items)
    call.work.kind = "write"
    told = {name: given[name] for name in SETTINGS if given.get(name) is not None}
    for name, value in told.items():
        _check_setting(name, value)
    kept = {name: value for name, value in told.items() if value or name not in SECRETS}
    shop.module.settings |= kept
    shop.module.outbox.nudge()
    return module(shop, call)


def _check_setting(name: str, value: str) -> None:
    if name.endswith("_url"):
        if value and (len(value) > _LONGEST_URL or not _URL.fullmatch(value)):
            said = "%1 must be a whole http or https address without a query."
            raise Refused(400, said, [name])
    elif len(value) > _LONGEST_SETTING:
        raise Refused(400, "%1 is too long.", [name])


def forget(shop: Shop, call: Call) -> Any:
    call.work.kind = "write"
    shop.module.forget()
    return True


def hello(shop: Shop, call: Call) -> Any:
    nonce = parameter(call.body(), "nonce", "string")
    if not _NONCE.fullmatch(nonce):
        raise Refused(400, 'A nonce has 8 to 40 letters, digits, "-" and "_".')
    if not shop.module.tells:
        raise Refused(400, _NOWHERE)
    call.work.kind = "write"
    shop.module.outbox.note("hello", "", [], token=f"hello-{nonce}")
    return True


# -- balances -------------------------------------------------------------------------------


def set_balances(shop: Shop, call: Call) -> Any:
    """Those that are refused hide no other; who is not there comes last."""
    given = parameter(call.body(), "balances", [_BALANCE], most=shop.most_items)
    _at_most(MOST_AT_ONCE, given)
    call.work.kind, call.work.rows = "write", len(given)
    refused, unknown = [], []
    for row in given:
        customer_id, message = row.get("customer_id") or 0, _wrong(row)
        if message:
            refused.append({"customer_id": customer_id, "message": message})
        elif customer_id not in shop.customers.rows:
            unknown.append({"customer_id": customer_id, "message": "There is no such customer."})
        else:
            told = {name: row[name] for name in NOTHING if row.get(name) is not None}
            shop.module.balances[customer_id] = {"customer_id": customer_id, **NOTHING, **told}
    return [*refused, *unknown]


def _wrong(row: Row) -> str:
    """Why it is refused. What can be spent is never taken for 0 where it is missing."""
    if (row.get("customer_id") or 0) < 1:
        return "customer_id is missing."
    numbers = {**{name: row.get(name) for name in _NUMBERS}, "expiring": row.get("expiring") or 0}
    for name, number in numbers.items():
        if number is None or number < 0:
            return f"{name} must be a number that is not negative."
    if not _DAY.fullmatch(row.get("expires_on") or ""):
        return "expires_on must look like 2030-12-31."
    return ""


def balances(shop: Shop, call: Call) -> Any:
    ids = _listed(call, "customerIds")
    for one in ids:
        if not _ID.fullmatch(one):
            raise Refused(400, '"%1" is no id.', [one])
    _at_most(MOST_AT_ONCE, ids)
    there = sorted(int(one) for one in ids if int(one) in shop.customers.rows)
    call.work.rows = len(there)
    return [_balance(shop, one) for one in there]


def _balance(shop: Shop, customer_id: int) -> Row:
    held = shop.module.balances.get(customer_id)
    fields = {name: (held or NOTHING)[name] for name in NOTHING}
    return {"customer_id": customer_id, "is_set": held is not None, **fields}


def drop_balances(shop: Shop, call: Call) -> Any:
    call.work.kind = "write"
    shop.module.balances.clear()
    return True


def me(shop: Shop, call: Call) -> Any:
    held = shop.module.balances.get(call.customer_id or 0) if shop.module.is_on else None
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
    website, rule = given.get("website_id") or 0, given.get("rule") or ""
    if website < 1 or website not in website_ids():
        raise Refused(400, "There is no website of the id %1.", [website])
    if not _KEY.fullmatch(key) or given.get("key") != key:
        raise Refused(400, "The key of the rule is not the one in the address.")
    if read_rule(rule, key) is None:
        raise Refused(400, "This rule is not understood.")
    others = [row for other, row in shop.module.gifts.items() if other != key]
    if sum(row["website_id"] == website for row in others) >= MOST_RULES:
        raise Refused(400, "At most %1 rules a website.", [MOST_RULES])
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
    _at_most(MOST_AT_ONCE, given)
    call.work.kind, call.work.rows = "write", len(given)
    refused = []
    for row in given:
        message = _wrong_voucher(row)
        if message:
            refused.append({"code": row.get("code") or "", "message": message})
        else:
            shop.module.vouchers.own(row["code"], row["customer_ids"], row.get("email") or "")
    return refused


def _wrong_voucher(row: Row) -> str:
    """Without a list of owners it would be anybody's; 0 is nobody."""
    code, owners = (row.get("code") or "").strip(), row.get("customer_ids")
    if not code or len(code) > _LONGEST_CODE or "," in code:
        return f"A code has 1 to {_LONGEST_CODE} characters and no comma."
    if owners is None or len(owners) > _MOST_OWNERS:
        return f"customer_ids must be a list of at most {_MOST_OWNERS}."
    return "customer_ids must be ids of customers." if any(one < 0 for one in owners) else ""


def vouchers(shop: Shop, call: Call) -> Any:
    codes = _listed(call, "codes")
    _at_most(MOST_VOUCHERS_SHOWN, codes)
    found = (shop.module.vouchers.of(code) for code in sorted({one.upper() for one in codes}))
    return [shown(row) for row in found if row is not None]


def forget_vouchers(shop: Shop, call: Call) -> Any:
    codes = parameter(call.body(), "codes", "string[]")
    _at_most(MOST_AT_ONCE, codes)
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
