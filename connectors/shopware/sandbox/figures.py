"""Figures of a customer that the shop keeps up past its data layer: no change time moves."""

from __future__ import annotations

from typing import Any

from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.records import change_silently


def count_orders(database: Database, order_id: str, completed: str) -> None:
    """Completed ones of the order's customer (Shopware CustomerMetaFieldSubscriber).

    ``completed``: the id of that state.
    """
    customers = database["order_customer"]
    for key in customers.where("orderId", order_id):
        customer_id = customers.rows[key].values.get("customerId")
        if customer_id is None:
            continue
        ids = [
            customers.rows[one].values["orderId"]
            for one in customers.where("customerId", customer_id)
        ]
        orders = [database["order"].rows[one].values for one in ids]
        counted = [one for one in orders if one["stateId"] == completed]
        figures = {
            "orderCount": len(counted),
            "orderTotalAmount": round(sum(one["price"]["totalPrice"] for one in counted), 2),
            "lastOrderDate": max((one["orderDateTime"] for one in counted), default=None),
        }
        change_silently(database, "customer", customer_id, figures)


def count_reviews(database: Database, customer_id: Any) -> None:
    """Approved ones (Shopware ProductReviewCountService)."""
    table = database["product_review"]
    rows = [table.rows[key] for key in table.where("customerId", customer_id)]
    approved = sum(bool(row.values.get("status")) for row in rows)
    change_silently(database, "customer", customer_id, {"reviewCount": approved})
