"""Placing an order: what a cart becomes (Shopware CartOrderRoute, OrderConverter).

Recorded: orders.json #0, #15; promotions.json #17, #18; app_system.json #8 to #10 for what is
written in which order.
"""

from __future__ import annotations

import ipaddress
import json
import secrets

from connectors.shopware.sandbox import errors, stock
from connectors.shopware.sandbox.cart_lines import ProductLines
from connectors.shopware.sandbox.carts import Calculated, Cart
from connectors.shopware.sandbox.criteria import read_criteria
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.deliveries import Surroundings, shipping_costs
from connectors.shopware.sandbox.fieldvalues import shown_price
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.numbers import reserve
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.pricing import Struct
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.states import state_id
from connectors.shopware.sandbox.storefront import Storefront

_ADDRESS = (
    "countryId",
    "countryStateId",
    "salutationId",
    "firstName",
    "lastName",
    "street",
    "zipcode",
    "city",
    "company",
    "department",
    "title",
    "phoneNumber",
    "additionalAddressLine1",
    "additionalAddressLine2",
)
_CUSTOMER = (
    "email",
    "salutationId",
    "firstName",
    "lastName",
    "title",
    "company",
    "vatIds",
    "customerNumber",
)
_SHOWN: Struct = {
    "orderCustomer": {"associations": {"salutation": {}}},
    "currency": {},
    "addresses": {"associations": {"country": {}}},
    "deliveries": {
        "associations": {
            "shippingMethod": {"associations": {"deliveryTime": {}}},
            "shippingOrderAddress": {"associations": {"country": {}}},
            "stateMachineState": {},
        }
    },
    "lineItems": {"associations": {"cover": {}, "downloads": {}}},
    "transactions": {"associations": {"paymentMethod": {}, "stateMachineState": {}}},
    "stateMachineState": {},
}
"""What the answer of a placed order brings along (recorded: promotions.json #17)."""


class Checkout:
    """``address``: the shopper's network address."""

    def __init__(self, storefront: Storefront, address: str = "") -> None:
        self._store = storefront
        self._database = storefront.database
        self._address = anonymized(address)

    def order(self, payload: Struct) -> Struct:
        """Places the order and shows it."""
        return shown_order(self._store, self.place(payload))

    def place(self, payload: Struct) -> str:
        """Makes an order of the session's cart, empties it and returns the order's id.

        Raises ShopError 403 for nobody, 400 for an empty cart or one that something blocks.
        """
        customer = self._store.signed_in()
        cart = Cart(self._store).calculated()
        if not cart.lines:
            raise errors.coded(400, "CHECKOUT__CART_EMPTY", "Cart is empty")
        blocking = [note for note in cart.notes.values() if note["block"]]
        if blocking:
            raise _invalid(blocking)
        with self._database.transaction():
            used = {"lastPaymentMethodId": self._store.payment_method_id()}
            if self._address and customer.values.get("remoteAddress") != self._address:
                used["remoteAddress"] = self._address
            change(self._database, "customer", customer.values["id"], used)
        with self._database.transaction():
            order_id = self._write(cart, customer.values, payload)
            self._use_promotions(order_id, cart, customer.values)
            stock.take(self._database, order_id)
        self._database.happenings.note_event(
            "checkout.order.placed", "order", order_id, self._database.now()
        )
        self._store.session.empty()
        return order_id

    # -- rows -------------------------------------------------------------------------------

    def _write(self, cart: Calculated, customer: Struct, payload: Struct) -> str:
        database, order_id = self._database, new_id()
        billing = new_id()
        currency = database["currency"].rows[self._store.currency_id].values
        language = self._store.reader.language
        now = database.now()
        insert(
            database,
            "order",
            {
                "id": order_id,
                "orderNumber": reserve(database, "order"),
                "billingAddressId": billing,
                "currencyId": currency["id"],
                "languageId": language,
                "salesChannelId": self._store.channel.values["id"],
                "orderDateTime": now,
                "price": cart.price,
                "shippingCosts": shipping_costs(cart.price),
                "currencyFactor": currency.get("factor", 1),
                "deepLinkCode": secrets.token_urlsafe(24),
                "affiliateCode": payload.get("affiliateCode") or customer.get("affiliateCode"),
                "campaignCode": payload.get("campaignCode") or customer.get("campaignCode"),
                "customerComment": payload.get("customerComment"),
                "source": None,
                "stateId": state_id(database, "order"),
                "ruleIds": cart.rule_ids,
                "itemRounding": currency["itemRounding"],
                "totalRounding": currency["totalRounding"],
            },
        )
        self._write_customer(order_id, customer)
        shipping = self._write_addresses(order_id, billing, customer)
        lines = self._write_lines(order_id, cart)
        self._write_delivery(order_id, shipping, cart, lines)
        self._write_transaction(order_id, cart)
        return order_id

    def _write_customer(self, order_id: str, customer: Struct) -> None:
        insert(
            self._database,
            "order_customer",
            {
                "orderId": order_id,
                "customerId": customer["id"],
                "remoteAddress": self._address or customer.get("remoteAddress"),
                **{name: customer.get(name) for name in _CUSTOMER},
            },
        )

    def _write_addresses(self, order_id: str, billing: str, customer: Struct) -> str:
        """Returns the id of the address the goods go to: the billing address's, where both are
        one."""
        self._write_address(order_id, billing, customer["defaultBillingAddressId"])
        if customer["defaultShippingAddressId"] == customer["defaultBillingAddressId"]:
            return billing
        shipping = new_id()
        self._write_address(order_id, shipping, customer["defaultShippingAddressId"])
        return shipping

    def _write_address(self, order_id: str, key: str, customer_address_id: str) -> None:
        row = self._database["customer_address"].rows[customer_address_id].values
        copied = {name: row.get(name) for name in _ADDRESS}
        insert(self._database, "order_address", {"id": key, "orderId": order_id, **copied})

    def _write_lines(self, order_id: str, cart: Calculated) -> list[str]:
        return [
            self._write_line(order_id, line, position)
            for position, line in enumerate(cart.lines, start=1)
        ]

    def _write_line(self, order_id: str, line: Struct, position: int) -> str:
        product = None
        if line["type"] == "product":
            product = self._database["product"].rows[line["referencedId"]]
        promotion_id = line["payload"].get("promotionId")
        names = ("referencedId", "quantity", "label", "description", "good", "removable")
        return insert(
            self._database,
            "order_line_item",
            {
                **{name: line[name] for name in names},
                **{name: line[name] for name in ("stackable", "states", "type", "price")},
                "orderId": order_id,
                "identifier": line["id"],
                "productId": line["referencedId"] if product else None,
                "promotionId": promotion_id,
                "coverId": self._cover_id(product),
                "position": position,
                "priceDefinition": line["priceDefinition"],
                "payload": {**line["payload"], **self._payload(product)}
                if product
                else line["payload"],
            },
        )

    def _payload(self, product: Row) -> Struct:
        """The cart's, and what the cart does not show to shoppers."""
        payload = ProductLines(self._store, {}).payload(product)
        prices = self._store.reader.value(definitions()["product"], product, "purchasePrices")
        payload["purchasePrices"] = _as_text(prices[0]) if prices else None
        return payload

    def _cover_id(self, product: Row | None) -> str | None:
        if product is None:
            return None
        cover_id = self._store.reader.value(definitions()["product"], product, "coverId")
        cover = self._database["product_media"].by_id(cover_id)
        return str(cover.values["mediaId"]) if cover else None

    def _write_delivery(
        self, order_id: str, shipping: str, cart: Calculated, line_ids: list[str]
    ) -> None:
        dates = Surroundings(self._store).dates()
        key = insert(
            self._database,
            "order_delivery",
            {
                "orderId": order_id,
                "shippingOrderAddressId": shipping,
                "shippingMethodId": self._store.channel.values["shippingMethodId"],
                "stateId": state_id(self._database, "order_delivery"),
                "shippingDateEarliest": _day(dates["earliest"]),
                "shippingDateLatest": _day(dates["latest"]),
                "shippingCosts": shipping_costs(cart.price),
            },
        )
        for line_id, line in zip(line_ids, cart.lines, strict=True):
            insert(
                self._database,
                "order_delivery_position",
                {"orderDeliveryId": key, "orderLineItemId": line_id, "price": line["price"]},
            )

    def _write_transaction(self, order_id: str, cart: Calculated) -> None:
        insert(
            self._database,
            "order_transaction",
            {
                "orderId": order_id,
                "paymentMethodId": self._store.payment_method_id(),
                "amount": Surroundings(self._store).transaction(cart.price)["amount"],
                "stateId": state_id(self._database, "order_transaction"),
            },
        )

    # -- promotions -------------------------------------------------------------------------

    def _use_promotions(self, order_id: str, cart: Calculated, customer: Struct) -> None:
        """Counts the uses; an individual code remembers its order (recorded: promotions.json
        #19, #24)."""
        for line in cart.lines:
            if line["type"] != "promotion":
                continue
            promotion = self._database["promotion"].rows[line["payload"]["promotionId"]].values
            used = dict(promotion.get("ordersPerCustomerCount") or {})
            used[customer["id"]] = used.get(customer["id"], 0) + 1
            counted = {"orderCount": (promotion.get("orderCount") or 0) + 1}
            change(
                self._database,
                "promotion",
                promotion["id"],
                {**counted, "ordersPerCustomerCount": used},
            )
            if line["payload"]["promotionCodeType"] == "individual":
                self._use_code(line["payload"]["code"], order_id, customer)

    def _use_code(self, code: str, order_id: str, customer: Struct) -> None:
        name = f"{customer['firstName']} {customer['lastName']}"
        use = {"orderId": order_id, "customerId": customer["id"], "customerName": name}
        for key in self._database["promotion_individual_code"].where("code", code):
            change(self._database, "promotion_individual_code", key, {"payload": use})


def shown_order(store: Storefront, order_id: str) -> Struct:
    """An order as the Store API shows it after it was placed."""
    definition = definitions()["order"]
    row = store.database["order"].rows[order_id]
    criteria = read_criteria(store.reader, definition, {"associations": _SHOWN})
    return present(store.reader, definition, row, criteria, {})


def _day(stamp: str) -> str:
    return f"{stamp[:10]}T00:00:00.000+00:00"


def _as_text(price: Struct) -> str:
    shown = {name: value for name, value in shown_price(price).items() if name != "apiAlias"}
    return json.dumps(shown, separators=(",", ":"))


def _invalid(notes: list[Struct]) -> errors.ShopError:
    told = "".join(f"{note['id']}: {note['message']}\n" for note in notes)
    text = f"The cart is invalid, got {len(notes)} error(s):\n{told}".rstrip("\n")
    shown = [{"key": note["key"], "message": note["message"]} for note in notes]
    return errors.coded(400, "CHECKOUT__CART_INVALID", text, {"errors": shown})


def anonymized(address: str) -> str:
    """The last part of a network address is dropped (recorded: orders.json #15)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    kept = 24 if parsed.version == 4 else 64
    return str(ipaddress.ip_network(f"{parsed}/{kept}", strict=False).network_address)
