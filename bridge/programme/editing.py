"""A programme that is changed by people at screens: as text or field by field, with the checks of
a file that is loaded; each change is a new version that says who made it and why."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from bridge.audit.service import Actor, Subject, record
from bridge.kit.errors import BridgeError
from bridge.programme.against_shops import faults_against_shops
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.issues import Fault, Issue, Loc, Place, ProgrammeError, field_path, issue
from bridge.programme.leaving import left_out
from bridge.programme.loading import LoadedProgramme, fatal_faults, load_text
from bridge.programme.models import ProgrammeVersion
from bridge.programme.references import list_faults
from bridge.programme.rewriting import LONGEST, rewritten
from bridge.programme.service import Stored, content, store, stored_version
from bridge.programme.source import Node, Plain, Source, read_yaml
from bridge.programme.validation import model_issues
from bridge.programme.writing import dump
from bridge.workspaces.models import Workspace
from connectors.base import Severity

NAME = "programme.yaml"
"""What messages about a text call it."""


class ChangedMeanwhile(BridgeError):
    """Somebody stored a version since the one that a change was made to."""

    def __init__(self, based_on: int, newest: int, made_by: str) -> None:
        who = made_by or "`program load`"
        super().__init__(
            f"Version {newest} was stored meanwhile by {who}; you changed version {based_on}. "
            "Nothing was stored."
        )
        self.based_on, self.newest, self.made_by = based_on, newest, made_by


@dataclass(frozen=True, slots=True)
class Present:
    """The newest version, to be changed."""

    number: int
    """0: there is none yet."""
    programme: Programme | None
    source: str
    """See :class:`ProgrammeVersion`."""
    made_by: str = ""
    loaded_at: datetime | None = None

    @property
    def text(self) -> str:
        """As YAML, with its author's remarks where there are any."""
        if self.source or self.programme is None:
            return self.source
        return dump(self.programme)

    def said(self) -> dict[str, Plain]:
        """What a file with it says, but for its groups and price lists: all of it as text, and
        nothing that is as by default unless the author wrote it."""
        found: Plain = {}
        if self.source and len(self.source) <= LONGEST:
            found = read_yaml(self.source, NAME).plain()
        elif self.programme is not None:
            light = self.programme.model_copy(update={"groups": {}, "price_lists": {}})
            found = read_yaml(dump(light), NAME).plain()
        return found if isinstance(found, dict) else {}

    def fields(self) -> dict[str, Any]:
        """A copy to change: all of it as the canonical form has it, defaults spelled out; but
        that points count net or gross only where it is not what the prices are."""
        if self.programme is None:
            return {}
        found: dict[str, Any] = json.loads(canonical_text(self.programme))
        basis = (found.get("points") or {}).get("basis") or {}
        if basis.get("price") == found["prices_are"]:
            del basis["price"]
        return found


@dataclass(frozen=True, slots=True)
class Draft:
    """A changed programme that can be used. Nothing is stored yet."""

    loaded: LoadedProgramme
    source: str
    problems: tuple[Issue, ...]
    """Warnings and notes, also about what the shops do not have."""

    @property
    def programme(self) -> Programme:
        return self.loaded.document


def present(session: Session, workspace_id: int) -> Present:
    """Raises BridgeError for a version of an older release that this one cannot read."""
    newest = session.exec(
        select(ProgrammeVersion)
        .where(col(ProgrammeVersion.workspace_id) == workspace_id)
        .order_by(col(ProgrammeVersion.number).desc())
        .limit(1)
    ).first()
    if newest is None:
        return Present(0, None, "")
    return Present(newest.number, _read(newest), newest.source, newest.made_by, newest.loaded_at)


_PARSED: dict[str, Programme] = {}


def _read(version: ProgrammeVersion) -> Programme:
    """The newest of each workspace is read once in a process, not for every page."""
    if version.digest not in _PARSED:
        found = content(version)
        while len(_PARSED) >= _PARSED_AT_MOST:
            _PARSED.pop(next(iter(_PARSED)), None)
        _PARSED[version.digest] = found
    return _PARSED[version.digest]


_PARSED_AT_MOST = 2


# --- changing -------------------------------------------------------------------------------


def from_text(session: Session, workspace_id: int, text: str) -> Draft:
    """A programme as somebody wrote it. Raises ProgrammeError with lines of ``text``."""
    text = text.replace("\r\n", "\n")
    loaded = load_text(text, NAME)
    faults = faults_against_shops(session, workspace_id, loaded.document)
    source = read_yaml(text, NAME) if faults else None
    return Draft(loaded, text, (*loaded.problems, *_located(faults, source)))


def from_fields(
    session: Session, workspace_id: int, basis: Present, changes: Mapping[Loc, Plain]
) -> Draft:
    """``basis`` with other values at these places: ``("points", "rules", "base")``. A value is
    what a YAML file would say there, all of it as text; ``None`` removes it.

    Raises ProgrammeError whose issues name fields and no lines.
    """
    loaded = load_fields(changed(basis.fields(), changes))
    source = rewritten(basis.source, changes)
    if source and _says_otherwise(source, loaded):
        source = ""
    faults = faults_against_shops(session, workspace_id, loaded.document)
    return Draft(loaded, source, (*loaded.problems, *_located(faults, None)))


def from_version(session: Session, workspace_id: int, number: int) -> Draft:
    """What an older version says, to be stored as a new one. Raises BridgeError."""
    found = stored_version(session, workspace_id, number)
    if found is None:
        raise BridgeError(f"There is no version {number} of the programme.")
    document = _read(found)
    problems = _located(fatal_faults(document), None)
    if any(one.severity is Severity.ERROR for one in problems):
        raise ProgrammeError(problems)
    text = canonical_text(document)
    loaded = LoadedProgramme(document, tuple(problems), text, digest(text), {})
    faults = faults_against_shops(session, workspace_id, document)
    return Draft(loaded, found.source, (*problems, *_located(faults, None)))


def changed(fields: Mapping[str, Any], changes: Mapping[Loc, Plain]) -> dict[str, Any]:
    """A copy of a programme's fields with other values. Pure."""
    found = dict(fields)
    for loc, value in changes.items():
        *way, last = loc
        place: Any = found
        for part in way:
            # Only what leads there is copied: price lists may hold 100,000 rows.
            below = copy.copy(place.get(part)) or {}
            place[part] = below
            place = below
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return found


def load_fields(fields: Mapping[str, Any]) -> LoadedProgramme:
    """The checks of :func:`bridge.programme.loading.load` on fields that no file has.

    Raises ProgrammeError whose issues name fields and no lines.
    """
    try:
        document = Programme.model_validate(fields, by_alias=True, by_name=False)
    except ValidationError as error:
        source = Source("", _node(fields))
        found = model_issues(error, source)
        raise ProgrammeError([replace(one, line=None) for one in found]) from None
    problems = _located(fatal_faults(document), None)
    if any(one.severity is Severity.ERROR for one in problems):
        raise ProgrammeError(problems)
    problems += _located(list_faults(document), None)
    text = canonical_text(document)
    return LoadedProgramme(document, tuple(problems), text, digest(text), {})


def _node(value: Any) -> Node:
    if isinstance(value, Mapping):
        return Node(0, {str(name): _node(item) for name, item in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Node(0, [_node(item) for item in value])
    return Node(0, None if value is None else str(value))


def _located(faults: Sequence[Fault], source: Source | None) -> list[Issue]:
    return [
        issue(
            source.place(fault.loc) if source else Place(""),
            field_path(fault.loc),
            fault.message,
            fault.severity,
        )
        for fault in faults
    ]


def _says_otherwise(text: str, loaded: LoadedProgramme) -> bool:
    try:
        return load_text(text, NAME).digest != loaded.digest
    except ProgrammeError:
        return True


# --- storing --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saved:
    stored: Stored
    left_out: tuple[str, ...]
    """What the version before had and this one has not; see :mod:`bridge.programme.leaving`."""


def save(
    session: Session,
    workspace_id: int,
    draft: Draft,
    based_on: int,
    actor: Actor,
    why: str,
    now: datetime,
) -> Saved:
    """Makes it the newest version, with an entry of the audit log; nothing where it says what the
    newest says. ``based_on``: the number of the version that was changed, 0 for none.

    Raises :class:`ChangedMeanwhile`.
    """
    _one_at_a_time(session, workspace_id)
    number, made_by = _newest(session, workspace_id)
    if number != based_on:
        raise ChangedMeanwhile(based_on, number, made_by)
    before: Programme | None = None
    with suppress(BridgeError):  # a version that cannot be read can be replaced
        before = present(session, workspace_id).programme
    stored = store(
        session,
        workspace_id,
        draft.loaded,
        draft.problems,
        now,
        made_by=actor.name,
        why=why.strip(),
        source=draft.source,
    )
    if not stored.is_new:
        return Saved(stored, ())
    record(
        session,
        workspace_id,
        actor,
        "programme.changed",
        Subject("programme", str(stored.number), draft.programme.name),
        now,
        before={"version": number},
        after={"version": stored.number, "why": why.strip()},
    )
    gone = left_out(before, draft.programme) if before else []
    return Saved(stored, tuple(gone))


def _newest(session: Session, workspace_id: int) -> tuple[int, str]:
    found = session.execute(
        select(col(ProgrammeVersion.number), col(ProgrammeVersion.made_by))
        .where(col(ProgrammeVersion.workspace_id) == workspace_id)
        .order_by(col(ProgrammeVersion.number).desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else (0, "")


def _one_at_a_time(session: Session, workspace_id: int) -> None:
    session.execute(
        select(col(Workspace.id))
        .where(col(Workspace.id) == workspace_id)
        .with_for_update(key_share=True)
    )
