"""One person's language and time zone: says texts, numbers, money and times as he reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from bridge.languages.catalogues import PSEUDO, SOURCE, translations

UTC = ZoneInfo("UTC")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Speech:
    language: str
    domain: str
    zone: ZoneInfo = UTC

    @property
    def locale(self) -> Locale:
        return Locale.parse(SOURCE if self.language == PSEUDO else self.language)

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    def text(self, message: str, /, **parts: Any) -> str:
        """``message``: English, with ``%(name)s`` for each part."""
        told = translations(self.language, self.domain).gettext(message)
        return told % parts if parts else told

    def count(self, one: str, many: str, number: int, /, **parts: Any) -> str:
        """``%(number)s`` is the number as it is written in this language."""
        told = translations(self.language, self.domain).ngettext(one, many, number)
        return told % {"number": self.number(number), **parts}

    def number(self, value: int | Decimal) -> str:
        return format_decimal(value, locale=self.locale)

    def signed(self, value: int) -> str:
        """With its sign, ``+1,200``."""
        return f"+{self.number(value)}" if value > 0 else self.number(value)

    def money(self, amount: Decimal, currency: str) -> str:
        return format_currency(amount, currency, locale=self.locale)

    def unit_price(self, amount: Decimal, currency: str) -> str:
        """With all its decimals, and at least as many as the currency has: a screw costs 0.0125."""
        return format_currency(amount, currency, locale=self.locale, decimal_quantization=False)

    def percent(self, share: Decimal, digits: int = 1) -> str:
        """Of a share between 0 and 1."""
        pattern = self.locale.percent_formats[None].pattern
        if digits:
            pattern = pattern.replace("0", f"0.{'#' * digits}", 1)
        return format_percent(share, format=pattern, locale=self.locale)

    def day(self, value: date) -> str:
        return format_date(value, format="medium", locale=self.locale)

    def moment(self, value: datetime) -> str:
        """Date and time to the minute, in the person's zone."""
        return format_datetime(value, format="medium", tzinfo=self.zone, locale=self.locale)

    def ago(self, since: timedelta) -> str:
        """``5 minutes ago``; ``in 5 minutes`` for what is to come."""
        return format_timedelta(-since, add_direction=True, locale=self.locale)

    def lasting(self, span: timedelta) -> str:
        """``5 minutes``."""
        return format_timedelta(span, locale=self.locale)
