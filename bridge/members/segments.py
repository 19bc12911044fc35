"""Segments: who is in which, by what the programme says and what he bought. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.members.vat import normal_vat_id
from bridge.programme.loyalty import Rfm
from bridge.programme.loyalty import Segment as SegmentRule


@dataclass(frozen=True, slots=True)
class Bought:
    """Counted orders of one window: neither cancelled nor returned whole."""

    orders: int = 0
    spend: Decimal = Decimal(0)
    """Goods after discounts, less refunds, in the programme's currency, on the side (net,
    gross) that points count."""


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What segments ask of a member."""

    emails: frozenset[str] = frozenset()
    """Addresses he has shown to be his."""
    companies: frozenset[str] = frozenset()
    """Names and VAT ids, as :func:`plain_company` gives them."""
    last_bought: date | None = None
    """In the programme's time zone; ``None``: never."""
    bought: Mapping[int | None, Bought] = field(default_factory=dict)
    """By months of the window; ``None``: ever."""


NOTHING_BOUGHT = Bought()


def segment_of(rules: Mapping[str, SegmentRule], facts: MemberFacts, today: date) -> frozenset[str]:
    """Keys of the segments that name him, in any of their ways, for one member; for many, keep
    a :class:`SegmentIndex`. ``today``: in the programme's time zone."""
    return SegmentIndex(rules).segments_of(facts, today)


class SegmentIndex:
    """The programme's segments, prepared for many members."""

    def __init__(self, rules: Mapping[str, SegmentRule]) -> None:
        self._rules = [
            (
                key,
                frozenset(rule.emails),
                frozenset(form for name in rule.companies for form in plain_company(name)),
                rule.rfm,
            )
            for key, rule in rules.items()
        ]

    def segments_of(self, facts: MemberFacts, today: date) -> frozenset[str]:
        return frozenset(
            key
            for key, emails, companies, rfm in self._rules
            if not emails.isdisjoint(facts.emails)
            or not companies.isdisjoint(facts.companies)
            or (rfm is not None and _bought_so(rfm, facts, today))
        )


def plain_company(name: str) -> frozenset[str]:
    """The forms in which a company's name or VAT id is compared."""
    forms = {" ".join(name.split()).casefold(), normal_vat_id(name)}
    return frozenset(forms - {""})


def windows(rules: Iterable[SegmentRule]) -> frozenset[int | None]:
    """The windows that the rules look at, in months; ``None``: ever."""
    return frozenset(rule.rfm.months for rule in rules if rule.rfm is not None)


def window_start(months: int | None, today: date, zone: ZoneInfo) -> datetime | None:
    """The first moment of a window: the same day so many months ago, or that month's last."""
    if months is None:
        return None
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = min(today.day, monthrange(year, month + 1)[1])
    return datetime.combine(date(year, month + 1, day), time(), zone)


def _bought_so(rfm: Rfm, facts: MemberFacts, today: date) -> bool:
    if not _recently(rfm, facts.last_bought, today):
        return False
    bought = facts.bought.get(rfm.months, NOTHING_BOUGHT)
    if rfm.orders is not None and bought.orders < rfm.orders:
        return False
    return rfm.spend is None or bought.spend >= rfm.spend


def _recently(rfm: Rfm, last: date | None, today: date) -> bool:
    """Who bought exactly *n* days ago has bought within *n* days; *n* days without an order
    are over the day after."""
    if rfm.bought_within_days is None and rfm.not_bought_for_days is None:
        return True
    if last is None:
        return False
    ago = (today - last).days
    within, apart = rfm.bought_within_days, rfm.not_bought_for_days
    return (within is None or ago <= within) and (apart is None or ago > apart)
