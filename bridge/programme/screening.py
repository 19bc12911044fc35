"""Sorts good ladders from bad ones, so that a bad row never takes a good one with it.

What is left out is put on hold: the shops keep what they have for it. Leaving it out alone
would read as "no price any more" and take prices away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.programme.amounts import parse_decimal
from bridge.programme.document import Hold
from bridge.programme.issues import Issue, Place, issue
from bridge.programme.kinds import currency_code
from bridge.programme.tiers import Tier, ladder_faults, read_tier, split
from connectors.base import Severity


@dataclass(frozen=True, slots=True)
class Row:
    """One tier as it was written, before anything about it is known to be right."""

    fields: Mapping[str, str | None]
    place: Place
    field: str
    """Its path, for messages."""
    fault: str = ""
    """What is wrong with the row as a whole."""
    number: Callable[[str], Decimal] = parse_decimal


@dataclass(slots=True)
class Screened:
    tiers: tuple[Tier, ...] = ()
    bad_groups: set[str | None] = field(default_factory=set)
    """The groups (``None``: tiers that name no group) whose ladder was left out."""
    is_unreadable: bool = False
    """A row cannot be trusted as a whole, so that it may have been about any group."""
    problems: list[Issue] = field(default_factory=list)


def screen(rows: Sequence[Row], kept: str, currency: str) -> Screened:
    """Reads the tiers of one SKU or rule.

    ``kept`` ends each message: what happens until the row is mended. ``currency`` is the price
    list's: a row that names it says no more than a row without.
    """
    result = Screened()
    good: list[tuple[Tier, Row]] = []
    for row in rows:
        tier = _read(row, kept, currency, result)
        if tier is None:
            result.bad_groups.add(row.fields.get("group") or None)
        else:
            good.append((tier, row))
    _check_ladders(good, kept, result)
    if not result.is_unreadable:
        result.tiers = tuple(tier for tier, _ in good if tier.group not in result.bad_groups)
    return result


def _read(row: Row, kept: str, own: str, result: Screened) -> Tier | None:
    if row.fault:
        result.problems.append(issue(row.place, row.field, row.fault + kept))
        result.is_unreadable = True
        return None
    fields = {name: text or None for name, text in row.fields.items()}
    currency = fields.get("currency")
    if currency is not None:
        try:
            fields["currency"] = currency_code(currency)
        except ValueError as error:
            result.problems.append(issue(row.place, f"{row.field}.currency", f"{error}{kept}"))
            return None
    if fields.get("currency") == own:
        fields["currency"] = None
    tier, faults = read_tier(fields, row.number)
    for fault in faults:
        path = ".".join([row.field, *map(str, fault.loc)])
        ending = kept if fault.severity is Severity.ERROR else ""
        result.problems.append(issue(row.place, path, fault.message + ending, fault.severity))
    return tier


def _check_ladders(good: list[tuple[Tier, Row]], kept: str, result: Screened) -> None:
    rows = {id(tier): row for tier, row in good}
    for (group, _), ladder in split(tier for tier, _ in good).items():
        for position, fault in ladder_faults(ladder):
            row = rows[id(ladder[position])]
            path = ".".join([row.field, *map(str, fault.loc)])
            result.problems.append(issue(row.place, path, fault.message + kept))
            result.bad_groups.add(group)


def holds(sku: str, screened: Screened, groups: Sequence[str]) -> list[Hold]:
    """What to leave as it is: bad ladders, for the groups that would have used them."""
    if screened.is_unreadable:
        return [Hold(sku=sku)]
    named = {tier.group for tier in screened.tiers} | screened.bad_groups
    if None in screened.bad_groups:
        concerned = {group for group in groups if group not in named}
        concerned |= {group for group in screened.bad_groups if group is not None}
        if concerned >= set(groups):
            return [Hold(sku=sku)]
    else:
        concerned = {group for group in screened.bad_groups if group is not None}
    return [Hold(sku=sku, group=group) for group in groups if group in concerned]
