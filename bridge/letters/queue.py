"""Putting a letter into the outbox, in the unit of work that gives cause for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bridge.db import insert_or_ignore
from bridge.letters.models import OFFERED, Letter, LetterKind, LetterState
from bridge.preferences.sections import Letters
from bridge.preferences.service import preferences


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter to be sent, and why."""

    cause: str
    """Unique within the letter's kind: told again, there is no second letter."""
    member_id: int
    details: Mapping[str, Any] = field(default_factory=dict)
    """What the text needs besides what the database knows when it is sent."""
    not_before: datetime | None = None


def is_sent(session: Session, workspace_id: int, kind: LetterKind) -> bool:
    """Whether the merchant has letters of this kind sent at all."""
    return kind not in OFFERED or kind in preferences(session, workspace_id, Letters).kinds


def queue(
    session: Session,
    workspace_id: int,
    kind: LetterKind,
    letters: Sequence[NewLetter],
    now: datetime,
) -> None:
    """They are sent, unless the merchant has none of this kind sent. Whether each
    member wants it is asked when it is sent."""
    if not letters or not is_sent(session, workspace_id, kind):
        return
    rows = [
        {
            "workspace_id": workspace_id,
            "kind": kind.value,
            "cause": one.cause,
            "member_id": one.member_id,
            "details": dict(one.details),
            "made_at": now,
            "not_before": one.not_before or now,
            "state": LetterState.WAITING.value,
            "attempts": 0,
            "lease_owner": "",
            "error": "",
        }
        for one in letters
    ]
    insert_or_ignore(session, Letter, rows, ("workspace_id", "kind", "cause"))
