"""Open baskets of shoppers (recorded: cart_price_rules.json #20 to #36)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.errors import NotFound, Rejected
from connectors.magento.amounts import number as _number
from connectors.magento.amounts import total
from connectors.magento.client import MagentoClient, encoded
from connectors.magento.criteria import Filter
from connectors.magento.mapping import moment_or_none, plain, shop_time
from connectors.magento.paging import Row
from connectors.magento.views import Views
from connectors.rewards import Cart, CartItem, CartTotals
from connectors.sales import NOTHING, Mark, Money

_NOT_LOGGED_IN = "0"
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CART_FIELDS = (
    "id,store_id,created_at,updated_at,is_active,is_virtual,reserved_order_id,"
    "customer[id,email,group_id],billing_address[email],items[item_id,sku,qty],"
    "extension_attributes[shipping_assignments[shipping[method]]]"
)


class MagentoCarts:
    """See :class:`connectors.rewards.Carts`. Safe to share between threads."""

    def __init__(self, client: MagentoClient, views: Views) -> None:
        self._client = client
        self._views = views

    # -- read -------------------------------------------------------------------------------

    def changed(self, since: Mark) -> Iterator[Cart]:
        """Times are whole seconds: the next walk should overlap. Whether a way to pay was chosen
        shows in :meth:`cart` alone."""
        begin = max(since.at, _EARLIEST).replace(microsecond=0)
        rows = self._client.walk_by_change(
            "carts/search",
            shop_time(begin),
            Filter("is_active", "1"),
            fields=f"items[{CART_FIELDS}],total_count",
        )
        after = (begin, int(since.id) if since.id.isdecimal() else -1)
        for row in rows:
            if (_changed_at(row), int(row["id"])) > after:
                yield self._record(row, in_checkout=_began_checkout(row))

    def cart(self, cart_id: str) -> Cart | None:
        if not cart_id.isdecimal():
            return None
        try:
            row: Row = self._client.get(f"carts/{cart_id}", [("fields", CART_FIELDS)])
        except NotFound:
            return None
        return self._record(row, in_checkout=_began_checkout(row) or self._pays(row))

    def _pays(self, row: Row) -> bool:
        """Where nothing is sent, choosing how to pay is all there is of a checkout."""
        try:
            path = f"carts/{row['id']}/selected-payment-method"
            chosen = self._client.get(path, empty_ok=True)
        except Rejected:
            return False
        return isinstance(chosen, Mapping) and bool(chosen.get("method"))

    def _record(self, row: Row, *, in_checkout: bool) -> Cart:
        customer: Mapping[str, Any] = row.get("customer") or {}
        customer_id = _text(customer, "id")
        return Cart(
            id=str(row["id"]),
            store_id=self._views.website_of(str(row["store_id"])),
            changed_at=_changed_at(row),
            customer_id=customer_id,
            email=_text(customer, "email") or _text(row.get("billing_address") or {}, "email"),
            group_id=_text(customer, "group_id") if customer_id else _NOT_LOGGED_IN,
            items=tuple(map(_item, row.get("items") or ())),
            is_open=bool(row.get("is_active")),
            in_checkout=in_checkout,
        )

    def totals(self, cart_id: str, store_id: str) -> CartTotals:
        """As of the shop's last look into the basket; a call that changes it looks again."""
        told: Row = self._client.get(
            f"carts/{encoded(cart_id)}/totals", scope=self._scope(store_id)
        )
        lines = {str(one["item_id"]): _line(one) for one in told.get("items") or ()}
        goods = total(lines.values())
        discount = _discount(told, goods)
        return CartTotals(
            goods=goods,
            discount=discount,
            by_item=lines,
            discount_by_item=_discounts(told.get("items") or (), discount),
        )

    # -- write ------------------------------------------------------------------------------

    def add(self, cart_id: str, store_id: str, product_id: str, quantity: int) -> CartItem:
        """More of a product that is in the basket already makes one line of both: look first."""
        body = {"cartItem": {"sku": product_id, "qty": quantity, "quote_id": cart_id}}
        row = self._client.post(
            f"carts/{encoded(cart_id)}/items", body, scope=self._scope(store_id)
        )
        return _item(row)

    def remove(self, cart_id: str, store_id: str, item_id: str) -> None:
        """Raises Rejected where the shop refuses for another reason than that it is gone."""
        path = f"carts/{encoded(cart_id)}/items/{encoded(item_id)}"
        try:
            self._client.delete(path, scope=self._scope(store_id))
        except NotFound:
            return

    def _scope(self, store_id: str) -> str:
        """The code of a view of the website: prices and stock are its own."""
        views = self._views.of_website(store_id)
        if not views:
            raise NotFound(f"The shop has no website {store_id!r} with a store view")
        return views[0].code


def _began_checkout(row: Row) -> bool:
    """A shipping method was chosen (recorded: #34 before, #36 after), or an order number is kept
    ready, as some ways to pay do."""
    extension = row.get("extension_attributes") or {}
    shippings = [one.get("shipping") or {} for one in extension.get("shipping_assignments") or ()]
    return any(one.get("method") for one in shippings) or bool(row.get("reserved_order_id"))


def _changed_at(row: Row) -> datetime:
    """A cart that was never changed has no time of change."""
    told = moment_or_none(row.get("updated_at")) or moment_or_none(row.get("created_at"))
    return told or _EARLIEST


def _item(row: Row) -> CartItem:
    sku = str(row["sku"])
    return CartItem(str(row["item_id"]), sku, sku, plain(Decimal(str(row["qty"]))))


def _line(row: Row) -> Money:
    net = _number(row, "base_row_total")
    return Money(net, max(_number(row, "base_row_total_incl_tax"), net))


def _discount(told: Row, goods: Money) -> Money:
    """What is missing from the goods in what is to be paid without shipping: of a discount itself
    Magento tells one amount, not whether it came off prices with tax or without."""
    shipping = _number(told, "base_shipping_incl_tax") - _number(
        told, "base_shipping_discount_amount"
    )
    tax = _number(told, "base_tax_amount") - _number(told, "base_shipping_tax_amount")
    gross = _number(told, "base_grand_total") - shipping
    return Money(
        _within(goods.net - gross + tax, goods.net), _within(goods.gross - gross, goods.gross)
    )


def _discounts(rows: Iterable[Row], whole: Money) -> dict[str, Money] | None:
    """Of each line. They came off prices with tax, or without: whichever adds up to the whole."""
    told = list(rows)
    for split in (_off_net, _off_gross):
        found = {str(row["item_id"]): split(row) for row in told}
        if total(found.values()) == whole:
            return found
    return None


def _off_net(row: Row) -> Money:
    line, off = _line(row), _number(row, "base_discount_amount")
    return Money(off, line.gross - (line.net - off + _number(row, "base_tax_amount")))


def _off_gross(row: Row) -> Money:
    line, off = _line(row), _number(row, "base_discount_amount")
    return Money(line.net - (line.gross - off - _number(row, "base_tax_amount")), off)


def _within(value: Decimal, most: Decimal) -> Decimal:
    return min(max(value, NOTHING), most)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()
