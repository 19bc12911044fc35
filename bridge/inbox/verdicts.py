"""What became of the rows of a batch, written in as few statements as there are outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from bridge.inbox.models import InboxRow, InboxState
from bridge.inbox.queue import Queued
from bridge.logging import redacted

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
"""Before the next try of a row that failed; the last one again and again."""
LONGEST_REASON = 1000
"""Characters kept of a reason."""

log = structlog.get_logger(__name__)


@dataclass
class Verdicts:
    workspace_id: int
    at: datetime
    handled: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def fail(self, row: Queued, reason: str) -> None:
        attempts = row.attempts + 1
        self.failed.append(
            {
                "row_id": row.id,
                "attempts": attempts,
                "not_before": self.at + pause(attempts),
                "error": redacted(reason)[:LONGEST_REASON],
            }
        )

    def fail_inside(self, row: Queued, error: Exception) -> None:
        """A defect of the bridge: the whole of it goes to the log."""
        log.error(
            "an inbox row could not be handled",
            row=row.id,
            resource=row.key.resource,
            entity=row.key.entity_id,
            exc_info=error,
        )
        self.fail(row, internal_error(error))

    def write(self, session: Session) -> None:
        self._end(session, InboxState.HANDLED, self.handled)
        self._end(session, InboxState.STALE, self.stale)
        if self.failed:
            session.connection().execute(
                update(InboxRow.__table__)  # type: ignore[attr-defined]
                .where(
                    col(InboxRow.workspace_id) == self.workspace_id,
                    col(InboxRow.id) == bindparam("row_id"),
                )
                .values(
                    state=InboxState.FAILED.value,
                    attempts=bindparam("attempts"),
                    not_before=bindparam("not_before"),
                    error=bindparam("error"),
                ),
                self.failed,
            )

    def _end(self, session: Session, state: InboxState, ids: Sequence[int]) -> None:
        if ids:
            session.connection().execute(
                update(InboxRow)
                .where(col(InboxRow.workspace_id) == self.workspace_id, col(InboxRow.id).in_(ids))
                .values(state=state.value, handled_at=self.at, not_before=None, error="")
            )


def pause(attempts: int) -> timedelta:
    """After so many tries that failed."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def internal_error(error: Exception) -> str:
    return f"Internal error: {type(error).__name__}: {error}. The log has the whole of it."
