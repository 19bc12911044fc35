"""Kinds of values that the programme's models are made of, and what they refuse."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from bridge.programme.amounts import DECIMALS, decimals, parse_decimal, shorten, tidy
from bridge.programme.emails import normal_domain, normal_email
from connectors.sentences import sentence

EVERYWHERE = "*"
"""The key, in a setting per installation, of what holds in every other installation."""

LONGEST_TEXT = 255
LARGEST = 1_000_000_000
"""Numbers of points, amounts and counts end here: more is a slip."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, value: Any) -> Any:
        """A field written without a value (``members:``) is as if it were not there."""
        if isinstance(value, dict):
            return {name: item for name, item in value.items() if item is not None}
        return value


# --- kinds of text -------------------------------------------------------------------------


def clean_text(text: str) -> str:
    """One trimmed line. Raises ValueError whose text says what is wrong."""
    text = text.strip()
    if not text:
        raise ValueError(sentence("is empty"))
    if len(text) > LONGEST_TEXT:
        raise ValueError(
            sentence(
                "has %(count)s characters: at most %(longest_text)s are possible",
                count=len(text),
                longest_text=LONGEST_TEXT,
            )
        )
    if any(unicodedata.category(sign) in _UNPRINTABLE for sign in text):
        raise ValueError(sentence("has line breaks or control characters: write it on one line"))
    return text


def _slug(text: str) -> str:
    if len(text) > 64 or not _SLUG.fullmatch(text):
        raise ValueError(
            sentence(
                '"%(text)s" cannot be a key: use lower-case letters, digits and hyphens, like '
                "gold-b2b",
                text=text,
            )
        )
    return text


def currency_code(text: str) -> str:
    """Three capital letters. Raises ValueError whose text says what is wrong."""
    code = text.strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise ValueError(
            sentence('"%(text)s" is not a currency: write its three letters, like EUR', text=text)
        )
    return code


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        message = f'"{text}" is not a time zone: write it like Europe/Berlin'
        raise ValueError(message) from None
    return text


def _date(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            message = f'"{value}" is not a date: write it like 2024-01-31'
            raise ValueError(message) from None
    return value


def _store(text: str) -> str:
    installation, slash, store = (part.strip() for part in text.partition("/"))
    if not installation or (slash and not store):
        raise ValueError(
            sentence(
                '"%(text)s" is not a store: write installation or installation/store', text=text
            )
        )
    return f"{installation}/{store}" if slash else installation


def one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _everywhere(value: object) -> object:
    return {EVERYWHERE: value} if isinstance(value, str | list | tuple) else value


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _whole(value: object) -> object:
    """Reads a number of points or things. Raises ValueError whose text says how to write it."""
    if isinstance(value, str):
        text = value.strip()
        if not _WHOLE.fullmatch(text):
            raise ValueError(
                sentence(
                    '"%(shorten)s" is not a whole number: write it like 10', shorten=shorten(text)
                )
            )
        return int(text)
    return value


def _above_nothing(number: int) -> int:
    if number < 1:
        raise ValueError(
            sentence("%(number)s is not above 0: write at least 1", number=f"{number}")
        )
    return _not_above(number, LARGEST)


def _not_above(number: int, largest: int) -> int:
    if number > largest:
        raise ValueError(
            sentence("%(number)s is above %(largest)s", number=f"{number}", largest=f"{largest}")
        )
    return number


def _at_least_nothing(number: int) -> int:
    if number < 0:
        raise ValueError(sentence("%(number)s is below 0", number=f"{number}"))
    return number


def _number(value: object) -> object:
    return parse_decimal(value.strip()) if isinstance(value, str) else value


def _positive(number: Decimal) -> Decimal:
    if not number.is_finite() or number <= 0:
        raise ValueError(sentence("%(number)s is not above 0", number=f"{number}"))
    if number > LARGEST:
        raise ValueError(
            sentence("%(number)s is above %(largest)s", number=f"{number}", largest=f"{LARGEST}")
        )
    if decimals(number) > DECIMALS:
        raise ValueError(
            sentence(
                "%(number)s has more than %(decimals)s decimals",
                number=f"{number}",
                decimals=DECIMALS,
            )
        )
    return tidy(number)


def _day_of_year(text: str) -> str:
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            sentence(
                '"%(shorten)s" is not a day of the year: write it like "12-31"',
                shorten=shorten(text),
            )
        )
    if match[0] == "02-29":
        raise ValueError(
            sentence('"02-29" is there only every four years: write "02-28" or "03-01"')
        )
    try:
        date(2023, int(match[1]), int(match[2]))
    except ValueError:
        message = f'there is no day "{match[0]}": month and day, like "12-31"'
        raise ValueError(message) from None
    return match[0]


Text = Annotated[str, AfterValidator(clean_text)]
Whole = Annotated[int, BeforeValidator(_whole), AfterValidator(_above_nothing)]
"""A whole number above 0: points, orders, days."""
WholeOrNothing = Annotated[int, BeforeValidator(_whole), AfterValidator(_at_least_nothing)]
Positive = Annotated[Decimal, BeforeValidator(_number), AfterValidator(_positive)]
"""An exact number above 0 with at most six decimals: amounts, factors, rates."""
DayOfYear = Annotated[str, AfterValidator(_day_of_year)]
"""``MM-DD``."""
Day = Annotated[date, BeforeValidator(_date)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Key = Annotated[str, AfterValidator(_slug)]
CurrencyCode = Annotated[str, AfterValidator(currency_code)]
Email = Annotated[str, AfterValidator(normal_email)]
Domain = Annotated[str, AfterValidator(normal_domain)]
StoreName = Annotated[str, AfterValidator(clean_text), AfterValidator(_store)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(one_or_many), AfterValidator(_distinct)]
Keys = Annotated[tuple[Key, ...], BeforeValidator(one_or_many), AfterValidator(_distinct)]
Emails = Annotated[tuple[Email, ...], BeforeValidator(one_or_many), AfterValidator(_distinct)]
Domains = Annotated[tuple[Domain, ...], BeforeValidator(one_or_many), AfterValidator(_distinct)]
Stores = Annotated[tuple[StoreName, ...], BeforeValidator(one_or_many)]
TextByInstallation = Annotated[dict[Text, Text], BeforeValidator(_everywhere)]
TextsByInstallation = Annotated[dict[Text, Texts], BeforeValidator(_everywhere)]
