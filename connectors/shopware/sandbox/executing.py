"""Carrying out commands: rows, foreign keys, unique values, and what the shop reports."""

from __future__ import annotations

from typing import Any

from connectors.shopware.sandbox import errors, stock
from connectors.shopware.sandbox.database import Database, Key, Row
from connectors.shopware.sandbox.definitions import Association, Definition, definitions
from connectors.shopware.sandbox.figures import count_reviews
from connectors.shopware.sandbox.records import AUTO_NUMBERED
from connectors.shopware.sandbox.writing import Command, Payload, Writer, parent_of

Written = dict[str, dict[Any, Any]]
"""Per entity, what a sync answer lists as written: by key, in order, each once."""

_UNIQUE = {
    "promotion_individual_code": ("code", "code"),
    "custom_field": ("name", "uniq.custom_field.name"),
    "currency": ("isoCode", "uniq.currency.iso_code"),
    "integration": ("accessKey", "uniq.integration.access_key"),
    "sales_channel_domain": ("url", "uniq.sales_channel_domain.url"),
    "user": ("username", "uniq.user.username"),
}
"""Entity: field, and the name of the database's key."""

_NOT_NULL = {
    "customer_group": ("displayGross", "registrationActive"),
    "customer": ("active", "guest"),
}
"""Columns the database itself guards (shopware: Core/Migration, customer_group and customer)."""


def execute(database: Database, writer: Writer) -> Written:
    """Stores everything the writer has read. Runs inside a transaction.

    Raises ShopError 500 with SQL text for a foreign key that does not exist (recorded:
    customers.json #10) or a duplicate of what must be unique.
    """
    moment = database.now()
    written: Written = {}
    for command in writer.commands:
        _apply(database, command, moment)
        _report(written, command)
    for command in writer.commands:
        _check_not_null(command)
        _check_unique(database, command)
        _check_foreign_keys(database, command)
    _touch_parents(database, writer.commands, written, moment)
    return written


def _apply(database: Database, command: Command, moment: str) -> None:
    definition = definitions()[command.entity]
    table = database[command.entity]
    before = table.rows.get(command.key)
    row = before.copy() if before else Row({})
    _merge(row.values, command.values)
    if definition.is_mapping:
        row.values.update(zip(definition.primary_key, command.key, strict=True))
    for language, values in command.translations.items():
        _merge(row.translations.setdefault(language, {}), values)
    if "createdAt" in definition.stored:
        if before is None:
            row.values["createdAt"] = moment
            row.values["updatedAt"] = None
        else:
            row.values["updatedAt"] = moment
    if before is None and command.entity in AUTO_NUMBERED:
        row.values["autoIncrement"] = database.next_number(command.entity)
    database.put(command.entity, command.key, row, fields=_named(command))
    follow_up(database, command.entity, before, row)


def follow_up(database: Database, entity: str, before: Row | None, after: Row | None) -> None:
    """What the shop does of itself when a row was written."""
    if entity == "order_line_item" and not database.is_draft:
        stock.move(database, before, after)
    if entity == "product_review":
        for row in (before, after):
            if row is not None and row.values.get("customerId"):
                count_reviews(database, row.values["customerId"])


def _named(command: Command) -> list[str]:
    translated = [name for values in command.translations.values() for name in values]
    return [*command.values, *translated]


def _merge(into: Payload, values: Payload) -> None:
    """Custom fields are merged name by name (recorded: customers.json #17)."""
    custom = values.get("customFields")
    kept = into.get("customFields")
    into.update(values)
    if isinstance(custom, dict) and isinstance(kept, dict):
        into["customFields"] = {**kept, **custom}


def _report(written: Written, command: Command) -> None:
    definition = definitions()[command.entity]
    shown: Any = command.key
    if not isinstance(command.key, str):
        shown = dict(zip(definition.primary_key, command.key, strict=True))
    written.setdefault(command.entity, {})[command.key] = shown
    for language in command.translations:
        rows = written.setdefault(f"{command.entity}_translation", {})
        rows[(command.key, language)] = {definition.own_key: command.key, "languageId": language}


def _touch_parents(
    database: Database, commands: list[Command], written: Written, moment: str
) -> None:
    for command in commands:
        if command.entity.startswith("order_") and "orderId" not in command.values:
            continue  # a part of an order that does not name it leaves it alone (recorded:
            # changes_a_poller_sees.json #2)
        row = database[command.entity].rows[command.key]
        touch_parent(database, command.entity, row, written, moment)


def touch_parent(database: Database, entity: str, row: Row, written: Written, moment: str) -> None:
    """A write to a part is one to the whole: it is reported and its change time moves."""
    parent = parent_of(entity, row.values)
    if parent is None:
        return
    name, key = parent
    reported = written.setdefault(name, {})
    if key in reported:
        return
    reported[key] = key
    whole = database[name].by_id(key)
    if whole is not None:
        changed = whole.copy()
        changed.values["updatedAt"] = moment
        database.put(name, key, changed, fields=())


# -- what the database refuses ---------------------------------------------------------------


def _check_not_null(command: Command) -> None:
    """These are not required but have a default, which an explicit null overrules."""
    for name in _NOT_NULL.get(command.entity, ()):
        if command.values.get(name, "") is None:
            column = definitions()[command.entity].column(name)
            raise errors.sql(1048, f"Column '{column}' cannot be null")


def _check_unique(database: Database, command: Command) -> None:
    if command.entity == "product":
        _check_product_number(database, command)
    rule = _UNIQUE.get(command.entity)
    if rule is None or command.values.get(rule[0]) is None:
        return
    name, key = rule
    if len(database[command.entity].where_text(name, str(command.values[name]))) > 1:
        raise errors.sql(1062, f"Duplicate entry '{command.values[name]}' for key '{key}'")


def _check_product_number(database: Database, command: Command) -> None:
    number = command.values.get("productNumber")
    if number is not None and len(database["product"].where("productNumber", number)) > 1:
        raise errors.coded(
            400,
            "CONTENT__DUPLICATE_PRODUCT_NUMBER",
            f'Product with number "{number}" already exists.',
            {"number": number},
        )


def _check_foreign_keys(database: Database, command: Command) -> None:
    definition = definitions()[command.entity]
    for language in command.translations:
        if language not in database["language"].rows:
            name = f"{command.entity}_translation"
            raise errors.sql(
                1452,
                "Cannot add or update a child row: a foreign key constraint fails "
                f"(`shopware`.`{name}`, CONSTRAINT `fk.{name}.language_id` FOREIGN KEY "
                "(`language_id`) REFERENCES `language` (`id`) ON DELETE CASCADE ON UPDATE CASCADE)",
            )
    for name, association in definition.foreign_keys.items():
        value = command.values.get(name)
        if value is None and definition.is_mapping:
            value = dict(zip(definition.primary_key, command.key, strict=True)).get(name)
        if value is None or definition.stored[name].has("no_constraint"):
            continue
        table = database.tables.get(association.entity)
        if table is not None and value not in table.rows:
            raise errors.sql(1452, _constraint(definition, name, association))


def _constraint(definition: Definition, name: str, association: Association) -> str:
    column = definition.column(name)
    target = definitions()[association.entity]
    columns, references = f"`{column}`", "`id`"
    if target.versioned:
        columns += f", `{column.removesuffix('_id')}_version_id`"
        references += ", `version_id`"
    return (
        "Cannot add or update a child row: a foreign key constraint fails "
        f"(`shopware`.`{definition.entity}`, CONSTRAINT `fk.{definition.entity}.{column}` "
        f"FOREIGN KEY ({columns}) REFERENCES `{target.entity}` ({references})"
        f"{_on_delete(definition, name, target)} ON UPDATE CASCADE)"
    )


def _on_delete(definition: Definition, name: str, target: Definition) -> str:
    if definition.is_mapping:
        return " ON DELETE CASCADE"
    for back in target.associations.values():
        if back.entity == definition.entity and back.reference == name:
            if back.has("cascade_delete"):
                return " ON DELETE CASCADE"
            if back.has("set_null_on_delete"):
                return " ON DELETE SET NULL"
    return ""


def key_text(key: Key) -> str:
    return key if isinstance(key, str) else "-".join(key)
