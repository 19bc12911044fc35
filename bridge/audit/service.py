"""Writing and reading the audit log. It is written in the unit of work that changes the thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bridge.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts."""

    name: str
    user_id: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is done to."""

    kind: str
    id: str
    name: str


def record(
    session: Session,
    workspace_id: int,
    actor: Actor,
    action: str,
    subject: Subject,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """``before`` and ``after``: what JSON can say, without secrets; only what differs is kept."""
    was, is_ = dict(before or {}), dict(after or {})
    same = {name for name in was.keys() & is_.keys() if was[name] == is_[name]}
    session.add(
        AuditEntry(
            workspace_id=workspace_id,
            at=now,
            user_id=actor.user_id,
            actor=actor.name,
            action=action,
            subject_kind=subject.kind,
            subject_id=subject.id,
            subject=subject.name,
            before={k: v for k, v in was.items() if k not in same} if before is not None else None,
            after={k: v for k, v in is_.items() if k not in same} if after is not None else None,
            address=actor.address,
        )
    )


def entries(
    session: Session,
    workspace_id: int,
    *,
    below: int | None = None,
    kind: str = "",
    subject_id: str = "",
    limit: int = 50,
) -> list[AuditEntry]:
    """The newest first; ``below``: the id of the last one on the page before."""
    statement = select(AuditEntry).where(col(AuditEntry.workspace_id) == workspace_id)
    if below is not None:
        statement = statement.where(col(AuditEntry.id) < below)
    if kind:
        statement = statement.where(col(AuditEntry.subject_kind) == kind)
    if subject_id:
        statement = statement.where(col(AuditEntry.subject_id) == subject_id)
    return list(session.exec(statement.order_by(col(AuditEntry.id).desc()).limit(limit)))
