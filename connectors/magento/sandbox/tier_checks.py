"""What the shop refuses of tier prices (recorded: tier_prices.json #7, #20).

Beyond the recordings after Magento's TierPriceValidator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.stores import website_ids
from connectors.magento.sandbox.tiers import PRICED, group_code, group_id_of
from connectors.magento.sandbox.values import number, text

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]
Check = Callable[["Shop", Row], bool]
Place = tuple[str, str, Decimal]
"""SKU, group in lower case, quantity: where a row for all websites and one for a single website
cannot both stand."""

_NAMED = ("sku", "website_id", "customer_group", "quantity")
_ROW_ID = (
    " Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty."
)
_DUPLICATE = (
    "We found a duplicate website, tier price, customer group and quantity: Customer Group = "
    "%customerGroup, Website ID = %websiteId, Quantity = %qty."
)


def validated(
    shop: Shop, rows: Sequence[Row], *, beside_existing: bool
) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rows that can be written, and a failure for each thing wrong with the others.

    ``beside_existing``: they must fit what is there, too.
    """
    sent: dict[Place, list[Row]] = {}
    for row in rows:
        sent.setdefault(_place(row), []).append(row)
    good, failures = [], []
    for row in rows:
        wrong = list(_wrong(shop, row, sent, beside_existing=beside_existing))
        failures += wrong
        if not wrong:
            good.append(row)
    return good, failures


def _wrong(
    shop: Shop, row: Row, sent: dict[Place, list[Row]], *, beside_existing: bool
) -> Iterator[dict[str, Any]]:
    """In the shop's order: the row itself, its neighbours, its group."""
    for holds, message, own in _CHECKS:
        if not holds(shop, row):
            yield _failure(row, message, own)
    for other in _clashing(row, sent[_place(row)]):
        yield _failure(other, _DUPLICATE, None)
    if beside_existing:
        for other in _clashing(row, _existing(shop, row)):
            yield _failure(other, _DUPLICATE, None)
    if group_id_of(shop, row.get("customer_group")) is None:
        yield _failure(row, "No such entity with Customer Group = %customerGroup.", None)


def _failure(row: Row, message: str, own: str | None) -> dict[str, Any]:
    values = ([row.get(own)] if own else []) + [row.get(name) for name in _NAMED]
    return {"message": message + _ROW_ID, "parameters": [text(value) for value in values]}


# -- the row itself -------------------------------------------------------------------------


def _type_of(shop: Shop, row: Row) -> str | None:
    product = shop.products.by_sku(row.get("sku") or "")
    return None if product is None else product.type_id


def _good_sku(shop: Shop, row: Row) -> bool:
    return _type_of(shop, row) in PRICED


def _good_price(shop: Shop, row: Row) -> bool:
    value = row.get("price")
    if value is None or value < 0 or shop.faults.poisoned(row.get("sku") or ""):
        return False
    return row.get("price_type") != "discount" or value <= 100


def _good_type(shop: Shop, row: Row) -> bool:
    if _type_of(shop, row) == "bundle":
        return row.get("price_type") == "discount"
    return row.get("price_type") in ("fixed", "discount")


def _good_quantity(shop: Shop, row: Row) -> bool:
    """Of a product that is not there the quantity is no matter. Most kinds can be sold in less
    than one piece (``canUseQtyDecimals``)."""
    kind, quantity = _type_of(shop, row), row.get("quantity") or 0
    return kind is None or quantity >= 1 or (quantity > 0 and kind in PRICED)


def _good_website(shop: Shop, row: Row) -> bool:
    """Website rows are taken with global prices too (recorded: #10); other versions refuse."""
    website = row.get("website_id")
    if website and shop.faults.shop["global_scope_refuses_websites"]:
        return False
    return website in website_ids()


_CHECKS: tuple[tuple[Check, str, str | None], ...] = (
    (_good_sku, "Invalid attribute SKU = %SKU.", None),
    (_good_price, "Invalid attribute Price = %price.", "price"),
    (_good_type, "Invalid attribute Price Type = %priceType.", "price_type"),
    (_good_quantity, "Invalid attribute Quantity = %qty.", None),
    (_good_website, "Invalid attribute Website ID = %websiteId.", None),
)
"""In the shop's order; the column whose value comes before those that name the row."""


# -- its neighbours -------------------------------------------------------------------------


def _place(row: Row) -> Place:
    code, quantity = row.get("customer_group"), row.get("quantity")
    return (str(row.get("sku")), str(code or "").lower(), Decimal(str(quantity or 0)))


def _existing(shop: Shop, row: Row) -> Iterator[Row]:
    product = shop.products.by_sku(row.get("sku") or "")
    place = _place(row)
    for tier in shop.tiers.of(product.id) if product else ():
        code = group_code(shop, tier.group_id)
        if (code.lower(), tier.quantity) == place[1:]:
            yield {
                "sku": row["sku"],
                "website_id": tier.website_id,
                "customer_group": code,
                "quantity": number(tier.quantity),
            }


def _clashing(row: Row, others: Iterable[Row]) -> Iterator[Row]:
    """A row for all websites and one for a single website cannot stand beside each other for
    one group and quantity (PLATFORM_FACTS Magento 6). The failure names the **other** row
    (magento2 ``TierPriceValidator::checkUnique``)."""
    own = row.get("website_id")
    for other in others:
        website = other.get("website_id")
        if website is not None and own is not None and website != own and 0 in (website, own):
            yield other
