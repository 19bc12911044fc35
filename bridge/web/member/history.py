"""What happened to a member's points, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from bridge.members.holding import account_holder
from bridge.points.origins import origins
from bridge.points.statement import Line, standing
from bridge.points.statement import history as entries
from bridge.web.admin.asked import number
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Visit
from bridge.web.member.wording import Said, said

pages = Pages()

EACH = 50


@pages.get("/history", Needs.MEMBER)
def history(visit: Visit) -> Any:
    before = number("before") or 0
    with visit.app.database.reading() as session:
        found, onward = past(session, visit, before, EACH)
    return page("history.html", found=found, before=onward, is_first=not before)


def past(session: Session, visit: Visit, before: int, most: int) -> tuple[list[Said], int | None]:
    """Entries, and where older ones go on; ``None``: nowhere."""
    workspace_id = visit.app.workspace_id
    account_id = standing(session, workspace_id, *account_holder(session, visit.member)).account_id
    lines = entries(session, workspace_id, account_id, most=most + 1, before=before)
    shown = lines[:most]
    known = origins(
        session,
        workspace_id,
        [(line.installation_id, line.source_kind, line.source_id) for line in shown],
    )
    told = [
        said(line, known.of(line.installation_id, line.source_kind, line.source_id))
        for line in joined(shown)
    ]
    return told, shown[-1].id if len(lines) > most else None


def joined(lines: Sequence[Line]) -> list[Line]:
    """The same, with what one cause did to several lots at once made one. Pure."""
    found: list[Line] = []
    for line in lines:
        if found and _cause(found[-1]) == _cause(line):
            before = found.pop()
            line = replace(
                line, points=before.points + line.points, change=before.change + line.change
            )
        found.append(line)
    return found


def _cause(line: Line) -> tuple[object, ...]:
    return (
        line.installation_id,
        line.source_kind,
        line.source_id,
        line.source_line,
        line.effect,
        line.debit,
        line.credit,
        line.at,
    )
