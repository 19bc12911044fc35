"""How far a job is: a page of its own, and the part of it that is loaded again each second."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect

from bridge.users.roles import Permission
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import is_fragment, page
from bridge.web.admin.visit import Visit
from bridge.web.jobs import JobState, jobs

pages = Pages()


@pages.get("/jobs/<job_id>", Permission.LOOK)
def job(visit: Visit, job_id: str) -> Any:
    """Leads on to the page of the result as soon as there is one."""
    found = jobs().find(visit.app.workspace_id, job_id)
    status = 200 if found is not None or is_fragment() else 404
    if found is not None and found.state is JobState.DONE:
        if not is_fragment():
            return redirect(found.then, 303)
        onward = make_response("", 200)
        onward.headers["HX-Redirect"] = found.then
        return onward
    return page("job.html" if is_fragment() else "job_page.html", status, job=found)
