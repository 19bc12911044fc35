"""What a shopper pays by quantity: Shopware's own rule over the rows of one product.

Of all rules that match the shopper, the one with the highest priority that has any row for the
product decides; its rows are then walked by ``quantityStart``, and the first whose end is not
passed yet holds. A row without an end counts as ending where it starts, and the last row holds
for everything that is left (recorded: variants_and_prices_seen.json #4, #8, #10).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.base import Amount, Audience, TierPrice
from connectors.shopware.mapping import EVERYONE


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` pieces up to the next stretch, a piece costs ``amounts``."""

    start: int
    amounts: tuple[Amount, ...]


def stretches(rows: Iterable[TierPrice]) -> tuple[Stretch, ...]:
    """What the rows of one product and rule mean, however oddly they were entered.

    The first stretch starts at 1; empty when there are no rows.
    """
    ordered = sorted(rows, key=lambda row: row.key.quantity)
    seen: list[Stretch] = []
    start = 1
    for position, row in enumerate(ordered):
        last = position == len(ordered) - 1
        end = row.value.until if row.value.until is not None else int(row.key.quantity)
        if not last and end < start:
            continue
        seen.append(Stretch(start, row.value.amounts))
        start = end + 1
    return tuple(seen)


def amounts_at(ladder: Sequence[Stretch], quantity: int) -> tuple[Amount, ...]:
    """The amounts in force at a quantity of at least 1."""
    in_force = [stretch for stretch in ladder if stretch.start <= quantity]
    return in_force[-1].amounts if in_force else ()


def deciding_rows(
    rows: Sequence[TierPrice], audiences: Sequence[Audience], group_ids: Sequence[str]
) -> tuple[TierPrice, ...]:
    """The rows of one product that decide for a member of the first of ``group_ids`` that is
    named by an audience with any: those of the audience with the highest priority that holds for
    him. Where none is named, those for everyone. Only audiences that are about customer groups
    alone, or about nothing, can be judged."""
    having = {row.key.audience_id for row in rows}
    ranked = [a for a in sorted(audiences, key=lambda a: (-a.priority, a.id)) if a.id in having]
    for group_id in group_ids:
        if any(group_id in audience.group_ids for audience in ranked):
            return _rows_of(_first(ranked, {group_id, EVERYONE}), rows)
    return _rows_of(_first(ranked, {EVERYONE}), rows)


def _first(ranked: Sequence[Audience], group_ids: set[str]) -> str:
    return next((a.id for a in ranked if group_ids.intersection(a.group_ids)), "")


def _rows_of(audience_id: str, rows: Sequence[TierPrice]) -> tuple[TierPrice, ...]:
    return tuple(row for row in rows if row.key.audience_id == audience_id)
