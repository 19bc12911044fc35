"""Prices and other things of plans and runs, as people read them."""

from __future__ import annotations

from decimal import Decimal

from bridge.kit.money import from_millionths
from bridge.outbox.models import DeliveryState
from bridge.plans.models import PlanRow
from bridge.plans.parts import RemarkKind
from bridge.plans.summary import Operation
from bridge.prices.codec import value_from_text
from bridge.web.speaking import _, lazy, speech
from connectors.base import Amount

KINDS = {
    "price": lazy("Prices"),
    "group": lazy("Customer groups"),
    "audience": lazy("Rules that prices hang on"),
    "promotion": lazy("Discounts and gifts"),
    "customer": lazy("Members of groups"),
    "store": lazy("Stores"),
}
OPERATIONS = {
    Operation.ADD.value: lazy("new"),
    Operation.CHANGE.value: lazy("changed"),
    Operation.REMOVE.value: lazy("taken away"),
}
REMARKS = {
    RemarkKind.CONFLICT.value: lazy("Conflicts"),
    RemarkKind.PROBLEM.value: lazy("Problems"),
    RemarkKind.FOREIGN.value: lazy("Not ours"),
    RemarkKind.NOTE.value: lazy("Worth knowing"),
}
STATES = {
    DeliveryState.QUEUED.value: lazy("waits"),
    DeliveryState.LEASED.value: lazy("being sent"),
    DeliveryState.DONE.value: lazy("done"),
    DeliveryState.CONFLICT.value: lazy("in conflict"),
    DeliveryState.DEAD.value: lazy("refused"),
    DeliveryState.CANCELLED.value: lazy("overtaken"),
}
COLOURS = {
    DeliveryState.DONE.value: "green",
    DeliveryState.CONFLICT.value: "yellow",
    DeliveryState.DEAD.value: "red",
    Operation.ADD.value: "green",
    Operation.CHANGE.value: "blue",
    Operation.REMOVE.value: "red",
}
_LONGEST = 80


def told(kind: str, value: str | None) -> str:
    """What a row is before or after; empty: nothing."""
    if value is None:
        return ""
    if kind == "price":
        return price(value)
    if kind == "promotion":
        return _("as the shop writes it")
    if kind in ("audience", "customer"):
        return ""
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def price(value: str) -> str:
    """A tier price: ``€8.90 net``, ``15% off``."""
    found = value_from_text(value)
    if found.percent is not None:
        text = _("%(percent)s off", percent=speech().percent(found.percent / 100, 6))
    else:
        text = ", ".join(_amount(amount) for amount in found.amounts)
    if found.until is None:
        return text
    return _("%(price)s, up to %(quantity)s pieces", price=text, quantity=found.until)


def money(amount: Decimal, currency: str) -> str:
    """Of one piece."""
    return speech().unit_price(amount, currency)


def effect(row: PlanRow) -> str:
    """By how much one piece gets dearer or cheaper; empty where that is not known, or nothing."""
    if row.cost_before is None or row.cost_after is None or row.cost_before == row.cost_after:
        return ""
    by = from_millionths(row.cost_after - row.cost_before)
    sign = "+" if by > 0 else ""
    return f"{sign}{money(by, row.currency)}"


def _amount(amount: Amount) -> str:
    sides = []
    if amount.net is not None:
        sides.append(_("%(price)s net", price=money(amount.net, amount.currency)))
    if amount.gross is not None:
        sides.append(_("%(price)s gross", price=money(amount.gross, amount.currency)))
    return " / ".join(sides)
