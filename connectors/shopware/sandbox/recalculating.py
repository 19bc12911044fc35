"""Working an edited order out anew (Shopware RecalculationService).

Prices stay as they were agreed: a line costs its unit price times its quantity. Percentages are
taken anew of the lines they belong to, absolute discounts and credits keep their amount.
Transactions keep theirs as well. Recorded: activities.json #5 to #8.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import errors, pricing
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.deliveries import shipping_costs
from connectors.shopware.sandbox.identifiers import HEX_ID, new_id
from connectors.shopware.sandbox.pricing import Struct
from connectors.shopware.sandbox.records import change, insert


def recalculate(database: Database, order_id: str) -> None:
    """Runs inside a transaction. Raises ShopError 404 for no order, 400 for a live one."""
    order = _editable(database, order_id)
    status = order["price"]["taxStatus"]
    lines = order_lines(database, order_id)
    goods = [line for line in lines if not _is_discount(line)]
    prices = {line["id"]: _price_of(line, status) for line in goods}
    for line in lines:
        if _is_discount(line):
            meant = _meant(line, goods, prices)
            prices[line["id"]] = _discount(line, meant, status)
    for line in lines:
        price = prices[line["id"]]
        changed = {"price": price, "priceDefinition": _definition(line, price)}
        change(database, "order_line_item", line["id"], changed)
    shipping = _shipping(database, order_id, order)
    total = pricing.cart_price([*prices.values(), shipping], status)
    positions = pricing.cart_price(list(prices.values()), status)["positionPrice"]
    changed = {"price": {**total, "positionPrice": positions}, "shippingCosts": shipping}
    change(database, "order", order_id, changed)
    _reprice_positions(database, prices)


def order_lines(database: Database, order_id: str) -> list[Struct]:
    """An order's lines in their order."""
    table = database["order_line_item"]
    rows = [table.rows[key].values for key in table.where("orderId", order_id)]
    return sorted(rows, key=lambda line: (line.get("position") or 0, line["id"]))


def _editable(database: Database, order_id: str) -> Struct:
    row = database["order"].by_id(order_id)
    if row is None:
        raise errors.coded(
            404,
            "CHECKOUT__ORDER_ORDER_NOT_FOUND",
            f'Could not find order with id "{order_id}"',
            {"entity": "order", "field": "id", "value": order_id},
        )
    if not database.is_draft or row.values["versionId"] != database.version_id:
        raise errors.coded(
            400,
            "CHECKOUT__ORDER_CAN_NOT_RECALCULATE_LIVE_VERSION",
            f"Order with id {order_id} can not be recalculated because it is in the live "
            "version. Please create a new version",
            {"orderId": order_id},
        )
    return row.values


# -- lines -----------------------------------------------------------------------------------


def _is_discount(line: Struct) -> bool:
    return line.get("type") in ("promotion", "discount", "credit")


def _price_of(line: Struct, status: str) -> Struct:
    definition = line.get("priceDefinition") or {}
    stored = line.get("price") or {}
    unit = Decimal(str(definition.get("price", stored.get("unitPrice", 0))))
    rules = definition.get("taxRules") or stored.get("taxRules") or []
    rate = Decimal(str(rules[0]["taxRate"])) if rules else Decimal(0)
    price = pricing.calculated_price(unit, int(line["quantity"]), rate, status == "gross")
    if status == "tax-free":
        price["calculatedTaxes"] = []
    return {**price, "listPrice": stored.get("listPrice")}


def _definition(line: Struct, price: Struct) -> Any:
    definition = line.get("priceDefinition")
    if not isinstance(definition, dict) or "quantity" not in definition:
        return definition
    return {**definition, "quantity": price["quantity"]}


def _meant(line: Struct, goods: list[Struct], prices: dict[str, Struct]) -> list[Struct]:
    """The prices of the lines a discount belongs to: by its composition, or all."""
    payload = line.get("payload")
    parts = payload.get("composition") if isinstance(payload, dict) else None
    named = {part["id"] for part in parts or ()}
    meant = [prices[one["id"]] for one in goods if one.get("identifier") in named]
    return meant or [prices[one["id"]] for one in goods]


def _discount(line: Struct, meant: list[Struct], status: str) -> Struct:
    definition = line.get("priceDefinition") or {}
    total = sum((Decimal(str(price["totalPrice"])) for price in meant), Decimal(0))
    if definition.get("type") == "percentage":
        off = total * Decimal(str(definition["percentage"])) / 100
    else:
        stored = definition.get("price", (line.get("price") or {}).get("totalPrice", 0))
        off = max(Decimal(str(stored)), -total)
    return pricing.shared_price(pricing.rounded(off), meant, status)


def _shipping(database: Database, order_id: str, order: Struct) -> Struct:
    """What shipping cost stays, as the deliveries say."""
    table = database["order_delivery"]
    costs = [table.rows[key].values["shippingCosts"] for key in table.where("orderId", order_id)]
    return costs[0] if len(costs) == 1 else order["shippingCosts"] or shipping_costs(order["price"])


def _reprice_positions(database: Database, prices: dict[str, Struct]) -> None:
    table = database["order_delivery_position"]
    for line_id, price in prices.items():
        for key in table.where("orderLineItemId", line_id):
            change(database, "order_delivery_position", key, {"price": price})


# -- further lines ---------------------------------------------------------------------------


def add_product(database: Database, order_id: str, product: Struct, quantity: int) -> str:
    """A line for a product, described as the cart describes it; recalculates the order.

    ``product``: a cart's line (see :class:`.cart_lines.ProductLines`).
    """
    return _add(database, order_id, {**product, "quantity": quantity})


def add_custom(database: Database, order_id: str, given: Struct, kind: str) -> str:
    """A custom item or a credit: ``{label, quantity, priceDefinition: {price, taxRules}}``."""
    identifier = given.get("identifier")
    known = identifier if isinstance(identifier, str) and HEX_ID.match(identifier) else new_id()
    line = {
        "id": known,
        "label": given.get("label") or "",
        "quantity": int(given.get("quantity") or 1),
        "type": kind,
        "referencedId": given.get("referencedId"),
        "priceDefinition": given.get("priceDefinition") or {},
        "payload": given.get("payload") or [],
        "good": kind == "custom",
        "description": given.get("description"),
        "removable": True,
        "stackable": kind == "custom",
        "states": ["is-physical"] if kind == "custom" else [],
    }
    return _add(database, order_id, line)


def _add(database: Database, order_id: str, line: Struct) -> str:
    _editable(database, order_id)
    lines = order_lines(database, order_id)
    names = ("referencedId", "quantity", "label", "description", "good", "removable", "type")
    more = ("stackable", "states", "priceDefinition", "payload")
    key = insert(
        database,
        "order_line_item",
        {
            **{name: line[name] for name in (*names, *more)},
            "orderId": order_id,
            "identifier": line["id"],
            "productId": line["referencedId"] if line["type"] == "product" else None,
            "position": 1 + max((one.get("position") or 0 for one in lines), default=0),
            "price": line.get("price") or {},
        },
    )
    recalculate(database, order_id)
    return key
