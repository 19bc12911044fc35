"""Carts: line items with their prices, totals, and what surrounds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import errors, pricing
from connectors.shopware.sandbox.criteria import Criteria
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.identifiers import new_id, now, stamp
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.pricing import Buyer
from connectors.shopware.sandbox.storefront import Storefront, Struct

MAX_QUANTITY = 100
"""Of one position, where neither product nor shop says otherwise (recorded:
variants_and_prices_seen.json #8)."""


class Cart:
    """The cart of a session, worked out anew at every call."""

    def __init__(self, storefront: Storefront) -> None:
        self._store = storefront
        self._reader = storefront.reader
        self._session = storefront.session
        self._errors: dict[str, Struct] = {}

    # -- changes ----------------------------------------------------------------------------

    def add(self, payload: Struct) -> Struct:
        """``{items: [{type, referencedId, quantity}]}``; the same product again adds up."""
        for item in _items(payload):
            quantity = _quantity(item.get("quantity", 1))
            reference = str(item.get("referencedId") or item.get("id") or "")
            there = self._find(reference)
            if there is not None:
                there["quantity"] += quantity
                continue
            added = {"id": item.get("id") or new_id(), "unique": new_id(), "quantity": quantity}
            self._session.items.append({**added, "referencedId": reference})
        return self.shown()

    def change(self, payload: Struct) -> Struct:
        """``{items: [{id, quantity}]}``."""
        for item in _items(payload):
            there = self._find(str(item.get("id")))
            if there is None:
                raise _no_item(str(item.get("id")))
            there["quantity"] = _quantity(item.get("quantity", there["quantity"]))
        return self.shown()

    def remove(self, ids: Iterable[str]) -> Struct:
        for item_id in ids:
            there = self._find(str(item_id))
            if there is None:
                raise _no_item(str(item_id))
            self._session.items.remove(there)
        return self.shown()

    def clear(self) -> None:
        self._session.items.clear()

    def _find(self, key: str) -> Struct | None:
        for item in self._session.items:
            if key in (item["id"], item["referencedId"]):
                return item
        return None

    # -- what it comes to -------------------------------------------------------------------

    def shown(self) -> Struct:
        buyer = self._store.buyer()
        lines = [line for item in list(self._session.items) if (line := self._line(item, buyer))]
        parts = [
            (Decimal(str(line["price"]["totalPrice"])), Decimal(str(tax["taxRate"])))
            for line in lines
            for tax in line["price"]["taxRules"]
        ]
        price = _cart_price(parts, buyer.gross)
        return {
            "extensions": {
                "cart-promotions": {
                    "addedCodes": [],
                    "blockedPromotionIds": [],
                    "apiAlias": "shopware_core_checkout_promotion_cart_extension_cart_extension",
                }
            },
            "price": price,
            "lineItems": lines,
            "errors": self._errors or [],
            "deliveries": [self._delivery(lines, price)] if lines else [],
            "transactions": [self._transaction(price)] if lines else [],
            "modified": False,
            "customerComment": None,
            "affiliateCode": None,
            "campaignCode": None,
            "source": None,
            "hash": hashlib.sha256(json.dumps(price).encode()).hexdigest(),
            "errorHash": "",
            "token": self._session.token,
            "states": [],
            "apiAlias": "cart",
        }

    def _line(self, item: Struct, buyer: Buyer) -> Struct | None:
        product = self._reader.database["product"].by_id(item["referencedId"])
        if product is None or not self._store.is_sold(product):
            self._session.items.remove(item)
            self._errors[f"product-not-found{item['referencedId']}"] = {
                "key": f"product-not-found{item['referencedId']}",
                "level": 10,
                "message": f"The product {item['referencedId']} could not be found",
                "messageKey": "product-not-found",
            }
            return None
        quantity = item["quantity"]
        rate = pricing.tax_rate(self._reader, product)
        unit = pricing.unit_price(self._reader, product, buyer, quantity)
        price = pricing.calculated_price(unit, quantity, rate, buyer.gross)
        most = self._reader.value(definitions()["product"], product, "maxPurchase")
        return {
            "payload": self._payload(product),
            "label": self._value(product, "name"),
            "quantity": quantity,
            "priceDefinition": {
                "price": price["unitPrice"],
                "taxRules": price["taxRules"],
                "quantity": quantity,
                "isCalculated": True,
                "referencePriceDefinition": None,
                "listPrice": None,
                "regulationPrice": None,
                "type": "quantity",
                "apiAlias": "cart_price_quantity",
            },
            "price": price,
            "good": True,
            "description": None,
            "cover": None,
            "deliveryInformation": self._delivery_information(product),
            "children": [],
            "requirement": None,
            "removable": True,
            "stackable": True,
            "quantityInformation": {
                "minPurchase": self._value(product, "minPurchase") or 1,
                "maxPurchase": most or MAX_QUANTITY,
                "purchaseSteps": self._value(product, "purchaseSteps") or 1,
                "apiAlias": "cart_quantity_information",
            },
            "modified": False,
            "shippingCostAware": True,
            "dataTimestamp": now(),
            "dataContextHash": hashlib.md5(
                json.dumps([*buyer.rule_ids, buyer.gross]).encode(), usedforsecurity=False
            ).hexdigest(),
            "uniqueIdentifier": item["unique"],
            "states": ["is-physical"],
            "modifiedByApp": False,
            "id": item["id"],
            "type": "product",
            "referencedId": item["referencedId"],
            "apiAlias": "cart_line_item",
        }

    def _value(self, product: Row, name: str) -> Any:
        return self._reader.value(definitions()["product"], product, name)

    def _payload(self, product: Row) -> Struct:
        created = product.values["createdAt"]
        return {
            "isCloseout": bool(self._value(product, "isCloseout")),
            "customFields": self._value(product, "customFields") or [],
            "createdAt": created[:23].replace("T", " "),
            "releaseDate": self._value(product, "releaseDate"),
            "isNew": False,
            "markAsTopseller": bool(self._value(product, "markAsTopseller")),
            "productNumber": product.values["productNumber"],
            "manufacturerId": self._value(product, "manufacturerId"),
            "taxId": self._value(product, "taxId"),
            "tagIds": self._value(product, "tagIds"),
            "categoryIds": self._value(product, "categoryTree"),
            "propertyIds": self._value(product, "propertyIds"),
            "optionIds": self._value(product, "optionIds"),
            "options": self._options(product),
            "streamIds": None,
            "parentId": product.values.get("parentId"),
            "stock": product.values.get("stock"),
            "features": [],
        }

    def _options(self, product: Row) -> list[Struct]:
        definition = definitions()["product"]
        shown = []
        for row in self._reader.associated(definition, product, definition.associations["options"]):
            group = self._reader.database["property_group"].by_id(row.values["groupId"])
            shown.append(
                {
                    "group": group and self._reader.translated(group, "name"),
                    "option": self._reader.translated(row, "name"),
                }
            )
        return shown

    def _delivery_information(self, product: Row) -> Struct:
        sizes = {name: self._value(product, name) for name in ("weight", "height", "width")}
        return {
            "stock": product.values.get("stock"),
            **sizes,
            "length": self._value(product, "length"),
            "freeDelivery": bool(self._value(product, "shippingFree")),
            "restockTime": self._value(product, "restockTime"),
            "deliveryTime": None,
            "apiAlias": "cart_delivery_information",
        }

    # -- delivery and payment ---------------------------------------------------------------

    def _delivery(self, lines: list[Struct], price: Struct) -> Struct:
        dates = _delivery_dates()
        rates = [Decimal(str(rule["taxRate"])) for rule in price["taxRules"]]
        free = pricing.calculated_price(
            Decimal(0), 1, max(rates, default=Decimal(0)), price["taxStatus"] == "gross"
        )
        method = self._row("shipping_method", self._store.channel.values["shippingMethodId"])
        if method is not None:
            method["deliveryTime"] = self._row("delivery_time", method["deliveryTimeId"])
            prices = self._reader.database["shipping_method_price"]
            keys = prices.where("shippingMethodId", method["id"])
            method["prices"] = [self._row("shipping_method_price", key) for key in keys]
        return {
            "positions": [
                {
                    "lineItem": {**line, "modified": True},
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

    def _transaction(self, price: Struct) -> Struct:
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
            "paymentMethodId": self._store.channel.values["paymentMethodId"],
            "validationStruct": None,
            "apiAlias": "cart_transaction",
        }


def _items(payload: Struct) -> list[Struct]:
    items = payload.get("items")
    if not isinstance(items, list):
        return []
    return [item for item in items if isinstance(item, dict)]


def _quantity(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise errors.coded(
            400,
            "CHECKOUT__CART_INVALID_LINE_ITEM_QUANTITY",
            f"The quantity must be a positive integer. Given: {value!r}",
            {"quantity": value},
        )
    return value


def _no_item(item_id: str) -> errors.ShopError:
    return errors.coded(
        404,
        "CHECKOUT__CART_LINEITEM_NOT_FOUND",
        f"Line item with identifier {item_id} not found.",
        {"identifier": item_id},
    )


def _cart_price(parts: list[tuple[Decimal, Decimal]], gross: bool) -> Struct:
    taxes = pricing.taxes(parts, gross)
    position = sum((total for total, _ in parts), Decimal(0))
    tax = sum((Decimal(str(entry["tax"])) for entry in taxes), Decimal(0))
    total = position if gross else position + tax
    return {
        "netPrice": pricing.shown(position - tax if gross else position),
        "totalPrice": pricing.shown(total),
        "calculatedTaxes": taxes,
        "taxRules": pricing.tax_rules(parts),
        "positionPrice": pricing.shown(position),
        "taxStatus": "gross" if gross else "net",
        "rawTotal": pricing.shown(total),
        "apiAlias": "cart_price",
    }


def _delivery_dates() -> Struct:
    start = datetime.now(UTC).replace(hour=16, minute=0, second=0, microsecond=0)
    return {
        "earliest": stamp(start + timedelta(days=1)),
        "latest": stamp(start + timedelta(days=3)),
        "apiAlias": "cart_delivery_date",
    }
