"""What stands in an address behind the question mark: anybody can write anything there."""

from __future__ import annotations

from flask import request

LARGEST = 2**31 - 1
"""What an id's column takes."""
_DIGITS = len(str(LARGEST))
_LONGEST = 254


def number(name: str) -> int | None:
    """``None``: there is none, or none that an id could be."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 <= found <= LARGEST else None


def numbers(name: str) -> list[int]:
    """Of a form's field that may be there several times; what no id could be is left out."""
    found = request.form.getlist(name, type=int)
    return [one for one in found if 0 <= one <= LARGEST]


def whole(told: str | None) -> int | None:
    """Of a form's field; ``None``: it is no number, or none that an id or a version could be."""
    if not told or not (told.isascii() and told.isdecimal()) or len(told) > _DIGITS:
        return None
    return int(told) if int(told) <= LARGEST else None


def words(name: str) -> str:
    """Trimmed, without signs that no database keeps; empty: nothing is asked for."""
    return request.args.get(name, "").replace("\x00", "").strip()[:_LONGEST]
