"""What a Shopware tells of sales: which orders changed, and the orders; reviews, newsletter.

``updatedAt`` is null until the first change and an order's does not move with its transactions
and deliveries (PLATFORM_FACTS Shopware 14), so there are many walks over a few lists; each ends
in the id of an order, which is then fetched whole.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any

from connectors.errors import NotAShop
from connectors.sales import Activity, Change, Entity, Mark, Order
from connectors.sentences import sentence
from connectors.shopware import activities
from connectors.shopware.client import ShopwareClient, any_of, equals
from connectors.shopware.mapping import moment
from connectors.shopware.orders import LIVE, Orders, is_live
from connectors.shopware.paging import MAX_LIMIT, Criteria, Row
from connectors.shopware.walks import Marked, by_time

_CREATED, _UPDATED = "createdAt", "updatedAt"
_LIVE_ONLY = (equals("versionId", LIVE),)
_WITH_ITS_ORDER = timedelta(milliseconds=100)
"""One write makes both, within the same milliseconds (recorded: changes_a_poller_sees.json #0)."""

OrderOf = Callable[[Row], str | None]
"""The order a row belongs to; ``None``: another walk tells of it."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One list, by one time or two. Two are merged: a row that was made and changed later comes
    twice, each time at its place, so that one mark says how far both got."""

    entity: str
    times: tuple[str, ...]
    includes: Mapping[str, Sequence[str]]
    order_of: OrderOf | None = None
    activity: Callable[[Row], Activity] | None = None
    associations: Criteria = field(default_factory=dict)
    filters: tuple[Mapping[str, Any], ...] = ()

    @property
    def criteria(self) -> Criteria:
        return {
            "filter": list(self.filters),
            "includes": dict(self.includes),
            "associations": self.associations,
        }


def _itself(row: Row) -> str | None:
    return str(row["id"])


def _its_order(row: Row) -> str | None:
    return str(row["orderId"]) if row.get("orderId") else None


def _later_than_its_order(row: Row) -> str | None:
    """A transaction that was made in checkout came with its order, which has a walk of its own;
    one that was added later may be paid from the beginning and never change."""
    order, made = row.get("order"), moment(row.get(_CREATED))
    ordered = moment(order.get(_CREATED)) if isinstance(order, dict) else None
    if row.get(_UPDATED) is None and made and ordered and made - ordered < _WITH_ITS_ORDER:
        return None
    return _its_order(row)


def _order_of_refund(row: Row) -> str | None:
    capture = row.get("transactionCapture")
    transaction = capture.get("transaction") if isinstance(capture, dict) else None
    return _its_order(transaction) if isinstance(transaction, dict) else None


_ORDER = {"order": ["id", "versionId", _CREATED, _UPDATED]}
_REFUND_INCLUDES = {
    "order_transaction_capture_refund": [
        "id", "versionId", _CREATED, _UPDATED, "transactionCapture",
    ],
    "order_transaction_capture": ["transaction"],
    "order_transaction": ["orderId"],
}  # fmt: skip
_REFUND_ASSOCIATIONS: Criteria = {"transactionCapture": {"associations": {"transaction": {}}}}

WALKS: Mapping[str, Walk] = {
    "orders_created": Walk("order", (_CREATED,), _ORDER, _itself, filters=_LIVE_ONLY),
    "orders_updated": Walk("order", (_UPDATED,), _ORDER, _itself, filters=_LIVE_ONLY),
    "transactions": Walk(
        "order_transaction",
        (_CREATED, _UPDATED),
        {
            "order_transaction": ["id", "versionId", "orderId", _CREATED, _UPDATED, "order"],
            "order": [_CREATED],
        },
        _later_than_its_order,
        associations={"order": {}},
        filters=_LIVE_ONLY,
    ),
    "deliveries": Walk(
        "order_delivery",
        (_UPDATED,),
        {"order_delivery": ["id", "versionId", "orderId", _UPDATED]},
        _its_order,
        filters=_LIVE_ONLY,
    ),
    "refunds": Walk(
        "order_transaction_capture_refund",
        (_CREATED, _UPDATED),
        _REFUND_INCLUDES,
        _order_of_refund,
        associations=_REFUND_ASSOCIATIONS,
        filters=_LIVE_ONLY,
    ),
    "reviews": Walk(
        "product_review",
        (_CREATED, _UPDATED),
        {"product_review": activities.REVIEW},
        activity=activities.review,
    ),
    "newsletter_recipients": Walk(
        "newsletter_recipient",
        (_CREATED, _UPDATED),
        {"newsletter_recipient": activities.RECIPIENT},
        activity=activities.recipient,
    ),
}

STATE_HISTORY = "state_history"
_STATEFUL = ("order", "order_transaction", "order_delivery", "order_transaction_capture_refund")
_HISTORY: Criteria = {
    "filter": [any_of("entityName", _STATEFUL)],
    "includes": {"state_machine_history": ["id", "entityName", "referencedId", _CREATED]},
}


class ShopwareFeed:
    """Safe to share between threads."""

    def __init__(self, client: ShopwareClient) -> None:
        self._client = client
        self._orders = Orders(client)

    @property
    def resources(self) -> tuple[str, ...]:
        return (*WALKS, STATE_HISTORY)

    @property
    def order_resources(self) -> tuple[str, ...]:
        of_orders = (name for name, walk in WALKS.items() if walk.activity is None)
        return (*of_orders, STATE_HISTORY)

    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        """Raises ValueError for a resource that is not among :attr:`resources`."""
        if resource == STATE_HISTORY:
            return self._state_history(since)
        if resource not in WALKS:
            raise ValueError(f"Shopware has no walk {resource!r}: {', '.join(self.resources)}")
        return self._changes(WALKS[resource], since)

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        return self._orders.by_id(order_ids)

    def orders_by_number(self, numbers: Sequence[str]) -> list[Order]:
        return self._orders.by_number(numbers)

    # -- walks ------------------------------------------------------------------------------

    def _changes(self, walk: Walk, since: Mark) -> Iterator[Change]:
        rows = (
            chain.from_iterable(self._pages(walk.entity, walk.criteria, time, since))
            for time in walk.times
        )
        for mark, row in heapq.merge(*rows, key=lambda one: one[0]):
            change = _change(walk, mark, row)
            if change is not None:
                yield change

    def _state_history(self, since: Mark) -> Iterator[Change]:
        for page in self._pages("state_machine_history", _HISTORY, _CREATED, since):
            order_of = self._orders_of([row for _, row in page])
            for mark, row in page:
                order = order_of.get(_subject(row))
                if order is not None:
                    yield Change(Entity.ORDER, order, mark)

    def _pages(
        self, entity: str, criteria: Criteria, time: str, since: Mark
    ) -> Iterator[list[Marked]]:
        return by_time(
            lambda asked: self._client.search(entity, asked),
            lambda asked: self._client.all(entity, asked),
            criteria,
            time,
            since,
        )

    # -- whose state it is ------------------------------------------------------------------

    def _orders_of(self, rows: Sequence[Row]) -> dict[tuple[str, str], str]:
        """By entity and id of the thing. What is no longer there, or only in a draft, is left
        out."""
        by_entity: dict[str, list[str]] = {}
        for entity, thing in map(_subject, rows):
            by_entity.setdefault(entity, []).append(thing)
        found: dict[tuple[str, str], str] = {}
        for entity, things in by_entity.items():
            order_ids = self._looked_up(entity, sorted(set(things)))
            found.update(((entity, thing), order_id) for thing, order_id in order_ids.items())
        return found

    def _looked_up(self, entity: str, things: Sequence[str]) -> Mapping[str, str]:
        if entity == "order":
            return {thing: thing for thing in things}
        criteria: Criteria = {"includes": {entity: ["id", "orderId"]}}
        order_of: OrderOf = _its_order
        if entity == "order_transaction_capture_refund":
            criteria = {"includes": _REFUND_INCLUDES, "associations": _REFUND_ASSOCIATIONS}
            order_of = _order_of_refund
        found: dict[str, str] = {}
        for start in range(0, len(things), MAX_LIMIT):
            some = list(things[start : start + MAX_LIMIT])
            asked = {**criteria, "ids": some, "limit": len(some), "total-count-mode": 0}
            for row in self._client.search(entity, asked).rows:
                order = order_of(row)
                if order is not None:
                    found[str(row["id"])] = order
        return found


def _subject(row: Row) -> tuple[str, str]:
    thing = row.get("referencedId")
    if not thing:
        raise NotAShop(sentence("The shop's state history does not say whose state it is"))
    return str(row.get("entityName")), str(thing)


def _change(walk: Walk, mark: Mark, row: Row) -> Change | None:
    if walk.activity is not None:
        activity = walk.activity(row)
        return Change(Entity.ACTIVITY, activity.id, mark, activity)
    order = walk.order_of(row) if walk.order_of is not None else None
    return Change(Entity.ORDER, order, mark) if order is not None and is_live(row) else None
