"""The programme's versions in the database. A version, once stored, never changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import Session, col, insert, select

from bridge.kit.errors import BridgeError
from bridge.programme.canonical import parse_canonical
from bridge.programme.document import Programme
from bridge.programme.issues import Issue
from bridge.programme.loading import LoadedProgramme
from bridge.programme.models import ProgrammeVersion
from connectors.base import Severity


@dataclass(frozen=True, slots=True)
class Stored:
    number: int
    is_new: bool
    """Whether it differs from the newest version there was."""


def store(
    session: Session,
    workspace_id: int,
    loaded: LoadedProgramme,
    problems: Sequence[Issue],
    now: datetime,
    *,
    made_by: str = "",
    why: str = "",
    source: str = "",
) -> Stored:
    """Makes it the newest version, unless the newest one says the same already. For the rest see
    :class:`bridge.programme.models.ProgrammeVersion`."""
    newest = _newest(session, workspace_id)
    if newest is not None and newest.digest == loaded.digest:
        return Stored(newest.number, is_new=False)
    number = newest.number + 1 if newest is not None else 1
    session.exec(
        insert(ProgrammeVersion).values(
            workspace_id=workspace_id,
            number=number,
            digest=loaded.digest,
            document=loaded.text,
            problems=json.dumps([issue_record(problem) for problem in problems]),
            loaded_at=now,
            made_by=made_by,
            why=why,
            source=source,
        )
    )
    return Stored(number, is_new=True)


def current(session: Session, workspace_id: int) -> tuple[int, Programme] | None:
    """Number and content of the newest version; ``None`` when none was loaded yet.

    Raises BridgeError when this release cannot read it.
    """
    newest = _newest(session, workspace_id)
    return None if newest is None else (newest.number, content(newest))


def version(session: Session, workspace_id: int, number: int) -> Programme:
    """Raises BridgeError when there is no such version, or this release cannot read it."""
    found = stored_version(session, workspace_id, number)
    if found is None:
        newest = _newest(session, workspace_id)
        known = f"The newest is {newest.number}." if newest else "None was loaded yet."
        raise BridgeError(f"There is no version {number} of the programme. {known}")
    return content(found)


def in_force(session: Session, workspace_id: int, at: datetime) -> Programme | None:
    """What held at a business time; ``None`` before the first version was loaded.

    Versions never change: one is parsed once in a process.
    """
    found = session.exec(
        select(ProgrammeVersion.number, ProgrammeVersion.digest)
        .where(
            col(ProgrammeVersion.workspace_id) == workspace_id,
            col(ProgrammeVersion.loaded_at) <= at,
        )
        .order_by(col(ProgrammeVersion.number).desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    number, digest = found
    programme = _PARSED.get(digest)
    if programme is None:
        programme = version(session, workspace_id, number)
        _keep(digest, programme)
    return programme


_PARSED: dict[str, Programme] = {}
_KEPT_AT_MOST = 200_000
"""Products with prices, in all versions that a process keeps: each change of one price in a web
page is a version, and one of 33,000 products takes 60 MB."""


def _keep(digest: str, programme: Programme) -> None:
    """Forgets the oldest where it gets too much."""
    known = list(_PARSED.items())
    room = _KEPT_AT_MOST - _weight(programme)
    for key, one in reversed(known):
        room -= _weight(one)
        if room < 0:
            _PARSED.pop(key, None)
    _PARSED[digest] = programme


def _weight(programme: Programme) -> int:
    return 1 + sum(len(one.prices) for one in programme.price_lists.values())


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as a list shows it."""

    number: int
    loaded_at: datetime
    made_by: str
    why: str
    problems: int


def listed(
    session: Session, workspace_id: int, *, below: int | None = None, limit: int = 50
) -> list[Listed]:
    """Newest first; ``below``: older than this number."""
    query = (
        sa.select(
            col(ProgrammeVersion.number),
            col(ProgrammeVersion.loaded_at),
            col(ProgrammeVersion.made_by),
            col(ProgrammeVersion.why),
            col(ProgrammeVersion.problems),
        )
        .where(col(ProgrammeVersion.workspace_id) == workspace_id)
        .order_by(col(ProgrammeVersion.number).desc())
        .limit(limit)
    )
    if below is not None:
        query = query.where(col(ProgrammeVersion.number) < below)
    return [
        Listed(number, loaded_at, made_by, why, len(json.loads(problems)))
        for number, loaded_at, made_by, why, problems in session.execute(query)
    ]


def stored_version(session: Session, workspace_id: int, number: int) -> ProgrammeVersion | None:
    return session.exec(
        select(ProgrammeVersion).where(
            col(ProgrammeVersion.workspace_id) == workspace_id,
            col(ProgrammeVersion.number) == number,
        )
    ).first()


def problems_of(version: ProgrammeVersion) -> list[Issue]:
    """What was remarked when it was loaded."""
    return [
        Issue(Severity(one["severity"]), one["file"], one["line"], one["field"], one["message"])
        for one in json.loads(version.problems)
    ]


def versions(session: Session, workspace_id: int) -> list[ProgrammeVersion]:
    """Newest first."""
    return list(
        session.exec(
            select(ProgrammeVersion)
            .where(col(ProgrammeVersion.workspace_id) == workspace_id)
            .order_by(col(ProgrammeVersion.number).desc())
        )
    )


def issue_record(problem: Issue) -> dict[str, str | int | None]:
    """A problem as JSON has it, in the database and for scripts."""
    return {
        "severity": problem.severity.value,
        "file": problem.file,
        "line": problem.line,
        "field": problem.field,
        "message": problem.message,
    }


def _newest(session: Session, workspace_id: int) -> ProgrammeVersion | None:
    return session.exec(
        select(ProgrammeVersion)
        .where(col(ProgrammeVersion.workspace_id) == workspace_id)
        .order_by(col(ProgrammeVersion.number).desc())
        .limit(1)
    ).first()


def content(found: ProgrammeVersion) -> Programme:
    """Raises BridgeError when this release cannot read it."""
    try:
        return parse_canonical(found.document)
    except ValidationError as error:
        raise BridgeError(
            f"Version {found.number} of the programme cannot be read by this release of the "
            "bridge. Load the programme's file again."
        ) from error
