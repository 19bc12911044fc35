"""Templates: saved from one workspace's programme, seen by who may change that programme, and
applied to another as a new version of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from bridge.audit.service import Actor, Subject, record
from bridge.kit.errors import BridgeError
from bridge.programme.canonical import canonical_text, digest, parse_canonical
from bridge.programme.document import Programme
from bridge.programme.editing import present
from bridge.programme.kinds import clean_text
from bridge.programme_templates.models import ProgrammeTemplate
from bridge.programme_templates.sections import SECTIONS, cut, filled
from bridge.workspaces.models import Workspace
from connectors.sentences import sentence

LONGEST_NAME = 100


class TemplateRefused(BridgeError):
    """It cannot be saved so."""


class UnknownTemplate(BridgeError):
    def __init__(self) -> None:
        super().__init__(
            sentence("There is no such template. See `loyalty-bridge templates list`.")
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A template as a list shows it."""

    id: int
    name: str
    about: str
    sections: tuple[str, ...]
    workspace_id: int
    workspace: str
    """Whose programme it was."""
    version: int
    made_at: datetime
    made_by: str


def save_template(
    session: Session,
    workspace_id: int,
    name: str,
    sections: Collection[str],
    actor: Actor,
    now: datetime,
    *,
    about: str = "",
) -> ProgrammeTemplate:
    """Keeps sections of the version in force, without people. Raises TemplateRefused."""
    name = _name(name)
    found = present(session, workspace_id)
    if found.programme is None:
        raise TemplateRefused(
            sentence("There is no programme yet that a template could be made of.")
        )
    said = filled(cut(found.programme, SECTIONS))
    kept = [section for section in said if section in sections]
    if unknown := [one for one in sections if one not in said]:
        raise TemplateRefused(
            sentence(
                "The programme has nothing for a template under %(sections)s.",
                sections=", ".join(unknown),
            )
        )
    if not kept:
        raise TemplateRefused(sentence("Choose at least one section."))
    if template_named(session, workspace_id, name) is not None:
        raise TemplateRefused(
            sentence(
                "There is a template %(name)s already: remove it, or choose another name.",
                name=name,
            )
        )
    template = ProgrammeTemplate(
        workspace_id=workspace_id,
        name=name,
        about=about.strip(),
        sections=kept,
        version=found.number,
        document=canonical_text(cut(found.programme, kept)),
        made_at=now,
        made_by=actor.name,
    )
    session.add(template)
    session.flush()
    after = {"sections": kept, "version": found.number}
    record(session, workspace_id, actor, "template.saved", subject_of(template), now, after=after)
    return template


def remove_template(
    session: Session, workspace_id: int, template_id: int, actor: Actor, now: datetime
) -> ProgrammeTemplate:
    """What it was applied to stays as it is. Raises UnknownTemplate."""
    template = template_of(session, [workspace_id], template_id)
    session.exec(
        delete(ProgrammeTemplate).where(
            col(ProgrammeTemplate.workspace_id) == workspace_id,
            col(ProgrammeTemplate.id) == template_id,
        )
    )
    session.expunge(template)
    before = {"sections": template.sections, "version": template.version}
    subject = subject_of(template)
    record(session, workspace_id, actor, "template.removed", subject, now, before=before)
    return template


def listed(session: Session, workspace_ids: Collection[int]) -> list[Listed]:
    """Of these workspaces, by name: those whose programme who asks may change."""
    rows = session.execute(
        sa.select(
            col(ProgrammeTemplate.id),
            col(ProgrammeTemplate.name),
            col(ProgrammeTemplate.about),
            col(ProgrammeTemplate.sections),
            col(ProgrammeTemplate.workspace_id),
            col(Workspace.key),
            col(ProgrammeTemplate.version),
            col(ProgrammeTemplate.made_at),
            col(ProgrammeTemplate.made_by),
        )
        .join(Workspace, col(Workspace.id) == col(ProgrammeTemplate.workspace_id))
        .where(col(ProgrammeTemplate.workspace_id).in_(workspace_ids))
        .order_by(col(ProgrammeTemplate.name), col(Workspace.key))
    )
    return [
        Listed(id_, name, about, tuple(sections), whose, key, version, made_at, made_by)
        for id_, name, about, sections, whose, key, version, made_at, made_by in rows
    ]


def template_of(
    session: Session, workspace_ids: Collection[int], template_id: int
) -> ProgrammeTemplate:
    """Raises UnknownTemplate, also for one of other workspaces than these."""
    found = session.exec(
        select(ProgrammeTemplate).where(
            col(ProgrammeTemplate.id) == template_id,
            col(ProgrammeTemplate.workspace_id).in_(workspace_ids),
        )
    ).first()
    if found is None:
        raise UnknownTemplate
    return found


def template_named(session: Session, workspace_id: int, name: str) -> ProgrammeTemplate | None:
    return session.exec(
        select(ProgrammeTemplate).where(
            col(ProgrammeTemplate.workspace_id) == workspace_id,
            col(ProgrammeTemplate.name) == name,
        )
    ).first()


def content(template: ProgrammeTemplate) -> Programme:
    """Read once in a process. Raises BridgeError for one of an older release that this one cannot
    read."""
    key = digest(template.document)
    if key not in _READ:
        found = _parsed(template)
        while len(_READ) >= _READ_AT_MOST:
            _READ.pop(next(iter(_READ)), None)
        _READ[key] = found
    return _READ[key]


_READ: dict[str, Programme] = {}
_READ_AT_MOST = 2
"""One with 100,000 prices takes seconds to read, and much room."""


def _parsed(template: ProgrammeTemplate) -> Programme:
    try:
        return parse_canonical(template.document)
    except ValueError as error:
        raise BridgeError(
            sentence(
                "The template %(name)s cannot be read by this release of the bridge. Save it "
                "again.",
                name=template.name,
            )
        ) from error


def subject_of(template: ProgrammeTemplate) -> Subject:
    return Subject("template", str(template.id), template.name)


def _name(told: str) -> str:
    try:
        name = clean_text(told)
    except ValueError as error:
        raise TemplateRefused(sentence("The name %(problem)s.", problem=error)) from None
    if len(name) > LONGEST_NAME:
        raise TemplateRefused(
            sentence("The name has more than %(most)s characters.", most=LONGEST_NAME)
        )
    return name
