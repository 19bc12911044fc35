"""Rows the shop writes itself, with the keys, times and numbers every row has."""

from __future__ import annotations

from typing import Any

from connectors.shopware.sandbox.database import Database, Key, Row
from connectors.shopware.sandbox.defaults import defaults_of
from connectors.shopware.sandbox.definitions import definitions, versions_of
from connectors.shopware.sandbox.identifiers import new_id

AUTO_NUMBERED = frozenset({"customer", "product", "order", "category"})


def insert(database: Database, entity: str, values: dict[str, Any]) -> str:
    """A new row; returns its id."""
    definition = definitions()[entity]
    key = str(values.get("id") or new_id())
    row = Row({**defaults_of(definition), **versions_of(definition, database.version_id), **values})
    row.values["id"] = key
    if "createdAt" in definition.stored:
        row.values["createdAt"] = database.now()
        row.values["updatedAt"] = None
    if entity in AUTO_NUMBERED:
        row.values["autoIncrement"] = database.next_number(entity)
    database.put(entity, key, row, fields=tuple(values))
    return key


def change(database: Database, entity: str, key: Key, values: dict[str, Any]) -> None:
    """New values of a row that is there; its change time moves."""
    row = database[entity].rows[key].copy()
    row.values.update(values, updatedAt=database.now())
    database.put(entity, key, row, fields=tuple(values))


def change_silently(database: Database, entity: str, key: Key, values: dict[str, Any]) -> None:
    """What the shop's indexers write past its own data layer: no change time moves, nobody is
    told."""
    row = database[entity].by_id(key)
    if row is not None:
        changed = row.copy()
        changed.values.update(values)
        database.put(entity, key, changed, heard=False)
