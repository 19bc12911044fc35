"""The rows each product of a family should be sold by, wherever they will be written. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from connectors.base import (
    Audience,
    Family,
    Ladder,
    PricingFacts,
    Problem,
    Product,
    TierPrice,
)
from connectors.shopware.amounts import Unpriceable
from connectors.shopware.chosen import Chosen
from connectors.shopware.ladders import NativeRow, Pricing, native_rows, needs_before
from connectors.shopware.shopper import Stretch, deciding_rows, stretches


class Foreign:
    """What somebody else wrote: rows of audiences that are not ours."""

    def __init__(
        self, present: Sequence[TierPrice], facts: PricingFacts, compiled_for: Collection[str]
    ) -> None:
        """``compiled_for``: audiences that are being compiled, and so ours even where they are
        still to be made."""
        ours = {audience.id for audience in facts.audiences if audience.ours} | set(compiled_for)
        self._audiences = [a for a in facts.audiences if a.id not in ours]
        self._names = {audience.id: audience.name for audience in facts.audiences}
        self._rows: dict[str, list[TierPrice]] = defaultdict(list)
        for row in sorted(present, key=lambda row: (row.key, row.native_id)):
            if row.key.audience_id not in ours:
                self._rows[row.key.product_id].append(row)

    def has_rows(self, product_id: str) -> bool:
        return product_id in self._rows

    def of(self, product: Product) -> Sequence[TierPrice]:
        """The rows the product is sold by: its own, or else its parent's."""
        own = self._rows.get(product.id)
        return own if own is not None else self._rows.get(product.parent_id, ())

    def names(self, product_id: str) -> str:
        ids = sorted({row.key.audience_id for row in self._rows.get(product_id, ())})
        return ", ".join(f"“{self._names.get(i, i)}”" for i in ids)

    def paid_before(self, product: Product, ladder: Ladder) -> tuple[Stretch, ...]:
        """What a member of the ladder's group, or else of its base group, paid up to now."""
        groups = (ladder.group_id, ladder.base_group_id)
        rows = deciding_rows(self.of(product), self._audiences, groups)
        return stretches(rows) or (Stretch(1, product.prices),)

    def undecided(self, product: Product) -> list[Audience]:
        """Audiences with rows here of which nobody can say whether they hold for a group."""
        having = {row.key.audience_id for row in self.of(product)}
        return [a for a in self._audiences if a.id in having and not a.group_ids]


@dataclass(frozen=True, slots=True)
class Wanted:
    audiences: tuple[str, ...]
    rows: Mapping[tuple[str, str], tuple[NativeRow, ...]]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def of(self, product_id: str, audience_id: str) -> tuple[NativeRow, ...]:
        return self.rows.get((product_id, audience_id), ())


def wanted_rows(family: Family, chosen: Chosen, foreign: Foreign, facts: PricingFacts) -> Wanted:
    currencies = {currency.code: currency for currency in facts.currencies}
    products = {product.id: product for product in (family.head, *family.variants)}
    rows: dict[tuple[str, str], tuple[NativeRow, ...]] = {}
    problems: list[Problem] = []
    notes: list[Problem] = []
    for (product_id, audience_id), ladders in chosen.by_product.items():
        if not ladders:
            continue
        product = products[product_id]
        before = foreign.paid_before(product, ladders[0])
        try:
            found = native_rows(Pricing(product, ladders, before, currencies))
        except Unpriceable as reason:
            problems += [_about(product, ladder, str(reason)) for ladder in ladders]
            continue
        rows[product_id, audience_id] = found
        if needs_before(ladders):
            notes += _undecided(foreign.undecided(product), product, ladders)
    audiences = tuple(sorted({audience_id for _, audience_id in rows}))
    return Wanted(audiences, rows, tuple(problems), tuple(notes))


def _undecided(
    audiences: Sequence[Audience], product: Product, ladders: Sequence[Ladder]
) -> list[Problem]:
    if not audiences:
        return []
    names = ", ".join(f"“{audience.name}”" for audience in audiences)
    message = (
        f"The rows of {names} no longer reach the group, and what they say is not kept below the "
        "first step: nobody can tell whether that rule holds for the group. State a step from "
        "quantity 1 if it should."
    )
    return [_about(product, ladder, message) for ladder in ladders if needs_before([ladder])]


def _about(product: Product, ladder: Ladder, message: str) -> Problem:
    return Problem(product_id=product.id, source=ladder.source, message=message)
