"""From payload to commands: what a write would do, and everything that is wrong with it.

A :class:`Writer` collects the commands of one request. Nothing is stored before
:meth:`Writer.raise_violations` has passed; see :mod:`.executing` for what happens then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.shopware.sandbox import checks, errors, rules
from connectors.shopware.sandbox.database import Database, Key
from connectors.shopware.sandbox.defaults import defaults_of
from connectors.shopware.sandbox.definitions import (
    PARENTS,
    SYSTEM_LANGUAGE,
    Association,
    Definition,
    Field,
    definitions,
    versions_of,
)
from connectors.shopware.sandbox.fieldvalues import accept
from connectors.shopware.sandbox.identifiers import HEX_ID, new_id

Payload = dict[str, Any]
Intent = Literal["Insert", "Update"]

_SERVER_SIDE = frozenset({"createdAt", "updatedAt"})
_CUSTOM_FIELD_TYPES = {
    "int": "int",
    "float": "float",
    "bool": "boolean",
    "switch": "boolean",
    "checkbox": "boolean",
    "text": "string",
    "html": "string",
    "datetime": "date",
}


@dataclass(slots=True)
class Command:
    entity: str
    key: Key
    intent: Intent
    values: Payload
    pointer: str
    translations: dict[str, Payload] = field(default_factory=dict)


class Writer:
    """Reads payloads of one request into commands, in the order they will be carried out."""

    def __init__(
        self,
        database: Database,
        *,
        language: str = SYSTEM_LANGUAGE,
        poisoned: Callable[[str], bool] = lambda sku: False,
    ) -> None:
        self.database = database
        self.language = language
        self.commands: list[Command] = []
        self.violations: list[dict[str, Any]] = []
        self.conditions: list[dict[str, Any]] = []
        """What is wrong with conditions of rules, which the shop looks at after the privileges."""
        self._new: set[tuple[str, Key]] = set()
        self._poisoned = poisoned

    def raise_violations(self) -> None:
        """Raises ShopError 400 with everything that was found wrong, in reading order."""
        if self.violations:
            raise errors.ShopError(400, self.violations)

    def raise_conditions(self) -> None:
        if self.conditions:
            raise errors.ShopError(400, self.conditions)

    def read(
        self, entity: str, payload: Payload, pointer: str, given: Payload | None = None
    ) -> Key | None:
        """Reads one row and what is nested in it; returns its key.

        ``given``: values that the place of the row dictates (its parent's id).
        """
        definition = definitions()[entity]
        if given:
            payload = {**payload, **given}
        key = self._key(definition, payload, pointer)
        if key is None:
            return None
        intent: Intent = "Update" if self._exists(entity, key) else "Insert"
        command = Command(entity, key, intent, {}, pointer)
        self._identify(definition, command)
        before = self._read_to_one(definition, payload, pointer)
        self._read_translations(definition, command, payload)
        self._read_fields(definition, command, {**payload, **before})
        self._check_entity(command)
        self.commands.append(command)
        if intent == "Insert":
            self._new.add((entity, key))
        self._read_to_many(definition, command, payload)
        return key

    # -- identity ---------------------------------------------------------------------------

    def _key(self, definition: Definition, payload: Payload, pointer: str) -> Key | None:
        if definition.primary_key != ("id",):
            return self._compound_key(definition, payload, pointer)
        entity_id = payload.get("id")
        if entity_id is None:
            return new_id()
        if isinstance(entity_id, str) and HEX_ID.match(entity_id):
            return entity_id
        name = definition.own_key if definition.translatable else "id"
        self.violations.append(errors.bad_uuid(f"{pointer}/{name}", entity_id))
        return None

    def _compound_key(self, definition: Definition, payload: Payload, pointer: str) -> Key | None:
        parts = []
        for name in definition.primary_key:
            value = payload.get(name)
            if value is None:
                self.violations.append(errors.blank(f"{pointer}/{name}"))
            elif not isinstance(value, str) or not HEX_ID.match(value):
                self.violations.append(errors.bad_uuid(f"{pointer}/{name}", value))
            else:
                parts.append(value)
        return tuple(parts) if len(parts) == len(definition.primary_key) else None

    def _exists(self, entity: str, key: Key) -> bool:
        return key in self.database[entity].rows or (entity, key) in self._new

    def _identify(self, definition: Definition, command: Command) -> None:
        if command.intent == "Update":
            return
        if isinstance(command.key, str):
            command.values["id"] = command.key
        command.values.update(versions_of(definition, self.database.version_id))

    # -- fields -----------------------------------------------------------------------------

    def _read_fields(self, definition: Definition, command: Command, payload: Payload) -> None:
        variant = definition.entity == "product" and self._is_variant(command, payload)
        defaults: Mapping[str, Any] = {}
        if command.intent == "Insert":
            defaults = defaults_of(definition, is_variant=variant)
        for fld in definition.write_order:
            name = fld.name
            if name in _SERVER_SIDE or fld.flags & {"translatable", "runtime", "computed"}:
                continue
            if name in payload and fld.has("write_protected"):
                self._refuse(command.pointer, fld)
            elif name in payload:
                self._read_field(definition, command, fld, payload[name], variant)
            elif name in defaults:
                self._read_field(definition, command, fld, defaults[name], variant)
            elif command.intent == "Insert" and _is_needed(fld, variant):
                self.violations.append(errors.blank(f"{command.pointer}/{name}"))

    def _read_field(
        self, definition: Definition, command: Command, fld: Field, value: Any, variant: bool
    ) -> None:
        pointer = f"{command.pointer}/{fld.name}"
        if fld.name == "customFields":
            command.values["customFields"] = self._custom_fields(value, pointer)
            return
        if value is None and variant and fld.has("inherited"):
            command.values[fld.name] = None
            return
        command.values[fld.name] = accept(definition.entity, fld, value, pointer, self.violations)

    def _refuse(self, pointer: str, fld: Field) -> None:
        by_system = fld.has("system_scope")
        self.violations.append(errors.write_protected(pointer, fld.name, by_system=by_system))

    def _is_variant(self, command: Command, payload: Payload) -> bool:
        if "parentId" in payload:
            return payload["parentId"] is not None
        row = self.database["product"].by_id(command.key)
        return row is not None and row.values.get("parentId") is not None

    def _custom_fields(self, value: Any, pointer: str) -> Any:
        """Typed where a custom field of that name exists (recorded: customers.json #15)."""
        if value is None:
            return None
        if not isinstance(value, dict):
            self.violations.append(errors.wrong_type(pointer, value, "array"))
            return None
        table = self.database["custom_field"]
        checked = {}
        for name, one in value.items():
            kinds = [table.rows[key].values.get("type") for key in table.where("name", name)]
            type_ = _CUSTOM_FIELD_TYPES.get(str(kinds[0])) if kinds else None
            if type_ and one is not None:
                fld = Field(name, type_, frozenset())
                one = accept("", fld, one, f"{pointer}/{name}", self.violations)
            checked[name] = one
        return checked

    # -- translations -----------------------------------------------------------------------

    def _read_translations(
        self, definition: Definition, command: Command, payload: Payload
    ) -> None:
        names = definition.translatable
        if not names:
            return
        by_language = self._given_translations(payload)
        direct = {name: payload[name] for name in names if name in payload}
        if direct:
            by_language.setdefault(self.language, {}).update(direct)
        new = command.intent == "Insert" and not self._inherits(definition, command, payload)
        if new and not by_language:
            by_language[self.language] = {}
        for language, values in by_language.items():
            read = self._read_translation(definition, command, language, values, payload)
            if read:
                command.translations[language] = read
        needed = any(definition.stored[name].has("required") for name in names)
        if new and needed and SYSTEM_LANGUAGE not in by_language:
            self.violations.append(errors.no_system_translation(command.pointer, SYSTEM_LANGUAGE))

    def _inherits(self, definition: Definition, command: Command, payload: Payload) -> bool:
        return definition.entity == "product" and self._is_variant(command, payload)

    def _given_translations(self, payload: Payload) -> dict[str, Payload]:
        given = payload.get("translations") or {}
        if isinstance(given, list):
            given = {one.get("languageId"): one for one in given if isinstance(one, dict)}
        return {self._language_id(code): dict(values) for code, values in given.items()}

    def _language_id(self, code: str) -> str:
        """Raises ShopError 412 for the code of no language."""
        if HEX_ID.match(code):
            return code
        locales = self.database["locale"]
        for key in locales.where("code", code):
            found = self.database["language"].where("localeId", key)
            if found:
                return str(found[0])
        raise errors.no_language(code)

    def _read_translation(
        self,
        definition: Definition,
        command: Command,
        language: str,
        values: Payload,
        payload: Payload,
    ) -> Payload:
        read: Payload = {}
        base = f"{command.pointer}/translations/{language}"
        new = command.intent == "Insert" and not self._inherits(definition, command, payload)
        # Only the system's language must say everything (AbstractFieldSerializer).
        new = new and language == SYSTEM_LANGUAGE
        defaults: Mapping[str, Any] = defaults_of(definition) if new else {}
        for name in definition.translatable:
            fld = definition.stored[name]
            if name not in values and name in defaults:
                values = {**values, name: defaults[name]}
            if name == "customFields" and name in values:
                read[name] = self._custom_fields(values[name], f"{command.pointer}/{name}")
            elif name in values and values[name] is None and language != SYSTEM_LANGUAGE:
                read[name] = None
            elif name in values:
                read[name] = accept(
                    definition.entity, fld, values[name], f"{base}/{name}", self.violations
                )
            elif new and fld.has("required"):
                self.violations.append(errors.blank(f"{base}/{name}"))
        return read

    # -- what hangs on a row ----------------------------------------------------------------

    def _read_to_one(self, definition: Definition, payload: Payload, pointer: str) -> Payload:
        """Writes nested rows this one points at; returns the foreign keys they give it."""
        keys: Payload = {}
        for name, association in definition.associations.items():
            nested = payload.get(name)
            if association.to_many or not isinstance(nested, dict) or association.local == "id":
                continue
            if association.entity not in self.database.tables:
                continue
            key = self.read(association.entity, nested, f"{pointer}/{name}")
            if key is not None and association.local:
                keys[association.local] = key
        return keys

    def _read_to_many(self, definition: Definition, command: Command, payload: Payload) -> None:
        for name, association in definition.associations.items():
            nested = payload.get(name)
            if nested is None or name == "translations":
                continue
            if not association.to_many and association.local != "id":
                continue
            pointer = f"{command.pointer}/{name}"
            for index, row in self._rows(association, nested, pointer):
                self._read_child(association, command, row, f"{pointer}/{index}")

    def _rows(
        self, association: Association, nested: Any, pointer: str
    ) -> Iterator[tuple[Any, Payload]]:
        if not association.to_many:
            nested = [nested]
        if isinstance(nested, dict):
            nested = list(nested.values())
        if not isinstance(nested, list):
            self.violations.append(errors.wrong_type(pointer, nested, "array"))
            return
        for index, row in enumerate(nested):
            if isinstance(row, dict):
                yield index, row
            else:
                self.violations.append(errors.wrong_type(f"{pointer}/{index}", row, "array"))

    def _read_child(
        self, association: Association, command: Command, row: Payload, pointer: str
    ) -> None:
        if association.entity not in self.database.tables:
            return
        if association.kind != "many_to_many":
            given: Payload = {association.reference: command.key}
            if association.entity == "rule_condition" and command.entity == "rule_condition":
                given["ruleId"] = command.values.get("ruleId")
            self.read(association.entity, row, pointer, given)
            return
        if len(row) > 1 or "id" not in row:
            key = self.read(association.entity, row, pointer)
        else:
            key = row["id"]
        mapping = {association.mapping_local: command.key, association.mapping_reference: key}
        if key is not None and association.mapping in self.database.tables:
            self.read(association.mapping, mapping, pointer)

    # -- what the shop checks beyond types --------------------------------------------------

    def _check_entity(self, command: Command) -> None:
        if command.entity == "rule_condition":
            type_ = command.values.get("type")
            row = self.database["rule_condition"].by_id(command.key)
            if row is not None and type_ is None:
                type_ = row.values["type"]
            if type_ is not None and (command.intent == "Insert" or "value" in command.values):
                self.conditions += rules.violations_of(
                    type_, command.values.get("value"), command.pointer
                )
        if command.entity == "product_price":
            self._check_poison(command)
        if command.entity == "promotion":
            self.violations += checks.promotion(
                self.database, command.key, command.values, command.pointer
            )
        if command.intent == "Update" and "stateId" in command.values:
            self.violations += checks.state(command.entity, command.pointer)

    def _check_poison(self, command: Command) -> None:
        before = self.database["product_price"].by_id(command.key)
        values = {**(before.values if before else {}), **command.values}
        product = self.database["product"].by_id(values.get("productId"))
        if product is not None and self._poisoned(product.values.get("productNumber", "")):
            text = f"The price of {product.values['productNumber']} is poisoned (sandbox)."
            self.violations.append(errors.said(f"{command.pointer}/price", text))


def _is_needed(fld: Field, variant: bool) -> bool:
    """Whether a new row must say this field. The shop fills in versions itself."""
    if not fld.has("required") or fld.name.endswith("VersionId"):
        return False
    if fld.name in ("id", "versionId") or fld.has("primary_key"):
        return False
    return not (variant and fld.has("inherited"))


def parent_of(entity: str, values: Payload) -> tuple[str, str] | None:
    """The whole that a row is part of: its entity and id."""
    name = PARENTS.get(entity)
    if name is None or values.get(name) is None:
        return None
    return definitions()[entity].foreign_keys[name].entity, str(values[name])
