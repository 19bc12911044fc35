"""From ladders to the rows of a toy shop."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from connectors.base import (
    Amount,
    Compiled,
    CompiledRow,
    Family,
    Ladder,
    PricingFacts,
    Problem,
    Step,
    TierKey,
    TierPrice,
    TierValue,
)

CENT = Decimal("0.01")


def keeps_percentages(
    family: Family, ladders: Sequence[Ladder], present: Sequence[TierPrice], facts: PricingFacts
) -> Compiled:
    """Steps become rows as they are."""
    return _compiled(ladders, facts, lambda ladder, step, _: _as_it_is(ladder, step))


def computes_percentages(
    family: Family, ladders: Sequence[Ladder], present: Sequence[TierPrice], facts: PricingFacts
) -> Compiled:
    """Percentages are taken off the product's own price, and each row says where it ends."""
    own = {
        product.id: product.prices[0].net or Decimal(0)
        for product in (family.head, *family.variants)
        if product.prices
    }

    def value(ladder: Ladder, step: Step, until: int | None) -> TierValue:
        price = step.price
        if step.percent is not None:
            price = own[ladder.product_id] * (100 - step.percent) / 100
        assert price is not None
        return TierValue(amounts=(_amount(ladder, price),), until=until)

    return _compiled(ladders, facts, value)


def _compiled(ladders: Sequence[Ladder], facts: PricingFacts, value: object) -> Compiled:
    assert callable(value)
    known = {currency.code for currency in facts.currencies}
    rows: list[CompiledRow] = []
    problems: list[Problem] = []
    for ladder in ladders:
        if ladder.currency not in known:
            message = f"The shop has no {ladder.currency}."
            problems.append(Problem(ladder.product_id, ladder.source, message))
            continue
        ends = [step.quantity - 1 for step in ladder.steps[1:]]
        for step, end in zip(ladder.steps, [*ends, None], strict=True):
            key = TierKey(
                ladder.product_id, ladder.store, ladder.audience_id, Decimal(step.quantity)
            )
            rows.append(CompiledRow(key, value(ladder, step, end), ladder.source))
    return Compiled(tuple(sorted(rows, key=lambda row: row.key)), tuple(problems))


def _as_it_is(ladder: Ladder, step: Step) -> TierValue:
    if step.percent is not None:
        return TierValue(percent=step.percent)
    assert step.price is not None
    return TierValue(amounts=(_amount(ladder, step.price),))


def _amount(ladder: Ladder, price: Decimal) -> Amount:
    return Amount(ladder.currency, net=price.quantize(CENT, ROUND_HALF_UP))
