"""Delivering moves of customers from one group to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, update
from sqlmodel import Session, col

from bridge.members.models import ShopCustomer
from bridge.outbox.handler import Handler, one_by_one
from bridge.outbox.judging import Held, Item
from bridge.outbox.leases import Stage
from bridge.outbox.placeholders import is_placeholder
from connectors.base import Capabilities, Connector
from connectors.errors import ConnectorError, NotFound, Rejected


class CustomerHandler(Handler):
    """Key: the customer's id. Value: the id of the group."""

    kind = "customer"

    def batch_size(self, capabilities: Capabilities) -> tuple[int, int]:
        return 10, 10

    def read(self, connector: Connector, items: Sequence[Item]) -> dict[str, Held]:
        held = {}
        for item in items:
            try:
                customer = connector.customer(item.key)
            except NotFound:
                continue
            held[item.key] = Held(customer.group_id, customer.id)
        return held

    def write(self, connector: Connector, items: Sequence[Item]) -> dict[str, ConnectorError]:
        def move(item: Item) -> None:
            if item.after is None or is_placeholder(item.after):
                raise Rejected("The group he shall move to was not made.")
            connector.move_customer(item.key, item.after)

        return one_by_one(items, move)

    def mirror(
        self,
        session: Session,
        workspace_id: int,
        installation_id: int,
        held: Mapping[str, Held],
    ) -> None:
        for customer_id, item in held.items():
            him = (
                col(ShopCustomer.workspace_id) == workspace_id,
                col(ShopCustomer.installation_id) == installation_id,
                col(ShopCustomer.customer_id) == customer_id,
            )
            if item.value is None:  # deleted: a walk over changed customers does not tell
                session.execute(delete(ShopCustomer).where(*him))
            else:
                session.execute(update(ShopCustomer).where(*him).values(group_id=item.value))

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        pass
