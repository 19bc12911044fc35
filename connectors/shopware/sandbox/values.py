"""Reading a field of a row: languages, inheritance, computed values, paths over associations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.database import Database, Key, Row
from connectors.shopware.sandbox.definitions import (
    DEFAULT_CURRENCY,
    SYSTEM_LANGUAGE,
    Association,
    Definition,
    Field,
    definitions,
)

Getter = Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Access:
    """How to read what a path names. ``many``: the getter gives a list, one per joined row."""

    field: Field
    get: Getter
    many: bool = False
    direct: bool = False
    """The path is one stored field of the entity itself, never inherited or translated."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows as one request sees them."""

    database: Database
    language: str = SYSTEM_LANGUAGE
    inheritance: bool = False
    storefront: bool = False
    """Only what the Store API may show."""

    # -- one field --------------------------------------------------------------------------

    def value(self, definition: Definition, row: Row, name: str) -> Any:
        """A field as filters and sorting see it: translated, inherited where asked for."""
        own = self._own(definition, row, name)
        if own is None and self._inherits(definition, row, definition.stored[name]):
            parent = self.database["product"].by_id(row.values["parentId"])
            return self._own(definition, parent, name) if parent else None
        return own

    def _own(self, definition: Definition, row: Row, name: str) -> Any:
        computed = _COMPUTED.get((definition.entity, name))
        if computed:
            return computed(self.database, row)
        if (definition.entity, name) == ("category", "breadcrumb"):
            return _breadcrumb(self.database, row, self.language)
        if definition.stored[name].has("translatable"):
            return self.translated(row, name)
        return row.values.get(name)

    def translated(self, row: Row, name: str) -> Any:
        for language in (self.language, SYSTEM_LANGUAGE):
            found = row.translations.get(language, {}).get(name)
            if found is not None:
                return found
        return None

    def in_language(self, definition: Definition, row: Row, name: str) -> Any:
        """A translatable field in the asked-for language alone."""
        if (definition.entity, name) == ("category", "breadcrumb"):
            return self.value(definition, row, name)
        found = row.translations.get(self.language, {}).get(name)
        if found is None and self._inherits(definition, row, definition.stored[name]):
            parent = self.database["product"].by_id(row.values["parentId"])
            return parent and parent.translations.get(self.language, {}).get(name)
        return found

    def _inherits(self, definition: Definition, row: Row, field: Field) -> bool:
        return (
            self.inheritance
            and definition.entity == "product"
            and field.has("inherited")
            and row.values.get("parentId") is not None
        )

    # -- associated rows --------------------------------------------------------------------

    def associated(self, definition: Definition, row: Row, association: Association) -> list[Row]:
        """The rows an association leads to; a to-one association gives at most one."""
        found = self._own_associated(definition, row, association)
        if not found and association.to_many and self._inherits(definition, row, association):
            parent = self.database["product"].by_id(row.values["parentId"])
            return self._own_associated(definition, parent, association) if parent else []
        return found

    def _own_associated(
        self, definition: Definition, row: Row, association: Association
    ) -> list[Row]:
        table = self.database.tables.get(association.entity)
        if table is None or not association.local:
            return []
        if association.name == "translations":
            return _translation_rows(definition, row)
        keys: list[Key]
        if association.kind == "many_to_many":
            keys = self._mapped(row, association)
        elif association.local == "id":
            keys = sorted(table.where(association.reference, row.values.get("id")))
        else:
            keys = [self.value(definition, row, association.local)]
        return [table.rows[key] for key in keys if key in table.rows]

    def _mapped(self, row: Row, association: Association) -> list[Key]:
        if association.mapping == "product_category_tree":
            return self._in_tree(row, association)
        mapping = self.database.tables.get(association.mapping)
        if mapping is None:
            return []
        rows = (
            mapping.rows[key]
            for key in mapping.where(association.mapping_local, row.values.get("id"))
        )
        return sorted(one.values[association.mapping_reference] for one in rows)

    def _in_tree(self, row: Row, association: Association) -> list[Key]:
        """A product's categories with all above them, or a category's products with all below."""
        if association.entity == "category":
            return sorted(_category_tree(self.database, row) or ())
        products: set[Key] = set()
        below = [str(row.values["id"])]
        for category_id in below:
            below += map(str, self.database["category"].where("parentId", category_id))
            mapping = self.database["product_category"]
            keys = mapping.where("categoryId", category_id)
            products |= {mapping.rows[key].values["productId"] for key in keys}
        return sorted(products)

    # -- paths ------------------------------------------------------------------------------

    def access(self, definition: Definition, path: str) -> Access:
        """Reads ``tax.taxRate``, ``prices.ruleId``, ``customFields.points``…

        Raises ShopError 400 for a field that is not there (recorded: customer_groups.json #17).
        """
        head, _, rest = path.partition(".")
        if head == definition.entity and head not in definition.fields and rest:
            head, _, rest = rest.partition(".")
        association = definition.associations.get(head)
        if association is not None:
            return self._over(definition, association, rest)
        field = definition.stored.get(head)
        if field is None or (head == "translated" and not rest):
            raise errors.unmapped(path, definition.entity)
        if head == "translated":
            return self.access(definition, rest)
        if rest or field.type == "json_object":
            return Access(field, self._inside(definition, field, rest))
        return self._stored(definition, field)

    def _stored(self, definition: Definition, field: Field) -> Access:
        name = field.name
        computed = (definition.entity, name) in _COMPUTED
        inherited = self.inheritance and field.has("inherited")
        if computed or inherited or field.has("translatable"):
            return Access(field, lambda row: self.value(definition, row, name))
        return Access(field, lambda row: row.values.get(name), direct=True)

    def _inside(self, definition: Definition, field: Field, path: str) -> Getter:
        name = field.name
        if field.name in ("price", "purchasePrices"):
            return lambda row: _price_at(self.value(definition, row, name), path)
        return lambda row: _dig(self.value(definition, row, name), path)

    def _over(self, definition: Definition, association: Association, rest: str) -> Access:
        target = definitions().get(association.entity)
        if target is None:
            raise errors.unmapped(rest or association.name, definition.entity)
        if not rest and not association.to_many and association.local in definition.stored:
            return self._stored(definition, definition.stored[association.local])
        inner = self.access(target, rest or "id")

        def get(row: Row) -> list[Any]:
            rows = self.associated(definition, row, association)
            if inner.many:
                return [value for one in rows for value in inner.get(one)] or [None]
            return [inner.get(one) for one in rows] or [None]

        return Access(inner.field, get, many=True)


def _dig(value: Any, path: str) -> Any:
    for part in path.split(".") if path else ():
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _price_at(prices: Any, path: str) -> Any:
    """The gross price in the default currency unless the path says ``currency`` or ``net``."""
    parts = path.split(".") if path else []
    side = parts.pop() if parts and parts[-1] in ("net", "gross") else "gross"
    currency = parts[0].removeprefix("c") if parts else DEFAULT_CURRENCY
    for entry in prices or ():
        if entry["currencyId"] == currency:
            return entry[side]
    return None


# -- what the shop works out itself ----------------------------------------------------------


def _mapped_ids(mapping: str, own: str, other: str) -> Callable[[Database, Row], Any]:
    def ids(database: Database, row: Row) -> Any:
        table = database[mapping]
        found = [table.rows[key].values[other] for key in table.where(own, row.values["id"])]
        return sorted(found) or None

    return ids


def _category_tree(database: Database, row: Row) -> Any:
    ids: list[str] = []
    for key in _mapped_ids("product_category", "productId", "categoryId")(database, row) or ():
        chain = []
        while key:
            chain.append(key)
            category = database["category"].by_id(key)
            key = category.values.get("parentId") if category else None
        ids += [one for one in reversed(chain) if one not in ids]
    return ids or None


def _translation_rows(definition: Definition, row: Row) -> list[Row]:
    times = {name: row.values.get(name) for name in ("createdAt", "updatedAt")}
    own = {definition.own_key: row.values["id"], **times}
    return [
        Row({**dict.fromkeys(definition.translatable), **values, **own, "languageId": language})
        for language, values in sorted(row.translations.items())
    ]


def _above(database: Database, row: Row) -> list[Row]:
    """A category's ancestors, the root first."""
    found: list[Row] = []
    seen = {row.values["id"]}
    parent = database["category"].by_id(row.values.get("parentId"))
    while parent is not None and parent.values["id"] not in seen:
        found.insert(0, parent)
        seen.add(parent.values["id"])
        parent = database["category"].by_id(parent.values.get("parentId"))
    return found


def _path(database: Database, row: Row) -> str | None:
    ids = [str(one.values["id"]) for one in _above(database, row)]
    return f"|{'|'.join(ids)}|" if ids else None


def _breadcrumb(database: Database, row: Row, language: str) -> list[str]:
    reader = Reader(database, language)
    return [str(reader.translated(one, "name")) for one in [*_above(database, row), row]]


def _children(database: Database, row: Row) -> int:
    return len(database["product"].where("parentId", row.values["id"]))


def _of_price(field: str, name: str) -> Callable[[Database, Row], Any]:
    """What a column reads out of a calculated price."""

    def read(database: Database, row: Row) -> Any:
        price = row.values.get(field)
        return price.get(name) if isinstance(price, dict) else None

    return read


def _order_date(database: Database, row: Row) -> str:
    return f"{row.values['orderDateTime'][:10]}T00:00:00.000+00:00"


_COMPUTED: dict[tuple[str, str], Callable[[Database, Row], Any]] = {
    ("product", "childCount"): _children,
    ("product", "availableStock"): lambda database, row: row.values.get("stock"),
    ("product", "available"): lambda database, row: _is_available(row),
    ("product", "optionIds"): _mapped_ids("product_option", "productId", "optionId"),
    ("product", "propertyIds"): _mapped_ids("product_property", "productId", "optionId"),
    ("product", "categoryIds"): _mapped_ids("product_category", "productId", "categoryId"),
    ("product", "tagIds"): _mapped_ids("product_tag", "productId", "tagId"),
    ("product", "categoryTree"): _category_tree,
    ("product", "variation"): lambda database, row: [],
    ("order", "orderDate"): _order_date,
    ("order", "amountTotal"): _of_price("price", "totalPrice"),
    ("order", "amountNet"): _of_price("price", "netPrice"),
    ("order", "positionPrice"): _of_price("price", "positionPrice"),
    ("order", "taxStatus"): _of_price("price", "taxStatus"),
    ("order", "shippingTotal"): _of_price("shippingCosts", "totalPrice"),
    ("order_line_item", "unitPrice"): _of_price("price", "unitPrice"),
    ("order_line_item", "totalPrice"): _of_price("price", "totalPrice"),
    ("order_delivery_position", "unitPrice"): _of_price("price", "unitPrice"),
    ("order_delivery_position", "totalPrice"): _of_price("price", "totalPrice"),
    ("order_delivery_position", "quantity"): _of_price("price", "quantity"),
    ("customer", "tagIds"): _mapped_ids("customer_tag", "customerId", "tagId"),
    ("category", "childCount"): lambda database, row: len(
        database["category"].where("parentId", row.values["id"])
    ),
    ("category", "level"): lambda database, row: 1 + len(_above(database, row)),
    ("category", "path"): _path,
    ("category", "visibleChildCount"): lambda database, row: 0,
    ("category", "cmsPageIdSwitched"): lambda database, row: False,
    ("currency", "isSystemDefault"): lambda database, row: row.values["id"] == DEFAULT_CURRENCY,
}


def _is_available(row: Row) -> bool:
    wanted = row.values.get("minPurchase") or 1
    return not row.values.get("isCloseout") or (row.values.get("stock") or 0) >= wanted
