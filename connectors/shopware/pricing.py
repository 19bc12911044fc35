"""From the merchant's ladders of one family to native ``product_price`` rows. Pure.

A variant with rows of its own, of whatever rule, inherits none of its parent's (recorded:
variants_and_prices_seen.json #3, #6), so the place of every row of a family is decided for all
audiences together:

- a variant that has rows of somebody else gets its rows itself;
- the others inherit: what all of them agree on is written once, at the parent;
- what they do not agree on is written at each variant concerned, together with what it would
  have inherited, as long as the parent has no rows of somebody else that it would lose.

Rows of our own audiences never count as somebody's: the outcome is the same before and after
it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connectors.base import (
    ALL_STORES,
    Compiled,
    CompiledRow,
    Family,
    Ladder,
    PricingFacts,
    Problem,
    TierKey,
    TierPrice,
)
from connectors.shopware.chosen import Chosen, choose
from connectors.shopware.ladders import NativeRow
from connectors.shopware.wanted import Foreign, Wanted, wanted_rows


def compile(  # noqa: A001 - the port's own word
    family: Family,
    ladders: Sequence[Ladder],
    present: Sequence[TierPrice],
    facts: PricingFacts,
) -> Compiled:
    """Native rows of one family, at products by id, sorted by key; every ladder that cannot be
    said in this shop as a Problem."""
    chosen = choose(family, ladders, facts)
    foreign = Foreign(present, facts, {ladder.audience_id for ladder in ladders})
    wanted = wanted_rows(family, chosen, foreign, facts)
    placed = _Placement(family, chosen, foreign, wanted)
    return Compiled(
        rows=tuple(sorted(placed.rows, key=lambda row: row.key)),
        problems=_distinct([*chosen.problems, *wanted.problems, *placed.problems]),
        notes=_distinct([*chosen.notes, *wanted.notes, *placed.notes]),
    )


class _Placement:
    """Where each product's rows are written."""

    def __init__(self, family: Family, chosen: Chosen, foreign: Foreign, wanted: Wanted) -> None:
        self.rows: list[CompiledRow] = []
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._head = family.head.id
        self._chosen = chosen
        self._foreign = foreign
        self._wanted = wanted
        if not family.variants:
            self._write(self._head, self._head, wanted.audiences)
            return
        ids = sorted(variant.id for variant in family.variants)
        self._heirs = [variant for variant in ids if not foreign.has_rows(variant)]
        for variant in ids:
            if foreign.has_rows(variant):
                self._write(variant, variant, wanted.audiences)
        self._place_heirs()

    def _place_heirs(self) -> None:
        split = {a for a in self._wanted.audiences if not self._agree(a)}
        shared = [a for a in self._wanted.audiences if a not in split]
        if split and self._foreign.has_rows(self._head):
            self._refuse(split)
            split = set()
        concerned = [v for v in self._heirs if any(self._wanted.of(v, a) for a in split)]
        for variant in concerned:
            self._write(variant, variant, self._wanted.audiences)
        inheriting = [v for v in self._heirs if v not in concerned]
        if inheriting:
            self._write(self._head, inheriting[0], shared)
        self._note(concerned, split)

    def _agree(self, audience_id: str) -> bool:
        said = {
            tuple((row.quantity, row.value) for row in self._wanted.of(variant, audience_id))
            for variant in self._heirs
        }
        return len(said) <= 1

    def _write(self, product_id: str, like: str, audiences: Sequence[str]) -> None:
        for audience_id in audiences:
            for row in self._wanted.of(like, audience_id):
                self.rows.append(_compiled(product_id, audience_id, row))

    def _refuse(self, audiences: set[str]) -> None:
        names = self._foreign.names(self._head)
        for audience_id in sorted(audiences):
            for ladder in self._ladders(self._heirs, audience_id):
                self.problems.append(
                    Problem(
                        product_id=ladder.product_id,
                        source=ladder.source,
                        message=(
                            "The variants would need different rows, but rows at a variant would "
                            f"cut it off from its parent's rows of {names}, which are not ours. "
                            "Give all variants the same prices, or remove the parent's rows."
                        ),
                    )
                )

    def _note(self, concerned: Sequence[str], audiences: set[str]) -> None:
        for audience_id in sorted(audiences):
            for ladder in self._ladders(concerned, audience_id):
                self.notes.append(
                    Problem(
                        product_id=ladder.product_id,
                        source=ladder.source,
                        message=(
                            "The variants need different rows, so each gets rows of its own and "
                            "no longer inherits rows that someone adds at the parent later."
                        ),
                    )
                )

    def _ladders(self, variants: Sequence[str], audience_id: str) -> list[Ladder]:
        found: list[Ladder] = []
        for variant in variants:
            for ladder in self._chosen.of(variant, audience_id):
                if ladder not in found and self._wanted.of(variant, audience_id):
                    found.append(ladder)
        return found


def _compiled(product_id: str, audience_id: str, row: NativeRow) -> CompiledRow:
    key = TierKey(product_id, ALL_STORES, audience_id, Decimal(row.quantity))
    return CompiledRow(key=key, value=row.value, source=row.source)


def _distinct(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
