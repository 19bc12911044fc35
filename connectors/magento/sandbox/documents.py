"""Invoices, shipments and credit memos: what they have in common, and their lists (recorded:
orders.json #7 to #11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from
from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.listing import Entries
from connectors.magento.sandbox.order_shown import both, plain
from connectors.magento.sandbox.orders import ZERO, Amounts, Order, OrderRow, not_there
from connectors.magento.sandbox.routing import Call, Handler
from connectors.magento.sandbox.values import cents, number, numeric

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

_RATE = "base_to_order_rate"
Wanted = Mapping[int, Decimal]
"""Order row to quantity; empty: all that is left."""


@dataclass(slots=True)
class Entry:
    """A row of a document. ``money`` without what the shop does not work out for it."""

    row: OrderRow
    qty: Decimal
    money: Amounts
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    id: int
    order: Order
    fields: dict[str, Any]
    money: Amounts
    entries: list[Entry]
    first_entry_id: int
    comments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def order_id(self) -> int:
        return self.order.id

    @property
    def updated_at(self) -> str:
        return str(self.fields["updated_at"])

    def shown(self) -> dict[str, Any]:
        return {
            **plain(self.fields),
            **both(self.money, self.order.rate),
            "items": [
                self._entry(self.first_entry_id + place, one)
                for place, one in enumerate(self.entries)
            ],
            "comments": [dict(one) for one in self.comments],
        }

    def _entry(self, entry_id: int, entry: Entry) -> dict[str, Any]:
        fields = entry.row.fields
        return {
            "entity_id": entry_id,
            "parent_id": self.id,
            "order_item_id": entry.row.id,
            "product_id": fields["product_id"],
            "name": fields["name"],
            "sku": fields["sku"],
            "qty": number(entry.qty),
            **both(entry.money, self.order.rate),
            **entry.more,
        }


@dataclass(slots=True)
class Documents:
    on_save: Callable[[int], object]
    """Hears of the order of every one that is made."""
    entries: Entries[Document] = field(default_factory=Entries)
    next_id: int = 1
    next_entry_id: int = 1
    next_comment_id: int = 1

    def add(
        self, order: Order, at: str, fields: dict[str, Any], money: Amounts, entries: list[Entry]
    ) -> Document:
        currency = {name: order.fields[name] for name in ("order_currency_code", _RATE)}
        common = {
            "created_at": at,
            "updated_at": at,
            "entity_id": self.next_id,
            "increment_id": f"{self.next_id:09d}",
            "order_id": order.id,
            "store_id": 1,
            "billing_address_id": order.billing["entity_id"],
            "shipping_address_id": order.shipping["entity_id"] if order.shipping else None,
        }
        told = {**common, **fields}
        if _RATE in told:
            told |= currency
        document = Document(self.next_id, order, told, money, entries, self.next_entry_id)
        self.next_id += 1
        self.next_entry_id += len(entries)
        self.on_save(order.id)
        return self.entries.add(document)

    def get(self, document_id: int) -> Document:
        document = self.entries.rows.get(document_id)
        if document is None:
            raise not_there()
        return document

    def comment(self, document: Document, at: str, given: Mapping[str, Any]) -> None:
        """``comment`` of a service's body, where it has one."""
        if not given.get("comment"):
            return
        document.comments.append(
            {
                "is_customer_notified": 0,
                "parent_id": document.id,
                "comment": str(given["comment"]),
                "is_visible_on_front": int(bool(given.get("is_visible_on_front"))),
                "created_at": at,
                "entity_id": self.next_comment_id,
            }
        )
        self.next_comment_id += 1


# -- what a document takes of an order ------------------------------------------------------


def wanted_from(body: Mapping[str, Any]) -> dict[int, Decimal]:
    """``items`` of a service's body. Raises Refused for numbers that are none."""
    found: dict[int, Decimal] = {}
    items = body.get("items") or []
    for one in items if isinstance(items, list) else ():
        row_id, qty = one.get("order_item_id"), one.get("qty")
        if not numeric(row_id) or not numeric(qty):
            raise Refused(
                400, 'Error occurred during "items" processing. The value\'s type is invalid.'
            )
        key = int(float(row_id))
        found[key] = found.get(key, ZERO) + Decimal(str(qty))
    return found


def foreign(order: Order, wanted: Wanted) -> bool:
    return any(order.row(row_id) is None for row_id in wanted)


def invalid(kind: str, reasons: Iterable[str]) -> Refused:
    """``kind``: ``Invoice``, ``Shipment``, ``Creditmemo``."""
    return Refused(400, f"{kind} Document Validation Error(s):\n" + "\n".join(reasons))


def share(whole: Decimal, used: Decimal, available: Decimal, qty: Decimal) -> Decimal:
    """What ``qty`` of the ``available`` pieces get of what is left; the last ones all of it."""
    left = whole - used
    return left if qty == available else cents(left / available * qty)


def by_pieces(whole: Decimal, ordered: Decimal, qty: Decimal) -> Decimal:
    return cents(whole / ordered * qty)


# -- services -------------------------------------------------------------------------------

Find = Callable[["Shop"], Documents]

COLUMNS = {
    name: lambda row, name=name: row.fields.get(name)
    for name in (
        *("entity_id", "order_id", "increment_id", "created_at", "updated_at", "state"),
        *("store_id", "billing_address_id", "shipping_address_id", "email_sent", "customer_id"),
        *("total_qty", "invoice_id", "transaction_id", "can_void_flag", "order_currency_code"),
        *("base_currency_code", "store_currency_code", "global_currency_code"),
        *("shipment_status", "creditmemo_status", "is_used_for_refund", "packages"),
    )
} | {
    f"{base}{name}": lambda row, name=name: row.money.get(name)
    for base in ("", "base_")
    for name in (
        *("grand_total", "subtotal", "subtotal_incl_tax", "tax_amount", "discount_amount"),
        *("shipping_amount", "shipping_incl_tax", "shipping_tax_amount", "adjustment"),
        *("adjustment_positive", "adjustment_negative", "discount_tax_compensation_amount"),
    )
}


def search(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        criteria = criteria_from(call.query, largest_page=shop.largest_page)
        rows, total = find(shop).entries.search(criteria, COLUMNS)
        call.work.kind, call.work.rows = "orders", len(rows)
        return answer([row.shown() for row in rows], criteria, total)

    return service


def get(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        return find(shop).get(call.params["id"]).shown()

    return service
