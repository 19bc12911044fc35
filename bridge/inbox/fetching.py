"""Fetching whole orders, so that one that cannot be told hides no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bridge.inbox.codec import at_change, changed_at
from bridge.inbox.shop_time import ShopTime
from bridge.inbox.storing import Fetched
from bridge.inbox.verdicts import internal_error
from bridge.kit.clock import Clock
from bridge.logging import redacted
from connectors.base import Customer
from connectors.errors import (
    ConnectorError,
    Forbidden,
    NotAShop,
    Throttled,
    Unauthorized,
    Unreachable,
)
from connectors.sales import Order

PER_CALL = 100
"""Orders asked for at once (:meth:`connectors.sales.Feed.orders`)."""
HOPELESS = 12
"""Failing calls in a row after which no single order is looked for any more; halving a full call
down to one order takes eight."""
WHOLE_SHOP = (Unauthorized, NotAShop, Unreachable, Throttled)
"""What any other call to the shop would meet too."""

Ask = Callable[[Sequence[str]], list[Order]]

log = structlog.get_logger(__name__)


@dataclass
class Answer:
    fetched: list[Fetched] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Ids (or numbers) that the shop could not tell, with the reason."""

    @property
    def orders(self) -> list[Order]:
        return [one.record for one in self.fetched if isinstance(one.record, Order)]


def fetch(ask: Ask, ids: Sequence[str], clock: Clock, time: ShopTime) -> Answer:
    """At most :data:`PER_CALL` orders. One that is not in the shop is in neither part.

    When a call fails in a way that may be about a single order, it is halved until that order
    stands alone. Raises ConnectorError when the shop cannot be asked at all, or told none of
    several orders.
    """
    answer = Answer()
    errors: list[ConnectorError] = []
    answered = _fetch(ask, list(ids), clock, time, answer, errors)
    if not answered and errors and (len(ids) > 1 or errors[-1].transient):
        raise errors[-1]
    return answer


def arrived(record: Order | Customer, began: datetime, clock: Clock, time: ShopTime) -> Fetched:
    """Call it right after the fetch: what was read then cannot have changed later, whatever
    the shop wrote into its row."""
    moment = min(changed_at(record), time.of(clock()))
    return Fetched(at_change(record, moment), moment, began)


def _fetch(
    ask: Ask,
    ids: list[str],
    clock: Clock,
    time: ShopTime,
    answer: Answer,
    errors: list[ConnectorError],
) -> bool:
    """Whether any call was answered."""
    began = clock()
    try:
        orders = ask(ids)
    except (*WHOLE_SHOP, Forbidden):
        raise
    except Exception as error:  # noqa: BLE001 - one order that a connector trips over
        errors.append(_classed(error))
    else:
        answer.fetched += [arrived(order, began, clock, time) for order in orders]
        return True
    if len(errors) >= HOPELESS and not answer.fetched:
        raise errors[-1]
    if len(ids) == 1:
        answer.refused[ids[0]] = redacted(str(errors[-1]))
        return False
    half = len(ids) // 2
    parts = [_fetch(ask, part, clock, time, answer, errors) for part in (ids[:half], ids[half:])]
    return any(parts)


def _classed(error: Exception) -> ConnectorError:
    if isinstance(error, ConnectorError):
        return error
    log.error("a connector failed", exc_info=error)
    return ConnectorError(internal_error(error))
