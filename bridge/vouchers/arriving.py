"""What the inbox hands over, with the vouchers that orders carry: the same unit of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session

from bridge.inbox.handling import Arrived, Outcome, Together
from bridge.kit.errors import BridgeError
from bridge.vouchers.unknown_points import unknown_points
from bridge.vouchers.uses import Oddity, note_uses
from connectors.sales import Order

Tell: TypeAlias = Callable[[Oddity], None]
"""Told of what is odd; also of what is undone afterwards because the unit of work fails."""


def with_uses(handle: Together, tell: Tell) -> Together:
    """A handler of orders that also notes the vouchers on those it handled.

    ``handle``: what handles the orders themselves
    (:func:`bridge.earning.arriving.orders_handler`).
    """

    def handled(
        session: Session, arrived: Sequence[Arrived], now: datetime
    ) -> Sequence[Outcome | BridgeError]:
        results = handle(session, arrived, now)
        seen = [
            (one.installation_id, one.record)
            for one, result in zip(arrived, results, strict=True)
            if result is Outcome.HANDLED and isinstance(one.record, Order)
        ]
        if seen:
            workspace_id = arrived[0].workspace_id
            for oddity in note_uses(session, workspace_id, seen, now):
                tell(oddity)
            for oddity in unknown_points(session, workspace_id, seen):
                tell(oddity)
        return results

    return handled
