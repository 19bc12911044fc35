"""Moving an order and its parts through their states (Shopware StateMachineRegistry)."""

from __future__ import annotations

from typing import Any

from connectors.shopware.sandbox import errors, machines
from connectors.shopware.sandbox.database import Database, Row
from connectors.shopware.sandbox.figures import count_orders
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.stock import give_back, take

STATEFUL = tuple(machines.MACHINES)
"""Entities that have a state machine."""


def machine_id(database: Database, entity: str) -> str:
    return str(database["state_machine"].where("technicalName", f"{entity}.state")[0])


def state_id(database: Database, entity: str, name: str = "") -> str:
    """The id of a state by its technical name; without one, the machine's first state."""
    wanted = name or machines.MACHINES[entity][0]
    table = database["state_machine_state"]
    machine = machine_id(database, entity)
    for key in table.where("technicalName", wanted):
        if table.rows[key].values["stateMachineId"] == machine:
            return str(key)
    raise LookupError(f"no state {wanted!r} of {entity!r}")


def state_of(database: Database, entity: str, key: str) -> str:
    """The technical name of the state a row is in."""
    row = database["state_machine_state"].by_id(database[entity].rows[key].values["stateId"])
    return str(row.values["technicalName"]) if row else ""


def available(database: Database, entity: str, state: str) -> list[Row]:
    """The transitions that lead on from a state, by name of the action."""
    table = database["state_machine_transition"]
    rows = [table.rows[key] for key in table.where("fromStateId", state)]
    machine = machine_id(database, entity)
    mine = [row for row in rows if row.values["stateMachineId"] == machine]
    return sorted(mine, key=lambda row: str(row.values["actionName"]))


def transition(
    database: Database, entity: str, key: str, action: str, *, integration: str | None = None
) -> Row:
    """Carries out an action and returns the state it led to. Runs inside a transaction.

    A transition into the state it is in already does nothing. Raises ShopError 400 for a row that
    is not there (recorded: orders.json #12) or an action that leads nowhere (recorded: #5).
    """
    row = database[entity].by_id(key)
    if row is None:
        raise errors.no_stateful(entity, key)
    before = database["state_machine_state"].rows[row.values["stateId"]]
    after = _destination(database, entity, before, action)
    if after is before:
        return before
    insert(
        database,
        "state_machine_history",
        _history(database, entity, key, before, after, action) | {"integrationId": integration},
    )
    change(database, entity, key, {"stateId": after.values["id"]})
    names = (before.values["technicalName"], after.values["technicalName"])
    if entity == "order" and not database.is_draft:
        _consequences(database, key, *names)
    return after


def move(
    database: Database, entity: str, key: str, action: str, *, integration: str | None = None
) -> Row:
    """A transition in a transaction of its own, with its business events."""
    with database.transaction():
        before = state_of(database, entity, key) if key in database[entity].rows else ""
        after = transition(database, entity, key, action, integration=integration)
    name = str(after.values["technicalName"])
    if name != before:
        announce(database, entity, key, before, name)
    return after


def _destination(database: Database, entity: str, before: Row, action: str) -> Row:
    states = database["state_machine_state"].rows
    current = before.values["id"]
    table = database["state_machine_transition"]
    machine = machine_id(database, entity)
    rows = [table.rows[key] for key in table.where("actionName", action)]
    rows = [row for row in rows if row.values["stateMachineId"] == machine]
    if any(row.values["toStateId"] == current for row in rows):
        return before
    for row in rows:
        if row.values["fromStateId"] == current:
            return states[row.values["toStateId"]]
    possible = [str(row.values["actionName"]) for row in available(database, entity, current)]
    raise errors.illegal_transition(action, current, possible)


def _history(
    database: Database, entity: str, key: str, before: Row, after: Row, action: str
) -> dict[str, Any]:
    return {
        "referencedId": key,
        "referencedVersionId": database.version_id,
        "stateMachineId": after.values["stateMachineId"],
        "entityName": entity,
        "fromStateId": before.values["id"],
        "toStateId": after.values["id"],
        "transitionActionName": action,
        "userId": None,
    }


def announce(database: Database, entity: str, key: str, before: str, after: str) -> None:
    """The business events of a change of state; they name the order."""
    order_id = order_of(database, entity, key)
    for side, state in (("leave", before), ("enter", after)):
        name = f"state_{side}.{entity}.state.{state}"
        database.happenings.note_event(name, "order", order_id, database.now())


_ABOVE = {
    "order_delivery": ("order", "orderId"),
    "order_transaction": ("order", "orderId"),
    "order_transaction_capture": ("order_transaction", "orderTransactionId"),
    "order_transaction_capture_refund": ("order_transaction_capture", "captureId"),
}


def order_of(database: Database, entity: str, key: str) -> str:
    """The order a row belongs to; empty when it is cut off from any."""
    while entity in _ABOVE:
        row = database[entity].by_id(key)
        if row is None:
            return ""
        entity, name = _ABOVE[entity]
        key = str(row.values[name])
    return key


# -- what follows for customer and stock -----------------------------------------------------


def _consequences(database: Database, order_id: str, before: str, after: str) -> None:
    """Cancelled goods go back on the shelf, reopened ones are taken again (OrderStockSubscriber);
    a customer's figures count completed orders (CustomerMetaFieldSubscriber)."""
    if after == "cancelled":
        give_back(database, order_id)
    elif before == "cancelled":
        take(database, order_id)
    if "completed" in (before, after):
        count_orders(database, order_id, state_id(database, "order", "completed"))
