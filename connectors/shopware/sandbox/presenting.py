"""Rows as the Admin API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from connectors.shopware.sandbox.criteria import Bound, Criteria
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import (
    DEFAULT_ORDER,
    LIVE_VERSION,
    Association,
    Definition,
    Field,
    definitions,
)
from connectors.shopware.sandbox.fieldvalues import CALCULATED, PRICE_FIELDS, shown_price
from connectors.shopware.sandbox.searching import search
from connectors.shopware.sandbox.values import Reader

Shown = dict[str, Any]

_AUTOLOAD = {
    "product": ("tax", "manufacturer", "unit", "cover", "featureSet"),
    "media": ("thumbnails",),
}
"""Associations the shop loads unasked."""

_SEARCH_FIELDS = {
    "customer": ("autoIncrement", "customerNumber"),
    "product": ("autoIncrement", "productNumber"),
    "order": ("autoIncrement", "orderNumber"),
    "category": ("autoIncrement",),
}
"""What the search itself reads of an entity comes along (recorded: customers.json #3)."""

_EMPTY_UNLESS_LOADED = frozenset({("product", "prices"), ("shipping_method", "prices")})
_FRAME = ("extensions", "_uniqueIdentifier", "versionId", "translated")
_STORE_FRAME = ("translated",)
_DAL = "shopware_core_framework_data_abstraction_layer_"
_STRUCTS = {
    ("country", "customerTax"): f"{_DAL}tax_free_config",
    ("country", "companyTax"): f"{_DAL}tax_free_config",
    ("currency", "itemRounding"): f"{_DAL}pricing_cash_rounding_config",
    ("currency", "totalRounding"): f"{_DAL}pricing_cash_rounding_config",
    ("order", "itemRounding"): f"{_DAL}pricing_cash_rounding_config",
    ("order", "totalRounding"): f"{_DAL}pricing_cash_rounding_config",
}
"""JSON fields that are objects of the shop's own, by their alias (recorded: promotions.json)."""


def present(
    reader: Reader,
    definition: Definition,
    row: Row,
    criteria: Criteria,
    includes: Shown,
    *,
    joined: bool = False,
) -> Shown:
    """One row with what it was asked to bring along; ``joined``: as the one an association
    leads to, which the shop reads in the same query and shows with a trace of that."""
    allowed = _shown_names(definition.entity, reader.storefront)
    shown: Shown = {}
    for name in includes.get(definition.entity) or allowed:
        if name not in allowed:
            continue
        if name in _FRAME:
            shown[name] = _frame(reader, definition, row, name, criteria, joined)
        elif name in definition.stored:
            shown[name] = _field(reader, definition, row, definition.stored[name], includes)
        else:
            association = definition.associations[name]
            shown[name] = _associated(reader, definition, row, association, criteria, includes)
    shown["apiAlias"] = definition.entity
    return shown


@cache
def _shown_names(entity: str, storefront: bool) -> dict[str, None]:
    """What may be shown, in order."""
    definition = definitions()[entity]
    flag = "store_readable" if storefront else "readable"
    fields = [
        name
        for name, field in definition.fields.items()
        if field.has(flag) and _is_shown(entity, field, storefront)
    ]
    return dict.fromkeys([*(_STORE_FRAME if storefront else _FRAME), *fields])


def _is_shown(entity: str, field: Field, storefront: bool) -> bool:
    if isinstance(field, Association):
        return storefront or not field.has("runtime")
    is_reference_version = field.name.endswith("VersionId") and field.name != "versionId"
    return not is_reference_version or entity.startswith("order")


def _frame(
    reader: Reader, definition: Definition, row: Row, name: str, criteria: Criteria, joined: bool
) -> Any:
    if name == "extensions":
        return _extensions(definition, row, criteria, joined)
    if name == "_uniqueIdentifier":
        return row.values.get("id") or "-".join(row.values[n] for n in definition.primary_key)
    if name == "versionId":
        return row.values.get("versionId", LIVE_VERSION) if definition.versioned else None
    if not definition.translatable:
        return []
    translated = {one: reader.value(definition, row, one) for one in definition.translatable}
    if translated.get("customFields") is None and "customFields" in translated:
        # PHP cannot tell the two empty ones apart (recorded: promotions.json #17, #18).
        translated["customFields"] = [] if joined and not reader.storefront else {}
    return translated


def _extensions(definition: Definition, row: Row, criteria: Criteria, joined: bool) -> Shown:
    entity = definition.entity
    keys = {"extensions": [], "apiAlias": f"{entity}_foreign_keys_extension"}
    shown: Shown = {"foreignKeys": keys}
    if joined and _is_mapped(entity):
        shown["internal_mapping_storage"] = {"extensions": [], "apiAlias": None}
    elif not joined and entity in _SEARCH_FIELDS and criteria.searched:
        shown["search"] = {
            "extensions": [],
            "_uniqueIdentifier": None,
            "translated": [],
            **{name: row.values.get(name) for name in _SEARCH_FIELDS[entity]},
        }
    return shown


@cache
def _is_mapped(entity: str) -> bool:
    """Recorded: app_system.json #5, #10: addresses bear no trace of how they were read."""
    definition = definitions()[entity]
    links = (one.kind == "many_to_many" for one in definition.associations.values())
    return bool(definition.translatable) or any(links)


def _field(reader: Reader, definition: Definition, row: Row, field: Field, includes: Shown) -> Any:
    if field.has("translatable"):
        return reader.in_language(definition, row, field.name)
    value = reader.value(definition, row, field.name)
    if (definition.entity, field.name) in PRICE_FIELDS and value is not None:
        return [_price(reader, entry, includes) for entry in value]
    if (definition.entity, field.name) in CALCULATED and isinstance(value, dict):
        return value if reader.storefront else _with_extensions(value)
    alias = _STRUCTS.get((definition.entity, field.name))
    if alias and isinstance(value, dict):
        extensions: Shown = {} if reader.storefront else {"extensions": []}
        return {**extensions, **value, "apiAlias": alias}
    return value


def _with_extensions(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_extensions(one) for one in value]
    if isinstance(value, dict):
        inner = {name: _with_extensions(one) for name, one in value.items()}
        return {"extensions": [], **inner} if "apiAlias" in value else inner
    return value


def _price(reader: Reader, entry: Shown, includes: Shown) -> Shown:
    shown = shown_price(entry)
    if reader.storefront:
        del shown["extensions"]
    return only(shown, includes.get("price"))


def only(shown: Shown, names: Iterable[str] | None) -> Shown:
    """A nested object cut down to the included names."""
    if names is None:
        return shown
    kept = set(names) | {"apiAlias"}
    return {name: value for name, value in shown.items() if name in kept}


def _associated(
    reader: Reader,
    definition: Definition,
    row: Row,
    association: Association,
    criteria: Criteria,
    includes: Shown,
) -> Any:
    inner = criteria.associations.get(association.name)
    autoloaded = association.name in _AUTOLOAD.get(definition.entity, ())
    if inner is None and not autoloaded:
        return [] if (definition.entity, association.name) in _EMPTY_UNLESS_LOADED else None
    target = definitions().get(association.entity)
    if target is None:
        return [] if association.to_many else None
    inner = inner if inner is not None and inner.definition is target else Criteria(target)
    rows = _selected(reader, inner, reader.associated(definition, row, association))
    joined = association.kind == "many_to_one"
    shown = [present(reader, target, one, inner, includes, joined=joined) for one in rows]
    if association.to_many:
        return shown
    return shown[0] if shown else None


def _selected(reader: Reader, criteria: Criteria, rows: list[Row]) -> list[Row]:
    """What an association's own filter, order and limit leave of its rows."""
    plain = not (criteria.tests or criteria.sorting or criteria.limit or criteria.ids)
    if plain and criteria.definition.entity not in DEFAULT_ORDER:
        return rows
    asked = criteria.ids
    ids = [row.values["id"] for row in rows if not asked or row.values["id"] in asked]
    if not ids:
        return []
    narrowed = Criteria(
        criteria.definition,
        tests=criteria.tests,
        hints=[[Bound("id", ids)]],
        sorting=criteria.sorting,
        limit=criteria.limit,
        offset=criteria.offset,
    )
    return search(reader, narrowed).rows


# -- JSON:API, what the shop speaks to clients that do not ask for plain JSON ------------------


def as_json_api(shown: Shown, base: str) -> Shown:
    """A row in the shape of JSON:API, without its relationships."""
    entity = str(shown["apiAlias"])
    hidden = {*_FRAME, "id", "apiAlias", *definitions()[entity].associations}
    link = f"{base}/api/{entity.replace('_', '-')}/{shown.get('id')}"
    attributes = {name: value for name, value in shown.items() if name not in hidden}
    attributes["translated"] = shown.get("translated", [])
    return {
        "id": shown.get("id"),
        "type": entity,
        "attributes": attributes,
        "links": {"self": link},
        "relationships": [],
        "meta": None,
    }
