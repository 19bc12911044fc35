"""Whose books are looked at, and how: consistent views to look, short transactions to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.installations.models import Installation
from bridge.kit.clock import Clock
from bridge.reconciling.findings import Fix

T = TypeVar("T")
Mend = Callable[[Session, datetime], bool]

CHUNK = 200
"""Things that are looked at in detail together."""
GRACE = timedelta(days=1)
"""How late work may be that time alone makes due, before it counts as forgotten."""


@dataclass(frozen=True)
class Books:
    """One merchant's."""

    database: Database
    workspace_id: int
    clock: Clock

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """All statements see one and the same moment, whatever others commit meanwhile."""
        with self.database.reading() as session:
            if not self.database.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    def fix(self, mend: Mend) -> Fix:
        """``mend`` in a transaction of its own."""

        def act() -> bool:
            with self.database.writing() as session:
                return mend(session, self.clock())

        return act

    def stores(self) -> dict[int, str]:
        """Names of all installations, by id."""
        with self.looking() as session:
            rows = session.execute(
                select(col(Installation.id), col(Installation.name)).where(
                    col(Installation.workspace_id) == self.workspace_id
                )
            )
            return {row[0]: row[1] for row in rows}


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    found = iter(items)
    while some := list(islice(found, size)):
        yield some


def at(moment: datetime | None) -> str:
    """A moment as people read it."""
    return "no time" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S UTC")
