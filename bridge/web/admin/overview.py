"""How the programme and the shops are doing."""

from __future__ import annotations

from typing import Any

from bridge.users.roles import Permission
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit

pages = Pages()


@pages.get("/", Permission.LOOK)
def overview(visit: Visit) -> Any:
    return page("overview.html")
