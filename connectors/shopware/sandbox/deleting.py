"""Removing rows: what forbids it, what goes along, what loses its reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.database import Database, Key
from connectors.shopware.sandbox.definitions import Association, Definition, definitions
from connectors.shopware.sandbox.executing import Written, follow_up, touch_parent

Deleted = dict[str, list[Any]]
"""Per entity, the keys of what is gone: ids, or objects for rows without an own id."""


def delete(database: Database, entity: str, key: Key, written: Written) -> Deleted:
    """Removes a row that exists. Runs inside a transaction.

    Raises ShopError 409 naming what it is used by (recorded: customers.json #20).
    """
    definition = definitions()[entity]
    usages = _usages(database, definition, key)
    if usages:
        raise errors.restricted(entity, usages)
    touch_parent(database, entity, database[entity].rows[key], written, database.now())
    gone: Deleted = {}
    _remove(database, definition, key, gone)
    return gone


def _usages(database: Database, definition: Definition, key: Key) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for association in definition.associations.values():
        if association.has("restrict_delete"):
            name = association.mapping or association.entity
            found = len(_referencing(database, association, key))
            if found:
                counts[name] = counts.get(name, 0) + found
    return list(counts.items())


def _referencing(database: Database, association: Association, key: Key) -> list[Key]:
    if association.kind == "many_to_many":
        table = database.tables.get(association.mapping)
        return table.where(association.mapping_local, key) if table else []
    table = database.tables.get(association.entity)
    if table is None or association.local != "id":
        return []
    return table.where(association.reference, key)


def _remove(database: Database, definition: Definition, key: Key, gone: Deleted) -> None:
    row = database[definition.entity].rows.get(key)
    if row is None:
        return
    shown: Any = key
    if not isinstance(key, str):
        shown = dict(zip(definition.primary_key, key, strict=True))
    gone.setdefault(definition.entity, []).append(shown)
    for language in row.translations:
        entry = {definition.own_key: key, "languageId": language}
        gone.setdefault(f"{definition.entity}_translation", []).append(entry)
    database.put(definition.entity, key, None)
    follow_up(database, definition.entity, row, None)
    for association in definition.associations.values():
        if association.has("set_null_on_delete"):
            _set_null(database, association, key)
    for child, child_key in _cascades(database, definition, key):
        _remove(database, child, child_key, gone)


def _cascades(
    database: Database, definition: Definition, key: Key
) -> Iterator[tuple[Definition, Key]]:
    for association in definition.associations.values():
        mapped = association.kind == "many_to_many"
        if not mapped and not association.has("cascade_delete"):
            continue
        name = association.mapping if mapped else association.entity
        if name not in database.tables:
            continue
        for found in _referencing(database, association, key):
            yield definitions()[name], found


def _set_null(database: Database, association: Association, key: Key) -> None:
    if association.entity not in database.tables:
        return
    for found in _referencing(database, association, key):
        changed = database[association.entity].rows[found].copy()
        changed.values[association.reference] = None
        database.put(association.entity, found, changed)
