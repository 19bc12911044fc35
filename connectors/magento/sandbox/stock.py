"""Stock and what of it can still be sold (recorded: newsletter_and_stock.json #3 to #5).

An order reserves what it takes; a shipment turns the reservation into less stock, a
cancellation gives it back; a refund gives back what is asked to go back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.products import Product
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.values import number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

DEFAULT_STOCK = 1
_MANAGED = ("simple", "virtual", "downloadable")


@dataclass(slots=True)
class Stock:
    reserved: dict[int, Decimal] = field(default_factory=dict)
    """By product: ordered, and neither shipped nor cancelled."""

    def salable(self, product: Product) -> Decimal:
        return product.stock - self.reserved.get(product.id, Decimal(0))

    def is_salable(self, product: Product) -> bool:
        return product.status == 1 and (
            product.type_id not in _MANAGED or self.salable(product) > 0
        )

    def reserve(self, product_id: int, qty: Decimal) -> None:
        """Below zero: released."""
        self.reserved[product_id] = self.reserved.get(product_id, Decimal(0)) + qty

    def ship(self, product: Product | None, qty: Decimal) -> None:
        if product is not None:
            self.reserve(product.id, -qty)
            product.stock = int(product.stock - qty)


def _product(shop: Shop, call: Call) -> Product:
    if call.params["stockId"] != DEFAULT_STOCK:
        raise Refused(404, "No linked stock found")
    product = shop.products.by_sku(call.params["sku"])
    if product is None:
        raise Refused(
            404, "The product that was requested doesn't exist. Verify the product and try again."
        )
    return product


def salable_quantity(shop: Shop, call: Call) -> Any:
    product = _product(shop, call)
    if product.type_id not in _MANAGED:
        raise Refused(
            400,
            "Can't check requested quantity for products without Source Items support.",
        )
    return number(shop.stock.salable(product))


def is_salable(shop: Shop, call: Call) -> Any:
    return shop.stock.is_salable(_product(shop, call))


_READ = "Magento_InventoryApi::stock"

ROUTES = (
    Route(
        "GET", "inventory/get-product-salable-quantity/{sku}/{stockId:int}", _READ, salable_quantity
    ),
    Route("GET", "inventory/is-product-salable/{sku}/{stockId:int}", _READ, is_salable),
)
