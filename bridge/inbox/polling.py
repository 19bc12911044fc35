"""One poll of one shop: what changed since the last one, fetched whole and put into the inbox.

Walks say only *that* something changed. The order is then fetched outside any transaction and
stored in the same transaction that moves the cursors past what was told: whatever ends the poll
in between, nothing is skipped; at worst something is told again, and dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bridge.db import Database
from bridge.inbox import gaps, unread
from bridge.inbox.cursors import Cursors
from bridge.inbox.fetching import PER_CALL, Answer
from bridge.inbox.intake import Intake
from bridge.inbox.seen import Seen, forget_seen
from bridge.inbox.storing import Fetched
from bridge.inbox.walking import Changes, ShopOut, Step, Told, Walk, merged
from bridge.kit.clock import Clock
from bridge.kit.progress import NoProgress, Progress, Task
from connectors.base import Connector
from connectors.errors import ConnectorError
from connectors.sales import Change, Entity, Feed, Mark

T = TypeVar("T")

OVERLAP = timedelta(minutes=5)
"""How far behind its cursor a walk begins: longer than a shop's transaction lasts, together with
what the clocks of its machines may differ."""
STEPS = 500
"""Changes that are looked at together: the more, the fewer orders are fetched twice."""
CUSTOMERS = "customers"
"""The resource of :meth:`connectors.base.Connector.customers`."""

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Where the first walk over customers begins: who buys tomorrow may have registered long ago."""


@dataclass(frozen=True, slots=True)
class PollResult:
    told: Mapping[str, int]
    """Changes that each walk told of, by resource; a walk that pauses after a failure is not
    among them."""
    fetched: int
    """Orders that were fetched."""
    stored: int
    """Rows of the inbox that are to be handled because of it."""
    errors: Mapping[str, str]
    """Why walks ended early, by resource."""
    remarks: tuple[str, ...] = ()
    """What a person should know: jumps in the order numbers."""

    @property
    def error(self) -> str:
        """The first of the errors; empty: all went well."""
        return next(iter(self.errors.values()), "")


def poll(
    database: Database,
    workspace_id: int,
    installation_id: int,
    connector: Connector,
    clock: Clock,
    *,
    overlap: timedelta = OVERLAP,
    since: datetime | None = None,
    at_once: bool = False,
    progress: Progress | None = None,
) -> PollResult:
    """Walks every resource of the shop once.

    The first poll begins at the time the store was connected, that over customers with the very
    first. ``since`` walks from an earlier time too. ``at_once``: also what pauses after a
    failure. What a shop refuses is in the result and with its cursor; it is not raised.
    """
    intake = Intake(database, workspace_id, installation_id, connector, clock)
    run = _Poll(intake, overlap, since, at_once)
    with (progress or NoProgress()).task(
        f"{intake.name}: reading what changed", unit="changes"
    ) as task:
        return run.run(task)


class _Poll:
    def __init__(
        self, intake: Intake, overlap: timedelta, since: datetime | None, at_once: bool
    ) -> None:
        self._intake = intake
        self._overlap = overlap
        self._since = since
        self._at_once = at_once
        self._began = intake.clock()
        self._cursors = Cursors(*intake.ids)
        self._seen = Seen(overlap, is_known=intake.time.is_known)
        with intake.database.reading() as session:
            self._cursors.load(session)
            self._seen.load(session, *intake.ids)

    def run(self, task: Task) -> PollResult:
        feed = self._intake.connector.feed
        customers = self._begin([CUSTOMERS], EVER, in_order=False)
        walks = self._begin([] if feed is None else feed.resources, self._intake.connected_at)
        errors: dict[str, str] = {}
        try:
            self._take(customers, _customers(self._intake.connector), feed, task)
            if feed is not None:
                self._take(walks, _told_by(feed), feed, task)
                self._ask_again(feed)
        except (ShopOut, ConnectorError) as error:
            cause = error.__cause__ if isinstance(error, ShopOut) else error
            assert isinstance(cause, ConnectorError)
            if not _stop([*customers, *walks], cause):
                errors["orders asked for again"] = str(cause)
        self._finish([*customers, *walks])
        walked = [*customers, *walks]
        return PollResult(
            {walk.resource: walk.told for walk in walked},
            self._intake.counts.fetched,
            self._intake.counts.stored,
            {walk.resource: walk.error for walk in walked if walk.error} | errors,
            tuple(self._intake.counts.remarks),
        )

    def _begin(
        self, resources: Sequence[str], beginning: datetime, *, in_order: bool = True
    ) -> list[Walk]:
        return [
            self._cursors.walk(
                resource,
                self._intake.time.of(self._began),
                is_known=self._intake.time.is_known,
                overlap=self._overlap,
                beginning=beginning,
                asked=self._since,
                in_order=in_order,
            )
            for resource in resources
            if self._at_once or self._cursors.is_due(resource, self._began)
        ]

    def _take(self, walks: Sequence[Walk], changes: Changes, feed: Feed | None, task: Task) -> None:
        pending: list[Step] = []
        wanted: dict[str, None] = {}
        for step in merged(walks, changes):
            pending.append(step)
            task.advance()
            if _is_order(step.change) and not self._seen.covers(step.walk.resource, step.change):
                wanted[step.change.id] = None
            if len(pending) == STEPS:
                self._store(pending, wanted, feed)
                pending, wanted = [], {}
        self._store(pending, wanted, feed)
        for walk in walks:
            walk.is_stored = True

    def _store(
        self, steps: Sequence[Step], wanted: Mapping[str, object], feed: Feed | None
    ) -> None:
        if not steps:
            return
        began = self._intake.clock()
        whole = [one for one in map(self._told_whole, steps) if one is not None]
        answer = Answer()
        for some in _chunks(whole):
            self._put(some, Answer())
        for ids in _chunks(list(wanted)):
            self._put((), answer)
            answer = Answer() if feed is None else self._intake.fetch(feed.orders, ids)
        told = [(step.walk.resource, step.change) for step in steps if _is_order(step.change)]
        told = [(resource, change) for resource, change in told if change.id in wanted]
        with self._intake.database.writing() as session:
            self._intake.put(session, (), answer)
            self._seen.note(session, *self._intake.ids, told, self._intake.time.of(began))
            for step in steps:
                step.walk.reach.told([step.change.mark])
            touched = {step.walk.resource: step.walk for step in steps}
            self._cursors.advance(session, [touched[name] for name in sorted(touched)])

    def _put(self, whole: Sequence[Fetched], answer: Answer) -> None:
        if whole or answer.fetched or answer.refused:
            with self._intake.database.writing() as session:
                self._intake.put(session, whole, answer)

    def _told_whole(self, step: Step) -> Fetched | None:
        """What the walk itself told the whole of."""
        if step.customer is not None:
            return self._intake.arrived(step.customer, self._began)
        if step.change.activity is None:
            return None
        moment = min(step.change.mark.at, self._intake.time.of(self._intake.clock()))
        return Fetched(step.change.activity, moment, self._began)

    def _ask_again(self, feed: Feed) -> None:
        """For orders that could not be told before, and for numbers that were skipped."""
        ids, database = self._intake.ids, self._intake.database
        now = self._intake.clock()
        with database.reading() as session:
            untold = unread.due(session, *ids, now, PER_CALL)
            missing = gaps.due(session, *ids, now, PER_CALL)
        if untold:
            answer = self._intake.fetch(feed.orders, untold)
            with database.writing() as session:
                self._intake.put(session, (), answer)
                unread.forget(session, *ids, set(untold) - set(answer.refused))
        if missing:
            numbers = [one.number for one in missing]
            answer = self._intake.fetch(feed.orders_by_number, numbers)
            answer.refused.clear()  # by number, and of no order that is known to be there
            with database.writing() as session:
                self._intake.put(session, (), answer)
                found = {order.number for order in answer.orders}
                gaps.asked(session, *ids, missing, found, self._intake.clock())

    def _finish(self, walks: Sequence[Walk]) -> None:
        ids = self._intake.ids
        with self._intake.database.writing() as session:
            self._cursors.finish(session, walks, self._intake.clock())
            for walk in walks:
                end = walk.reach.at_end()
                if not walk.error and end is not None:
                    before = end.at - 2 * self._overlap
                    forget_seen(session, *ids, walk.resource, before)


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + PER_CALL] for start in range(0, len(items), PER_CALL))


def _is_order(change: Change) -> bool:
    return change.entity is Entity.ORDER


def _stop(walks: Sequence[Walk], error: ConnectorError) -> bool:
    """Marks the walks that the error kept from their end; whether there were any."""
    stopped = [walk for walk in walks if not walk.is_stored]
    for walk in stopped:
        if not walk.error:
            walk.failed(error)
    return bool(stopped)


def _customers(connector: Connector) -> Changes:
    """The walk over customers in the form of the others."""

    def changes(_resource: str, since: Mark) -> Iterator[Told]:
        for customer in connector.customers(None if since.at <= EVER else since.at):
            mark = Mark(customer.updated_at, customer.id)
            yield Change(Entity.CUSTOMER, customer.id, mark), customer

    return changes


def _told_by(feed: Feed) -> Changes:
    def changes(resource: str, since: Mark) -> Iterator[Told]:
        return ((change, None) for change in feed.changes(resource, since))

    return changes
