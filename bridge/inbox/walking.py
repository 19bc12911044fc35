"""The walks of one poll: what each tells, merged by time, and what became of each."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import structlog

from bridge.inbox.fetching import WHOLE_SHOP
from bridge.inbox.reach import Reach
from bridge.inbox.verdicts import internal_error
from connectors.base import Customer
from connectors.errors import ConnectorError
from connectors.sales import Change, Mark

log = structlog.get_logger(__name__)


@dataclass
class Walk:
    """One resource's walk."""

    resource: str
    reach: Reach
    since: Mark
    failures: int
    """In a row, before this one."""
    told: int = 0
    is_stored: bool = False
    """Whether it is over, and all that it told is in the inbox."""
    error: str = ""
    a_person_must_act: bool = False

    def failed(self, error: Exception) -> None:
        if isinstance(error, ConnectorError):
            self.error = str(error)
            self.a_person_must_act = not error.transient
            return
        log.error("a walk failed", resource=self.resource, exc_info=error)
        self.error = internal_error(error)


class Step(NamedTuple):
    walk: Walk
    change: Change
    customer: Customer | None = None


class ShopOut(Exception):
    """The shop as a whole cannot be asked now; the cause says why."""


Told: TypeAlias = tuple[Change, Customer | None]
Changes: TypeAlias = Callable[[str, Mark], Iterator[Told]]
"""Walks a resource; a customer is told whole."""


def steps(walk: Walk, changes: Changes) -> Iterator[Step]:
    """The walk's changes; it ends early, with the reason in ``walk.error``, where the shop
    stops telling. Raises :class:`ShopOut`."""
    try:
        for change, customer in changes(walk.resource, walk.since):
            walk.told += 1
            yield Step(walk, change, customer)
    except Exception as error:  # one resource must not stop the others
        walk.failed(error)
        if isinstance(error, WHOLE_SHOP):
            raise ShopOut(walk.error) from error


def merged(walks: Sequence[Walk], changes: Changes) -> Iterator[Step]:
    """All walks at once, oldest change first: what happens to an order at about one time comes
    together, whichever resources tell of it."""
    return heapq.merge(*(steps(walk, changes) for walk in walks), key=lambda step: step.change.mark)
