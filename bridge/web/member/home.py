"""The first page: what a member has, what becomes of it, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.tiers.progress import Measure, Progress, Step, next_tier
from bridge.tiers.service import standings
from bridge.vouchers.rules import largest_value
from bridge.web.member.having import Having, having
from bridge.web.member.history import past
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Visit
from bridge.web.member.vouchers import OPEN, shown
from bridge.web.member.wording import last_day
from bridge.web.speaking import _, speech

pages = Pages()

_ENTRIES = 5
_VOUCHERS = 3


@dataclass(frozen=True, slots=True)
class Bar:
    text: str
    has: Decimal
    """At most what is needed."""
    needs: Decimal


@dataclass(frozen=True, slots=True)
class Tier:
    name: str
    """Empty: none yet."""
    last_day: date | None
    """When it ends unless it is reached again; ``None``: it does not."""
    next: str
    """Empty: there is none above that can be reached."""
    ways: tuple[tuple[Bar, ...], ...]
    """To the next; any of them is enough."""


@pages.get("/", Needs.MEMBER)
def home(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        has = having(session, visit)
        tier = _tier(session, visit)
        vouchers, more = shown(session, visit, OPEN, 0, _VOUCHERS)
        entries, _older = past(session, visit, 0, _ENTRIES)
    return page(
        "home.html",
        has=has,
        worth=_worth(visit, has),
        tier=tier,
        vouchers=vouchers,
        more_vouchers=more is not None,
        entries_shown=entries,
    )


@pages.get("/more", Needs.MEMBER)
def more(visit: Visit) -> Any:
    """What the bottom of a phone has no room for."""
    return page("more.html")


def _worth(visit: Visit, has: Having) -> str:
    """Of the best voucher he could have now; empty: there is none."""
    programme = visit.merchant.programme
    if programme is None or programme.redemption is None or not visit.takes_part:
        return ""
    best = largest_value(programme.redemption, max(has.available, 0))
    return speech().money(best, programme.currency) if best is not None else ""


def _tier(session: Session, visit: Visit) -> Tier | None:
    programme, member = visit.merchant.programme, visit.member
    if programme is None or not programme.tiers:
        return None
    now, zone = visit.app.now(), ZoneInfo(programme.timezone)
    found = standings(session, visit.app.workspace_id, now, member_ids=[visit.member_id]).standings
    volumes: Any = found[0].volumes if found else {}
    coming = next_tier(programme.tiers, member.tier, volumes, member.joined_at, now, zone)
    named = programme.tiers.get(member.tier)
    by_hand = member.tier_override is not None
    until = member.tier_override_until if by_hand else member.tier_until
    return Tier(
        named.name if named else "",
        last_day(until, zone) if named else None,
        programme.tiers[coming.tier].name if coming else "",
        _ways(coming, programme.currency),
    )


def _ways(coming: Progress | None, currency: str) -> tuple[tuple[Bar, ...], ...]:
    if coming is None:
        return ()
    return tuple(tuple(_bar(step, currency) for step in way) for way in coming.ways)


def _bar(step: Step, currency: str) -> Bar:
    if step.measure is Measure.SPEND:
        parts = {
            "has": speech().money(step.has, currency),
            "needs": speech().money(step.needs, currency),
        }
        text = _("%(has)s of %(needs)s spent", **parts)
    else:
        parts = {"has": speech().number(step.has), "needs": speech().number(step.needs)}
        text = _counted(step.measure, parts)
    return Bar(text, min(step.has, step.needs), step.needs)


def _counted(measure: Measure, parts: dict[str, str]) -> str:
    if measure is Measure.ITEMS:
        return _("%(has)s of %(needs)s pieces bought", **parts)
    if measure is Measure.ORDERS:
        return _("%(has)s of %(needs)s orders", **parts)
    return _("%(has)s of %(needs)s months with us", **parts)
