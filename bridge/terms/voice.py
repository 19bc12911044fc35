"""Says numbers, money, days and lists of the terms in one language. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from bridge.languages.speech import Speech

DOMAIN = "terms"
_LEAP_YEAR = 2024
_CLOSE = frozenset({"ja"})
"""Languages that put nothing between two sentences."""


def lazy(message: str) -> str:
    """Marks a text for the catalogues that is said later."""
    return message


@dataclass(frozen=True, slots=True)
class Voice:
    speech: Speech
    currency: str
    point: str = ""
    """The merchant's own word; empty: the language's."""
    points: str = ""

    @property
    def gap(self) -> str:
        """Between two sentences."""
        return "" if self.speech.language in _CLOSE else " "

    def text(self, *sentences: str) -> str:
        return self.gap.join(one for one in sentences if one)

    def counted(self, number: int) -> str:
        """``1,200 points``."""
        if self.points:
            return f"{self.speech.number(number)} {self.point if number == 1 else self.points}"
        ngettext = self.speech.count
        return ngettext("%(number)s point", "%(number)s points", number)

    def money(self, amount: Decimal) -> str:
        return self.speech.money(amount, self.currency)

    def percent(self, percent: Decimal) -> str:
        return self.speech.percent(percent / 100, 2)

    def day(self, value: date) -> str:
        return format_date(value, format="long", locale=self.speech.locale)

    def day_of_year(self, value: str) -> str:
        """``12-06`` as people say it."""
        month, day = map(int, value.split("-"))
        return format_skeleton("MMMMd", date(_LEAP_YEAR, month, day), locale=self.speech.locale)

    def every(self, names: Sequence[str]) -> str:
        """``A, B and C``."""
        return format_list(list(names), style="standard", locale=self.speech.locale)

    def either(self, names: Sequence[str]) -> str:
        """``A, B or C``."""
        return format_list(list(names), style="or", locale=self.speech.locale)
