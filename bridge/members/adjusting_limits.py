"""Points given or taken in the web app and by the API: what is above a limit waits for a second
person.

A limit holds for all that one does of a day, so that splitting a sum passes none. What somebody
else approved counts as neither's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, select

from bridge.approvals.models import WaitingChange
from bridge.approvals.service import ask, waiting
from bridge.audit.service import Subject
from bridge.db import insert_or_ignore
from bridge.kit.errors import BridgeError
from bridge.members.adjusting import Adjusted, Adjustment, adjust, was_made
from bridge.members.holding import account_holder
from bridge.members.models import PointsByHand
from bridge.members.standing import identity, locked
from bridge.points.book import NotEnoughPoints
from bridge.points.statement import standing
from bridge.preferences.sections import Limits
from bridge.preferences.service import preferences
from connectors.sentences import sentence

ACTION = "points.adjust"
_KEPT = timedelta(days=2)
"""Days that are over are counted no more."""


@dataclass(frozen=True, slots=True)
class Asker:
    user_id: int
    limit: int | None
    """His own; ``None``: as many as the workspace allows."""


class AboveLimit(BridgeError):
    """Nothing was posted: a second person has to approve it."""

    def __init__(self, limit: int, done: int) -> None:
        super().__init__(
            sentence(
                "More than %(limit)s points a day wait for a second person, and %(done)s were "
                "given or taken today.",
                limit=limit,
                done=done,
            )
        )
        self.limit = limit
        self.done = done


@dataclass(frozen=True, slots=True)
class Waits:
    """It is above the limit: somebody else decides."""

    change_id: int
    limit: int
    """Points a day."""
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
    """Adjusts at once up to the day's limit, and asks for it above. Told again, either changes
    nothing.

    ``name``: what the member is called. Raises as :func:`bridge.members.adjusting.adjust` does.
    """
    limit = limit_of(session, workspace_id, by.limit)
    try:
        return adjust_within(
            session, workspace_id, member_id, adjustment, f"user {by.user_id}", limit, now
        )
    except AboveLimit as above:
        limit = above.limit
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
        f"more than {limit:,} points a day",
        by.user_id,
        now,
    )
    return Waits(number, limit, is_new=True)


def adjust_within(
    session: Session,
    workspace_id: int,
    member_id: int,
    adjustment: Adjustment,
    who: str,
    limit: int | None,
    now: datetime,
) -> Adjusted:
    """Adjusts up to what ``who`` may of a day; ``None``: without a limit.

    Raises :class:`AboveLimit`, and as :func:`bridge.members.adjusting.adjust` does; then nothing
    was posted.
    """
    if limit is None:
        return adjust(session, workspace_id, member_id, adjustment, now)
    member = locked(session, workspace_id, member_id)
    if was_made(session, workspace_id, identity(member), adjustment):
        return adjust(session, workspace_id, member_id, adjustment, now)
    day = _day(session, workspace_id, who, now)
    if day.points + abs(adjustment.points) > limit:
        raise AboveLimit(limit, day.points)
    done = adjust(session, workspace_id, member_id, adjustment, now)
    day.points += abs(adjustment.points)
    session.add(day)
    return done


def _day(session: Session, workspace_id: int, who: str, now: datetime) -> PointsByHand:
    """Locked: of two adjustments at once the second sees the first. Always after the member's
    lock and before the account's."""
    today = now.astimezone(UTC).date()
    mine = (col(PointsByHand.workspace_id) == workspace_id, col(PointsByHand.who) == who)
    session.exec(delete(PointsByHand).where(*mine, col(PointsByHand.day) < today - _KEPT))
    row = {"workspace_id": workspace_id, "who": who, "day": today, "points": 0}
    insert_or_ignore(session, PointsByHand, [row], ("workspace_id", "who", "day"))
    return session.exec(
        select(PointsByHand)
        .where(*mine, col(PointsByHand.day) == today)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


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
