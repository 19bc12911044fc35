"""Customer groups (recorded: customer_groups.json)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.errors import Refused, internal, no_such, required
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.values import collated

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

NOT_LOGGED_IN = 0
DEFAULT = 1
CODE_LENGTH = 32
"""A longer code is cut without a word (recorded: #6)."""
CUSTOMER_TAX_CLASS = 3

TAX_CLASSES = (
    {"class_id": 2, "class_name": "Taxable Goods", "class_type": "PRODUCT"},
    {"class_id": 3, "class_name": "Retail Customer", "class_type": "CUSTOMER"},
)

GROUP = Type(
    "Magento\\Customer\\Api\\Data\\GroupInterface",
    {
        "id": "int",
        "code": "string",
        "tax_class_id": "int",
        "tax_class_name": "string",
        "extension_attributes": "any",
    },
)

_COLUMNS = {
    "id": lambda row: row["id"],
    "code": lambda row: row["code"],
    "tax_class_id": lambda row: row["tax_class_id"],
    "tax_class_name": lambda row: row["tax_class_name"],
}
_COLUMNS["customer_group_id"] = _COLUMNS["id"]
_COLUMNS["customer_group_code"] = _COLUMNS["code"]


@dataclass(slots=True)
class Groups:
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    next_id: int = 0
    default_id: int = DEFAULT
    """The group of those who just registered."""

    def add(self, code: str, tax_class_id: int = CUSTOMER_TAX_CLASS) -> dict[str, Any]:
        row = _row(self.next_id, code, tax_class_id)
        self.rows[row["id"]] = row
        self.next_id += 1
        return row

    def by_code(self, code: str) -> dict[str, Any] | None:
        """As the database compares."""
        wanted = collated(code)
        return next((row for row in self.rows.values() if collated(row["code"]) == wanted), None)

    def is_fixed(self, group_id: int) -> bool:
        """Cannot be deleted."""
        return group_id <= NOT_LOGGED_IN or group_id == self.default_id

    def get(self, group_id: int) -> dict[str, Any]:
        row = self.rows.get(group_id)
        if row is None:
            raise no_such("id", group_id)
        return row


def _row(group_id: int, code: str, tax_class_id: int) -> dict[str, Any]:
    named = next(one for one in TAX_CLASSES if one["class_id"] == tax_class_id)
    return {
        "id": group_id,
        "code": code,
        "tax_class_id": tax_class_id,
        "tax_class_name": named["class_name"],
    }


def search(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    rows, total = select(shop.groups.rows.values(), criteria, _COLUMNS, lambda name: internal())
    return answer([dict(row) for row in rows], criteria, total)


def get(shop: Shop, call: Call) -> Any:
    return dict(shop.groups.get(call.params["id"]))


def create(shop: Shop, call: Call) -> Any:
    """An id makes it a change of the group that has it: both are one service."""
    given = parameter(call.body(), "group", GROUP, most=shop.most_items)
    return _save(shop, call, given, given.get("id"))


def update(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "group", GROUP, most=shop.most_items)
    return _save(shop, call, given, call.params["id"])


def _save(shop: Shop, call: Call, given: dict[str, Any], group_id: int | None) -> Any:
    """As GroupRepository::save: code, tax class, the group itself, uniqueness."""
    code = str(given.get("code") or "")[:CODE_LENGTH]
    if not code.strip():
        raise required("code")
    tax_class_id = given.get("tax_class_id")
    if group_id is None:
        tax_class_id = tax_class_id or CUSTOMER_TAX_CLASS
    tax_class_id = _tax_class(tax_class_id)
    row = None if group_id is None else shop.groups.get(group_id)
    same = shop.groups.by_code(code)
    if same is not None and same is not row:
        raise Refused(400, "Customer Group already exists.")
    call.work.kind = "write"
    if row is None:
        return dict(shop.groups.add(code, tax_class_id))
    shop.groups.rows[row["id"]] = _row(row["id"], code, tax_class_id)
    return dict(shop.groups.rows[row["id"]])


def _tax_class(tax_class_id: int | None) -> int:
    """A change that leaves it out is refused: there is none to fall back to."""
    customer_classes = [one["class_id"] for one in TAX_CLASSES if one["class_type"] == "CUSTOMER"]
    if tax_class_id is None or tax_class_id not in customer_classes:
        raise Refused(
            400,
            'Invalid value of "%value" provided for the %fieldName field.',
            {"fieldName": "taxClassId", "value": tax_class_id},
        )
    return tax_class_id


def delete(shop: Shop, call: Call) -> Any:
    """Its customers fall back to the default group; its tier prices go with it."""
    group_id = call.params["id"]
    shop.groups.get(group_id)
    if shop.groups.is_fixed(group_id):
        raise Refused(400, "Cannot delete group.")
    call.work.kind = "write"
    del shop.groups.rows[group_id]
    shop.customers.leave_group(group_id, shop.groups.default_id, shop.now())
    shop.tiers.drop_group(group_id)
    return True


def is_readonly(shop: Shop, call: Call) -> Any:
    if call.params["id"] not in shop.groups.rows:
        raise no_such("groupId", call.params["id"])
    return shop.groups.is_fixed(call.params["id"])


def default(shop: Shop, call: Call) -> Any:
    store_id = call.params.get("storeId", 1)
    if store_id not in (0, 1):
        raise Refused(
            404, "The store that was requested wasn't found. Verify the store and try again."
        )
    return dict(shop.groups.get(shop.groups.default_id))


def set_default(shop: Shop, call: Call) -> Any:
    shop.groups.get(call.params["id"])
    call.work.kind = "write"
    shop.groups.default_id = call.params["id"]
    return call.params["id"]


def search_tax_classes(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    columns = {name: lambda row, name=name: row[name] for name in TAX_CLASSES[0]}
    rows, total = select(TAX_CLASSES, criteria, columns, lambda name: internal())
    return answer([dict(row) for row in rows], criteria, total)


def get_tax_class(shop: Shop, call: Call) -> Any:
    wanted = call.params["taxClassId"]
    found = next((dict(one) for one in TAX_CLASSES if one["class_id"] == wanted), None)
    if found is None:
        raise no_such("class_id", wanted)
    return found


_GROUP = "Magento_Customer::group"
_TAX = "Magento_Tax::manage_tax"

ROUTES = (
    Route("GET", "customerGroups/search", _GROUP, search),
    Route("GET", "customerGroups/default", _GROUP, default),
    Route("GET", "customerGroups/default/{storeId:int}", _GROUP, default),
    Route("PUT", "customerGroups/default/{id:int}", _GROUP, set_default),
    Route("GET", "customerGroups/{id:int}", _GROUP, get),
    Route("POST", "customerGroups", _GROUP, create),
    Route("PUT", "customerGroups/{id:int}", _GROUP, update),
    Route("DELETE", "customerGroups/{id:int}", _GROUP, delete),
    Route("GET", "customerGroups/{id:int}/permissions", _GROUP, is_readonly),
    Route("GET", "taxClasses/search", _TAX, search_tax_classes),
    Route("GET", "taxClasses/{taxClassId:int}", _TAX, get_tax_class),
)
