"""Why one entry is in the book: its event, its rule, its calculation, and what it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bridge.earning.batch import Version, versions
from bridge.earning.models import HandledActivity
from bridge.inbox.codec import decoded
from bridge.kit.errors import BridgeError
from bridge.kit.money import from_millionths
from bridge.orders.models import HandledOrder
from bridge.points.granting import GIVEN, TAKEN
from bridge.points.models import Account, Entry, Holder, Lot
from bridge.points.origins import Origin, origins
from bridge.points.statement import Line, entry, of_source
from bridge.programme.writing import rule_text
from connectors.sales import Money, Order, OrderLine

_ANSWERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(GIVEN, TAKEN),
    "spend": ("restore",),
    "capture": ("restore",),
    "reserve": ("capture", "release"),
    "move_out": ("move_in",),
}
"""By effect: what takes it back, or ends it."""


@dataclass(frozen=True, slots=True)
class Explained:
    line: Line
    origin: Origin
    account_id: int
    holder: Holder
    holder_id: int
    event: Mapping[str, Any]
    """What happened, for people and for JSON; empty where the source says it all."""
    rule_text: str
    """The rule as that version of the programme has it; empty: no rule gave it."""
    programme_since: datetime | None
    reverses: Sequence[Line]
    reversed_by: Sequence[Line]
    lot: Lot | None


def explain(session: Session, workspace_id: int, entry_id: int) -> Explained:
    """Raises BridgeError when the workspace has no such entry."""
    line = entry(session, workspace_id, entry_id)
    stored = session.get(Entry, entry_id)
    if line is None or stored is None:
        raise BridgeError(
            f"There is no entry {entry_id}. `loyalty-bridge points history EMAIL` lists them."
        )
    account = session.get_one(Account, stored.account_id)
    key = (line.installation_id, line.source_kind, line.source_id)
    origin = origins(session, workspace_id, [key]).of(*key)
    version = _version(session, workspace_id, line)
    related = of_source(session, workspace_id, *key)
    return Explained(
        line,
        origin,
        stored.account_id,
        Holder(account.holder),
        account.holder_id,
        _event(session, workspace_id, line),
        _rule(version, line.rule),
        version.since if version else None,
        _reverses(stored, line, related),
        _reversed_by(session, workspace_id, line, related),
        session.get(Lot, line.lot_id) if line.lot_id else None,
    )


# -- what it takes back, and what took it back ------------------------------------------------


def _reverses(stored: Entry, line: Line, related: Sequence[Line]) -> list[Line]:
    return [
        one
        for one in related
        if one.id == stored.reverses_id
        or (one.id < line.id and _answers(one, line) and _same_line(one, line))
    ]


def _reversed_by(
    session: Session, workspace_id: int, line: Line, related: Sequence[Line]
) -> list[Line]:
    named = session.exec(
        select(Entry.id).where(
            col(Entry.workspace_id) == workspace_id, col(Entry.reverses_id) == line.id
        )
    ).all()
    return [
        one
        for one in related
        if one.id in named or (one.id > line.id and _answers(line, one) and _same_line(one, line))
    ]


def _answers(first: Line, second: Line) -> bool:
    return second.effect in _ANSWERS.get(first.effect, ())


def _same_line(one: Line, other: Line) -> bool:
    """Points of an order's line by one rule; of what is held and spent, those of one lot."""
    if one.effect in (*GIVEN, *TAKEN):
        return (one.source_line, one.rule) == (other.source_line, other.rule)
    if one.effect in ("move_out", "move_in"):
        return (one.source_line, one.revision) == (other.source_line, other.revision)
    return (one.source_line, one.lot_id) == (other.source_line, other.lot_id)


# -- what happened ----------------------------------------------------------------------------


def _event(session: Session, workspace_id: int, line: Line) -> dict[str, Any]:
    if line.source_kind in ("order", "freeze"):
        return _order_event(session, workspace_id, line)
    if line.source_kind == "activity":
        key = (workspace_id, line.installation_id, line.source_id)
        found = session.get(HandledActivity, key)
        if found is not None:
            return {"activity": found.name, "at": _time(found.at), "is_valid": found.is_valid}
    return {}


def _order_event(session: Session, workspace_id: int, line: Line) -> dict[str, Any]:
    found = session.get(HandledOrder, (line.installation_id, line.source_id))
    if found is None or found.workspace_id != workspace_id:
        return {}
    order = decoded(Order, found.content)
    event: dict[str, Any] = {
        "order": found.number,
        "placed_at": _time(found.placed_at),
        "paid_at": _time(found.paid_at),
        "completed_at": _time(found.completed_at),
        "cancelled_at": _time(found.cancelled_at),
        "currency": found.currency,
        "rate": format(from_millionths(found.rate), "f"),
        "refunds": len(order.refunds),
    }
    lines = {one.id: one for one in order.lines}
    if line.source_line in lines:
        event["line"] = _line_record(order, lines[line.source_line])
    elif line.source_line == "shipping":
        event["line"] = {
            "id": "shipping",
            "price": _money(order.shipping),
            "discount": _money(order.shipping_discount),
        }
    return event


def _line_record(order: Order, line: OrderLine) -> dict[str, Any]:
    returned = [
        {"refund": refund.id, "quantity": format(one.quantity, "f"), "amount": _money(one.amount)}
        for refund in order.refunds
        for one in refund.lines
        if one.line_id == line.id
    ]
    return {
        "id": line.id,
        "sku": line.sku,
        "name": line.name,
        "quantity": format(line.quantity, "f"),
        "price": _money(line.price),
        "discount": _money(line.discount),
        "returned": returned,
    }


def _money(money: Money) -> dict[str, str]:
    return {"net": format(money.net, "f"), "gross": format(money.gross, "f")}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# -- the rule -------------------------------------------------------------------------------


def _version(session: Session, workspace_id: int, line: Line) -> Version | None:
    for version in versions(session, workspace_id).known:
        if version.number == line.programme_number:
            return version
    return None


def _rule(version: Version | None, key: str) -> str:
    settings = version.programme.points if version else None
    if settings is None or key not in settings.rules:
        return ""
    return rule_text(key, settings.rules[key])
