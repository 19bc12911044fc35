"""What a cart costs: prices, discounts, shipping, tax (recorded: cart_price_rules.json #30 to
#36, orders_composite_and_tax.json #4)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import discounting
from connectors.magento.sandbox.calculating import ZERO, Taxed, Untaxed, taxed
from connectors.magento.sandbox.carts import Cart, Item, group_of, is_virtual, price_of
from connectors.magento.sandbox.discounting import Line
from connectors.magento.sandbox.module_vouchers import may_use
from connectors.magento.sandbox.products import Product
from connectors.magento.sandbox.sales_rules import NO_COUPON, Buyer, as_rule, label_of
from connectors.magento.sandbox.stores import CURRENCY
from connectors.magento.sandbox.taxes import Applied
from connectors.magento.sandbox.values import cents, converted, number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

FLAT_RATE = Decimal(5)
"""Per piece that is sent."""
SHIPPING_METHOD = "flatrate_flatrate"
SHIPPING_TITLE = "Flat Rate - Fixed"


@dataclass(frozen=True, slots=True)
class CartLine:
    item: Item
    product: Product
    """What is sold."""
    parent: Product | None
    """The configurable it was chosen through."""
    money: Taxed
    discount: Decimal
    discount_percent: Decimal
    rule_ids: tuple[int, ...]
    taken: Mapping[int, Decimal]
    """What each rule took off, those that took nothing left out."""
    taxes: tuple[Applied, ...]

    @property
    def front(self) -> Product:
        """What the buyer sees."""
        return self.parent or self.product

    @property
    def tax_percent(self) -> Decimal:
        return sum((one.percent for one in self.taxes), ZERO)


@dataclass(frozen=True, slots=True)
class Totals:
    lines: tuple[CartLine, ...]
    shipping: Decimal
    rule_ids: tuple[int, ...]
    discount_description: str

    def _sum(self, name: str) -> Decimal:
        return sum((getattr(line.money, name) for line in self.lines), ZERO)

    @property
    def subtotal(self) -> Decimal:
        return self._sum("row_total")

    @property
    def subtotal_incl_tax(self) -> Decimal:
        return self._sum("row_total_incl_tax")

    @property
    def tax(self) -> Decimal:
        """Shipping bears none: it has no tax class, as by default."""
        return self._sum("tax")

    @property
    def compensation(self) -> Decimal:
        return self._sum("compensation")

    @property
    def discount(self) -> Decimal:
        return sum((line.discount for line in self.lines), ZERO)

    @property
    def grand_total(self) -> Decimal:
        return self.subtotal + self.compensation + self.tax + self.shipping - self.discount

    def tax_by_rate(self) -> dict[Applied, Decimal]:
        """Of lines with several rates, each one's share."""
        found: dict[Applied, Decimal] = {}
        for line in self.lines:
            for one in line.taxes:
                share = (
                    cents(line.money.tax * one.percent / line.tax_percent) if one.percent else ZERO
                )
                found[one] = found.get(one, ZERO) + share
        return found


def is_virtual_cart(shop: Shop, cart: Cart) -> bool:
    """Nothing in it is sent."""
    return all(is_virtual(shop.products.rows[one.product_id]) for one in cart.items.values())


def totals(shop: Shop, cart: Cart) -> Totals:
    items = list(cart.items.values())
    sold = [shop.products.rows[one.product_id] for one in items]
    parents = [shop.products.rows.get(one.parent_id) for one in items]
    prices = [
        ZERO if item.gift else price_of(shop, cart, product, item.qty)
        for product, item in zip(sold, items, strict=True)
    ]
    lines = [
        Line(
            price,
            item.qty,
            _facts(product, parent, item.qty, price),
            takes_discounts=not item.gift,
        )
        for price, item, product, parent in zip(prices, items, sold, parents, strict=True)
    ]
    rates = [_rates(shop, cart, parent or one) for one, parent in zip(sold, parents, strict=True)]
    rule_ids, description = _discount(shop, cart, lines, _taxed(shop, lines, rates))
    money = _taxed(shop, lines, rates)
    found = tuple(
        CartLine(
            item,
            product,
            parent,
            paid,
            line.discount,
            line.percent,
            tuple(line.rule_ids),
            line.taken,
            due,
        )
        for item, product, parent, paid, line, due in zip(
            items, sold, parents, money, lines, rates, strict=True
        )
    )
    return Totals(found, _shipping(cart, items, sold), rule_ids, description)


def _taxed(shop: Shop, lines: Sequence[Line], rates: Sequence[tuple[Applied, ...]]) -> list[Taxed]:
    untaxed = [
        Untaxed(line.price, line.qty, line.discount, sum((one.percent for one in due), ZERO))
        for line, due in zip(lines, rates, strict=True)
    ]
    return taxed(untaxed, prices_include_tax=shop.faults.shop["prices_include_tax"])


def _shipping(cart: Cart, items: list[Item], sold: list[Product]) -> Decimal:
    if not cart.method:
        return ZERO
    sent = [
        item.qty
        for item, one in zip(items, sold, strict=True)
        if not is_virtual(one) and not item.gift
    ]
    return FLAT_RATE * sum(sent, ZERO)


def _facts(
    product: Product, parent: Product | None, qty: Decimal, price: Decimal
) -> dict[str, Any]:
    """What rules may ask of a line."""
    categories = (parent or product).category_ids or product.category_ids
    return {
        **(parent or product).attributes,
        "sku": product.sku,
        "category_ids": tuple(str(one) for one in categories),
        "quote_item_qty": qty,
        "quote_item_price": price,
        "quote_item_row_total": price * qty,
    }


def _discount(
    shop: Shop, cart: Cart, lines: list[Line], before: Sequence[Taxed]
) -> tuple[tuple[int, ...], str]:
    """Fills in the lines; the rules that applied, and what the discount is called. A coupon that
    unlocks none is dropped from the cart (magento2 ``TotalsCollector::_validateCouponCode``).

    ``before``: the lines without any discount.
    """
    if shop.faults.shop["consumers"]:
        shop.sales_rules.consume()
    buyer = Buyer(group_of(shop, cart), cart.customer_id)
    coupon = cart.coupon if may_use(shop, cart, cart.coupon) else ""
    rows = shop.sales_rules.in_force(buyer, 1, shop.now()[:10], coupon)
    for line, worth in zip(lines, before, strict=True):
        line.net, line.gross = worth.row_total, worth.row_total_incl_tax
    about = {
        **discounting.totals_of(lines),
        "country_id": (cart.shipping or {}).get("country_id"),
        "postcode": (cart.shipping or {}).get("postcode"),
        "payment_method": cart.payment or None,
        "shipping_method": cart.method or None,
    }
    counts_own_lines = shop.faults.shop["rules_count_own_lines"]
    rules = [as_rule(row) for row in rows]
    applied = discounting.apply(rules, lines, about, counts_own_lines=counts_own_lines)
    used = [row for row in rows if row["rule_id"] in applied]
    if all(row["coupon_type"] == NO_COUPON for row in used):
        cart.coupon = ""
    named = [_named(row, cart.coupon) for row in used]
    return tuple(applied), ", ".join(name for name in named if name)


def _named(row: dict[str, Any], coupon: str) -> str:
    """Its label; else, of a rule with a coupon, its description (recorded: #32, #38)."""
    label = label_of(row)
    if label or row["coupon_type"] == NO_COUPON:
        return label
    return row.get("description") or coupon


def _rates(shop: Shop, cart: Cart, product: Product) -> tuple[Applied, ...]:
    address = cart.shipping or cart.billing
    buyer = shop.groups.rows[group_of(shop, cart)]["tax_class_id"]
    product_class = int(product.attributes.get("tax_class_id") or 0)
    return tuple(shop.taxes.due(address, buyer, product_class))


# -- showing --------------------------------------------------------------------------------


Shown = tuple[str, Decimal]
"""The currency that shoppers see, and how much of it one unit of the base currency costs."""


def shown(cart: Cart, found: Totals, currency: Shown = (CURRENCY, Decimal(1))) -> dict[str, Any]:
    """``grand_total`` is without tax, as in the recorded shop."""
    code, rate = currency
    after_discount = found.subtotal - found.discount
    money = {
        "subtotal": found.subtotal,
        "discount_amount": -found.discount,
        "subtotal_with_discount": after_discount,
        "shipping_amount": found.shipping,
        "shipping_discount_amount": ZERO,
        "tax_amount": found.tax,
        "shipping_tax_amount": ZERO,
        "shipping_incl_tax": found.shipping,
    }
    row: dict[str, Any] = {
        "grand_total": number(converted(max(found.grand_total - found.tax, ZERO), rate)),
        "base_grand_total": number(found.grand_total),
    }
    for name, value in money.items():
        row |= {name: number(converted(value, rate)), f"base_{name}": number(value)}
    row |= {
        "subtotal_incl_tax": number(converted(found.subtotal_incl_tax, rate)),
        "weee_tax_applied_amount": None,
        "base_currency_code": CURRENCY,
        "quote_currency_code": code,
        "items_qty": number(cart.pieces),
        "items": [_line(line, rate) for line in found.lines],
        "total_segments": _segments(cart, found, rate),
    }
    return row | ({"coupon_code": cart.coupon} if cart.coupon else {})


def _line(line: CartLine, rate: Decimal) -> dict[str, Any]:
    money = {
        "price": line.money.price,
        "row_total": line.money.row_total,
        "tax_amount": line.money.tax,
        "discount_amount": line.discount,
        "price_incl_tax": line.money.price_incl_tax,
        "row_total_incl_tax": line.money.row_total_incl_tax,
    }
    row: dict[str, Any] = {"item_id": line.item.id}
    for name, value in money.items():
        row |= {name: number(converted(value, rate)), f"base_{name}": number(value)}
    return row | {
        "qty": number(line.item.qty),
        "row_total_with_discount": 0,
        "tax_percent": number(line.tax_percent),
        "discount_percent": number(line.discount_percent),
        "options": json.dumps(_chosen(line), separators=(",", ":")),
        "weee_tax_applied_amount": None,
        "weee_tax_applied": None,
        "name": line.front.name,
    }


def _chosen(line: CartLine) -> list[dict[str, str]]:
    if line.parent is None:
        return []
    return [
        {"value": line.product.choice_labels[one["attribute_id"]], "label": one["label"]}
        for one in line.parent.options
    ]


def _segments(cart: Cart, found: Totals, rate: Decimal) -> list[dict[str, Any]]:
    def money(amount: Decimal) -> int | float:
        return number(converted(amount, rate))

    segments = [{"code": "subtotal", "title": "Subtotal", "value": money(found.subtotal)}]
    if found.discount:
        named = f" ({found.discount_description})" if found.discount_description else ""
        value = money(-found.discount)
        segments.append({"code": "discount", "title": f"Discount{named}", "value": value})
    title = f" ({SHIPPING_TITLE})" if cart.method else ""
    rates = [
        {
            "amount": money(amount),
            "rates": [{"percent": str(number(one.percent)), "title": one.code}],
            "group_id": place,
        }
        for place, (one, amount) in enumerate(found.tax_by_rate().items(), 1)
    ]
    return [
        *segments,
        {
            "code": "shipping",
            "title": f"Shipping & Handling{title}",
            "value": money(found.shipping),
        },
        {
            "code": "tax",
            "title": "Tax",
            "value": money(found.tax),
            "extension_attributes": {"tax_grandtotal_details": rates},
        },
        {
            "code": "grand_total",
            "title": "Grand Total",
            "value": money(found.grand_total),
            "area": "footer",
        },
    ]
