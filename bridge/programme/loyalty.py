"""What the programme says of members: segments, tiers, companies, and of other currencies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from bridge.programme.kinds import (
    CurrencyCode,
    Day,
    Emails,
    Key,
    Part,
    Positive,
    Text,
    Texts,
    Whole,
)
from bridge.programme.points import MOST_DAYS, MOST_MONTHS
from connectors.sentences import sentence


def _nothing_given(part: Part) -> bool:
    return part == type(part).model_construct()


# --- segments ------------------------------------------------------------------------------


class Rfm(Part):
    """Recency, frequency, money; all that are given must hold."""

    bought_within_days: Annotated[Whole, Field(le=MOST_DAYS)] | None = None
    not_bought_for_days: Annotated[Whole, Field(le=MOST_DAYS)] | None = None
    """He has bought before, and not since."""
    orders: Whole | None = None
    """At least so many orders in the window."""
    spend: Positive | None = None
    """At least so much in the window, in the programme's currency."""
    months: Annotated[Whole, Field(le=MOST_MONTHS)] | None = None
    """The window of ``orders`` and ``spend``; ``None``: ever."""

    @model_validator(mode="after")
    def _says_something(self) -> Rfm:
        bounds = (
            self.bought_within_days,
            self.not_bought_for_days,
            self.orders,
            self.spend,
        )
        if bounds == (None, None, None, None):
            raise ValueError(
                sentence(
                    "has no condition: write bought_within_days, not_bought_for_days, orders or "
                    "spend"
                )
            )
        if self.months is not None and self.orders is None and self.spend is None:
            raise ValueError(
                sentence("months is the window of orders and spend: write one of them")
            )
        return self


class Segment(Part):
    """Who is named in any of these ways."""

    rfm: Rfm | None = None
    companies: Texts = ()
    emails: Emails = ()

    @model_validator(mode="after")
    def _names_someone(self) -> Segment:
        if _nothing_given(self):
            raise ValueError(sentence("names nobody: write rfm, companies, emails or file"))
        return self


# --- tiers ---------------------------------------------------------------------------------


class Reach(Part):
    """What a member must have done in the window; all that are given must hold."""

    spend: Positive | None = None
    """In the programme's currency, on the side (net, gross) that points count."""
    items: Whole | None = None
    orders: Whole | None = None
    membership_months: Annotated[Whole, Field(le=MOST_MONTHS)] | None = None
    """Since he joined, whatever the window."""

    @model_validator(mode="after")
    def _says_something(self) -> Reach:
        if _nothing_given(self):
            raise ValueError(sentence("is empty: write spend, items, orders or membership_months"))
        return self

    def covers(self, other: Reach) -> bool:
        """Whether who reaches this one always reaches the other too, in the same window."""
        return all(
            mine is not None and mine >= theirs
            for mine, theirs in self._pairs(other)
            if theirs is not None
        )

    def _pairs(self, other: Reach) -> Iterable[tuple[Decimal | None, Decimal | None]]:
        for name in type(self).model_fields:
            mine, theirs = getattr(self, name), getattr(other, name)
            yield (
                (None if mine is None else Decimal(mine)),
                (None if theirs is None else Decimal(theirs)),
            )


class CalendarPeriod(StrEnum):
    YEAR = "year"


class Window(Part):
    """The time that counts; absent: ever."""

    months: Annotated[Whole, Field(le=MOST_MONTHS)] | None = None
    """Rolling: the last so many months, to the day."""
    calendar: CalendarPeriod | None = None
    """Since the first day of this year."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Window:
        if (self.months is None) is (self.calendar is None):
            raise ValueError(
                sentence("needs months (rolling) or calendar: year; leave it out for ever")
            )
        return self


class Grace(Part):
    """How long a tier stays when it is not reached any more."""

    months: Annotated[Whole, Field(le=MOST_MONTHS)] | None = None
    days: Annotated[Whole, Field(le=MOST_DAYS)] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Grace:
        if (self.months is None) is (self.days is None):
            raise ValueError(sentence("needs months or days"))
        return self


def _one_reach(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Reaches = Annotated[tuple[Reach, ...], BeforeValidator(_one_reach)]


class LoyaltyTier(Part):
    """A loyalty level; in file order the later is the higher."""

    name: Text
    group: Key | None = None
    """The programme's group that its members belong to."""
    reach: Reaches = ()
    """Ways to reach it, any of them; empty: it is given by hand alone."""
    keep: Reaches = ()
    """Ways to keep it; empty: the same as to reach it."""
    window: Window | None = None
    """``None``: ever."""
    grace: Grace | None = None
    """``None``: a tier that is not reached any more ends at once."""

    @model_validator(mode="after")
    def _can_be_lost(self) -> LoyaltyTier:
        if self.keep and not self.reach:
            raise ValueError(sentence("keep has no meaning without reach"))
        return self


# --- who is who ----------------------------------------------------------------------------


class Identity(Part):
    """What makes customers of several shops one member."""

    link_unconfirmed: bool = False
    """An e-mail address links customers also where nobody has shown that it is his. Whoever
    registers with another's address then shares his points."""


# --- companies, currencies -----------------------------------------------------------------


class CompanyEntry(Part):
    """A business whose people are members."""

    name: Text
    vat_id: Text | None = None
    holds_points: bool = False
    """What its people earn goes into one account, the company's."""


class ExchangeRate(Part):
    """``rate`` units of the programme's currency for one of ``currency``, from a day on."""

    currency: CurrencyCode
    starts: Annotated[Day, Field(alias="from")]
    rate: Positive


def rate_on(rates: Iterable[ExchangeRate], currency: str, day: date) -> Decimal | None:
    """The rate in force on ``day`` (in the programme's time zone); ``None``: there is none."""
    known = [rate for rate in rates if rate.currency == currency and rate.starts <= day]
    return max(known, key=lambda rate: rate.starts).rate if known else None
