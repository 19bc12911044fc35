"""When points can be spent and when they are lost. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.programme.points import PointsSettings
from connectors.sales import Order


def ripens_at(settings: PointsSettings, order: Order, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) from which the order's points can be spent; ``None``: what they wait
    for (payment, completion) has not happened."""
    raise NotImplementedError


def expires_at(settings: PointsSettings, from_when: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) from which points are gone; ``None``: they never are.

    ``from_when``: as ``settings.expire.counted_from`` says, when they became available or when
    they were earned (see :func:`counts_from`).
    """
    raise NotImplementedError


def counts_from(settings: PointsSettings, earned_at: datetime, available_at: datetime) -> datetime:
    """Which of the two :func:`expires_at` is to be asked with."""
    raise NotImplementedError
