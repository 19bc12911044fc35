"""What a webhook says of what happened: rows that were written, or the whole order or customer.

Recorded: app_system.json. A business event shows what a storefront may read of an entity
(``store_readable``), in the frame of the Admin API; what was not loaded is ``null``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.shopware.sandbox.criteria import Criteria
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.definitions import Definition, definitions
from connectors.shopware.sandbox.happenings import Change, Event, Happening, Written
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.values import Reader

Tree = dict[str, Any]
"""Names of associations that are loaded, and of those below them."""

HOOKABLE = frozenset(
    {
        "product",
        "product_price",
        "category",
        "sales_channel",
        "customer",
        "customer_address",
        "order",
        "document",
        "media",
    }
)
"""Entities whose writes an app can listen to (PLATFORM_FACTS Shopware 5)."""

_NAMES = {"order": "order", "customer": "customer", "newsletter_recipient": "newsletterRecipient"}
"""Under which name an event holds an entity (recorded: events.json)."""

_ADDRESS: Tree = {"country": {}, "salutation": {}}
_CUSTOMER: Tree = {
    "salutation": {},
    "defaultBillingAddress": _ADDRESS,
    "defaultShippingAddress": _ADDRESS,
    "addresses": {},
}
_DELIVERY: Tree = {
    "shippingOrderAddress": {"country": {}},
    "shippingMethod": {"deliveryTime": {}},
}
_ORDER: Tree = {
    "orderCustomer": {"salutation": {}},
    "currency": {},
    "addresses": {"country": {}},
    "lineItems": {"downloads": {}},
    "stateMachineState": {},
}
_PLACED: Tree = {
    **_ORDER,
    "deliveries": {**_DELIVERY, "stateMachineState": {}},
    "transactions": {"paymentMethod": {}, "stateMachineState": {}},
}
_STATE: Tree = {
    **_ORDER,
    "language": {"locale": {}},
    "deliveries": _DELIVERY,
    "transactions": {"paymentMethod": {}},
    "tags": {},
}
"""Recorded: #5, #10, #13."""

_FRAME = ("extensions", "_uniqueIdentifier", "versionId", "translated")


def messages(database: Database, happening: Happening) -> Iterator[tuple[str, str, Any]]:
    """Event name, the entity an app must be allowed to read, and payload."""
    if isinstance(happening, Written):
        yield from _written(happening)
    else:
        payload = _event(database, happening)
        if payload is not None:
            yield happening.name, happening.entity, payload


def _written(happening: Written) -> Iterator[tuple[str, str, Any]]:
    """One message per entity, with all its rows of one write."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for change in happening.changes:
        if change.entity in HOOKABLE:
            kind = "deleted" if change.operation == "delete" else "written"
            rows.setdefault((change.entity, kind), []).append(_row(change))
    for (entity, kind), found in rows.items():
        yield f"{entity}.{kind}", entity, found


def _row(change: Change) -> dict[str, Any]:
    row: dict[str, Any] = {
        "entity": change.entity,
        "operation": change.operation,
        "primaryKey": change.primary_key,
    }
    if change.operation != "delete":
        row["updatedFields"] = list(change.updated_fields)
    if change.version_id is not None:
        row["versionId"] = change.version_id
    return row


def _event(database: Database, event: Event) -> dict[str, Any] | None:
    """``None`` for an event about something no sandbox app listens to, or that is gone."""
    name = _NAMES.get(event.entity)
    if name is None:
        return None
    definition = definitions()[event.entity]
    with database.lock:
        row = database[event.entity].by_id(event.entity_id)
        if row is None:
            return None
        reader = Reader(database)
        shown = present(reader, definition, row, _criteria(definition, _tree(event)), {})
    return {name: _as_sent(shown)}


def _tree(event: Event) -> Tree:
    if event.entity == "order":
        return _PLACED if event.name == "checkout.order.placed" else _STATE
    return _CUSTOMER if event.entity == "customer" else {}


def _criteria(definition: Definition, tree: Tree) -> Criteria:
    inner = {
        name: _criteria(definitions()[definition.associations[name].entity], below)
        for name, below in tree.items()
        if definition.associations[name].entity in definitions()
    }
    return Criteria(definition, associations=inner)


def _as_sent(value: Any) -> Any:
    """As PHP writes it: nothing is an empty list, a whole number has no decimals."""
    if isinstance(value, list):
        return [_as_sent(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, dict):
        return value
    if "_uniqueIdentifier" in value and value.get("apiAlias") in definitions():
        value = _entity(value)
    return {name: _as_sent(one) for name, one in value.items()} or []


def _entity(shown: dict[str, Any]) -> dict[str, Any]:
    definition = definitions()[shown["apiAlias"]]
    readable = (n for n, field in definition.fields.items() if field.has("store_readable"))
    names = [name for name in readable if name not in _FRAME]
    frame = {name: shown[name] for name in _FRAME} | {"extensions": _extensions(definition)}
    rest = {name: shown.get(name) for name in names}
    if definition.entity == "shipping_method":
        rest["prices"] = []  # empty rather than null, though there are some
    return {**frame, **rest, "apiAlias": definition.entity}


def _extensions(definition: Definition) -> dict[str, Any]:
    keys = {"extensions": [], "apiAlias": f"{definition.entity}_foreign_keys_extension"}
    found: dict[str, Any] = {"foreignKeys": keys}
    if definition.translatable:
        found["internal_mapping_storage"] = {"extensions": [], "apiAlias": None}
    return found
