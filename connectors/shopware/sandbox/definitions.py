"""The shop's entities: fields, flags and associations, as the shop describes them itself.

``schema.json`` is its own description (recorded: entities.json), cut down to one line a field;
``schema_more.json`` adds, in the same form, entities that description left out but answers
show. A line is ``type|flags``, or for an association
``kind entity localField referenceField [mapping localColumn referenceColumn]|flags``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources

LIVE_VERSION = "0fa91ce3e96a4bc2be4bd9ce752c3425"
SYSTEM_LANGUAGE = "2fbb5fe2e29a4d70aa5854ce7ce3e20b"
DEFAULT_CURRENCY = "b7d2554b0ce847cd82f3ac9bd1c0dfca"

_KINDS = {"o2m": "one_to_many", "m2o": "many_to_one", "m2m": "many_to_many", "o2o": "one_to_one"}
_FLAGS = {
    "a": "readable",
    "b": "store_readable",
    "q": "required",
    "k": "primary_key",
    "t": "translatable",
    "w": "write_protected",
    "S": "system_scope",
    "u": "runtime",
    "c": "computed",
    "i": "inherited",
    "D": "cascade_delete",
    "R": "restrict_delete",
    "N": "set_null_on_delete",
    "n": "no_constraint",
    "s": "search_ranking",
    "e": "allow_empty_string",
}

STORAGE_NAMES = {
    ("customer", "groupId"): "customer_group_id",
    ("property_group_option", "groupId"): "property_group_id",
}
"""Columns whose name is not the property's in snake case."""

PARENTS = {
    "product_price": "productId",
    "product_visibility": "productId",
    "product_configurator_setting": "productId",
    "product_review": "productId",
    "promotion_individual_code": "promotionId",
    "promotion_discount": "promotionId",
    "promotion_sales_channel": "promotionId",
    "rule_condition": "ruleId",
    "customer_address": "customerId",
    "custom_field": "customFieldSetId",
    "custom_field_set_relation": "customFieldSetId",
    "property_group_option": "groupId",
    "sales_channel_domain": "salesChannelId",
    "tax_rule": "taxId",
    "cms_section": "pageId",
    "cms_block": "sectionId",
    "cms_slot": "blockId",
    "order_line_item": "orderId",
    "order_transaction": "orderId",
    "order_delivery": "orderId",
    "order_customer": "orderId",
}
"""Entities that are part of another one: a write to the part is a write to the whole."""

DEFAULT_ORDER = {"currency": "isoCode", "tax": "taxRate", "language": "createdAt"}
"""What an unsorted list is ordered by where it is not the id (recorded: reference_data.json
#0, #2, #3); the database reads the smallest index that covers the query."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    flags: frozenset[str]

    def has(self, flag: str) -> bool:
        return flag in self.flags


@dataclass(frozen=True, slots=True)
class Association(Field):
    kind: str = ""
    entity: str = ""
    local: str = ""
    reference: str = ""
    mapping: str = ""
    mapping_local: str = ""
    mapping_reference: str = ""

    @property
    def to_many(self) -> bool:
        return self.kind in ("one_to_many", "many_to_many")


@dataclass(frozen=True)
class Definition:
    entity: str
    fields: Mapping[str, Field]
    stored: Mapping[str, Field] = field(init=False)
    """Everything but associations, by name."""
    associations: Mapping[str, Association] = field(init=False)

    def __post_init__(self) -> None:
        associations = {n: f for n, f in self.fields.items() if isinstance(f, Association)}
        stored = {n: f for n, f in self.fields.items() if n not in associations}
        object.__setattr__(self, "associations", associations)
        object.__setattr__(self, "stored", stored)

    @cached_property
    def foreign_keys(self) -> dict[str, Association]:
        """The association behind each field that holds another row's id."""
        return {
            a.local: a
            for a in self.associations.values()
            if a.kind in ("many_to_one", "one_to_one") and a.local not in ("", "id")
        }

    @cached_property
    def primary_key(self) -> tuple[str, ...]:
        return tuple(n for n, f in self.stored.items() if f.has("primary_key") and n != "versionId")

    @cached_property
    def translatable(self) -> tuple[str, ...]:
        return tuple(n for n, f in self.stored.items() if f.has("translatable"))

    @cached_property
    def write_order(self) -> tuple[Field, ...]:
        """Stored fields as they are checked: foreign keys before all others."""
        keys = set(self.foreign_keys)
        fields = [f for f in self.stored.values() if f.name not in ("id", "versionId")]
        fields.sort(key=lambda f: f.name not in keys)
        return tuple(fields)

    @property
    def versioned(self) -> bool:
        return "versionId" in self.stored

    @property
    def is_mapping(self) -> bool:
        return len(self.primary_key) > 1 and "createdAt" not in self.fields

    @property
    def own_key(self) -> str:
        """How other tables call this entity's id: ``customerGroupId``."""
        return camel(self.entity) + "Id"

    def column(self, name: str) -> str:
        return STORAGE_NAMES.get((self.entity, name)) or snake(name)


def versions_of(definition: Definition, version_id: str) -> dict[str, str]:
    """The version fields of a row of this version. What is no part of an order stays live."""
    if not definition.versioned:
        return {}
    found = {"versionId": version_id}
    if definition.entity.startswith("order"):
        for name in definition.stored:
            if name.endswith("VersionId"):
                found[name] = LIVE_VERSION if name == "productVersionId" else version_id
    return found


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _field(name: str, line: str) -> Field:
    spec, _, letters = line.partition("|")
    flags = frozenset(_FLAGS[letter] for letter in letters)
    kind, *rest = spec.split(" ")
    if kind not in _KINDS:
        return Field(name, spec, flags)
    return Association(name, "association", flags, _KINDS[kind], *rest)


@cache
def definitions() -> dict[str, Definition]:
    """All entities by name."""
    known: dict[str, Definition] = {}
    for file in ("schema.json", "schema_more.json"):
        text = resources.files(__package__).joinpath(file).read_text("utf-8")
        for entity, lines in json.loads(text).items():
            fields = {name: _field(name, line) for name, line in lines.items()}
            known[entity] = Definition(entity, fields)
    for definition in list(known.values()):
        association = definition.associations.get("translations")
        if association is not None and association.entity not in known:
            known[association.entity] = _translations_of(definition, association.entity)
    return known


def _translations_of(definition: Definition, name: str) -> Definition:
    """The rows behind ``translations``, built like the one the shop describes:
    customer_group_translation."""
    shown = frozenset({"readable", "store_readable"})
    key = shown | {"required", "primary_key"}
    own, entity = definition.own_key, definition.entity
    fields: dict[str, Field] = {
        one: Field(one, definition.stored[one].type, shown) for one in definition.translatable
    }
    fields |= {one: Field(one, "date", shown) for one in ("createdAt", "updatedAt")}
    fields |= {one: Field(one, "uuid", key) for one in (own, "languageId")}
    for target, local in ((entity, own), ("language", "languageId")):
        link = (camel(target), "association", frozenset({"readable"}), "many_to_one")
        fields[camel(target)] = Association(*link, entity=target, local=local, reference="id")
    return Definition(name, fields)
