"""Preferences: read, and set with an entry in the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from bridge.audit.service import Actor, Subject, record
from bridge.db import upsert
from bridge.preferences.models import Preference
from bridge.preferences.sections import Section

S = TypeVar("S", bound=Section)


def preferences(session: Session, workspace_id: int, kind: type[S]) -> S:
    """The section as it is set; its defaults where nobody set it."""
    content = session.exec(
        select(Preference.content).where(
            col(Preference.workspace_id) == workspace_id, col(Preference.section) == kind.section
        )
    ).first()
    return kind.model_validate(content or {})


def set_preferences(
    session: Session, workspace_id: int, wanted: Section, actor: Actor, now: datetime
) -> None:
    before = preferences(session, workspace_id, type(wanted)).model_dump(mode="json")
    after = wanted.model_dump(mode="json")
    if before == after:
        return
    upsert(
        session,
        Preference,
        [
            {
                "workspace_id": workspace_id,
                "section": wanted.section,
                "content": after,
                "changed_at": now,
                "changed_by": actor.name,
            }
        ],
    )
    subject = Subject("preferences", wanted.section, wanted.section)
    record(
        session, workspace_id, actor, "preferences.set", subject, now, before=before, after=after
    )
