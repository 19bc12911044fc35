"""Numbers as people write them, read without ever passing through a float."""

from __future__ import annotations

import re
from decimal import Decimal

from connectors.sentences import sentence

DECIMALS = 6
"""Decimals a unit price may have: what Magento stores (``decimal(20,6)``) and what the bridge
keeps (integer millionths)."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,' ]\d{3})+([.,]\d+)?", re.ASCII)
_UNIT = re.compile(r"\D*?([+-]?\d+(?:[.,]\d+)?)\D*", re.ASCII)
_LONGEST = 40


def parse_decimal(text: str) -> Decimal:
    """A plain decimal number. Raises ValueError whose text says how to write it."""
    if len(text) <= _LONGEST and _NUMBER.fullmatch(text):
        return tidy(Decimal(text))
    raise ValueError(_advice(text))


def parse_comma_decimal(text: str) -> Decimal:
    """A number with a decimal comma (``8,90``), as spreadsheets write it in semicolon files.

    ``1,250`` is refused: it may be one and a quarter, or a thousand two hundred and fifty.
    """
    match = _COMMA.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        if "." in text:
            raise ValueError(
                sentence(
                    '"%(text)s" has a point while other numbers of this file have a decimal comma: '
                    "write all numbers the same way",
                    text=text,
                )
            )
        return parse_decimal(text)
    whole, part = match.groups()
    if len(part) == 3 and whole.lstrip("+-") != "0":
        raise ValueError(
            sentence(
                '"%(text)s" can be read as %(whole)s.%(part)s or as %(whole)s%(part)s: write '
                "%(whole)s,%(part)s0 or %(whole)s%(part)s",
                text=text,
                whole=whole,
                part=part,
            )
        )
    return tidy(Decimal(f"{whole}.{part}"))


def parse_quantity(text: str) -> int:
    """A whole number of pieces. Raises ValueError whose text says how to write it."""
    if len(text) <= _LONGEST and _WHOLE.fullmatch(text):
        return int(text)
    if len(text) <= _LONGEST and _NUMBER.fullmatch(text):
        raise ValueError(sentence('"%(text)s" is not a whole number of pieces', text=text))
    raise ValueError(
        sentence('"%(shorten)s" is not a number of pieces: write it like 10', shorten=shorten(text))
    )


def tidy(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    if not number.is_finite():
        return number
    return Decimal(format(number.normalize(), "f"))


def decimals(number: Decimal) -> int:
    """How many decimals a finite number needs."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _advice(text: str) -> str:
    shown = f'"{shorten(text)}"'
    if len(text) > _LONGEST:
        return f"{shown} is not a number"
    if _GROUPED.fullmatch(text):
        return f"{shown} has a thousands separator: write digits and a decimal point only"
    comma = _COMMA.fullmatch(text)
    if comma:
        return f"{shown} has a decimal comma: write {comma[1]}.{comma[2]}"
    unit = _UNIT.fullmatch(text)
    if unit:
        number = unit[1].replace(",", ".")
        return f"{shown} is more than a number: write {number}, without a sign or currency"
    return f"{shown} is not a number: write it like 12.50"
