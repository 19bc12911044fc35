"""From Shopware's rows to the port's records. Pure; every list is read without inheritance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.base import (
    ALL_STORES,
    Amount,
    Audience,
    Category,
    Currency,
    Customer,
    CustomerGroup,
    Product,
    ProductKind,
    Store,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.errors import NotAShop
from connectors.sentences import sentence
from connectors.shopware import ids
from connectors.shopware.paging import Row

SYSTEM_CURRENCY = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
"""The default currency's id is the same in every Shopware (recorded: reference_data.json #0)."""

FEED_TYPE = "ed535e5722134ac1aa6524f73e26881b"
"""Type of a sales channel that only exports products for comparison sites; it sells nothing."""

CURRENCY = ["id", "isoCode", "isSystemDefault", "itemRounding"]
SALES_CHANNEL = ["id", "name", "typeId", "currencyId", "customerGroupId", "domains"]
GROUP = ["id", "name", "displayGross", "customFields"]
RULE = ["id", "name", "priority", "customFields", "conditions"]
RULE_CONDITION = ["id", "type", "value", "parentId"]
CUSTOMER = [
    "id",
    "autoIncrement",
    "email",
    "groupId",
    "salesChannelId",
    "createdAt",
    "updatedAt",
    "company",
    "vatIds",
    "guest",
    "active",
    "doubleOptInRegistration",
    "doubleOptInConfirmDate",
]
PRODUCT = [
    "id",
    "autoIncrement",
    "parentId",
    "childCount",
    "productNumber",
    "name",
    "price",
    "taxId",
    "active",
    "categoryTree",
    "categoryIds",
    "createdAt",
    "updatedAt",
]
PRICE_ROW = ["id", "productId", "ruleId", "quantityStart", "quantityEnd", "price"]
PRICE = ["currencyId", "net", "gross"]
CATEGORY = ["id", "autoIncrement", "name", "parentId"]


@dataclass(frozen=True, slots=True)
class Currencies:
    """The shop's currencies both ways round."""

    all: tuple[Currency, ...]

    def code(self, currency_id: str) -> str | None:
        return next((c.code for c in self.all if c.id == currency_id), None)

    def id(self, code: str) -> str | None:
        return next((c.id for c in self.all if c.code == code), None)


def moment(text: object) -> datetime | None:
    """``2026-11-22T15:00:14.861+00:00`` → aware, in UTC."""
    if not isinstance(text, str) or not text:
        return None
    return datetime.fromisoformat(text).astimezone(UTC)


def currency(row: Row) -> Currency:
    rounding = row.get("itemRounding")
    decimals = rounding.get("decimals") if isinstance(rounding, dict) else None
    return Currency(
        code=str(row["isoCode"]),
        id=str(row["id"]),
        is_default=row["id"] == SYSTEM_CURRENCY or row.get("isSystemDefault") is True,
        decimals=2 if decimals is None else int(decimals),
    )


def store(row: Row, currencies: Currencies) -> Store:
    domains = row.get("domains") or []
    urls = sorted(str(domain.get("url")) for domain in domains if domain.get("url"))
    pages = [url for url in urls if url.startswith("http")]
    name = _named(row)
    return Store(
        id=str(row["id"]),
        code=name,
        name=name,
        currency=currencies.code(str(row.get("currencyId"))) or "",
        url=pages[0] if pages else "",
        default_group_id=str(row.get("customerGroupId") or ""),
        more_urls=" ".join(pages[1:]),
    )


def group(row: Row) -> CustomerGroup:
    tax = "gross" if row.get("displayGross", True) else "net"
    return CustomerGroup(id=str(row["id"]), name=_named(row), tax=tax)


def mark_of(row: Row) -> str:
    """Whose thing this is: the mark the bridge left on it, or nothing."""
    fields = row.get("customFields")
    ours = fields.get(ids.CUSTOM_FIELD) if isinstance(fields, dict) else None
    return str(ours.get("mark") or "") if isinstance(ours, dict) else ""


def _is_of_promotion(row: Row) -> bool:
    return "promotion" in row["customFields"][ids.CUSTOM_FIELD]


# --- rules ---------------------------------------------------------------------------------


def audience(row: Row, mark: str) -> Audience:
    """A rule. Ours by its mark, or by its id: nobody else can come by a derived one. The rules of
    our promotions are marked as theirs."""
    conditions = [c for c in row.get("conditions") or [] if isinstance(c, dict)]
    mentioned = {g for condition in conditions for g in _groups_in(condition)}
    rule = str(row["id"])
    marked = mark_of(row) == mark and not _is_of_promotion(row)
    ours = marked or any(rule == ids.rule_id(mark, g) for g in mentioned)
    return Audience(
        id=rule,
        name=str(row.get("name") or ""),
        group_ids=groups_of_rule(conditions),
        priority=int(row.get("priority") or 0),
        ours=ours,
    )


EVERYONE = "*"
"""Stands for the groups of a rule that always holds, such as "Always valid (Default)", which
every stock shop has and merchants hang prices on (shopware Checkout/Cart/Rule/AlwaysValidRule)."""


def groups_of_rule(conditions: Sequence[Row]) -> tuple[str, ...]:
    """The groups a rule holds for when its conditions say exactly "the customer group is one
    of …", or :data:`EVERYONE` when it always holds; else none. Conditions come as a flat list
    that names its parents (recorded: products_and_advanced_prices.json #4)."""
    roots = [condition for condition in conditions if not condition.get("parentId")]
    if len(roots) != 1:
        return ()
    children: dict[str, list[Row]] = {}
    for condition in conditions:
        if condition.get("parentId"):
            children.setdefault(str(condition["parentId"]), []).append(condition)
    found = _groups(roots[0], children)
    if found and EVERYONE in found:
        return (EVERYONE,)
    return tuple(sorted(found)) if found else ()


def _groups(condition: Row, children: Mapping[str, list[Row]]) -> set[str] | None:
    """``None`` when the condition is about anything else too."""
    below = children.get(str(condition.get("id")), [])
    kind = condition.get("type")
    if kind == "alwaysValid" and not below:
        return {EVERYONE}
    if kind == "customerCustomerGroup" and not below:
        value = condition.get("value")
        operator = value.get("operator") if isinstance(value, dict) else None
        return set(_groups_in(condition)) if operator == "=" else None
    if kind == "andContainer" and len(below) == 1:
        return _groups(below[0], children)
    if kind == "orContainer" and below:
        parts = [_groups(part, children) for part in below]
        known = [part for part in parts if part is not None]
        return set().union(*known) if len(known) == len(parts) else None
    return None


def _groups_in(condition: Row) -> list[str]:
    value = condition.get("value")
    found = value.get("customerGroupIds") if isinstance(value, dict) else None
    return [str(group_id) for group_id in found] if isinstance(found, list) else []


# --- customers -----------------------------------------------------------------------------


def customer(row: Row) -> Customer:
    created = moment(row.get("createdAt"))
    if created is None:
        raise NotAShop(sentence("A customer of the shop has no date of creation"))
    confirmed = not row.get("doubleOptInRegistration") or bool(row.get("doubleOptInConfirmDate"))
    vat_ids = row.get("vatIds") or []
    return Customer(
        id=str(row["id"]),
        email=str(row.get("email") or ""),
        group_id=str(row.get("groupId") or ""),
        store_id=str(row.get("salesChannelId") or ""),
        created_at=created,
        updated_at=moment(row.get("updatedAt")) or created,
        company=str(row.get("company") or ""),
        vat_id=str(vat_ids[0]) if vat_ids else "",
        is_guest=row.get("guest") is True,
        is_active=row.get("active") is not False,
        is_confirmed=confirmed,
    )


# --- catalogue -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    currencies: Currencies
    tax_rates: Mapping[str, Decimal]
    """Tax id → rate in percent."""


def products(rows: Iterable[Row], facts: CatalogueFacts) -> Iterator[Product]:
    """Fills in what a variant inherits. A variant that is read before its parent waits."""
    heads: dict[str, Row] = {}
    waiting: list[Row] = []
    for row in rows:
        parent_id = row.get("parentId")
        if not parent_id:
            heads[str(row["id"])] = _inheritable(row)
            yield _product(row, None, facts)
        elif parent_id in heads:
            yield _product(row, heads[str(parent_id)], facts)
        else:
            waiting.append(row)
    for row in waiting:
        yield _product(row, heads.get(str(row["parentId"])), facts)


def _inheritable(row: Row) -> Row:
    names = ("name", "price", "taxId", "active", "categoryTree", "categoryIds")
    return {**{name: row.get(name) for name in names}, "name": _named(row)}


def _product(row: Row, parent: Row | None, facts: CatalogueFacts) -> Product:
    def effective(name: str) -> Any:
        own = row.get(name)
        return own if own is not None or parent is None else parent.get(name)

    kind = ProductKind.SIMPLE
    if row.get("parentId"):
        kind = ProductKind.VARIANT
    elif row.get("childCount"):
        kind = ProductKind.PARENT
    tax_id = str(effective("taxId") or "")
    return Product(
        id=str(row["id"]),
        sku=str(row.get("productNumber") or ""),
        name=_named(row) or (str(parent["name"]) if parent else ""),
        kind=kind,
        parent_id=str(row.get("parentId") or ""),
        prices=_known(amounts(effective("price"), facts.currencies), facts.currencies),
        tax_rate=facts.tax_rates.get(tax_id),
        tax_class=tax_id,
        category_ids=_categories(row) or _categories(parent or {}),
        is_active=effective("active") is not False,
        updated_at=moment(row.get("updatedAt")) or moment(row.get("createdAt")),
    )


def _categories(row: Row) -> tuple[str, ...]:
    """The tree names the ancestors too, so that a category's products include those below."""
    return tuple(sorted({str(c) for c in row.get("categoryTree") or row.get("categoryIds") or ()}))


def category(row: Row) -> Category:
    return Category(str(row["id"]), _named(row), str(row.get("parentId") or ""))


def _named(row: Row) -> str:
    translated = row.get("translated")
    fallback = translated.get("name") if isinstance(translated, dict) else None
    return str(row.get("name") or fallback or "")


# --- prices --------------------------------------------------------------------------------


def amounts(prices: object, currencies: Currencies) -> tuple[Amount, ...]:
    """Shopware's ``price`` list. A currency that is gone keeps its id for a code, so that a
    row that has it never looks like one that has not."""
    if isinstance(prices, dict):
        prices = list(prices.values())
    if not isinstance(prices, list):
        return ()
    found = [_amount(price, currencies) for price in prices if isinstance(price, dict)]
    return tuple(sorted(found, key=lambda amount: amount.currency))


def _known(found: Sequence[Amount], currencies: Currencies) -> tuple[Amount, ...]:
    codes = {currency.code for currency in currencies.all}
    return tuple(amount for amount in found if amount.currency in codes)


def _amount(price: Row, currencies: Currencies) -> Amount:
    currency_id = str(price.get("currencyId"))
    return Amount(
        currency=currencies.code(currency_id) or currency_id,
        net=number(price.get("net")),
        gross=number(price.get("gross")),
    )


def number(value: object) -> Decimal | None:
    """A JSON number as the shortest that means the same to the shop, which keeps doubles: ``10``,
    ``11.9``, and ``59.49`` where PHP writes 59.490000000000002 (``serialize_precision=17``)."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value) if isinstance(value, int) else Decimal(repr(float(value)))


def tier_price(row: Row, currencies: Currencies) -> TierPrice:
    end = row.get("quantityEnd")
    return TierPrice(
        key=TierKey(
            product_id=str(row["productId"]),
            store=ALL_STORES,
            audience_id=str(row.get("ruleId") or ""),
            quantity=number(row.get("quantityStart")) or Decimal(0),
        ),
        value=TierValue(
            amounts=amounts(row.get("price"), currencies),
            until=end if isinstance(end, int) else None,
        ),
        native_id=str(row["id"]),
    )


def price_payload(row: TierPrice, mark: str, currencies: Currencies) -> Row:
    """What ``_action/sync`` wants. Raises ValueError, saying what the shop cannot take."""
    quantity = row.key.quantity
    if row.key.store != ALL_STORES:
        raise ValueError("Shopware keeps no prices per sales channel")
    if row.value.percent is not None or not row.value.amounts:
        raise ValueError("Shopware keeps amounts, not percentages")
    if quantity != quantity.to_integral_value():
        raise ValueError(f"Shopware keeps whole quantities, not {quantity}")
    return {
        "id": row.native_id or ids.price_id(mark, row.key),
        "productId": row.key.product_id,
        "ruleId": row.key.audience_id,
        "quantityStart": int(quantity),
        "quantityEnd": row.value.until,
        "price": [_price_entry(amount, currencies) for amount in row.value.amounts],
    }


def _price_entry(amount: Amount, currencies: Currencies) -> Row:
    currency_id = currencies.id(amount.currency)
    if currency_id is None:
        raise ValueError(f"The shop has no currency {amount.currency}")
    if amount.net is None or amount.gross is None:
        raise ValueError(f"Shopware needs net and gross; one of them is missing ({amount})")
    return {
        "currencyId": currency_id,
        "net": amount.net,
        "gross": amount.gross,
        "linked": False,
    }
