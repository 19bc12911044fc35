"""Customers (recorded: customers.json)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import passwords
from connectors.magento.sandbox.addresses import ADDRESS, Addresses, allowed, check
from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.errors import Refused, no_such, unknown_attribute
from connectors.magento.sandbox.groups import NOT_LOGGED_IN
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.recorded import recorded
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.stores import STORE_IDS, STORE_VIEW, website_ids

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

_SCALARS: dict[str, Any] = {
    "id": "int",
    "group_id": "int",
    "default_billing": "string",
    "default_shipping": "string",
    "confirmation": "string",
    "created_at": "string",
    "updated_at": "string",
    "created_in": "string",
    "dob": "string",
    "email": "string",
    "firstname": "string",
    "lastname": "string",
    "middlename": "string",
    "prefix": "string",
    "suffix": "string",
    "gender": "int",
    "store_id": "int",
    "taxvat": "string",
    "website_id": "int",
}
CUSTOMER = Type(
    "Magento\\Customer\\Api\\Data\\CustomerInterface",
    {
        **_SCALARS,
        "addresses": [ADDRESS],
        "disable_auto_group_change": "int",
        "extension_attributes": "any",
        "custom_attributes": "any",
    },
)
_GIVEN = ("dob", "email", "firstname", "lastname", "middlename", "prefix", "suffix", "gender")
_SETTABLE = (*_GIVEN, "group_id", "store_id", "taxvat", "website_id", "confirmation")
_REQUIRED = (("firstname", "First Name"), ("lastname", "Last Name"), ("email", "Email"))

Row = dict[str, Any]


def _column(name: str) -> Callable[[Row], Any]:
    return lambda row: row.get(name)


def _billing(name: str) -> Callable[[Row], Any]:
    """Of the default billing address, which the shop joins to its list."""

    def value(row: Row) -> Any:
        wanted = row.get("default_billing")
        found = (one for one in row["addresses"] if str(one["id"]) == wanted)
        return next((one.get(name) for one in found), None)

    return value


_COLUMNS: dict[str, Callable[[Row], Any]] = {
    **{name: _column(name) for name in _SCALARS if name != "id"},
    "entity_id": _column("id"),
    "disable_auto_group_change": _column("disable_auto_group_change"),
} | {
    f"billing_{name}": _billing(name)
    for name in ("postcode", "city", "telephone", "country_id", "company")
}


@dataclass(slots=True)
class Customers:
    on_save: Callable[[int], object]
    """Hears of every customer who is saved."""
    rows: dict[int, Row] = field(default_factory=dict)
    """By id; a row holds what is set, addresses included."""
    passwords: dict[int, str] = field(default_factory=dict)
    addresses: Addresses = field(default_factory=Addresses)
    next_id: int = 1
    _ids: dict[str, int] = field(default_factory=dict)

    def by_email(self, email: str) -> Row | None:
        return self.rows.get(self._ids.get(email.lower(), 0))

    def get(self, customer_id: int) -> Row:
        row = self.rows.get(customer_id)
        if row is None:
            raise no_such("customerId", customer_id)
        return row

    def put(self, row: Row) -> None:
        old = self.rows.get(row["id"])
        if old is not None:
            del self._ids[old["email"].lower()]
        self.rows[row["id"]] = row
        self._ids[row["email"].lower()] = row["id"]
        self.on_save(row["id"])

    def remove(self, customer_id: int) -> None:
        row = self.rows.pop(customer_id)
        del self._ids[row["email"].lower()]
        self.passwords.pop(customer_id, None)

    def leave_group(self, group_id: int, other: int, at: str) -> None:
        for row in self.rows.values():
            if row["group_id"] == group_id:
                row["group_id"], row["updated_at"] = other, at

    def new(self, given: Row, *, at: str, password: str | None = None) -> Row:
        """Adds a customer; what is given has been checked."""
        row: Row = {"group_id": 1, "store_id": 1, "website_id": 1}
        row |= {name: given[name] for name in _SETTABLE if given.get(name) is not None}
        row |= {"id": self.next_id, "created_at": at, "updated_at": at, "created_in": STORE_VIEW}
        row["disable_auto_group_change"] = given.get("disable_auto_group_change") or 0
        row["extension_attributes"] = {"is_subscribed": _subscribed(given) or False}
        self.next_id += 1
        self.addresses.assign(row, given.get("addresses") or [])
        self.put(row)
        if password:
            self.passwords[row["id"]] = password
        return row


def _subscribed(given: Row) -> bool | None:
    extension = given.get("extension_attributes")
    wish = extension.get("is_subscribed") if isinstance(extension, dict) else None
    return None if wish is None else bool(wish)


_ORDER = (*_SCALARS, "addresses", "disable_auto_group_change", "extension_attributes")


def shown(row: Row) -> Row:
    """In the shop's order of fields; what is not set is left out."""
    return {name: row[name] for name in _ORDER if row.get(name) is not None}


# -- services -------------------------------------------------------------------------------


def search(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    rows, total = select(shop.customers.rows.values(), criteria, _COLUMNS, unknown_attribute)
    call.work.rows = len(rows)
    return answer([shown(row) for row in rows], criteria, total)


def get(shop: Shop, call: Call) -> Any:
    return shown(shop.customers.get(call.params["customerId"]))


def me(shop: Shop, call: Call) -> Any:
    assert call.customer_id is not None
    return shown(shop.customers.get(call.customer_id))


def create(shop: Shop, call: Call) -> Any:
    body = call.body()
    given = parameter(body, "customer", CUSTOMER, most=shop.most_items)
    password = body.get("password")
    if password is not None:
        passwords.check(str(password), str(given.get("email") or ""))
    _check_store(given)
    _check_values(shop, given, given, own=None)
    given["addresses"] = allowed(given.get("addresses") or [])
    check(given["addresses"])
    if given.get("group_id") is None:
        given["group_id"] = shop.groups.default_id
    call.work.kind = "write"
    return shown(shop.customers.new(given, at=shop.now(), password=password))


def _check_store(given: Row) -> None:
    website, store = given.get("website_id"), given.get("store_id")
    if website and website not in website_ids():
        raise Refused(
            404,
            "The website with id %1 that was requested wasn't found. Verify the website and try "
            "again.",
            [website],
        )
    if store and store not in STORE_IDS:
        raise Refused(400, "The store view is not in the associated website.")


def update(shop: Shop, call: Call) -> Any:
    """What is left out stays (recorded: #13 to #16), unless the shop is told to be of a version
    where it does not (PLATFORM_FACTS Magento 16)."""
    given = parameter(call.body(), "customer", CUSTOMER, most=shop.most_items)
    old = shop.customers.rows.get(_own_id(call.params["customerId"]))
    if old is None:
        raise no_such("customerId", call.params["customerId"])
    kept = _reset(old) if shop.faults.shop["minimal_put_resets"] else dict(old)
    row = kept | {name: given[name] for name in _SETTABLE if given.get(name) is not None}
    if given.get("disable_auto_group_change") is not None:
        row["disable_auto_group_change"] = given["disable_auto_group_change"]
    _check_values(shop, row, given, own=row["id"])
    if given.get("addresses") is not None:
        check(given["addresses"])
        shop.customers.addresses.assign(row, given["addresses"])
    if _subscribed(given) is not None:
        row["extension_attributes"] = {"is_subscribed": _subscribed(given)}
    row["updated_at"] = shop.now()
    call.work.kind = "write"
    shop.customers.put(row)
    return shown(row)


def _own_id(text: str) -> int:
    return int(text) if re.fullmatch(r"\d+", text) else 0


def _reset(old: Row) -> Row:
    kept = ("id", "created_at", "created_in", "email", "firstname", "lastname", "store_id")
    row = {name: old[name] for name in kept}
    row |= {"group_id": 1, "website_id": old["website_id"], "disable_auto_group_change": 0}
    return row | {"addresses": [], "extension_attributes": old["extension_attributes"]}


def delete(shop: Shop, call: Call) -> Any:
    shop.customers.get(call.params["customerId"])
    call.work.kind = "write"
    shop.customers.remove(call.params["customerId"])
    shop.carts.drop_customer(call.params["customerId"])
    shop.orders.forget_customer(call.params["customerId"])
    shop.module.balances.pop(call.params["customerId"], None)
    return True


def _check_values(shop: Shop, row: Row, given: Row, own: int | None) -> None:
    """In the shop's order: group, attributes, uniqueness."""
    group_id = given.get("group_id")
    if group_id and group_id not in shop.groups.rows:
        raise Refused(400, "The specified customer group id does not exist.")
    if given.get("dob"):
        row["dob"] = given["dob"] = _date(given["dob"])
    missing = [label for name, label in _REQUIRED if not row.get(name)]
    if missing:
        raise Refused(400, "\n".join(f'"{label}" is a required value.' for label in missing))
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}", row["email"]):
        raise Refused(400, '"Email" is not a valid email address.')
    same = shop.customers.by_email(row["email"])
    if same is not None and same["id"] != own:
        raise Refused(
            400, "A customer with the same email address already exists in an associated website."
        )


def _date(given: str) -> str:
    """Year, month, day; or month, day, year, the American way."""
    ours = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", given)
    theirs = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", given)
    year, month, day = (
        ours.groups() if ours else (theirs[3], theirs[1], theirs[2]) if theirs else ("0",) * 3
    )
    try:
        return str(date(int(year), int(month), int(day)))
    except ValueError:
        raise Refused(400, "Invalid date") from None


def _address(shop: Shop, address_id: Any) -> Any:
    everyone = shop.customers.rows.values()
    found = (one for row in everyone for one in row["addresses"] if one["id"] == address_id)
    return next(found, None)


def get_address(shop: Shop, call: Call) -> Any:
    found = _address(shop, call.params["addressId"])
    if found is None:
        raise no_such("addressId", call.params["addressId"])
    return found


def default_address(kind: str) -> Callable[[Shop, Call], Any]:
    """An empty list where there is none: so PHP writes null."""

    def service(shop: Shop, call: Call) -> Any:
        row = shop.customers.get(call.params.get("customerId") or call.customer_id or 0)
        return _address(shop, int(row.get(f"default_{kind}", 0))) or []

    return service


def confirmation(shop: Shop, call: Call) -> Any:
    shop.customers.get(call.params["customerId"])
    return "account_confirmation_not_required"


def is_readonly(shop: Shop, call: Call) -> Any:
    shop.customers.get(call.params["customerId"])
    return False


def is_email_available(shop: Shop, call: Call) -> Any:
    email = parameter(call.body(), "customerEmail", "string")
    return shop.customers.by_email(email) is None


def attributes(shop: Shop, call: Call) -> Any:
    """The groups are choices of one attribute, sorted by name (recorded: #0)."""
    groups = [row for row in shop.groups.rows.values() if row["id"] != NOT_LOGGED_IN]
    groups.sort(key=lambda row: row["code"].lower())
    options = [{"label": row["code"], "value": str(row["id"])} for row in groups]
    return [
        {**one, "options": options} if one["attribute_code"] == "group_id" else one
        for one in recorded()["customer_attributes"]
    ]


def attribute(shop: Shop, call: Call) -> Any:
    code = call.params["attributeCode"]
    for one in attributes(shop, call):
        if one["attribute_code"] == code:
            return one
    raise Refused(
        404,
        "No such entity with %fieldName = %fieldValue, %field2Name = %field2Value",
        {
            "fieldName": "entityType",
            "fieldValue": "customer",
            "field2Name": "attributeCode",
            "field2Value": code,
        },
    )


def own_attributes(shop: Shop, call: Call) -> Any:
    """None: a stock shop has no attributes of its own, and no service makes one."""
    return []


_CUSTOMER = "Magento_Customer::customer"
_MANAGE = "Magento_Customer::manage"

ROUTES = (
    Route("GET", "customers/search", _CUSTOMER, search),
    Route("GET", "customers/me", "self", me),
    Route("GET", "customers/me/billingAddress", "self", default_address("billing")),
    Route("GET", "customers/me/shippingAddress", "self", default_address("shipping")),
    Route("GET", "customers/{customerId:int}/billingAddress", _MANAGE, default_address("billing")),
    Route(
        "GET", "customers/{customerId:int}/shippingAddress", _MANAGE, default_address("shipping")
    ),
    Route("GET", "customers/addresses/{addressId:int}", _MANAGE, get_address),
    Route("GET", "customers/{customerId:int}/confirm", _MANAGE, confirmation),
    Route("GET", "customers/{customerId:int}/permissions/readonly", _CUSTOMER, is_readonly),
    Route("GET", "customers/{customerId:int}", _CUSTOMER, get),
    Route("POST", "customers", "anonymous", create),
    Route("PUT", "customers/{customerId}", _MANAGE, update),
    Route("DELETE", "customers/{customerId:int}", "Magento_Customer::delete", delete),
    Route("POST", "customers/isEmailAvailable", "anonymous", is_email_available),
    Route("GET", "attributeMetadata/customer", "anonymous", attributes),
    Route("GET", "attributeMetadata/customer/custom", "anonymous", own_attributes),
    Route("GET", "attributeMetadata/customer/attribute/{attributeCode}", "anonymous", attribute),
)
