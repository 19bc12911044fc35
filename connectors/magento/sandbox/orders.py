"""Orders and their rows: what the shop keeps of a sale (recorded: orders.json #0, #4, #6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.listing import Entries
from connectors.magento.sandbox.taxes import Applied

ZERO, ONE = Decimal(0), Decimal(1)
Amounts = dict[str, Decimal]
"""In the base currency, by the name of the column without ``base_``. What the shop has not set yet
is not in it, and not in its answers."""

NEW, PROCESSING, COMPLETE = "new", "processing", "complete"
CLOSED, CANCELED, HOLDED = "closed", "canceled", "holded"
STATUSES = {
    NEW: "pending",
    PROCESSING: "processing",
    COMPLETE: "complete",
    CLOSED: "closed",
    CANCELED: "canceled",
    HOLDED: "holded",
}
"""The default status of each state."""
LABELS = {
    "pending": "Pending",
    "processing": "Processing",
    "complete": "Complete",
    "closed": "Closed",
    "canceled": "Canceled",
    "holded": "On Hold",
}


@dataclass(slots=True)
class Quantities:
    ordered: Decimal
    canceled: Decimal = ZERO
    invoiced: Decimal = ZERO
    refunded: Decimal = ZERO
    shipped: Decimal = ZERO


@dataclass(slots=True)
class OrderRow:
    id: int
    qty: Quantities
    fields: dict[str, Any]
    """Columns that are no amounts of money."""
    money: Amounts
    parent: OrderRow | None = None
    """The configurable's row, which has the money."""
    taxes: tuple[Applied, ...] = ()
    product_id: int = 0
    """The product whose stock it takes."""
    gift: str = ""
    """The rule of the bridge's module that it was a gift of."""

    @property
    def is_child(self) -> bool:
        return self.parent is not None

    @property
    def is_virtual(self) -> bool:
        return bool(self.fields.get("is_virtual"))

    @property
    def to_invoice(self) -> Decimal:
        if self.is_child:
            return ZERO
        return max(self.qty.ordered - self.qty.invoiced - self.qty.canceled, ZERO)

    @property
    def to_ship(self) -> Decimal:
        if self.is_child or self.is_virtual:
            return ZERO
        gone = max(self.qty.shipped, self.qty.refunded) + self.qty.canceled
        return max(self.qty.ordered - gone, ZERO)

    @property
    def to_refund(self) -> Decimal:
        if self.is_child:
            return ZERO
        return max(self.qty.invoiced - self.qty.refunded, ZERO)

    @property
    def to_cancel(self) -> Decimal:
        return min(self.to_invoice, self.qty.ordered if self.is_virtual else self.to_ship)

    def add(self, name: str, amount: Decimal) -> None:
        self.money[name] = self.money.get(name, ZERO) + amount


@dataclass(slots=True)
class Order:
    id: int
    fields: dict[str, Any]
    """Columns that are no amounts of money."""
    money: Amounts
    rows: list[OrderRow]
    billing: dict[str, Any]
    shipping: dict[str, Any] | None
    """None of a virtual order."""
    method: str
    payment: Amounts
    history: list[dict[str, Any]] = field(default_factory=list)
    """Comments, oldest first."""
    tax_codes: dict[Applied, Decimal] = field(default_factory=dict)
    payment_code: str = "checkmo"
    referral: str = ""
    """The code of a friend's link, from the bridge's module."""

    @property
    def order_id(self) -> int:
        return self.id

    @property
    def updated_at(self) -> str:
        return str(self.fields["updated_at"])

    @property
    def number(self) -> str:
        return str(self.fields["increment_id"])

    @property
    def state(self) -> str:
        return str(self.fields["state"])

    @property
    def rate(self) -> Decimal:
        """What one unit of the base currency costs in the order's own."""
        return Decimal(str(self.fields["base_to_order_rate"]))

    def set_state(self, state: str) -> None:
        self.fields["state"] = state
        self.fields["status"] = STATUSES[state]

    def amount(self, name: str) -> Decimal:
        return self.money.get(name, ZERO)

    def add(self, name: str, amount: Decimal) -> None:
        self.money[name] = self.amount(name) + amount

    def row(self, row_id: int) -> OrderRow | None:
        return next((one for one in self.rows if one.id == row_id), None)

    def children(self, row: OrderRow) -> list[OrderRow]:
        return [one for one in self.rows if one.parent is row]

    # -- what can be done with it (magento2: Sales/Model/Order.php) ---------------------------

    @property
    def can_invoice(self) -> bool:
        if self.state in (HOLDED, CANCELED, COMPLETE, CLOSED):
            return False
        return any(row.to_invoice for row in self.rows)

    @property
    def can_ship(self) -> bool:
        if self.state in (HOLDED, CANCELED) or self.fields["is_virtual"]:
            return False
        return any(row.to_ship for row in self.rows)

    @property
    def can_refund(self) -> bool:
        if self.state in (HOLDED, CANCELED, CLOSED):
            return False
        if not self.amount("grand_total"):
            return any(row.to_refund for row in self.rows)
        return self.amount("total_paid") > self.amount("total_refunded")

    @property
    def can_cancel(self) -> bool:
        if self.state in (HOLDED, CANCELED, COMPLETE, CLOSED):
            return False
        return any(row.to_invoice for row in self.rows)

    # -- what becomes of it -------------------------------------------------------------------

    def resolved_state(self, *, in_progress: bool = False) -> str:
        """After magento2 ``Order/OrderStateResolver.php``."""
        if self.state == NEW and in_progress:
            return PROCESSING
        if self.state in (CANCELED, HOLDED) or self.can_invoice or self.can_ship:
            return self.state
        if not self.amount("grand_total") or self.can_refund:
            return COMPLETE
        return CLOSED if self.amount("total_refunded") else self.state

    def settle(self, *, in_progress: bool = False) -> None:
        """The state after a document, then what saving makes of it (magento2:
        ``ResourceModel/Order/Handler/State.php``)."""
        self.set_state(self.resolved_state(in_progress=in_progress))
        if self.state not in (PROCESSING, COMPLETE) or self.can_invoice:
            return
        if not self.can_refund and not self.can_ship and self.amount("total_refunded"):
            self.set_state(CLOSED)
        elif self.state == PROCESSING and (not self.can_ship or self._rest_is_shipped()):
            self.set_state(COMPLETE)

    def _rest_is_shipped(self) -> bool:
        """What was not given back has been sent."""
        shipped = sum((row.qty.shipped for row in self.rows if not row.is_child), ZERO)
        refunded = sum((row.qty.refunded for row in self.rows if not row.is_child), ZERO)
        return shipped > 0 and shipped + refunded >= Decimal(self.fields["total_qty_ordered"])


@dataclass(slots=True)
class Orders:
    on_save: Callable[[int], object]
    """Hears of every order that is saved."""
    entries: Entries[Order] = field(default_factory=Entries)
    next_id: int = 1
    next_row_id: int = 1
    next_address_id: int = 1
    next_history_id: int = 1
    next_number: int = 1
    _by_number: dict[str, int] = field(default_factory=dict)

    def add(self, order: Order) -> Order:
        self._by_number[order.number] = order.id
        self.next_id = max(self.next_id, order.id) + 1
        self.on_save(order.id)
        return self.entries.add(order)

    def get(self, order_id: int) -> Order:
        order = self.entries.rows.get(order_id)
        if order is None:
            raise not_there()
        return order

    def by_number(self, number: str) -> Order | None:
        return self.entries.rows.get(self._by_number.get(number, 0))

    def number(self) -> str:
        self.next_number += 1
        return f"{self.next_number - 1:09d}"

    def save(self, order: Order, at: str) -> None:
        """Any change of the order, also of its rows, moves its time."""
        order.fields["updated_at"] = at
        self.entries.touched()
        self.on_save(order.id)

    def forget_customer(self, customer_id: int) -> None:
        """The database unlinks the orders of a deleted customer; their time stays."""
        for order in self.entries.rows.values():
            if order.fields.get("customer_id") == customer_id:
                order.fields["customer_id"] = None

    def comment(self, order: Order, at: str, **given: Any) -> dict[str, Any]:
        entry = {
            "comment": given.get("comment"),
            "created_at": at,
            "entity_id": self.next_history_id,
            "entity_name": given.get("entity_name", "order"),
            "is_customer_notified": int(given.get("is_customer_notified") or 0),
            "is_visible_on_front": int(given.get("is_visible_on_front") or 0),
            "parent_id": order.id,
            "status": given.get("status") or order.fields["status"],
        }
        self.next_history_id += 1
        order.history.append(entry)
        return entry


def not_there() -> Refused:
    """Of orders, invoices, shipments, credit memos (recorded: orders.json #19)."""
    return Refused(
        404, "The entity that was requested doesn't exist. Verify the entity and try again."
    )
