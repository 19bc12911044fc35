"""What the bridge's app puts into a cart and takes out of it, while it is switched on.

The shop runs the app's script after it has worked out the cart. Here its result is made from
:mod:`~connectors.shopware.sandbox.cart_script`. As promotions are worked out without the gifts,
there is nothing to give back to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import cart_script, pricing, settings
from connectors.shopware.sandbox.cart_lines import ProductLines
from connectors.shopware.sandbox.cart_script import PREFIX, Gift, Shopper, Sold, Worth
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.pricing import Buyer, Struct
from connectors.shopware.sandbox.quantities import quantities
from connectors.shopware.sandbox.storefront import Storefront

_APP = "LoyaltyBridge"
_FIRST = (2, 0)
"""The app's first version with a script: the one before only listened."""
_FIRST_WITH_OWNERS = (2, 3)


class AppCart:
    def __init__(self, storefront: Storefront) -> None:
        self._store = storefront
        self._database = storefront.database

    @property
    def is_on(self) -> bool:
        return self._is_since(_FIRST)

    def _is_since(self, first: tuple[int, int]) -> bool:
        rows = self._database["app"].rows
        for key in self._database["app"].where("name", _APP):
            numbers = [*str(rows[key].values.get("version") or "0").split("."), "0"]
            if rows[key].values.get("active") and (int(numbers[0]), int(numbers[1])) >= first:
                return True
        return False

    def is_ours(self, line_id: str) -> bool:
        """Whether only the script may put a line of this name there."""
        return self.is_on and bool(cart_script.lines_of_ours([line_id]))

    def natives(self) -> frozenset[str]:
        """Promotions whose lines the script takes out, by id."""
        return (
            cart_script.natives(self._setting("gifts"), self._now()) if self.is_on else frozenset()
        )

    def code_taken(self, promotion_id: str, code: str) -> str | None:
        """As the line carries it on; ``None``: the script takes the line out."""
        if not self._is_since(_FIRST_WITH_OWNERS):
            return code
        fields = self._store.customer and self._store.customer.values.get("customFields")
        his = fields if isinstance(fields, dict) else None
        return cart_script.code_taken(self._setting, his, promotion_id, code)

    def lines(
        self, goods: list[Struct], promotions: list[Struct], buyer: Buyer, products: ProductLines
    ) -> list[Struct]:
        """Gifts and points for a cart of these lines."""
        session = self._store.session
        if not self.is_on:
            return list(session.points)
        now = self._now()
        shopper = self._shopper(buyer)
        found = self._gifts(shopper, goods, promotions, now)
        given = [self._gift(gift, buyer, products) for gift in found]
        left = _worth([*goods, *promotions]).total
        points = cart_script.points_off(shopper, left, now)
        session.gifts = [
            {"id": one.line_id, "referencedId": one.product_id, "quantity": one.quantity}
            for one in found
        ]
        session.points = []
        if points is not None:
            session.points = [self._points(*points, [*goods, *promotions], buyer)]
        return given + session.points

    def _gifts(
        self, shopper: Shopper, goods: list[Struct], promotions: list[Struct], now: int
    ) -> list[Gift]:
        """Without those that the shopper took out, until the rules do not give them any more."""
        off = Worth() - _worth(promotions)
        wanted = cart_script.wanted(self._setting("gifts"), shopper, _worth(goods), off, now)
        declined = self._store.session.declined
        declined &= {one.line_id for one in wanted}
        found = cart_script.to_be_had(wanted, _pieces(goods), self._sold)
        return [one for one in found if one.line_id not in declined]

    def look_after_what_is_stored(self) -> None:
        """A cart is kept with all its lines. The script works each out anew; without it a gift is
        a product like others, that the shop finds the price of (ProductCartProcessor
        forgets at each call that an app changed it), and points stay (PLUGIN_FACTS "Points in the
        cart by script")."""
        session = self._store.session
        if self.is_on:
            session.items[:] = [one for one in session.items if not is_gift(one["id"])]
        elif session.gifts:
            session.items += [{**one, "unique": new_id()} for one in session.gifts]
            session.gifts = []

    def _shopper(self, buyer: Buyer) -> Shopper:
        customer = self._store.customer
        fields: Any = None
        if customer is not None and not customer.values.get("guest"):
            fields = customer.values.get("customFields")
        return Shopper(
            buyer.currency_id,
            buyer.currency_factor,
            buyer.tax_status,
            self._store.group_id,
            fields if isinstance(fields, dict) else None,
            str(self._store.channel.values["id"]),
        )

    def _now(self) -> int:
        return int(datetime.fromisoformat(self._database.now()).timestamp())

    def _setting(self, name: str) -> Any:
        channel_id = str(self._store.channel.values["id"])
        return settings.value(self._database, f"{_APP}.config.{name}", channel_id)

    def _sold(self, product_id: str) -> Sold | None:
        product = self._database["product"].by_id(product_id)
        if product is None or not self._store.is_sold(product):
            return None
        allowed = quantities(self._store.reader, product)
        if allowed.most < allowed.least:
            return None
        return Sold(allowed.least, allowed.most, allowed.steps)

    def _gift(self, gift: Gift, buyer: Buyer, products: ProductLines) -> Struct:
        item = {"id": gift.line_id, "unique": new_id(), "referencedId": gift.product_id}
        line = products.line({**item, "quantity": gift.quantity}, buyer)
        assert line is not None, "it was looked at before"
        rate = Decimal(str(line["price"]["taxRules"][0]["taxRate"]))
        free = pricing.calculated_price(Decimal(0), gift.quantity, rate, buyer.gross)
        if buyer.tax_free:
            free["calculatedTaxes"] = []
        return {
            **line,
            "payload": {**line["payload"], "loyaltyBridgeGift": gift.rule},
            "price": free,
            "priceDefinition": {**line["priceDefinition"], "price": 0, "listPrice": None},
            "modifiedByApp": True,
        }

    def _points(self, line_id: str, off: Decimal, lines: list[Struct], buyer: Buyer) -> Struct:
        label = self._setting("pointsLabel")
        price = pricing.shared_price(
            -pricing.rounded(off), [line["price"] for line in lines], buyer.tax_status
        )
        return {
            "payload": {},
            "label": label if isinstance(label, str) and label else "Loyalty points",
            "quantity": 1,
            "priceDefinition": {
                "price": [{"net": -float(off), "gross": -float(off), "linked": False}],
                "filter": None,
                "type": "currency-price",
                "apiAlias": "cart_price_currency",
            },
            "price": price,
            "good": False,
            "description": None,
            "cover": None,
            "deliveryInformation": None,
            "children": [],
            "requirement": None,
            "removable": True,
            "stackable": False,
            "quantityInformation": None,
            "modified": False,
            "shippingCostAware": True,
            "dataTimestamp": None,
            "dataContextHash": None,
            "uniqueIdentifier": new_id(),
            "states": [],
            "modifiedByApp": False,
            "id": line_id,
            "type": "discount",
            "referencedId": None,
            "apiAlias": "cart_line_item",
        }


def _worth(lines: Iterable[Struct]) -> Worth:
    total = tax = Decimal(0)
    for line in lines:
        total += Decimal(str(line["price"]["totalPrice"]))
        tax += sum(
            (Decimal(str(one["tax"])) for one in line["price"]["calculatedTaxes"]), Decimal(0)
        )
    return Worth(total, tax)


def _pieces(goods: Iterable[Struct]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in goods:
        found[line["referencedId"]] = found.get(line["referencedId"], 0) + int(line["quantity"])
    return found


def is_gift(line_id: str) -> bool:
    return line_id.startswith(PREFIX)
