"""Who changed what in this workspace."""

from __future__ import annotations

from typing import Any

from flask import request

from bridge.audit.service import entries
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit

pages = Pages()

EACH = 50


@pages.get("/audit", Permission.SEE_AUDIT)
def audit_log(visit: Visit) -> Any:
    below = number("below")
    kind, subject_id = request.args.get("kind", ""), request.args.get("id", "")
    with visit.app.database.reading() as session:
        found = entries(
            session,
            visit.app.workspace_id,
            below=below,
            kind=kind,
            subject_id=subject_id,
            limit=EACH + 1,
        )
    return page(
        "audit_log.html",
        entries=found[:EACH],
        below=found[EACH - 1].id if len(found) > EACH else None,
        kind=kind,
        subject_id=subject_id,
    )
