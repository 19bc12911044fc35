"""Walking over what is new, a page at a time, and queueing letters for it.

What is looked at twice gives cause for one letter; so rows that were made a short time ago are
looked at again, since a transaction may become visible after a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_
from sqlmodel import Session, col, delete, select

from bridge.application import Application
from bridge.db import upsert
from bridge.earning.models import FollowedClock
from bridge.letters.models import LetterKind
from bridge.letters.queue import NewLetter, queue
from bridge.preferences.sections import Letters
from bridge.programme.document import Programme

SETTLED = timedelta(minutes=10)
"""Longer than any transaction takes."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Look:
    """What every search for causes needs."""

    app: Application
    letters: Letters
    programme: Programme
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.timezone)


Causes = Callable[[Session, Sequence[Any]], Sequence[NewLetter]]
"""Rows to the letters they give cause for."""


def name_of(kind: LetterKind, part: str = "") -> str:
    """Under which it is kept how far was looked."""
    return f"letters-{kind.value}{part and '-'}{part}"


def walk_times(
    look: Look,
    kind: LetterKind,
    statement: Any,
    columns: tuple[Any, Any],
    causes: Causes,
    part: str = "",
) -> None:
    """Rows of the workspace by the time they were made. ``columns``: of that time, and of the
    number that tells rows of one time apart; ``statement`` selects both under ``at`` and ``id``."""
    made, number = columns
    name = name_of(kind, part)
    since = _begun(look, name)
    if since is None:
        return
    after, last, found = since.through - SETTLED, -1, False
    page = statement.order_by(made, number).limit(PAGE)
    while True:
        further = or_(made > after, and_(made == after, number > last))
        with look.app.database.reading() as session:
            rows = session.execute(page.where(made >= after, further)).all()
        if rows:
            found = True
            after, last = rows[-1].at, rows[-1].id
            _queue(look, kind, rows, causes)
        if len(rows) < PAGE:
            break
    if found:
        with look.app.database.writing() as session:
            _set(session, look, name, 0)


def walk_numbers(
    look: Look, kind: LetterKind, statement: Any, number: Any, causes: Causes, part: str = ""
) -> None:
    """Rows of the workspace that do not say when they were made, by their number. The newest seen
    is kept, and only :data:`SETTLED` later are lower ones taken as looked at."""
    name, ahead = name_of(kind, part), name_of(kind, f"{part}seen")
    with look.app.database.reading() as session:
        newest = session.execute(
            statement.with_only_columns(number).order_by(number.desc()).limit(1)
        ).scalar()
    since = _begun(look, name, int(newest or 0))
    if since is None or newest is None or newest <= since.last_id:
        return
    last = since.last_id
    page = statement.order_by(number).limit(PAGE)
    while True:
        with look.app.database.reading() as session:
            rows = session.execute(page.where(number > last)).all()
        if rows:
            last = rows[-1].id
            _queue(look, kind, rows, causes)
        if len(rows) < PAGE:
            break
    with look.app.database.writing() as session:
        seen = _mark(session, look, ahead)
        if seen is None or seen.through <= look.now - SETTLED:
            if seen is not None:
                _set(session, look, name, seen.last_id)
            _set(session, look, ahead, last)


def _queue(look: Look, kind: LetterKind, rows: Sequence[Any], causes: Causes) -> None:
    with look.app.database.writing() as session:
        found = {one.cause: one for one in causes(session, rows)}
        queue(session, look.app.workspace_id, kind, list(found.values()), look.now)


# -- how far ---------------------------------------------------------------------------------


def _begun(look: Look, name: str, newest: int = 0) -> FollowedClock | None:
    """How far was looked; ``None``: never, and it begins now, so that what was before is no
    news."""
    with look.app.database.reading() as session:
        found = _mark(session, look, name)
    if found is None:
        with look.app.database.writing() as session:
            _set(session, look, name, newest)
    return found


def due_since(look: Look, kind: LetterKind) -> datetime | None:
    """When it was looked last for what is looked for once a day; ``None``: it begins now."""
    found = _begun(look, name_of(kind))
    return found.through if found is not None else None


def done(look: Look, kind: LetterKind) -> None:
    with look.app.database.writing() as session:
        _set(session, look, name_of(kind), 0)


def forget(look: Look, kind: LetterKind) -> None:
    """It is not sent any more: once it is again, it begins anew."""
    mine = (
        col(FollowedClock.workspace_id) == look.app.workspace_id,
        col(FollowedClock.name).startswith(name_of(kind)),
    )
    with look.app.database.reading() as session:
        found = session.exec(select(FollowedClock.name).where(*mine).limit(1)).first()
    if found is not None:
        with look.app.database.writing() as session:
            session.exec(delete(FollowedClock).where(*mine))


def _mark(session: Session, look: Look, name: str) -> FollowedClock | None:
    return session.get(FollowedClock, (look.app.workspace_id, name), populate_existing=True)


def _set(session: Session, look: Look, name: str, last_id: int) -> None:
    row = {
        "workspace_id": look.app.workspace_id,
        "name": name,
        "through": look.now,
        "last_id": last_id,
    }
    upsert(session, FollowedClock, [row])
