"""Carts: line items with their prices, and totals."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.shopware.sandbox import errors, pricing
from connectors.shopware.sandbox.app_carts import AppCart, is_gift
from connectors.shopware.sandbox.cart_lines import ProductLines
from connectors.shopware.sandbox.deliveries import Surroundings
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.pricing import Buyer
from connectors.shopware.sandbox.promotions import Promotions
from connectors.shopware.sandbox.storefront import Storefront, Struct

_TYPES = ("product", "promotion")


@dataclass(frozen=True, slots=True)
class Calculated:
    """What a cart comes to."""

    buyer: Buyer
    lines: list[Struct]
    price: Struct
    notes: dict[str, Struct]
    rule_ids: list[str]


class Cart:
    """The cart of a session, worked out anew at every call."""

    def __init__(self, storefront: Storefront) -> None:
        self._store = storefront
        self._session = storefront.session
        self._surroundings = Surroundings(storefront)
        self._app = AppCart(storefront)
        self._asked: list[str] = []
        self._touched: set[str] = set()
        """Products that this call has put in or changed."""

    # -- changes ----------------------------------------------------------------------------

    def add(self, payload: Struct) -> Struct:
        """``{items: [{type, referencedId, quantity}]}``; the same product again adds up."""
        for item in _items(payload):
            self._add(item)
        return self.shown()

    def _add(self, item: Struct) -> None:
        if item.get("type") not in _TYPES:
            text = f'Line item type "{item.get("type")}" is not supported.'
            parameters = {"type": item.get("type")}
            raise errors.coded(400, "CHECKOUT__CART_LINE_ITEM_TYPE_NOT_SUPPORTED", text, parameters)
        reference = str(item.get("referencedId") or item.get("id") or "")
        if item["type"] == "promotion":
            self._asked.append(reference)
            return
        if self._app.is_ours(str(item.get("id") or "")):
            return  # the script takes out what it would not have put in
        quantity = _quantity(item.get("quantity", 1))
        self._touched.add(reference)
        there = self._find(reference)
        if there is not None:
            there["quantity"] += quantity
            return
        added = {"id": item.get("id") or new_id(), "unique": new_id(), "quantity": quantity}
        self._session.items.append({**added, "referencedId": reference})

    def change(self, payload: Struct) -> Struct:
        """``{items: [{id, quantity}]}``."""
        for item in _items(payload):
            there = self._find(str(item.get("id")))
            if there is None:
                raise _no_item(str(item.get("id")))
            there["quantity"] = _quantity(item.get("quantity", there["quantity"]))
            self._touched.add(there["referencedId"])
        return self.shown()

    def remove(self, ids: Iterable[str]) -> Struct:
        self._app.look_after_what_is_stored()
        for item_id in ids:
            there = self._find(str(item_id))
            if there is not None:
                self._session.items.remove(there)
                if is_gift(there["id"]):
                    self._session.declined.add(there["id"])
            elif self._app.is_ours(str(item_id)):
                self._remove_from_app(str(item_id))
            elif not self._promotions({}).forget(str(item_id)):
                raise _no_item(str(item_id))
        return self.shown()

    def _remove_from_app(self, item_id: str) -> None:
        """Points go, and come back while they are held back; a gift stays out."""
        if all(line["id"] != item_id for line in self.calculated().lines):
            raise _no_item(item_id)
        if is_gift(item_id):
            self._session.declined.add(item_id)

    def clear(self) -> None:
        self._session.empty()

    def _find(self, key: str) -> Struct | None:
        for item in self._session.items:
            if key == item["id"] or (key == item["referencedId"] and not is_gift(item["id"])):
                return item
        return None

    # -- what it comes to -------------------------------------------------------------------

    def calculated(self) -> Calculated:
        notes: dict[str, Struct] = {}
        buyer = self._store.buyer()
        products = ProductLines(self._store, notes)
        self._app.look_after_what_is_stored()
        items = list(self._session.items)
        goods = [line for item in items if (line := products.line(item, buyer))]
        promotions = self._promotions(notes)
        off = promotions.lines(goods, buyer, self._asked)
        lines = goods + off + self._app.lines(goods, off, buyer, products)
        price = pricing.cart_price([line["price"] for line in lines], buyer.tax_status)
        return Calculated(buyer, lines, price, notes, promotions.rule_ids)

    def _promotions(self, notes: dict[str, Struct]) -> Promotions:
        return Promotions(self._store, notes, self._app.natives(), self._app.code_taken)

    def shown(self) -> Struct:
        found = self.calculated()
        lines, price = found.lines, found.price
        return {
            "extensions": {
                "cart-promotions": {
                    "addedCodes": list(self._session.codes),
                    "blockedPromotionIds": [],
                    "apiAlias": "shopware_core_checkout_promotion_cart_extension_cart_extension",
                }
            },
            "price": price,
            "lineItems": lines,
            "errors": found.notes or [],
            "deliveries": [self._surroundings.delivery(lines, price, self._touched)]
            if lines
            else [],
            "transactions": [self._surroundings.transaction(price)] if lines else [],
            "modified": False,
            "customerComment": None,
            "affiliateCode": None,
            "campaignCode": None,
            "source": None,
            "hash": hashlib.sha256(json.dumps(price).encode()).hexdigest(),
            "errorHash": _error_hash(found.notes),
            "token": self._session.token,
            "states": [],
            "apiAlias": "cart",
        }


def _error_hash(notes: dict[str, Struct]) -> str:
    text = json.dumps(sorted(notes)).encode()
    return hashlib.sha256(text).hexdigest()[:16] if notes else ""


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
