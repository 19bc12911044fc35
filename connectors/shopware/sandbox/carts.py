"""Carts: line items with their prices, and totals."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import errors, pricing
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.deliveries import Surroundings
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.pricing import Buyer
from connectors.shopware.sandbox.quantities import quantities
from connectors.shopware.sandbox.storefront import Storefront, Struct

_TYPES = ("product", "promotion")


class Cart:
    """The cart of a session, worked out anew at every call."""

    def __init__(self, storefront: Storefront) -> None:
        self._store = storefront
        self._reader = storefront.reader
        self._session = storefront.session
        self._surroundings = Surroundings(storefront)
        self._errors: dict[str, Struct] = {}

    # -- changes ----------------------------------------------------------------------------

    def add(self, payload: Struct) -> Struct:
        """``{items: [{type, referencedId, quantity}]}``; the same product again adds up."""
        for item in _items(payload):
            if item.get("type") not in _TYPES:
                text = f'Line item type "{item.get("type")}" is not supported.'
                parameters = {"type": item.get("type")}
                raise errors.coded(
                    400, "CHECKOUT__CART_LINE_ITEM_TYPE_NOT_SUPPORTED", text, parameters
                )
            if item["type"] == "promotion":
                self._no_promotion(str(item.get("referencedId")))
                continue
            quantity = _quantity(item.get("quantity", 1))
            reference = str(item.get("referencedId") or item.get("id") or "")
            there = self._find(reference)
            if there is not None:
                there["quantity"] += quantity
                continue
            added = {"id": item.get("id") or new_id(), "unique": new_id(), "quantity": quantity}
            self._session.items.append({**added, "referencedId": reference})
        return self.shown()

    def _no_promotion(self, code: str) -> None:
        """Promotions are for another day: no code is known (recorded: promotions.json #16)."""
        self._errors["promotion-not-found"] = {
            "message": f"Promotion with code {code} not found!",
            "code": 0,
            "promotionCode": code,
            "key": "promotion-not-found",
            "level": 20,
            "messageKey": "promotion-not-found",
            "parameters": {"code": code},
            "block": False,
            "blockResubmit": False,
        }

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
            "deliveries": [self._surroundings.delivery(lines, price)] if lines else [],
            "transactions": [self._surroundings.transaction(price)] if lines else [],
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
            text = f"The product {item['id']} could not be found"
            self._note("product-not-found", 20, text, {"id": item["id"]}, item["id"])
            return None
        if not self._buyable(item, product):
            self._session.items.remove(item)
            return None
        quantity = item["quantity"]
        allowed = quantities(self._reader, product)
        rate = pricing.tax_rate(self._reader, product)
        quoted = pricing.quoted(self._reader, product, buyer, quantity)
        price = pricing.calculated_price(
            quoted.unit_price, quantity, rate, buyer.gross, quoted.list_price
        )
        former = quoted.list_price
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
                "listPrice": None if former is None else pricing.shown(former),
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
                "minPurchase": allowed.least,
                "maxPurchase": allowed.most,
                "purchaseSteps": allowed.steps,
                "apiAlias": "cart_quantity_information",
            },
            "modified": False,
            "shippingCostAware": True,
            "dataTimestamp": self._reader.database.now(),
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

    def _buyable(self, item: Struct, product: Row) -> bool:
        """Whether there is anything to buy; puts the quantity right (ProductCartProcessor)."""
        if self._value(product, "childCount"):
            return False
        allowed, name = quantities(self._reader, product), self._value(product, "name")
        key, wanted = product.values["id"], item["quantity"]
        if allowed.most < allowed.least:
            text = f"The product {name} is not available any more"
            self._note("product-out-of-stock", 20, text, {"name": name}, key)
            return False
        item["quantity"] = quantity = allowed.nearest(wanted)
        told = {"name": name, "quantity": quantity}
        if wanted > allowed.most:
            text = f"The product {name} is only available {quantity} times"
            self._note("product-stock-reached", 10, text, told, key)
        elif wanted < allowed.least:
            text = f"The minimum order quantity for product {name} is {quantity}"
            self._note("min-order-quantity", 10, text, told, key)
        elif wanted != quantity:
            text = (
                f"Your input quantity does not match with the setup of the {name}. The quantity "
                f"was changed to {quantity}"
            )
            self._note("purchase-steps-quantity", 10, text, told, key)
        return True

    def _note(self, kind: str, level: int, text: str, parameters: Struct, key: str) -> None:
        """An error beside the cart (form: promotions.json #16)."""
        self._errors[kind + key] = {
            "message": text,
            "code": 0,
            "id": key,
            **{name: value for name, value in parameters.items() if name != "id"},
            "key": kind + key,
            "level": level,
            "messageKey": kind,
            "parameters": parameters,
            "block": True,
            "blockResubmit": True,
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
            f'The quantity must be a positive integer. Given: "{value}"',
            {"quantity": value},
        )
    return value


def _no_item(item_id: str) -> errors.ShopError:
    return errors.coded(
        404,
        "CHECKOUT__CART_LINE_ITEM_NOT_FOUND",
        f"Line item with identifier {item_id} not found.",
        {"id": item_id},
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
