"""When a campaign comes for a member. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_of, months_later
from bridge.programme.rewards import Campaign

COME_BY_THEMSELVES = ("sign_up", "birthday", "calendar", "quiet_days", "on")
"""Occasions that give something to a member. The others make baskets cheaper: the shops' own
promotions do that."""


@dataclass(frozen=True, slots=True)
class Before:
    """What he was given by this campaign before."""

    which: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What campaigns ask of a member who takes part."""

    since: datetime
    """When he began to take part."""
    birthday: date | None = None
    orders: int = 0
    """Counted ones: neither cancelled nor returned whole."""
    last_bought: datetime | None = None
    last_order: str = ""
    """``installation id/order id`` of the last of them."""
    before: Sequence[Before] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are looked at, in the programme's time zone."""

    first: date
    """Not before the day on which the programme first had this campaign."""
    today: date
    known_through: datetime | None = None
    """Every order placed before, in any store, is known; ``None``: nobody knows."""


def due(
    campaign: Campaign, member: MemberFacts, begins: datetime, window: Window, zone: ZoneInfo
) -> str | None:
    """Which time of the campaign has come for him and was not given yet; ``None``: none.

    ``begins``: when the programme first had it; who joined before gets no welcome. A birthday
    or another day counts when it lies in the window and after the day on which he joined.
    """
    if campaign.first_order_only and member.orders:
        return None
    times = {
        "sign_up": _sign_up,
        "birthday": _birthday,
        "calendar": _calendar,
        "quiet_days": _quiet,
        "on": _on,
    }
    come = times.get(campaign.occasion)
    if come is None:
        return None
    given = {one.which for one in member.before}
    return next(
        (which for which in come(campaign, member, begins, window, zone) if which not in given),
        None,
    )


def last_quiet_day(campaign: Campaign, window: Window, zone: ZoneInfo) -> date | None:
    """Who bought last on this day or before has been quiet for long enough; ``None``: nobody
    can know."""
    if campaign.quiet_days is None or window.known_through is None:
        return None
    seen = min(window.today, day_of(window.known_through, zone))
    return seen - timedelta(days=campaign.quiet_days)


def birthdays(window: Window) -> set[tuple[int, int]]:
    """Month and day of those who have their birthday in the window."""
    days = {(day.month, day.day) for day in _days(window)}
    return days | ({(2, 29)} if (2, 28) in days else set())


def _sign_up(
    campaign: Campaign, member: MemberFacts, begins: datetime, window: Window, zone: ZoneInfo
) -> Iterator[str]:
    day = day_of(member.since, zone)
    if day_of(begins, zone) <= day <= window.today and campaign.holds_on(day):
        yield ""


def _birthday(
    campaign: Campaign, member: MemberFacts, _begins: datetime, window: Window, zone: ZoneInfo
) -> Iterator[str]:
    if member.birthday is None:
        return
    for year in {window.first.year, window.today.year}:
        # Who was born on 29 February has his birthday on 28 February in other years.
        day = months_later(member.birthday, 12 * (year - member.birthday.year))
        if _has_come(campaign, member, day, window, zone):
            yield str(year)


def _calendar(
    campaign: Campaign, member: MemberFacts, _begins: datetime, window: Window, zone: ZoneInfo
) -> Iterator[str]:
    month, day = map(int, (campaign.calendar or "").split("-"))
    for year in {window.first.year, window.today.year}:
        if _has_come(campaign, member, date(year, month, day), window, zone):
            yield str(year)


def _on(
    campaign: Campaign, member: MemberFacts, _begins: datetime, window: Window, zone: ZoneInfo
) -> Iterator[str]:
    if campaign.on is not None and _has_come(campaign, member, campaign.on, window, zone):
        yield campaign.on.isoformat()


def _quiet(
    campaign: Campaign, member: MemberFacts, _begins: datetime, window: Window, zone: ZoneInfo
) -> Iterator[str]:
    limit = last_quiet_day(campaign, window, zone)
    bought = member.last_bought
    if limit is None or bought is None or not campaign.holds_on(window.today):
        return
    # An order that was cancelled since makes an older one the last; he was won back already.
    if day_of(bought, zone) <= limit and all(one.at < bought for one in member.before):
        yield member.last_order


def _has_come(
    campaign: Campaign, member: MemberFacts, day: date, window: Window, zone: ZoneInfo
) -> bool:
    joined = day_of(member.since, zone)
    return window.first <= day <= window.today and joined < day and campaign.holds_on(day)


def _days(window: Window) -> Iterator[date]:
    day = window.first
    while day <= window.today:
        yield day
        day += timedelta(days=1)
