"""What members did, as the merchant reports it, and what was reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.activities import Done, handle_activity
from bridge.earning.batch import Version, versions
from bridge.earning.models import HandledActivity
from bridge.earning.past import ACTIVITY
from bridge.earning.posting import posted_sums
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.members.standing import identity, locked
from bridge.programme.service import current
from connectors.sentences import sentence

REPORTED = 0
"""The installation of what no shop told."""


@dataclass(frozen=True, slots=True)
class Report:
    id: str
    """One activity of its name, however often it is told."""
    name: str
    at: datetime | None
    """``None``: now, or when it was first told."""
    member_id: int | None
    """``None``: of nobody known yet; kept until somebody confirms ``email``."""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    points: int
    """What it earned in all."""
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class ListedActivity:
    installation_id: int
    id: str
    name: str
    at: datetime
    member_id: int | None
    email: str
    is_valid: bool
    points: int


def record(session: Session, workspace_id: int, report: Report, now: datetime) -> Recorded:
    """Told again, an activity changes nothing.

    Raises BridgeError when the programme in force at that time knows no activity of this name,
    for a time to come, and when the id stands for another member's activity or another time.
    """
    at = report.at or now
    if at > now:
        raise BridgeError(f"{at:%Y-%m-%d %H:%M} UTC is still to come: report it when it is done.")
    known_before = session.get(
        HandledActivity, (workspace_id, REPORTED, f"{report.name}/{report.id}")
    )
    if known_before is not None:
        _check_same(session, workspace_id, known_before, report)
        return Recorded(_points(session, workspace_id, known_before), known_before.at, False)
    _check_name(
        versions(session, workspace_id).at(at),
        report.name,
        at.astimezone(_zone(session, workspace_id)),
    )
    if report.member_id is not None:
        member = identity(locked(session, workspace_id, report.member_id))
    else:
        member = None
    done = Done(
        REPORTED,
        report.id,
        report.name,
        at,
        True,
        at,
        now,
        email=report.email,
        member_id=member,
    )
    handle_activity(session, workspace_id, done, now)
    session.flush()
    stored = session.get_one(HandledActivity, (workspace_id, REPORTED, done.source_id))
    return Recorded(_points(session, workspace_id, stored), at, True)


def is_known(session: Session, workspace_id: int, name: str, at: datetime) -> bool:
    """Whether the programme in force at that time has a rule for activities of this name."""
    return name in _names(versions(session, workspace_id).at(at))


def activities(
    session: Session, workspace_id: int, *, name: str = "", limit: int = 100
) -> list[ListedActivity]:
    """What members did, in shops or as reported, newest first."""
    which = [col(HandledActivity.workspace_id) == workspace_id]
    if name:
        which.append(col(HandledActivity.name) == name)
    rows = session.scalars(
        select(HandledActivity)
        .where(*which)
        .order_by(col(HandledActivity.at).desc(), col(HandledActivity.activity_id))
        .limit(limit)
    ).all()
    points = _points_of(session, workspace_id, rows)
    return [
        ListedActivity(
            row.installation_id,
            row.activity_id.partition("/")[2],
            row.name,
            row.at,
            row.member_id,
            row.email,
            row.is_valid,
            points.get((row.installation_id, row.activity_id), 0),
        )
        for row in rows
    ]


def _zone(session: Session, workspace_id: int) -> tzinfo:
    found = current(session, workspace_id)
    return ZoneInfo(found[1].timezone) if found else UTC


def _check_name(version: Version | None, name: str, at: datetime) -> None:
    known = _names(version)
    if name not in known:
        hint = did_you_mean(
            name,
            known,
            nothing=sentence(
                "It had none then: write a rule like `activity: {name: course, points: 50}`."
            ),
        )
        raise BridgeError(
            f"The programme in force on {at:%Y-%m-%d} knows no activity `{name}`. {hint}"
        )


def _names(version: Version | None) -> list[str]:
    settings = version.programme.points if version else None
    rules = settings.rules.values() if settings else ()
    return sorted({rule.activity.name for rule in rules if rule.activity})


def _check_same(
    session: Session, workspace_id: int, known: HandledActivity, report: Report
) -> None:
    whose = report.member_id
    if known.member_id is not None:
        same = whose == identity(locked(session, workspace_id, known.member_id))
    else:
        same = known.email == report.email
    if not same or (report.at is not None and report.at != known.at):
        raise BridgeError(
            f"The id `{report.id}` stands for another `{report.name}`, of "
            f"{known.at:%Y-%m-%d %H:%M} UTC by "
            f"{known.email or f'member #{known.member_id}'}. Nothing was changed."
        )


def _points(session: Session, workspace_id: int, activity: HandledActivity) -> int:
    found = _points_of(session, workspace_id, [activity])
    return found.get((activity.installation_id, activity.activity_id), 0)


def _points_of(
    session: Session, workspace_id: int, rows: Sequence[HandledActivity]
) -> dict[tuple[int, str], int]:
    keys = [(row.installation_id, row.activity_id) for row in rows]
    sums = posted_sums(session, workspace_id, ACTIVITY, keys)
    return {key: sum(lines.values()) for key, lines in sums.items()}
