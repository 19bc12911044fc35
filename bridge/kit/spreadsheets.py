"""Cells of a CSV file that somebody opens in a spreadsheet."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
BOM = "\ufeff"
"""Without it, Excel reads UTF-8 as something else."""


def harmless(value: object) -> str:
    """A cell that no spreadsheet runs: what begins like a formula gets an apostrophe in front.

    Numbers stay as they are, negative ones too: they hold nothing but their digits. Pure.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        # One that has an apostrophe there already gets another: imports take just one away.
        return f"'{value}" if value.lstrip("'").startswith(_STARTS) else value
    return str(value)
