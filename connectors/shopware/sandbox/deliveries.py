"""What surrounds a cart: delivery and payment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import pricing
from connectors.shopware.sandbox.criteria import Criteria
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.identifiers import stamp
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.storefront import Storefront, Struct


class Surroundings:
    def __init__(self, storefront: Storefront) -> None:
        self._store = storefront
        self._reader = storefront.reader

    def delivery(self, lines: list[Struct], price: Struct, touched: Collection[str]) -> Struct:
        """``touched``: products that the call has put in (recorded: promotions.json #13, #14)."""
        dates = self.dates()
        free = shipping_costs(price)
        method = self._row("shipping_method", self._store.channel.values["shippingMethodId"])
        if method is not None:
            method["deliveryTime"] = self._row("delivery_time", method["deliveryTimeId"])
            prices = self._reader.database["shipping_method_price"]
            keys = prices.where("shippingMethodId", method["id"])
            method["prices"] = [self._row("shipping_method_price", key) for key in keys]
        return {
            "positions": [
                {
                    "lineItem": {**line, "modified": line["referencedId"] in touched},
                    "quantity": line["quantity"],
                    "price": line["price"],
                    "identifier": line["id"],
                    "deliveryDate": dates,
                    "apiAlias": "cart_delivery_position",
                }
                for line in lines
            ],
            "location": self._location(),
            "deliveryDate": dates,
            "shippingMethod": method,
            "shippingCosts": free,
            "apiAlias": "cart_delivery",
        }

    def dates(self) -> Struct:
        start = self._reader.database.clock().replace(hour=16, minute=0, second=0, microsecond=0)
        return {
            "earliest": stamp(start + timedelta(days=1)),
            "latest": stamp(start + timedelta(days=3)),
            "apiAlias": "cart_delivery_date",
        }

    def _location(self) -> Struct:
        customer = self._store.customer
        address = None
        if customer is not None:
            address = self._row("customer_address", customer.values["defaultShippingAddressId"])
        country_id = self._store.channel.values["countryId"]
        if address is not None:
            country_id = address["countryId"]
            address["country"] = self._row("country", country_id)
            address["salutation"] = self._row("salutation", address.get("salutationId"))
        return {
            "country": self._row("country", country_id),
            "state": None,
            "address": address,
            "apiAlias": "cart_delivery_shipping_location",
        }

    def _row(self, entity: str, key: Any) -> Struct | None:
        row = self._reader.database[entity].by_id(key)
        if row is None:
            return None
        definition = definitions()[entity]
        return present(self._reader, definition, row, Criteria(definition), {})

    def transaction(self, price: Struct) -> Struct:
        return {
            "amount": {
                "unitPrice": price["totalPrice"],
                "quantity": 1,
                "totalPrice": price["totalPrice"],
                "calculatedTaxes": price["calculatedTaxes"],
                "taxRules": price["taxRules"],
                "referencePrice": None,
                "listPrice": None,
                "regulationPrice": None,
                "apiAlias": "calculated_price",
            },
            "paymentMethodId": self._store.payment_method_id(),
            "validationStruct": None,
            "apiAlias": "cart_transaction",
        }


def shipping_costs(price: Struct) -> Struct:
    """Shipping is free in this shop; its tax rate is the highest of the cart's."""
    rates = [Decimal(str(rule["taxRate"])) for rule in price["taxRules"]]
    gross = price["taxStatus"] == "gross"
    costs = pricing.calculated_price(Decimal(0), 1, max(rates, default=Decimal(0)), gross)
    return {**costs, "calculatedTaxes": []} if price["taxStatus"] == "tax-free" else costs
