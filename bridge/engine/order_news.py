"""What else follows from orders that come in, in the unit of work that handles them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bridge.earning.arriving import orders_handler
from bridge.inbox.handling import Arrived, Outcome
from bridge.kit.errors import BridgeError
from bridge.referrals.orders import note_orders
from bridge.vouchers.arriving import with_uses
from bridge.vouchers.uses import Oddity
from connectors.sales import Order


class OrderNews:
    """Handles orders, then finds the vouchers and the referred friends they are of. Keeps what a
    person should hear of, until :meth:`told` is called."""

    def __init__(self) -> None:
        self._odd: dict[tuple[int, str], Oddity] = {}
        self._with_uses = with_uses(orders_handler, self._note)

    def many(
        self, session: Session, arrived: Sequence[Arrived], now: datetime
    ) -> Sequence[Outcome | BridgeError]:
        """Of one workspace; what became of each, in their order."""
        results = self._with_uses(session, arrived, now)
        handled = [
            (one.installation_id, one.record)
            for one, result in zip(arrived, results, strict=True)
            if result is Outcome.HANDLED and isinstance(one.record, Order)
        ]
        if handled:
            note_orders(session, arrived[0].workspace_id, handled, now)
        return results

    def one(self, session: Session, arrived: Arrived, now: datetime) -> Outcome:
        """Raises BridgeError when a person has to mend something first."""
        (result,) = self.many(session, [arrived], now)
        if isinstance(result, BridgeError):
            raise result
        return result

    def told(self) -> tuple[str, ...]:
        """Once each; also what was told by a unit of work that was begun anew."""
        found, self._odd = list(self._odd.values()), {}
        return tuple(odd.text for odd in found)

    def _note(self, odd: Oddity) -> None:
        self._odd[odd.voucher_id, odd.text] = odd
