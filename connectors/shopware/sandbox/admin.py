"""The Admin API: entities, search, sync, settings. Answers are plain values; no HTTP here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.access import require
from connectors.shopware.sandbox.aggregating import aggregate
from connectors.shopware.sandbox.criteria import Criteria, read_criteria
from connectors.shopware.sandbox.database import Database, Row
from connectors.shopware.sandbox.definitions import SYSTEM_LANGUAGE, Definition, definitions
from connectors.shopware.sandbox.deleting import Deleted, delete
from connectors.shopware.sandbox.executing import Written, execute
from connectors.shopware.sandbox.filters import FilterMistake
from connectors.shopware.sandbox.identifiers import HEX_ID
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.searching import Found, search
from connectors.shopware.sandbox.values import Reader
from connectors.shopware.sandbox.writing import Command, Payload, Writer


@dataclass(slots=True)
class Admin:
    """The API for one request: one caller, one language."""

    database: Database
    granted: frozenset[str] | None = None
    """The caller's privileges; ``None``: all."""
    language: str = SYSTEM_LANGUAGE
    inheritance: bool = False
    poisoned: Callable[[str], bool] = field(default=lambda sku: False)

    # -- reading ----------------------------------------------------------------------------

    @property
    def reader(self) -> Reader:
        return Reader(self.database, self.language, self.inheritance)

    def search(self, entity: str, payload: Payload, *, by_id: bool = False) -> dict[str, Any]:
        """``{total, data, aggregations}``. ``by_id``: one row at its own address, which the shop
        looks for as it does in a search (recorded: customers.json #3)."""
        with self.database.lock:
            criteria, found = self._found(entity, payload)
            criteria.searched = criteria.searched or by_id
            definition, reader = criteria.definition, self.reader
            data = [
                present(reader, definition, row, criteria, criteria.includes) for row in found.rows
            ]

            def show(shown: Definition, row: Row) -> dict[str, Any]:
                return present(reader, shown, row, Criteria(shown), criteria.includes)

            aggregations = aggregate(reader, criteria, found.matching or [], show)
        return {"total": found.total, "data": data, "aggregations": aggregations}

    def search_ids(self, entity: str, payload: Payload) -> dict[str, Any]:
        with self.database.lock:
            criteria, found = self._found(entity, payload)
            names = criteria.definition.primary_key
            data: list[Any] = [row.values[names[0]] for row in found.rows]
            if len(names) > 1:
                data = [{name: row.values[name] for name in names} for row in found.rows]
        return {"total": found.total, "data": data}

    def _found(self, entity: str, payload: Payload) -> tuple[Criteria, Found]:
        criteria = read_criteria(self.reader, definitions()[entity], payload)
        needed = [entity, *sorted(criteria.entities - {entity})]
        require(self.granted, [f"{name}:read" for name in needed])
        try:
            return criteria, search(self.reader, criteria)
        except FilterMistake as error:
            raise errors.plain(400, str(error)) from None

    def detail(self, entity: str, entity_id: str, payload: Payload) -> dict[str, Any]:
        """One row. Raises ShopError 404 (recorded: customers.json #4)."""
        asked: Payload = {k: payload[k] for k in ("associations", "includes") if k in payload}
        data = self.search(entity, {**asked, "ids": [entity_id]}, by_id=True)["data"]
        if not data:
            raise errors.not_found(entity, entity_id)
        return {"data": data[0]}

    # -- writing one row --------------------------------------------------------------------

    def create(self, entity: str, payload: Payload) -> str:
        """Creates a row and returns its id.

        Raises ShopError 400 when a row of that id is there (recorded: customer_groups.json #4).
        """
        return self._write(entity, payload, "Insert", "Update")

    def update(self, entity: str, entity_id: str, payload: Payload) -> str:
        """Raises ShopError 400 when there is no such row (recorded: customer_groups.json #13)."""
        return self._write(entity, {**payload, "id": entity_id}, "Update", "Insert")

    def _write(self, entity: str, payload: Payload, expected: str, other: str) -> str:
        with self.database.transaction():
            writer = self._writer()
            key = writer.read(entity, payload, "/0")
            main = [one for one in writer.commands if (one.entity, one.key) == (entity, key)]
            if main and main[0].intent != expected:
                raise errors.wrong_intent(entity, expected=expected, actual=other)
            self._check(writer)
            execute(self.database, writer)
        return str(key)

    def _check(self, writer: Writer) -> None:
        """In the shop's order: fields, privileges, conditions of rules; then it writes (shopware
        ``EntityWriteGateway::execute``, ``AclWriteValidator``, ``RuleValidator``)."""
        writer.raise_violations()
        require(self.granted, _needed(writer.commands))
        writer.raise_conditions()

    def _writer(self) -> Writer:
        return Writer(self.database, language=self.language, poisoned=self.poisoned)

    def remove(self, entity: str, entity_id: str) -> None:
        """Raises ShopError 404, or 409 while the row is in use."""
        with self.database.transaction():
            if entity_id not in self.database[entity].rows:
                raise errors.not_found(entity, entity_id)
            require(self.granted, [f"{entity}:delete"])
            delete(self.database, entity, entity_id, {})

    def unlink(self, mapping: str, values: Payload) -> None:
        """Raises ShopError 404 where there is no such link."""
        with self.database.transaction():
            key = self.database[mapping].key_of(values)
            if key not in self.database[mapping].rows:
                raise errors.not_found(mapping, "-".join(values.values()))
            require(self.granted, [f"{mapping}:delete"])
            delete(self.database, mapping, key, {})

    # -- sync -------------------------------------------------------------------------------

    def sync(self, operations: Any) -> dict[str, Any]:
        """All operations in one transaction (recorded: products_and_advanced_prices.json #16)."""
        result = SyncResult()
        with self.database.transaction():
            writer = self._writer()
            for key, operation in _operations(operations):
                self._read_operation(writer, result, key, operation)
            self._check(writer)
            result.merge_written(execute(self.database, writer))
        return result.shown()

    def _read_operation(
        self, writer: Writer, result: SyncResult, key: str, operation: Payload
    ) -> None:
        entity, action = _checked_operation(key, operation)
        if action == "upsert":
            for index, row in enumerate(operation["payload"]):
                writer.read(entity, row, f"/{key}/{index}")
            return
        if operation.get("criteria"):
            operation = {**operation, "payload": self._by_criteria(key, entity, operation)}
        require(self.granted, [f"{entity}:delete"])
        # What an earlier operation of the call writes can be removed by a later one.
        self._check(writer)
        result.merge_written(execute(self.database, writer))
        writer.commands.clear()
        for row in operation["payload"]:
            self._remove_row(result, entity, row)

    def _by_criteria(self, key: str, entity: str, operation: Payload) -> list[Payload]:
        definition = definitions()[entity]
        if not definition.is_mapping:
            raise errors.coded(
                400,
                "API_INVALID_SYNC_CRITERIA_EXCEPTION",
                f'Sync operation {key}, with action "delete", requires a criteria with at least '
                "one filter and can only be applied for mapping entities",
            )
        payload = {"filter": operation["criteria"]}
        criteria = read_criteria(self.reader, definition, payload, max_limit=None)
        return [row.values for row in search(self.reader, criteria).rows]

    def _remove_row(self, result: SyncResult, entity: str, row: Any) -> None:
        table = self.database[entity]
        names = table.definition.primary_key
        if not isinstance(row, dict) or any(not row.get(name) for name in names):
            raise errors.coded(
                400,
                "FRAMEWORK__INCOMPLETE_PRIMARY_KEY",
                "The primary key consists of {{ fieldCount }} fields. Please provide values for "
                "the following fields: {{ fieldsString }}".replace(
                    "{{ fieldCount }}", str(len(names))
                ).replace("{{ fieldsString }}", ", ".join(names)),
                {"fieldCount": len(names), "fields": list(names)},
            )
        for name in names:
            if not isinstance(row[name], str) or not HEX_ID.match(row[name]):
                raise errors.not_a_uuid(row[name])
        key = table.key_of(row)
        shown = key if isinstance(key, str) else {name: row[name] for name in names}
        if key not in table.rows:
            result.not_found.setdefault(entity, []).append(shown)
            return
        parents: Written = {}
        gone = delete(self.database, entity, key, parents)
        result.merge_deleted(gone, parents)


class SyncResult:
    """What a sync did, as the shop lists it."""

    def __init__(self) -> None:
        self.written: Written = {}
        self.not_found: dict[str, list[Any]] = {}
        self.deleted: Deleted = {}
        self._parents: dict[str, list[Any]] = {}

    def merge_written(self, written: Written) -> None:
        for entity, rows in written.items():
            self.written.setdefault(entity, {}).update(rows)

    def merge_deleted(self, gone: Deleted, parents: Written) -> None:
        for entity, keys in gone.items():
            self.deleted.setdefault(entity, []).extend(keys)
        for entity, rows in parents.items():
            # products_and_advanced_prices.json #18 lists the product twice, promotions.json #26
            # the promotion once.
            times = 2 if entity == "product" else 1
            self._parents.setdefault(entity, []).extend(times * list(rows.values()))

    def shown(self) -> dict[str, Any]:
        data = {entity: list(rows.values()) for entity, rows in self.written.items()}
        for entity, keys in self._parents.items():
            data.setdefault(entity, []).extend(keys)
        return {
            "extensions": [],
            "data": dict(sorted(data.items())) or [],
            "notFound": self.not_found or [],
            "deleted": self.deleted or [],
        }


def _operations(operations: Any) -> Iterator[tuple[str, Payload]]:
    keyed: Any = operations.items() if isinstance(operations, dict) else enumerate(operations)
    for key, operation in keyed:
        if not isinstance(operation, dict):
            raise errors.plain(400, "Invalid payload format. Expected an array of operations.")
        yield str(operation.get("key", key)), operation


def _invalid_operation(message: str) -> errors.ShopError:
    return errors.coded(400, "FRAMEWORK__INVALID_SYNC_OPERATION", message)


def _checked_operation(key: str, operation: Payload) -> tuple[str, str]:
    entity, action = operation.get("entity"), operation.get("action")
    if not entity:
        raise _invalid_operation(
            f'Missing "entity" argument for operation with key "{key}". '
            "It needs to be a non-empty string."
        )
    if action not in ("upsert", "delete"):
        raise _invalid_operation(
            f'Missing or invalid "action" argument for operation with key "{key}". '
            "Supported actions are [upsert, delete]"
        )
    payload = operation.get("payload")
    if not payload and not (action == "delete" and operation.get("criteria")):
        raise _invalid_operation(
            f'Missing "payload" argument for operation with key "{key}". '
            "It needs to be a non-empty array."
        )
    if entity not in definitions():
        raise errors.coded(
            400,
            "FRAMEWORK__DEFINITION_NOT_FOUND",
            f'Definition for entity "{entity}" does not exist.',
            {"entity": entity},
        )
    if payload and not (isinstance(payload, list) and all(isinstance(r, dict) for r in payload)):
        raise errors.plain(400, "Invalid payload. Should contain a list of associative arrays")
    return str(entity), str(action)


def _needed(commands: list[Command]) -> Iterator[str]:
    """The privileges of a write, once for the row and once for its translations (recorded:
    app_configuration.json #5)."""
    for command in commands:
        verb = "create" if command.intent == "Insert" else "update"
        for _ in range(1 + len(command.translations)):
            yield f"{command.entity}:{verb}"
