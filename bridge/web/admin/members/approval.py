"""Points given or taken above a limit, once a second person approves."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from bridge.approvals.models import WaitingChange
from bridge.audit.service import Subject, record
from bridge.members.adjusting_limits import ACTION as NAME
from bridge.members.adjusting_limits import adjust_approved
from bridge.web.admin.visit import Visit
from bridge.web.admin.work.deciding import Action
from bridge.web.speaking import lazy, speech

__all__ = ["ACTION", "NAME"]


def _perform(session: Session, visit: Visit, change: WaitingChange) -> None:
    done = adjust_approved(session, change)
    record(
        session,
        change.workspace_id,
        visit.actor,
        "points.adjusted",
        Subject("member", change.subject_id, change.subject),
        visit.app.now(),
        before={"available": done.before.available},
        after={
            "available": done.after.available,
            "points": change.arguments["points"],
            "reason": change.arguments["reason"],
            "asked by": change.arguments["by"],
        },
    )


def _told(_visit: Visit, change: WaitingChange) -> list[tuple[Any, str]]:
    return [
        (lazy("Points"), speech().signed(change.arguments["points"])),
        (lazy("Reason"), change.arguments["reason"]),
    ]


def _where(visit: Visit, change: WaitingChange) -> str:
    return visit.url("member", member_id=int(change.subject_id))


ACTION = Action(lazy("Adjust points"), _perform, _told, where=_where)
