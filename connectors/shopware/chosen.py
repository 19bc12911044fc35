"""Which ladders speak for which product of a family. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Family, Ladder, PricingFacts, Problem
from connectors.shopware.ladders import in_order

_SHARED = (
    "Shopware keeps one price for all sales channels: this one holds in every sales channel of "
    "the shop."
)
_CONTRADICTION = (
    "Two price lists ask for different steps for the same product, group and currency ({others}). "
    "Shopware keeps one price for all sales channels; neither is written."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ladders that can be worked on, and what was wrong with the others."""

    by_product: Mapping[tuple[str, str], tuple[Ladder, ...]]
    """(product id, audience id) → ladders, at most one a currency, default currency first."""
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def of(self, product_id: str, audience_id: str) -> tuple[Ladder, ...]:
        return self.by_product.get((product_id, audience_id), ())


def choose(family: Family, ladders: Sequence[Ladder], facts: PricingFacts) -> Chosen:
    """A ladder of the parent speaks for every variant that has none of its own for the same
    audience and currency, even where the variant's own turns out to be unusable."""
    named = {family.head.id, *(variant.id for variant in family.variants)}
    default = next((c.code for c in facts.currencies if c.is_default), "")
    problems: list[Problem] = []
    stated: dict[tuple[str, str, str], list[Ladder]] = defaultdict(list)
    for ladder in sorted(ladders, key=_order):
        if ladder.product_id not in named:
            problems.append(_about(ladder, "The product is not in the shop."))
        else:
            stated[ladder.product_id, ladder.audience_id, ladder.currency].append(ladder)
    usable: dict[tuple[str, str, str], Ladder | None] = {}
    for key, candidates in stated.items():
        found = _faults(candidates, facts)
        problems += found
        usable[key] = None if found else candidates[0]
    by_product: dict[tuple[str, str], tuple[Ladder, ...]] = {}
    for audience_id in sorted({audience for _, audience, _ in usable}):
        for product in family.variants or (family.head,):
            spoken = _spoken(product.id, family.head.id, audience_id, usable)
            by_product[product.id, audience_id] = in_order(spoken, default)
    return Chosen(by_product, tuple(problems), tuple(_notes(ladders, facts)))


def _spoken(
    product_id: str,
    parent_id: str,
    audience_id: str,
    usable: Mapping[tuple[str, str, str], Ladder | None],
) -> list[Ladder]:
    spoken = []
    currencies = {c for p, a, c in usable if a == audience_id and p in {product_id, parent_id}}
    for currency in currencies:
        own = (product_id, audience_id, currency)
        key = own if own in usable else (parent_id, audience_id, currency)
        ladder = usable.get(key)
        if ladder is not None:
            spoken.append(ladder)
    return spoken


def _faults(candidates: Sequence[Ladder], facts: PricingFacts) -> list[Problem]:
    first = candidates[0]
    if first.currency not in {currency.code for currency in facts.currencies}:
        message = f"The shop has no currency {first.currency}. Add it in the shop's settings."
        return [_about(ladder, message) for ladder in candidates]
    if any((c.steps, c.basis) != (first.steps, first.basis) for c in candidates):
        sources = sorted({ladder.source for ladder in candidates})
        message = _CONTRADICTION.format(others=", ".join(sources))
        return [_about(ladder, message) for ladder in candidates]
    return []


def _notes(ladders: Sequence[Ladder], facts: PricingFacts) -> list[Problem]:
    if len(facts.stores) < 2:
        return []
    return [_about(ladder, _SHARED) for ladder in sorted(ladders, key=_order) if ladder.store]


def _order(ladder: Ladder) -> tuple[str, ...]:
    return (
        ladder.product_id,
        ladder.audience_id,
        ladder.currency,
        ladder.source,
        ladder.store,
        str(ladder.steps),
    )


def _about(ladder: Ladder, message: str) -> Problem:
    return Problem(product_id=ladder.product_id, source=ladder.source, message=message)
