"""Magento's JSON as records of the port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.base import (
    ALL_STORES,
    Amount,
    Basis,
    Category,
    Customer,
    CustomerGroup,
    Product,
    ProductKind,
    TierKey,
    TierValue,
)
from connectors.magento.settings import Settings

ALL_GROUPS_ID = "32000"
ALL_GROUPS_CODE = "ALL GROUPS"
PRICE_STEP = Decimal("0.000001")
PERCENT_STEP = Decimal("0.01")
QUANTITY_STEP = Decimal("0.0001")

CUSTOMER_FIELDS = (
    "id,email,group_id,website_id,created_at,updated_at,taxvat,confirmation,"
    "addresses[company,vat_id,default_billing]"
)
PRODUCT_FIELDS = (
    "id,sku,name,price,status,type_id,updated_at,"
    "extension_attributes[category_links],custom_attributes"
)

_KINDS = {
    "simple": ProductKind.SIMPLE,
    "virtual": ProductKind.SIMPLE,
    "downloadable": ProductKind.SIMPLE,
    "configurable": ProductKind.PARENT,
    "bundle": ProductKind.BUNDLE,
}


def exact(value: Any, step: Decimal) -> Decimal:
    """A number as the shop stores it: rounded to its column, without idle zeros."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return plain(number.quantize(step, ROUND_HALF_UP))


def plain(number: Decimal) -> Decimal:
    """``Decimal("5.0000")`` as ``Decimal("5")``, and never ``5E+1``."""
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()


def storable(text: str) -> str:
    """Without what Magento's tables cannot hold: characters of four bytes, and what only changes
    how the one before it looks."""
    kept = (one for one in text if one <= "\uffff" and one not in "\u200d\ufe0f")
    return " ".join("".join(kept).split())


def moment(text: str) -> datetime:
    """Magento's times are UTC, whole seconds (PLATFORM_FACTS Magento 13)."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def moment_or_none(text: object) -> datetime | None:
    """``None`` for what imports leave behind: nothing, or ``0000-00-00 00:00:00``."""
    try:
        return moment(str(text)) if text else None
    except ValueError:
        return None


def shop_time(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


# -- groups, customers ------------------------------------------------------------------------


def group(row: Mapping[str, Any]) -> CustomerGroup:
    return CustomerGroup(
        id=str(row["id"]), name=str(row["code"]), tax=str(row.get("tax_class_id", ""))
    )


_LONG_AGO = datetime.fromtimestamp(0, UTC)


def customer(row: Mapping[str, Any]) -> Customer:
    addresses = row.get("addresses") or []
    billing = [address for address in addresses if address.get("default_billing")]
    return Customer(
        id=str(row["id"]),
        email=str(row["email"]),
        group_id=str(row["group_id"]),
        store_id=str(row.get("website_id", "")),
        created_at=moment_or_none(row.get("created_at")) or _LONG_AGO,
        updated_at=moment_or_none(row.get("updated_at")) or _LONG_AGO,
        company=_first(billing + list(addresses), "company"),
        vat_id=str(row.get("taxvat") or "") or _first(billing, "vat_id"),
        is_confirmed=not row.get("confirmation"),
    )


def _first(addresses: Sequence[Mapping[str, Any]], name: str) -> str:
    return next((str(address[name]) for address in addresses if address.get(name)), "")


# -- catalogue --------------------------------------------------------------------------------


def product(
    row: Mapping[str, Any], *, currency: str, settings: Settings, parents: Mapping[int, str]
) -> Product:
    """``parents``: the SKU of the configurable that a product is a variant of, by entity id."""
    kind = _KINDS.get(str(row.get("type_id")), ProductKind.OTHER)
    parent = parents.get(int(row["id"]), "") if kind is ProductKind.SIMPLE else ""
    tax_class = str(_custom(row, "tax_class_id") or "")
    return Product(
        id=str(row["sku"]),
        sku=str(row["sku"]),
        name=str(row.get("name") or ""),
        kind=ProductKind.VARIANT if parent else kind,
        parent_id=parent,
        prices=_own_price(row, kind, currency, settings.basis),
        tax_rate=settings.tax_rate(tax_class),
        tax_class=tax_class,
        category_ids=_categories(row),
        is_active=int(row.get("status") or 0) == 1,
        updated_at=moment_or_none(row.get("updated_at")),
    )


def _own_price(
    row: Mapping[str, Any], kind: ProductKind, currency: str, basis: Basis
) -> tuple[Amount, ...]:
    """A configurable's price of 0 is no price: its variants have them."""
    if row.get("price") is None or kind is ProductKind.PARENT:
        return ()
    return (amount(exact(row["price"], PRICE_STEP), currency, basis),)


def amount(price: Decimal, currency: str, basis: Basis) -> Amount:
    if basis is Basis.GROSS:
        return Amount(currency=currency, gross=price)
    return Amount(currency=currency, net=price)


def _custom(row: Mapping[str, Any], code: str) -> Any:
    for attribute in row.get("custom_attributes") or []:
        if attribute.get("attribute_code") == code:
            return attribute.get("value")
    return None


def _categories(row: Mapping[str, Any]) -> tuple[str, ...]:
    links = (row.get("extension_attributes") or {}).get("category_links") or []
    ids = [str(link["category_id"]) for link in links] or [
        str(value) for value in _custom(row, "category_ids") or []
    ]
    return tuple(sorted(set(ids), key=lambda text: (len(text), text)))


def categories(tree: Mapping[str, Any]) -> list[Category]:
    """The tree as a list, each parent before its children."""
    found: list[Category] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        parent = str(node.get("parent_id") or "")
        found.append(
            Category(
                id=str(node["id"]),
                name=str(node.get("name") or ""),
                parent_id="" if parent == "0" else parent,
            )
        )
        waiting += reversed(node.get("children_data") or [])
    return found


# -- tier prices ------------------------------------------------------------------------------


def store_of(website_id: Any) -> str:
    return ALL_STORES if int(website_id) == 0 else str(website_id)


def website_of(store: str) -> int:
    return int(store) if store else 0


def tier_key(row: Mapping[str, Any], *, sku: str, audience_id: str) -> TierKey:
    return TierKey(
        product_id=sku,
        store=store_of(row["website_id"]),
        audience_id=audience_id,
        quantity=exact(row["quantity"], QUANTITY_STEP),
    )


def tier_value(row: Mapping[str, Any], *, currency: str, basis: Basis) -> TierValue:
    if row["price_type"] == "discount":
        return TierValue(percent=exact(row["price"], PERCENT_STEP))
    return TierValue(amounts=(amount(exact(row["price"], PRICE_STEP), currency, basis),))


def price_entry(value: TierValue, basis: Basis) -> tuple[str, Decimal]:
    """``(price_type, price)`` for a write. Raises ValueError when the shop has no such value."""
    if value.percent is not None:
        return "discount", exact(value.percent, PERCENT_STEP)
    if len(value.amounts) != 1:
        raise ValueError("Magento keeps one price per row, in the website's base currency")
    price = value.amounts[0].gross if basis is Basis.GROSS else value.amounts[0].net
    if price is None:
        raise ValueError(f"this shop keeps {basis.value} prices, and the row has none")
    return "fixed", exact(price, PRICE_STEP)


def number(value: Decimal) -> Decimal | int:
    """How a number is sent: 5, not 5.0."""
    short = plain(value)
    return int(short) if short == short.to_integral_value() else short
