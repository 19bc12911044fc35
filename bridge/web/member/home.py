"""The first page: what a member has, what becomes of it, and what to do next."""

from __future__ import annotations

from typing import Any

from bridge.web.member.having import having
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Visit

pages = Pages()


@pages.get("/", Needs.MEMBER)
def home(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        has = having(session, visit)
    return page("home.html", has=has)


@pages.get("/more", Needs.MEMBER)
def more(visit: Visit) -> Any:
    """What the bottom of a phone has no room for."""
    return page("more.html")
