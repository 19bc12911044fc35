"""Points for days that come and for what members do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.earning.facts import Buyer, Calculation, MemberFacts
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
    """What came for the member after ``after``, up to and with ``until``, in order of time."""
    raise NotImplementedError


def activity_points(
    settings: PointsSettings, name: str, buyer: Buyer, at: datetime, zone: ZoneInfo
) -> tuple[tuple[str, int, Calculation], ...]:
    """(rule, points, why) for a ``review``, the ``newsletter`` or an activity of the merchant's
    own, by its name."""
    raise NotImplementedError
