"""From ladders to rows. A Corner Shop takes both prices and percentages as they are."""

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

STORED = Decimal("0.0001")
"""The shop keeps four decimals: what is compiled has to be equal when it is read."""


def compile_family(
    family: Family,
    ladders: Sequence[Ladder],
    present: Sequence[TierPrice],
    facts: PricingFacts,
) -> Compiled:
    currencies = {currency.code for currency in facts.currencies}
    rows: list[CompiledRow] = []
    problems: list[Problem] = []
    for ladder in ladders:
        if ladder.currency in currencies:
            rows += [row_of(ladder, step) for step in ladder.steps]
        else:
            message = f"The shop has no {ladder.currency}."
            problems.append(Problem(ladder.product_id, ladder.source, message))
    return Compiled(tuple(sorted(rows, key=lambda row: row.key)), tuple(problems))


def row_of(ladder: Ladder, step: Step) -> CompiledRow:
    key = TierKey(ladder.product_id, ladder.store, ladder.audience_id, Decimal(step.quantity))
    if step.price is None:
        return CompiledRow(key, TierValue(percent=step.percent), ladder.source)
    net = step.price.quantize(STORED, ROUND_HALF_UP)
    return CompiledRow(key, TierValue(amounts=(Amount(ladder.currency, net=net),)), ladder.source)
