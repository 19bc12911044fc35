"""Products in a cart: whether they can be bought, what they cost, what the cart says of them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from connectors.shopware.sandbox import pricing
from connectors.shopware.sandbox.criteria import Criteria
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.pricing import Buyer
from connectors.shopware.sandbox.quantities import quantities
from connectors.shopware.sandbox.storefront import Storefront, Struct


class ProductLines:
    """Turns the products of a session's cart into lines.

    ``notes``: what the cart says beside them, by key.
    """

    def __init__(self, storefront: Storefront, notes: dict[str, Struct]) -> None:
        self._store = storefront
        self._reader = storefront.reader
        self._session = storefront.session
        self.notes = notes

    def line(self, item: Struct, buyer: Buyer) -> Struct | None:
        product = self._reader.database["product"].by_id(item["referencedId"])
        if product is None or not self._store.is_sold(product):
            self._session.items.remove(item)
            text = f"The product {item['id']} could not be found"
            self._note("product-not-found", 20, text, {"id": item["id"]}, item["id"])
            return None
        if not self._buyable(item, product):
            self._session.items.remove(item)
            return None
        quantity, allowed = item["quantity"], quantities(self._reader, product)
        rate = pricing.tax_rate(self._reader, product)
        quoted = pricing.quoted(self._reader, product, buyer, quantity)
        price = pricing.calculated_price(
            quoted.unit_price, quantity, rate, buyer.gross, quoted.list_price
        )
        if buyer.tax_free:
            price["calculatedTaxes"] = []
        former = quoted.list_price
        return {
            "payload": self.payload(product),
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
            "cover": self._cover(product),
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
        self.notes[kind + key] = {
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

    def _cover(self, product: Row) -> Struct | None:
        cover = self._reader.database["product_media"].by_id(self._value(product, "coverId"))
        media = cover and self._reader.database["media"].by_id(cover.values["mediaId"])
        if media is None:
            return None
        definition = definitions()["media"]
        return present(self._reader, definition, media, Criteria(definition), {})

    def _value(self, product: Row, name: str) -> Any:
        return self._reader.value(definitions()["product"], product, name)

    def payload(self, product: Row) -> Struct:
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
