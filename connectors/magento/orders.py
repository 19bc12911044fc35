"""Magento's orders with their invoices and shipments, as records of the port. Pure.

Amounts are those of the ``base_*`` columns, in the website's base currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.errors import Rejected
from connectors.magento.amounts import Row, Worth, number, tidy
from connectors.magento.applied_rules import (
    Known,
    coupon_discount,
    coupon_rule,
    named_rules,
    was_given,
)
from connectors.magento.baskets import Item, bearers, items_of, worths
from connectors.magento.mapping import moment_or_none
from connectors.magento.milestones import cancelled_at, completed_at, newest, paid_at
from connectors.magento.refunds import refunds
from connectors.sales import NOTHING, LineKind, Money, Order, OrderLine, UsedCode

ITEM_FIELDS = (
    "item_id,parent_item_id,product_id,product_type,sku,name,applied_rule_ids,"
    "qty_ordered,qty_canceled,"
    "qty_invoiced,base_price,base_price_incl_tax,base_row_total,base_row_total_incl_tax,"
    "base_tax_amount,tax_percent,base_discount_amount,base_discount_tax_compensation_amount,"
    "base_row_invoiced,base_tax_invoiced,base_discount_invoiced,"
    "base_discount_tax_compensation_invoiced,product_option[extension_attributes[custom_options]],"
    "extension_attributes[loyalty_bridge_gift]"
)
ORDER_FIELDS = (
    "entity_id,increment_id,store_id,state,created_at,updated_at,is_virtual,base_currency_code,"
    "customer_id,customer_is_guest,customer_email,customer_group_id,customer_taxvat,coupon_code,"
    "applied_rule_ids,"
    "base_grand_total,"
    "base_total_paid,base_total_canceled,base_subtotal,base_subtotal_incl_tax,"
    "base_shipping_amount,"
    "base_shipping_incl_tax,base_shipping_tax_amount,base_shipping_canceled,"
    "base_shipping_discount_amount,base_shipping_discount_tax_compensation_amnt,"
    "extension_attributes[coupon_codes,loyalty_bridge_referral],"
    f"billing_address[company,vat_id],items[{ITEM_FIELDS}]"
)
INVOICE_FIELDS = "entity_id,order_id,state,created_at,updated_at"
SHIPMENT_FIELDS = "entity_id,order_id,created_at,updated_at"

_NOT_LOGGED_IN = "0"
"""Magento's group of guests; their orders name none (recorded: orders.json #24)."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to one order, as its searches told it."""

    invoices: Sequence[Row] = ()
    shipments: Sequence[Row] = ()
    memos: Sequence[Row] = ()

    @property
    def all(self) -> list[Row]:
        return [*self.invoices, *self.shipments, *self.memos]


def order_record(
    row: Row,
    belongings: Belongings,
    *,
    store_id: str,
    catalogue_skus: Mapping[int, str] | None = None,
    rules: Known | None = None,
) -> Order:
    """One order. ``store_id``: the website of its store view. ``catalogue_skus``: SKUs by
    entity id, for products that :func:`unclear_products` names. ``rules``: what is known of the
    cart price rules it names.

    Raises Rejected, naming the order, when what the shop tells makes no order.
    """
    try:
        return _record(row, belongings, store_id, catalogue_skus or {}, rules or {})
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        name = row.get("increment_id") or row.get("entity_id")
        raise Rejected(
            f"Order {name} cannot be read: {type(error).__name__}: {error}",
            advice="Look at the order in the shop: an import may have left it incomplete.",
        ) from error


def unclear_products(row: Row) -> set[int]:
    """Entity ids of products whose SKU the order does not tell: a bundle's SKU may have grown by
    those of its parts, one with custom options by theirs."""
    return {
        int(item.row["product_id"])
        for item in items_of(row)
        if _has_grown_sku(item) and item.row.get("product_id")
    }


def _record(
    row: Row, belongings: Belongings, store_id: str, skus: Mapping[int, str], rules: Known
) -> Order:
    placed_at = _placed_at(row)
    items = items_of(row)
    amounts = worths(items, row)
    shipping = _shipping(row)
    customer_id = _text(row, "customer_id")
    address: Row = row.get("billing_address") or {}
    return Order(
        id=str(row["entity_id"]),
        number=_text(row, "increment_id"),
        store_id=store_id,
        currency=_text(row, "base_currency_code"),
        placed_at=placed_at,
        changed_at=newest([row, *belongings.all], "updated_at") or placed_at,
        customer_id=customer_id,
        email=_text(row, "customer_email"),
        is_guest=_is_guest(row, customer_id),
        group_id=_text(row, "customer_group_id") or ("" if customer_id else _NOT_LOGGED_IN),
        company=_text(address, "company"),
        vat_id=_text(address, "vat_id") or _text(row, "customer_taxvat"),
        lines=_lines(items, amounts, skus, _Rules(rules, coupon_rule(row, rules))),
        shipping=tidy(shipping.price),
        shipping_discount=tidy(shipping.discount),
        paid_at=paid_at(row, belongings.invoices, placed_at),
        completed_at=completed_at(row, belongings.invoices, belongings.shipments, placed_at),
        cancelled_at=cancelled_at(row),
        refunds=refunds(belongings.memos, items),
        codes=_codes(row, items, shipping, rules),
        state=_text(row, "state"),
        referral_code=_text(_extended(row), "loyalty_bridge_referral"),
    )


def _is_guest(row: Row, customer_id: str) -> bool:
    """When an account is deleted its orders lose the id (the column is set null) and stay what
    they were otherwise: nobody's, but no guest's."""
    told = row.get("customer_is_guest")
    return not customer_id and (told is None or bool(int(told)))


def _placed_at(row: Row) -> datetime:
    placed = moment_or_none(row.get("created_at")) or moment_or_none(row.get("updated_at"))
    if placed is None:
        raise ValueError("it has no created_at")
    return placed


@dataclass(frozen=True, slots=True)
class _Rules:
    known: Known
    of_coupon: int | None


def _lines(
    items: Sequence[Item], amounts: Sequence[Worth], skus: Mapping[int, str], rules: _Rules
) -> tuple[OrderLine, ...]:
    is_paid_for = any(worth.paid.gross > 0 for worth in amounts)
    return tuple(
        _line(item, worth, skus, is_gift=_is_gift(item, worth, rules, is_paid_for=is_paid_for))
        for item, worth in zip(items, amounts, strict=True)
    )


def _is_gift(item: Item, worth: Worth, rules: _Rules, *, is_paid_for: bool) -> bool:
    if worth.price.gross <= 0:
        return _is_by_module(item)
    if worth.paid.gross > 0:
        return False
    named = frozenset[int]().union(*(named_rules(row) for row in item.bearers))
    return was_given(named, rules.known, rules.of_coupon, something_is_paid_for=is_paid_for)


def _is_by_module(item: Item) -> bool:
    """The module's mark on a line that costs nothing. On one with a price it says nothing."""
    return bool(_text(_extended(item.row), "loyalty_bridge_gift"))


def _line(item: Item, worth: Worth, skus: Mapping[int, str], *, is_gift: bool) -> OrderLine:
    sku = _text(item.row, "sku")
    return OrderLine(
        id=item.id,
        kind=LineKind.PRODUCT if sku else LineKind.OTHER,
        product_id=_product_id(item, skus),
        sku=sku,
        name=_text(item.row, "name"),
        quantity=item.quantity(),
        price=tidy(worth.price),
        discount=tidy(worth.discount),
        is_gift=is_gift,
    )


def _product_id(item: Item, skus: Mapping[int, str]) -> str:
    """The SKU in the catalogue, as far as it is known; else the one that was bought."""
    row = item.catalogue_row
    known = skus.get(int(row.get("product_id") or 0), "") if _has_grown_sku(item) else ""
    return known or _text(row, "sku")


def _has_grown_sku(item: Item) -> bool:
    if item.catalogue_row is not item.row:
        return False
    option = (item.row.get("product_option") or {}).get("extension_attributes") or {}
    return item.row.get("product_type") == "bundle" or bool(option.get("custom_options"))


def _shipping(row: Row) -> Worth:
    """Shipping as ordered and not cancelled, before and after its discount."""
    net = number(row, "base_shipping_amount")
    tax = number(row, "base_shipping_tax_amount")
    gross = max(number(row, "base_shipping_incl_tax"), net)
    if "base_shipping_incl_tax" not in row:
        gross = net + tax
    after = (
        net
        - number(row, "base_shipping_discount_amount")
        + number(row, "base_shipping_discount_tax_compensation_amnt")
    )
    paid = Money(min(max(after, NOTHING), net), min(max(after + tax, NOTHING), gross))
    cancelled = min(number(row, "base_shipping_canceled"), net)
    worth = Worth(Money(net, gross), paid)
    return worth.share(net - cancelled, net) if cancelled else worth


def _codes(row: Row, items: Sequence[Item], shipping: Worth, rules: Known) -> tuple[UsedCode, ...]:
    codes = _told_codes(row)
    if not codes:
        return ()
    rule = coupon_rule(row, rules) if len(codes) == 1 else None
    found = coupon_discount(bearers(items, row), shipping, rule, rules)
    return tuple(UsedCode(code, found) for code in codes)


def _told_codes(row: Row) -> list[str]:
    """One, in Open Source. Adobe Commerce takes several since 2.4.7, tells them beside the first
    or in one field with commas, and not what each took off."""
    several = _extended(row).get("coupon_codes") or ()
    told = [_text(row, "coupon_code"), *(str(one) for one in several)]
    found = [part.strip() for one in told for part in one.split(",") if part.strip()]
    return list({code.casefold(): code for code in reversed(found)}.values())[::-1]


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _extended(row: Row) -> Row:
    """What modules add. PHP writes none as a list."""
    found = row.get("extension_attributes")
    return found if isinstance(found, Mapping) else {}
