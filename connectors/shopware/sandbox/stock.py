"""Stock that orders take and give back (Shopware StockStorage: past the data layer, so that no
change time of a product moves)."""

from __future__ import annotations

from connectors.shopware.sandbox.database import Database, Row
from connectors.shopware.sandbox.records import change_silently


def take(database: Database, order_id: str) -> None:
    for product_id, quantity in _products(database, order_id):
        alter(database, product_id, -quantity)


def give_back(database: Database, order_id: str) -> None:
    for product_id, quantity in _products(database, order_id):
        alter(database, product_id, quantity)


def alter(database: Database, product_id: str, by: int) -> None:
    product = database["product"].by_id(product_id)
    if product is not None and by:
        stock = (product.values.get("stock") or 0) + by
        change_silently(database, "product", product_id, {"stock": stock})


def move(database: Database, before: Row | None, after: Row | None) -> None:
    """A changed line takes more from the shelf, or gives back (Shopware OrderStockSubscriber)."""
    for row, sign in ((before, 1), (after, -1)):
        if row is not None and row.values.get("productId"):
            by = sign * int(row.values["quantity"])
            alter(database, str(row.values["productId"]), by)


def _products(database: Database, order_id: str) -> list[tuple[str, int]]:
    table = database["order_line_item"]
    lines = [table.rows[key].values for key in table.where("orderId", order_id)]
    return [
        (str(line["productId"]), int(line["quantity"])) for line in lines if line.get("productId")
    ]
