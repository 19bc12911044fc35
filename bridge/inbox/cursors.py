"""Cursors in the database: how far each walk of an installation got, and when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.inbox.models import Cursor
from bridge.inbox.pauses import pause_after
from bridge.inbox.reach import Reach
from bridge.inbox.walking import Walk
from connectors.sales import Mark


class Cursors:
    """Those of one installation, as they were when the poll began and as it moves them."""

    def __init__(self, workspace_id: int, installation_id: int) -> None:
        self._workspace_id = workspace_id
        self._installation_id = installation_id
        self._rows: dict[str, Cursor] = {}

    def load(self, session: Session) -> None:
        found = session.execute(
            select(Cursor).where(
                col(Cursor.workspace_id) == self._workspace_id,
                col(Cursor.installation_id) == self._installation_id,
            )
        ).scalars()
        self._rows = {row.resource: row for row in found}

    def is_due(self, resource: str, now: datetime) -> bool:
        """Whether the pause after the last failure is over."""
        row = self._rows.get(resource)
        if row is None or row.failures == 0 or row.not_before is None:
            return True
        return now >= row.not_before

    def walk(
        self,
        resource: str,
        began: datetime,
        *,
        is_known: bool,
        overlap: timedelta,
        beginning: datetime,
        asked: datetime | None,
        in_order: bool = True,
    ) -> Walk:
        row = self._rows.get(resource)
        stored = None if row is None or row.mark_at is None else Mark(row.mark_at, row.mark_id)
        reach = Reach(stored, began, is_known, overlap, in_order)
        failures = 0 if row is None else row.failures
        return Walk(resource, reach, reach.since(beginning, asked), failures)

    def advance(self, session: Session, walks: Iterable[Walk]) -> None:
        """The cursors now cover what the walks told; in the transaction that stores it."""
        rows = []
        for walk in walks:
            row = self._row(walk.resource)
            mark = walk.reach.so_far()
            if mark is not None:
                row["mark_at"], row["mark_id"] = mark.at, mark.id
            rows.append(row)
        self._write(session, rows)

    def finish(self, session: Session, walks: Sequence[Walk], now: datetime) -> None:
        """The walks are over, well or not."""
        rows = []
        for walk in walks:
            row = self._row(walk.resource)
            row["polled_at"] = now
            row["error"] = walk.error
            if walk.error:
                row["failures"] = walk.failures + 1
                pause = pause_after(
                    walk.failures + 1,
                    f"{self._installation_id}/{walk.resource}",
                    a_person_must_act=walk.a_person_must_act,
                )
                row["not_before"] = now + pause
            else:
                self._ended_well(row, walk.reach)
            rows.append(row)
        self._write(session, rows)

    def _ended_well(self, row: dict[str, Any], reach: Reach) -> None:
        row["failures"], row["not_before"] = 0, None
        mark = reach.at_end()
        if mark is not None:
            row["mark_at"], row["mark_id"] = mark.at, mark.id
            row["complete_through"] = reach.complete_through()

    def _row(self, resource: str) -> dict[str, Any]:
        row = self._rows.get(resource) or Cursor(
            installation_id=self._installation_id,
            resource=resource,
            workspace_id=self._workspace_id,
        )
        return row.model_dump()

    def _write(self, session: Session, rows: Sequence[dict[str, Any]]) -> None:
        upsert(session, Cursor, rows)
        self._rows |= {row["resource"]: Cursor(**row) for row in rows}
