"""Working off what came in: each entity's newest version once, whatever happened before.

Only the newest version of an entity needs handling: what is computed from it replaces what was
computed from older ones. "Newest" is by the shop's change time, then by the time of the fetch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bridge.db import Database
from bridge.inbox import queue
from bridge.inbox.codec import RESOURCES, Told, decoded
from bridge.inbox.conflicts import is_conflict, pause_after
from bridge.inbox.queue import Queued
from bridge.inbox.verdicts import Verdicts
from bridge.kit.clock import Clock
from bridge.kit.errors import BridgeError
from bridge.kit.progress import NoProgress, Progress, Task

BATCH = 50
"""Rows of one transaction."""
CONFLICTS = 5
"""How often a batch is begun anew when it loses a race, before its loser is set aside."""


class Outcome(StrEnum):
    HANDLED = "handled"
    STALE = "stale"
    """Something newer of the entity was handled before; nothing was done."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One entity, as a handler gets it."""

    workspace_id: int
    installation_id: int
    record: Told
    changed_at: datetime
    """On the shop's clock."""
    fetched_at: datetime
    """On ours: when the fetch began."""
    row_id: int


Handler: TypeAlias = Callable[[Session, Arrived, datetime], Outcome]
"""Called with the open transaction, what arrived, and the time. It must change nothing when it
is called again with the same; it raises BridgeError when a person has to mend something first.
What it did is undone when it raises."""


Together: TypeAlias = Callable[
    [Session, Sequence[Arrived], datetime], Sequence[Outcome | BridgeError]
]
"""The same for many of one resource and workspace: what became of each, in their order. A row
that is answered with a BridgeError must have changed nothing."""


@dataclass(frozen=True, slots=True)
class HandleResult:
    """How many rows ended in which state."""

    handled: int = 0
    stale: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.handled + self.stale + self.failed

    def __add__(self, other: HandleResult) -> HandleResult:
        return HandleResult(
            self.handled + other.handled, self.stale + other.stale, self.failed + other.failed
        )


def handle_queue(
    database: Database,
    workspace_id: int,
    handlers: Mapping[str, Handler],
    clock: Clock,
    *,
    together: Mapping[str, Together] | None = None,
    batch: int = BATCH,
    limit: int | None = None,
    progress: Progress | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> HandleResult:
    """Handles what is queued, and what failed and is due again, until nothing is left that this
    process can take; at most about ``limit`` rows.

    ``handlers``: by resource (``order``, ``customer``, ``activity``, ``award``); rows of others
    stay, and resources that are named first are handled first. One transaction a batch, a
    savepoint a row: a row that fails is set aside with its reason, and the others go on. Rows of
    a resource in ``together`` share a savepoint; when that fails they are handled one by one.

    Several processes may work at once; an entity is handled by one of them. Raises what the
    database raises when it cannot be reached.
    """
    work = _Work(database, workspace_id, handlers, together or {}, clock, pause)
    total = HandleResult()
    with (progress or NoProgress()).task("Handling what came in", unit="rows") as task:
        while limit is None or total.total < limit:
            size = batch if limit is None else min(batch, limit - total.total)
            done = work.batch(size, task)
            if done is None:
                break
            total += done
    return total


@dataclass
class _Work:
    database: Database
    workspace_id: int
    handlers: Mapping[str, Handler]
    together: Mapping[str, Together]
    clock: Clock
    pause: Callable[[float], None]
    _began: datetime = field(init=False)

    def __post_init__(self) -> None:
        # What fails in this run is not due again in it.
        self._began = self.clock()

    def batch(self, size: int, task: Task) -> HandleResult | None:
        """``None``: there is nothing that it can take."""
        for conflicts in range(CONFLICTS + 1):
            try:
                with self.database.writing() as session:
                    result = self._handle(session, size, set_aside=conflicts == CONFLICTS)
            except DBAPIError as error:
                if conflicts == CONFLICTS or not is_conflict(error):
                    raise
                self.pause(pause_after(conflicts + 1))
            else:
                task.advance(0 if result is None else result.total)
                return result
        raise AssertionError("the last round returns or raises")

    def _handle(self, session: Session, size: int, *, set_aside: bool) -> HandleResult | None:
        taken = queue.take(session, self.workspace_id, tuple(self.handlers), self._began, size)
        if taken is None:
            return None
        verdicts = Verdicts(self.workspace_id, self.clock())
        for resource in self.handlers:
            rows = [row for row in taken.rows if row.key.resource == resource]
            if resource in self.together and self._handle_all(session, rows, verdicts):
                continue
            for row in rows:
                self._handle_one(session, row, verdicts, set_aside=set_aside)
        verdicts.stale.extend(taken.outdated)
        verdicts.write(session)
        return HandleResult(len(verdicts.handled), len(verdicts.stale), len(verdicts.failed))

    def _handle_all(self, session: Session, rows: Sequence[Queued], verdicts: Verdicts) -> bool:
        """Whether it went well. After a lost race they are
        tried singly, which begins the batch anew."""
        if not rows:
            return True
        try:
            with session.begin_nested():
                arrived = [self._arrived(row) for row in rows]
                act = self.together[rows[0].key.resource]
                results = act(session, arrived, verdicts.at)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return False
        except Exception:  # noqa: BLE001 - one by one it shows which row it is
            return False
        for row, result in zip(rows, results, strict=True):
            if isinstance(result, BridgeError):
                verdicts.fail(row, str(result))
            else:
                ended = verdicts.handled if result is Outcome.HANDLED else verdicts.stale
                ended.append(row.id)
        return True

    def _handle_one(
        self, session: Session, row: Queued, verdicts: Verdicts, *, set_aside: bool
    ) -> None:
        try:
            with session.begin_nested():
                outcome = self._outcome(session, row, verdicts.at)
        except BridgeError as error:
            verdicts.fail(row, str(error))
        except DBAPIError as error:
            if error.connection_invalidated or (is_conflict(error) and not set_aside):
                raise
            verdicts.fail_inside(row, error)
        except Exception as error:  # noqa: BLE001 - a defect must not hide the other rows
            verdicts.fail_inside(row, error)
        else:
            ended = verdicts.handled if outcome is Outcome.HANDLED else verdicts.stale
            ended.append(row.id)

    def _outcome(self, session: Session, row: Queued, now: datetime) -> Outcome:
        return self.handlers[row.key.resource](session, self._arrived(row), now)

    def _arrived(self, row: Queued) -> Arrived:
        return Arrived(
            self.workspace_id,
            row.key.installation_id,
            decoded(RESOURCES[row.key.resource], row.content),
            row.changed_at,
            row.fetched_at,
            row.id,
        )
