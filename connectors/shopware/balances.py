"""Points in the shop: typed custom fields of the customer, in a set the bridge makes.

An update of ``customFields`` merges by key (recorded: customers.json #11, #16, #17; shopware
``CustomFieldsSerializer::encode`` turns it into a JSON update of what exists, whether it comes by
PATCH or sync), so what other tools keep there stays. Two things would wipe it and are never sent:
``customFields: null`` and ``customFields: {}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.errors import ConnectorError, Mismatch, NotFound
from connectors.sales import Balance
from connectors.shopware import code_owners, ids, points_held
from connectors.shopware.batches import send_all
from connectors.shopware.client import ShopwareClient, any_of, operation
from connectors.shopware.paging import Criteria, Row

PREFIX = "loyalty_bridge_"
SET_NAME = "loyalty_bridge"
_POINTS, _PENDING = f"{PREFIX}points", f"{PREFIX}pending"
_TIER, _TIER_KEY = f"{PREFIX}tier", f"{PREFIX}tier_key"
_EXPIRING, _EXPIRES_ON = f"{PREFIX}expiring", f"{PREFIX}expires_on"

FIELDS: Mapping[str, tuple[str, str, str]] = {
    _POINTS: ("int", "Points", "Punkte"),
    _PENDING: ("int", "Pending points", "Vorgemerkte Punkte"),
    _TIER: ("text", "Tier", "Stufe"),
    _TIER_KEY: ("text", "Tier key", "Schlüssel der Stufe"),
    _EXPIRING: ("int", "Points that expire next", "Als Nächstes verfallende Punkte"),
    _EXPIRES_ON: ("text", "They expire at the end of", "Sie verfallen mit Ablauf des"),
}
"""Type and labels (en-GB, de-DE). A day is text: the shop would turn a date into a moment in its
own time zone."""

_OURS = (*FIELDS, *(f"{points_held.PREFIX}{name}" for name in points_held.FIELDS))
"""Also what the app takes off baskets, and whose codes it guards: its fields go with it,
the customers' values stay (PLUGIN_FACTS "Custom fields, configuration")."""

_LABEL = ("Loyalty", "Treueprogramm")
_CUSTOMER: Criteria = {"includes": {"customer": ["id", "customFields"]}}
_PER_CALL = 100


class ShopwareBalances:
    """Safe to share between threads."""

    def __init__(self, client: ShopwareClient, mark: str) -> None:
        self._client = client
        self._mark = mark

    def prepare(self) -> None:
        """Makes the set, the fields and the relation that are missing; what is there stays as an
        administrator may have arranged it. Raises Mismatch when a field of the name is somebody
        else's: names are unique in a shop."""
        fields = self._fields()
        self._refuse_foreign(fields)
        there = {str(row["id"]) for row in fields}
        payload = self._set_payload(there, with_labels=not self._has_set())
        self._client.sync({"set": operation("custom_field_set", "upsert", [payload])})

    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        rows = self._customers(customer_ids)
        return {str(row["id"]): balance_of(row) for row in rows}

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        """One call for all; it is one transaction, so a customer the shop refuses is told apart
        first (PLATFORM_FACTS Shopware 11)."""
        rows = [{"id": c, "customFields": fields_of(b)} for c, b in balances.items()]
        refused = {str(row["id"]): error for row, error in self._send(rows)}
        return self._explained(refused)

    def remove(self) -> None:
        """Values first, then the set with its fields. The shop merges, so a value that is taken
        away leaves an empty key behind. Values under fields of somebody else's are his."""
        if not self._foreign(self._fields()):
            self._clear_values()
        with suppress(NotFound):
            self._client.delete("custom_field_set", self._set_id)

    # -- customers --------------------------------------------------------------------------

    def _customers(self, customer_ids: Iterable[str]) -> list[Row]:
        wanted = list(dict.fromkeys(customer_ids))
        found: list[Row] = []
        for start in range(0, len(wanted), _PER_CALL):
            some = wanted[start : start + _PER_CALL]
            found += self._client.search(
                "customer", {**_CUSTOMER, "ids": some, "limit": len(some)}
            ).rows
        return found

    def _send(self, rows: Sequence[Row]) -> list[tuple[Row, ConnectorError]]:
        return send_all(rows, self._upsert, _PER_CALL, lambda row, _: str(row["id"]))

    def _upsert(self, rows: Sequence[Row]) -> None:
        self._client.sync({"customers": operation("customer", "upsert", rows)})

    def _explained(self, refused: dict[str, ConnectorError]) -> dict[str, ConnectorError]:
        """An upsert of a customer who is gone is an attempt to make one, and refused for all that
        a customer must have (recorded: customers.json #19)."""
        if not refused:
            return refused
        there = {str(row["id"]) for row in self._customers(refused)}
        gone = "There is no customer with the id {} in the shop"
        return {
            customer: error if customer in there else NotFound(gone.format(customer))
            for customer, error in refused.items()
        }

    def _clear_values(self) -> None:
        """Walks all customers: a filter on a custom field could pass over a value that is 0."""
        includes = {"includes": {"customer": ["id", "autoIncrement", "customFields"]}}
        waiting: list[Row] = []
        for row in self._client.walk("customer", includes):
            fields = _custom_fields(row)
            there = [name for name in fields if fields[name] is not None and _is_ours(name)]
            if there:
                waiting.append({"id": str(row["id"]), "customFields": dict.fromkeys(there)})
            if len(waiting) == _PER_CALL:
                self._take_away(waiting)
                waiting = []
        self._take_away(waiting)

    def _take_away(self, rows: Sequence[Row]) -> None:
        for row, error in self._send(rows) if rows else ():
            if self._customers([str(row["id"])]):
                raise error

    # -- the set ----------------------------------------------------------------------------

    @property
    def _set_id(self) -> str:
        return ids.derived_id(self._mark, "custom-field-set", SET_NAME)

    def _field_id(self, name: str) -> str:
        return ids.derived_id(self._mark, "custom-field", name)

    def _fields(self) -> list[Row]:
        criteria = {
            "filter": [any_of("name", list(FIELDS))],
            "includes": {"custom_field": ["id", "name", "type"]},
            "limit": len(FIELDS),
        }
        return self._client.search("custom_field", criteria).rows

    def _has_set(self) -> bool:
        criteria = {"ids": [self._set_id], "limit": 1, "includes": {"custom_field_set": ["id"]}}
        return bool(self._client.search("custom_field_set", criteria).rows)

    def _foreign(self, fields: Sequence[Row]) -> list[str]:
        return [str(f["name"]) for f in fields if f["id"] != self._field_id(str(f["name"]))]

    def _refuse_foreign(self, fields: Sequence[Row]) -> None:
        foreign = self._foreign(fields)
        if foreign:
            raise Mismatch(
                f"The shop has custom fields of these names that this programme did not make: "
                f"{', '.join(sorted(foreign))}",
                advice=(
                    "Another installation of the bridge shows its points in this shop, or did. "
                    "Remove its custom field set under Settings > System > Custom fields first."
                ),
            )

    def _set_payload(self, fields_there: set[str], *, with_labels: bool) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "id": self._set_id,
            "name": SET_NAME,
            "relations": [
                {
                    "id": ids.derived_id(self._mark, "custom-field-set-relation", "customer"),
                    "entityName": "customer",
                }
            ],
            "customFields": [
                self._field_payload(position, name)
                for position, name in enumerate(FIELDS, 1)
                if self._field_id(name) not in fields_there
            ],
        }
        if with_labels:
            payload["config"] = {"label": _labels(*_LABEL), "translated": True}
        return payload

    def _field_payload(self, position: int, name: str) -> dict[str, Any]:
        kind, english, german = FIELDS[name]
        config: dict[str, Any] = {
            "label": _labels(english, german),
            "customFieldPosition": position,
            "componentName": "sw-field",
            "customFieldType": "number" if kind == "int" else "text",
            "type": "number" if kind == "int" else "text",
        }
        if kind == "int":
            config["numberType"] = "int"
        return {
            "id": self._field_id(name),
            "name": name,
            "type": kind,
            "allowCustomerWrite": False,
            "config": config,
        }


def _is_ours(name: str) -> bool:
    return name in _OURS or name.startswith(code_owners.FIELD)


def _labels(english: str, german: str) -> dict[str, str]:
    return {"en-GB": english, "de-DE": german}


def fields_of(balance: Balance) -> dict[str, int | str | None]:
    """Empty text is sent as null, which is what the shop makes of it."""
    return {
        _POINTS: balance.available,
        _PENDING: balance.pending,
        _TIER: balance.tier or None,
        _TIER_KEY: balance.tier_key or None,
        _EXPIRING: balance.expiring,
        _EXPIRES_ON: balance.expires_on or None,
    }


def balance_of(row: Row) -> Balance | None:
    """``None`` when the customer has none, or no whole one: somebody emptied a field by hand."""
    fields = _custom_fields(row)
    points, pending, expiring = (fields.get(name) for name in (_POINTS, _PENDING, _EXPIRING))
    if not (isinstance(points, int) and isinstance(pending, int) and isinstance(expiring, int)):
        return None
    return Balance(
        available=points,
        pending=pending,
        tier=str(fields.get(_TIER) or ""),
        tier_key=str(fields.get(_TIER_KEY) or ""),
        expiring=expiring,
        expires_on=str(fields.get(_EXPIRES_ON) or ""),
    )


def _custom_fields(row: Row) -> Row:
    """PHP writes none as a list."""
    fields = row.get("customFields")
    return fields if isinstance(fields, dict) else {}
