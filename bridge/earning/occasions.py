"""Points for days that come and for what members do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bridge.earning.conditions import holds_for, is_excluded
from bridge.earning.facts import Buyer, Calculation, MemberFacts
from bridge.kit.calendar import day_of, day_start, months_later
from bridge.programme.earning_rules import (
    ACTIVITY_KINDS,
    OCCASION_KINDS,
    EarningRule,
    MembershipYears,
)
from bridge.programme.points import PointsSettings


@dataclass(frozen=True, slots=True)
class Occasion:
    rule: str
    key: str
    """Makes it one of its kind for a member: the year of a birthday, the years of membership."""
    at: datetime
    """UTC: the beginning of the day, or the moment he joined."""
    points: int
    why: Calculation


def occasions(
    settings: PointsSettings,
    member: MemberFacts,
    buyer: Buyer,
    after: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> tuple[Occasion, ...]:
    """What came for the member after ``after``, up to and with ``until``, in order of time.

    Days begin in the programme's time zone. Only days after the one he joined on count. Who
    was born on 29 February has his birthday on 28 February in other years, and who joined on
    one his anniversary. Rules apply as ``buyer`` is now.
    """
    if is_excluded(settings.exclude, buyer):
        return ()
    rules = {key: rule for key, rule in settings.rules.items() if rule.kind in OCCASION_KINDS}
    years = range(day_of(after, zone).year, day_of(until, zone).year + 1)
    found = [
        occasion
        for key, rule in rules.items()
        for occasion in _of_rule(key, rule, member, years, zone)
        if after < occasion.at <= until and holds_for(key, rule, buyer, day_of(occasion.at, zone))
    ]
    return tuple(sorted(found, key=lambda occasion: occasion.at))


def activity_points(
    settings: PointsSettings, name: str, buyer: Buyer, at: datetime, zone: ZoneInfo
) -> tuple[tuple[str, int, Calculation], ...]:
    """(rule, points, why) for a ``review``, the ``newsletter`` or an activity of the merchant's
    own, by its name; in file order."""
    if is_excluded(settings.exclude, buyer):
        return ()
    day = day_of(at, zone)
    return tuple(
        (key, points, {"kind": rule.kind, "activity": name, "of": points})
        for key, rule in settings.rules.items()
        if rule.kind in ACTIVITY_KINDS
        and (points := _for_activity(rule, name))
        and holds_for(key, rule, buyer, day)
    )


def _for_activity(rule: EarningRule, name: str) -> int:
    if rule.activity is not None:
        return rule.activity.points if rule.activity.name == name else 0
    by_name = {"review": rule.review, "newsletter": rule.newsletter}
    return by_name.get(name) or 0


def _of_rule(
    key: str, rule: EarningRule, member: MemberFacts, years: range, zone: ZoneInfo
) -> Iterator[Occasion]:
    if rule.sign_up is not None:
        yield _occasion(key, rule, "", member.takes_part_since or member.joined_at, rule.sign_up)
    for day, name, points in _days(rule, member, years, zone):
        if day > day_of(member.joined_at, zone):
            yield _occasion(key, rule, name, day_start(day, zone), points)


def _days(
    rule: EarningRule, member: MemberFacts, years: range, zone: ZoneInfo
) -> Iterator[tuple[date, str, int]]:
    """Day, key and points."""
    if rule.membership_years is not None:
        yield from _anniversaries(rule.membership_years, day_of(member.joined_at, zone), years)
    for year in years:
        if rule.birthday is not None and member.birthday is not None:
            yield _in_year(member.birthday, year), str(year), rule.birthday
        if rule.calendar is not None:
            month, day = map(int, rule.calendar.day.split("-"))
            yield date(year, month, day), str(year), rule.calendar.points


def _anniversaries(
    asked: MembershipYears, joined: date, years: range
) -> Iterator[tuple[date, str, int]]:
    for year in years:
        passed = year - joined.year
        if passed > 0 and passed % asked.every == 0:
            yield _in_year(joined, year), str(passed), asked.points


def _in_year(day: date, year: int) -> date:
    return months_later(day, 12 * (year - day.year))


def _occasion(key: str, rule: EarningRule, name: str, at: datetime, points: int) -> Occasion:
    why: dict[str, str | int] = {"kind": rule.kind, "of": points}
    if name:
        why["which"] = name
    return Occasion(key, name, at, points, why)
