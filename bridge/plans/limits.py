"""Whether a plan moves so much money that a second person must see it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from bridge.programme.document import Programme
from bridge.programme.loyalty import rate_on


def money_moved(
    by_currency: Mapping[str, Decimal], programme: Programme, day: date
) -> Decimal | None:
    """In the programme's currency, by the rates in force; ``None``: a rate is missing, so that
    nobody can say."""
    total = Decimal(0)
    for currency, moved in by_currency.items():
        rate: Decimal | None = Decimal(1)
        if currency != programme.currency and moved:
            rate = rate_on(programme.rates, currency, day)
        if rate is None:
            return None
        total += moved * rate
    return total


def needs_second_person(moved: Decimal | None, limit: Decimal | None) -> bool:
    """``limit`` ``None``: none. What nobody can put a number on is above any limit."""
    return limit is not None and (moved is None or moved > limit)
