"""What Magento's sample data has sold: taxes, cart price rules, two orders (recorded: orders.json
#8, #9, #15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.carts import put
from connectors.magento.sandbox.checkout import set_shipping
from connectors.magento.sandbox.creditmemos import refund
from connectors.magento.sandbox.invoices import invoice
from connectors.magento.sandbox.orders import PROCESSING, Order
from connectors.magento.sandbox.placing import place
from connectors.magento.sandbox.shipments import ship

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

_RATES = (("CA", 12, 8.25), ("NY", 43, 8.375), ("MI", 33, 8.25))
_EVERYONE = [0, 1, 2, 3]
_RULE = "Magento\\SalesRule\\Model\\Rule\\Condition\\"


def fill(shop: Shop) -> None:
    _taxes(shop)
    _rules(shop)
    _orders(shop)


def _taxes(shop: Shop) -> None:
    for state, region_id, percent in _RATES:
        code = f"US-{state}-*-Rate 1"
        shop.taxes.add_rate(
            {"tax_country_id": "US", "tax_region_id": region_id, "rate": percent, "code": code}
        )
    classes = {"customer_tax_class_ids": [3], "product_tax_class_ids": [2]}
    shop.taxes.add_rule({"code": "Rule1", **classes, "tax_rate_ids": list(shop.taxes.rates)})


def _of_cart(subtotal: int) -> dict[str, Any]:
    return _all_of(
        {
            "condition_type": f"{_RULE}Address",
            "operator": ">=",
            "attribute_name": "base_subtotal",
            "value": str(subtotal),
        }
    )


def _of_product(attribute: str, operator: str, value: str) -> dict[str, Any]:
    return _all_of(
        {
            "condition_type": f"{_RULE}Product",
            "operator": operator,
            "attribute_name": attribute,
            "value": value,
        },
        kind="Product\\Combine",
    )


def _all_of(condition: dict[str, Any], kind: str = "Combine") -> dict[str, Any]:
    return {
        "condition_type": f"{_RULE}{kind}",
        "conditions": [condition],
        "aggregator_type": "all",
        "value": "1",
    }


def _rules(shop: Shop) -> None:
    common = {
        "website_ids": [1],
        "customer_group_ids": _EVERYONE,
        "is_active": True,
        "stop_rules_processing": False,
    }
    for name, action, amount, more in (
        (
            "Buy 3 tee shirts and get the 4th free",
            "buy_x_get_y",
            1,
            {"discount_step": 3, "action_condition": _of_product("category_ids", "()", "16,25")},
        ),
        (
            "Spend $50 or more - shipping is free!",
            "by_percent",
            0,
            {"condition": _of_cart(50), "simple_free_shipping": "2"},
        ),
        ("20% OFF Ever $200-plus purchase!*", "by_percent", 20, {"condition": _of_cart(200)}),
        (
            "$4 Luma water bottle (save 70%)",
            "by_percent",
            70,
            {
                "coupon_type": "SPECIFIC_COUPON",
                "action_condition": _of_product("sku", "==", "24-UG06"),
            },
        ),
    ):
        rule = {
            "name": name,
            "description": name,
            "simple_action": action,
            "discount_amount": amount,
        }
        shop.sales_rules.add({**common, **rule, **more})
    shop.sales_rules.add_coupon(4, "H20", times_used=0, is_primary=True, type=0)


# -- the two orders -------------------------------------------------------------------------


def _orders(shop: Shop) -> None:
    """Both are Veronica's, both invoiced and shipped, the second given back."""
    began = datetime.fromisoformat(shop.began).replace(tzinfo=UTC)
    at = began + timedelta(seconds=148)
    for seconds, sku in enumerate(("WS03-XS-Red", "WS08-XS-Blue")):
        _stop(shop, at + timedelta(seconds=seconds))
        order = _bought(shop, sku)
        _stop(shop, at + timedelta(seconds=1))
        invoice(shop, order, {})
        ship(shop, order, {})
        order.rows[0].fields.pop("weee_tax_applied")
        if not seconds:
            order.set_state(PROCESSING)
    _stop(shop, at + timedelta(seconds=2))
    refund(shop, order, {}, notify=True)
    order.rows[0].fields["weee_tax_applied"] = "[]"
    shop.set_clock(None)


def _stop(shop: Shop, at: datetime) -> None:
    shop.set_clock(lambda: at)


def _bought(shop: Shop, sku: str) -> Order:
    """Without what an order placed by a shopper has besides: the rows of what was chosen, rows
    of a cart, an address of the network."""
    (customer_id,) = [one for one in shop.customers.rows if one == 1]
    cart = shop.carts.open(customer_id)
    child = shop.products.get(sku)
    options = [
        {"option_id": attribute, "option_value": value}
        for attribute, value in child.choices.items()
    ]
    chosen = {"extension_attributes": {"configurable_item_options": options}}
    put(shop, cart, shop.products.rows[child.parent_id], Decimal(1), chosen)
    home = shop.customers.get(customer_id)["addresses"][0]
    flat = {"shipping_carrier_code": "flatrate", "shipping_method_code": "flatrate"}
    address = {**home, "customer_address_id": home["id"]}
    set_shipping(shop, cart, {"shipping_address": address, **flat})
    order = place(shop, cart)
    for name in ("email_sent", "remote_ip"):
        order.fields[name] = None
    del order.rows[1:]
    shop.orders.next_row_id -= 1
    row = order.rows[0]
    for name in ("quote_item_id", "is_virtual"):
        del row.fields[name]
    row.fields["row_weight"] = 1
    return order
