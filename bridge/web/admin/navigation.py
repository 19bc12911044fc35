"""What stands in the menu, for who may open it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bridge.approvals.service import how_many
from bridge.members.questions import how_many as unanswered
from bridge.privacy.erasing import how_many_asked
from bridge.referrals.reviewing import how_many as odd_referrals
from bridge.rewards.listing import to_provide
from bridge.subscribers.service import untold
from bridge.users.roles import Permission
from bridge.web.admin.visit import Visit
from bridge.web.admin.work.counts import stuck
from bridge.web.speaking import lazy


@dataclass(frozen=True, slots=True)
class Entry:
    page: str
    """The function of the page it opens."""
    title: Any
    icon: str
    needs: Permission
    badge: Callable[[Session, int], int] | None = None
    """How many things of the workspace wait there for a person: asked for with every page, so it
    must be quick."""


def _to_decide(session: Session, workspace_id: int) -> int:
    return unanswered(session, workspace_id) + odd_referrals(session, workspace_id)


MENU = (
    Entry("overview", lazy("Overview"), "layout-dashboard", Permission.LOOK),
    Entry("stores", lazy("Stores"), "building-store", Permission.LOOK),
    Entry("groups", lazy("Groups & prices"), "tags", Permission.LOOK),
    Entry("plan", lazy("Plan"), "list-check", Permission.LOOK),
    Entry("waiting_changes", lazy("Waiting"), "hourglass", Permission.LOOK, how_many),
    Entry("members", lazy("Members"), "users", Permission.SEE_ACCOUNTS),
    Entry("fulfilment", lazy("Fulfilment"), "gift", Permission.SEE_MEMBERS, to_provide),
    Entry("questions", lazy("Questions"), "info-circle", Permission.SEE_MEMBERS, _to_decide),
    Entry("privacy", lazy("Privacy"), "shield-lock", Permission.CHANGE_MEMBERS, how_many_asked),
    Entry("programme", lazy("Programme"), "adjustments", Permission.LOOK),
    Entry("work", lazy("Work"), "inbox", Permission.LOOK, stuck),
    Entry("surveys", lazy("Surveys"), "mood-smile", Permission.LOOK),
    Entry("reports", lazy("Reports"), "report-money", Permission.LOOK),
)
SETTINGS = (
    Entry("users", lazy("Users"), "user", Permission.CHANGE_USERS),
    Entry("limits", lazy("Limits"), "shield-lock", Permission.CHANGE_SETTINGS),
    Entry("retention", lazy("Retention"), "hourglass", Permission.CHANGE_SETTINGS),
    Entry("branding", lazy("Branding"), "star", Permission.CHANGE_SETTINGS),
    Entry("letters", lazy("Letters"), "mail", Permission.CHANGE_SETTINGS),
    Entry("terms", lazy("Terms"), "file-text", Permission.CHANGE_SETTINGS),
    Entry("api_tokens", lazy("API tokens"), "api", Permission.CHANGE_SETTINGS),
    Entry("webhooks", lazy("Webhooks"), "send", Permission.CHANGE_SETTINGS, untold),
    Entry("backup", lazy("Backup"), "download", Permission.CHANGE_SETTINGS),
    Entry("audit_log", lazy("Audit log"), "history", Permission.SEE_AUDIT),
)


def sections(visit: Visit) -> list[tuple[Any, list[Entry]]]:
    """Groups of entries with their headings."""
    found = [
        (None, [one for one in MENU if visit.may(one.needs)]),
        (lazy("Settings"), [one for one in SETTINGS if visit.may(one.needs)]),
    ]
    return [(heading, entries) for heading, entries in found if entries]


def badges(visit: Visit) -> dict[str, int]:
    """By page; only those that are not nought."""
    with visit.app.database.reading() as session:
        found = {
            one.page: one.badge(session, visit.app.workspace_id)
            for one in (*MENU, *SETTINGS)
            if one.badge is not None and visit.may(one.needs)
        }
    return {name: count for name, count in found.items() if count}
