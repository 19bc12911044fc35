"""What an entry tells of its event and calculation, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bridge.web.speaking import _, lazy, speech

_NAMES = {
    "order": lazy("Order"),
    "placed_at": lazy("Placed"),
    "paid_at": lazy("Paid"),
    "completed_at": lazy("Complete"),
    "cancelled_at": lazy("Cancelled"),
    "currency": lazy("Currency"),
    "rate": lazy("Exchange rate"),
    "refunds": lazy("Refunds"),
    "line": lazy("Line"),
    "sku": lazy("SKU"),
    "name": lazy("Name"),
    "quantity": lazy("Quantity"),
    "price": lazy("Price"),
    "discount": lazy("Discount"),
    "returned": lazy("Returned"),
    "refund": lazy("Refund"),
    "amount": lazy("Amount"),
    "net": lazy("net"),
    "gross": lazy("gross"),
    "activity": lazy("Activity"),
    "at": lazy("When"),
    "is_valid": lazy("Counts"),
    "reason": lazy("Reason"),
    "by": lazy("By"),
    "code": lazy("Code"),
    "note": lazy("Note"),
}
"""Of fields, by their names in JSON; of others their own name is shown."""
Fact = tuple[str, str, bool]
"""What it is called, what it says, and whether the name is translated."""


def facts(told: Mapping[str, Any]) -> list[Fact]:
    """Nested fields with what they are part of: ``Line: Price: net``."""
    return list(_flat(told, ()))


def _flat(told: Any, names: tuple[str, ...]) -> Iterator[Fact]:
    if told in (None, "", [], {}):
        return
    if isinstance(told, Mapping):
        for name, value in told.items():
            yield from _flat(value, (*names, str(name)))
    elif isinstance(told, list) and any(isinstance(one, Mapping) for one in told):
        for place, value in enumerate(told, 1):
            yield from _flat(value, (*names, str(place)))
    else:
        known = all(name in _NAMES or name.isdecimal() for name in names)
        label = ": ".join(str(_NAMES.get(name, name.replace("_", " "))) for name in names)
        yield label, _said(names[-1] if names else "", told), known


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, str) and (name == "at" or name.endswith("_at")):
        try:
            return speech().moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    return str(value)
