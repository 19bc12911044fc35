"""Members: found by what one types, listed by tier, segment and company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bridge.members.finding import Listed
from bridge.members.searching import Which, browse, search
from bridge.programme.service import current
from bridge.users.roles import Permission
from bridge.web.admin.asked import number, words
from bridge.web.admin.members.scope import seen_by
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import is_fragment, page
from bridge.web.admin.visit import Visit

pages = Pages()


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address."""

    text: str
    tier: str
    segment: str
    company_id: int | None

    @property
    def which(self) -> Which:
        return Which(self.tier, self.segment, self.company_id)

    @property
    def values(self) -> dict[str, Any]:
        """For links to the same list; what is not asked for is left out."""
        told = {
            "q": self.text,
            "tier": self.tier,
            "segment": self.segment,
            "company": self.company_id,
        }
        return {name: value for name, value in told.items() if value}


def asked() -> Asked:
    return Asked(
        words("q"),
        words("tier"),
        words("segment"),
        number("company"),
    )


@pages.get("/members", Permission.SEE_ACCOUNTS)
def members(visit: Visit) -> Any:
    wanted = asked()
    with visit.app.database.reading() as session:
        found, onward = _found(visit, session, wanted)
        programme = current(session, visit.app.workspace_id)
    tiers = {key: one.name for key, one in programme[1].tiers.items()} if programme else {}
    return page(
        "members_found.html" if is_fragment() else "members.html",
        found=found,
        onward=onward,
        asked=wanted,
        company=found[0].company if found else f"#{wanted.company_id}",
        tiers=tiers,
        segments=list(programme[1].segments) if programme else [],
        is_all=visit.may(Permission.SEE_MEMBERS),
    )


def _found(
    visit: Visit, session: Session, wanted: Asked
) -> tuple[list[Listed], dict[str, Any] | None]:
    """Members, and what to add to the address for those that come next."""
    which = seen_by(visit, wanted.which)
    workspace_id = visit.app.workspace_id
    if wanted.text:
        after = words("after")
        searched = search(session, workspace_id, wanted.text, which, after=after)
        more = {"after": searched.after} if searched.after else None
        return list(searched.members), more
    before = number("before")
    browsed = browse(session, workspace_id, which, before=before)
    return list(browsed.members), {"before": browsed.before} if browsed.before else None
