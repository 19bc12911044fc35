"""What stands in the menu, for who may open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.users.roles import Permission
from bridge.web.admin.visit import Visit
from bridge.web.speaking import lazy


@dataclass(frozen=True, slots=True)
class Entry:
    page: str
    """The function of the page it opens."""
    title: Any
    icon: str
    needs: Permission


MENU = (
    Entry("overview", lazy("Overview"), "layout-dashboard", Permission.LOOK),
    Entry("stores", lazy("Stores"), "building-store", Permission.LOOK),
    Entry("reports", lazy("Reports"), "report-money", Permission.LOOK),
)
SETTINGS = (
    Entry("users", lazy("Users"), "user", Permission.CHANGE_USERS),
    Entry("limits", lazy("Limits"), "shield-lock", Permission.CHANGE_SETTINGS),
    Entry("branding", lazy("Branding"), "star", Permission.CHANGE_SETTINGS),
    Entry("audit_log", lazy("Audit log"), "history", Permission.SEE_AUDIT),
)


def sections(visit: Visit) -> list[tuple[Any, list[Entry]]]:
    """Groups of entries with their headings."""
    found = [
        (None, [one for one in MENU if visit.may(one.needs)]),
        (lazy("Settings"), [one for one in SETTINGS if visit.may(one.needs)]),
    ]
    return [(heading, entries) for heading, entries in found if entries]
