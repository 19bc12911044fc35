"""What a feature gives the outbox so that its things can be delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sqlmodel import Session

from bridge.outbox.judging import Held, Item
from bridge.outbox.leases import Stage
from connectors.base import Capabilities, Connector
from connectors.errors import ConnectorError, Forbidden, NotAShop, ShopFault, Unauthorized

PERSON_MUST_ACT = (Unauthorized, Forbidden, NotAShop)
"""What stands against every row alike: a handler raises it, whichever row it was at."""


def one_by_one(items: Sequence[Item], act: Callable[[Item], object]) -> dict[str, ConnectorError]:
    """Writes things that a shop takes singly; what was refused, by key.

    When the shop could not be asked for any of it, it is in trouble, not the things: that is
    raised. A fault inside the shop may be about the one thing.
    """
    refusals: dict[str, ConnectorError] = {}
    for item in items:
        try:
            act(item)
        except PERSON_MUST_ACT:
            raise
        except ConnectorError as error:
            refusals[item.key] = error
    if len(refusals) == len(items) and all(map(_out_of_reach, refusals.values())):
        raise next(iter(refusals.values()))
    return refusals


def _out_of_reach(error: ConnectorError) -> bool:
    return error.transient and not isinstance(error, ShopFault)


class Handler(Protocol):
    """Delivers one kind of thing. Its calls to the shop hold no transaction."""

    kind: str

    def batch_size(self, capabilities: Capabilities) -> tuple[int, int]:
        """Rows of one delivery at most, and distinct batch keys (products) among them."""
        ...

    def completed(self, connector: Connector, items: Sequence[Item]) -> list[Item]:
        """Before anything else: puts an ``after`` that waited for an id of the shop's into the
        shop's own words. Most kinds have nothing to complete."""
        return list(items)

    def read(self, connector: Connector, items: Sequence[Item]) -> dict[str, Held]:
        """What the shop holds now, by item key; a missing key is nothing."""
        ...

    def write(self, connector: Connector, items: Sequence[Item]) -> dict[str, ConnectorError]:
        """Makes each item's ``after`` true; the rows the shop refused, by key.

        A ConnectorError that is raised says nothing about single rows.
        """
        ...

    def mirror(
        self,
        session: Session,
        workspace_id: int,
        installation_id: int,
        held: Mapping[str, Held],
    ) -> None:
        """Stores what was just read, so that the next plan starts from it."""
        ...

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        """What else follows from deliveries that are done, in the same transaction."""
        ...
