"""Points given or taken in the web app: above a limit they wait for a second person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bridge.approvals.models import WaitingChange
from bridge.approvals.service import ask, waiting
from bridge.audit.service import Subject
from bridge.members.adjusting import Adjusted, Adjustment, adjust
from bridge.members.holding import account_holder
from bridge.members.standing import identity, locked
from bridge.points.book import NotEnoughPoints
from bridge.points.statement import standing
from bridge.preferences.sections import Limits
from bridge.preferences.service import preferences

ACTION = "points.adjust"


@dataclass(frozen=True, slots=True)
class Asker:
    user_id: int
    limit: int | None
    """His own; ``None``: as many as the workspace allows."""


@dataclass(frozen=True, slots=True)
class Waits:
    """It is above the limit: somebody else decides."""

    change_id: int
    limit: int
    is_new: bool
    """False: it was asked for before."""


def smaller(own: int | None, workspace: int | None) -> int | None:
    """The limit that holds; ``None``: there is none."""
    told = [one for one in (own, workspace) if one is not None]
    return min(told) if told else None


def limit_of(session: Session, workspace_id: int, own: int | None) -> int | None:
    return smaller(own, preferences(session, workspace_id, Limits).adjust_points)


def adjust_or_ask(
    session: Session,
    workspace_id: int,
    member_id: int,
    adjustment: Adjustment,
    by: Asker,
    name: str,
    now: datetime,
) -> Adjusted | Waits:
    """Adjusts at once up to the limit, and asks for it above. Told again, either changes nothing.

    ``name``: what the member is called. Raises as :func:`bridge.members.adjusting.adjust` does.
    """
    limit = limit_of(session, workspace_id, by.limit)
    if limit is None or abs(adjustment.points) <= limit:
        return adjust(session, workspace_id, member_id, adjustment, now)
    member = locked(session, workspace_id, member_id)  # of two clicks the second waits here
    subject = Subject("member", str(identity(member)), name)
    for one in waiting(session, workspace_id, action=ACTION, subject_id=subject.id):
        if one.id is not None and one.arguments["id"] == adjustment.id:
            return Waits(one.id, limit, is_new=False)
    holder = account_holder(session, member)
    has = standing(session, workspace_id, *holder)
    if -adjustment.points > has.available:
        raise NotEnoughPoints(-adjustment.points, has.available)
    told = _told(adjustment)
    number = ask(
        session,
        workspace_id,
        ACTION,
        subject,
        told,
        f"more than {limit:,} points at a time",
        by.user_id,
        now,
    )
    return Waits(number, limit, is_new=True)


def adjust_approved(session: Session, change: WaitingChange) -> Adjusted:
    """Does what :func:`adjust_or_ask` asked for, once: the handler of :data:`ACTION`.

    Raises as :func:`bridge.members.adjusting.adjust` does."""
    assert change.decided_at is not None, "it was approved"
    adjustment = _adjustment(change.arguments)
    member_id = int(change.subject_id)
    return adjust(session, change.workspace_id, member_id, adjustment, change.decided_at)


def _told(adjustment: Adjustment) -> dict[str, Any]:
    until = adjustment.expires_at
    return {**asdict(adjustment), "expires_at": until.isoformat() if until else None}


def _adjustment(told: Mapping[str, Any]) -> Adjustment:
    until = told["expires_at"]
    return Adjustment(
        told["id"],
        told["points"],
        told["reason"],
        told["by"],
        datetime.fromisoformat(until) if until else None,
    )
