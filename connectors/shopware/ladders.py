"""From the merchant's steps to the rows of one product and one audience. Pure.

A row that begins at a quantity needs an entry in the shop's default currency, and the first row
of a product applies from one piece on whatever it says (recorded: variants_and_prices_seen.json
#10, products_and_advanced_prices.json #13). So every currency and quantity that the merchant
left open is filled with what the group paid there before. A currency in which neither the
product nor the merchant keeps a price has no entry: the shop converts the default one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Amount, Currency, Ladder, Product, Step, TierValue
from connectors.shopware.amounts import Unpriceable, fixed, kept, reduced
from connectors.shopware.shopper import Stretch, amounts_at


@dataclass(frozen=True, slots=True)
class NativeRow:
    quantity: int
    value: TierValue
    source: str


@dataclass(frozen=True, slots=True)
class Pricing:
    """All that decides about one product for one audience."""

    product: Product
    ladders: tuple[Ladder, ...]
    """At most one a currency, in the order of :func:`in_order`."""
    before: tuple[Stretch, ...]
    """What the group paid up to now, from 1 piece on."""
    currencies: Mapping[str, Currency]


def in_order(ladders: Sequence[Ladder], default_currency: str) -> tuple[Ladder, ...]:
    return tuple(sorted(ladders, key=lambda x: (x.currency != default_currency, x.currency)))


def native_rows(pricing: Pricing) -> tuple[NativeRow, ...]:
    """Rows without gaps from quantity 1 on; raises Unpriceable when the product cannot carry
    these ladders."""
    if not pricing.ladders:
        return ()
    asked = {step.quantity for ladder in pricing.ladders for step in ladder.steps}
    starts = sorted({1} | asked | {stretch.start for stretch in pricing.before})
    values: list[tuple[int, tuple[Amount, ...]]] = []
    for start in starts:
        amounts = _amounts(pricing, start)
        if start in asked or not values or amounts != values[-1][1]:
            values.append((start, amounts))
    ends: list[int | None] = [start - 1 for start, _ in values[1:]]
    return tuple(
        NativeRow(start, TierValue(amounts=amounts, until=end), _source(pricing.ladders, start))
        for (start, amounts), end in zip(values, [*ends, None], strict=True)
    )


def needs_before(ladders: Sequence[Ladder]) -> bool:
    """Whether a shopper can meet a price that the merchant did not state."""
    return any(not ladder.steps or ladder.steps[0].quantity > 1 for ladder in ladders)


def step_in_force(ladder: Ladder, quantity: int) -> Step | None:
    reached = [step for step in ladder.steps if step.quantity <= quantity]
    return reached[-1] if reached else None


def _amounts(pricing: Pricing, quantity: int) -> tuple[Amount, ...]:
    entries = []
    for code in sorted(pricing.currencies):
        entry = _entry(pricing, pricing.currencies[code], quantity)
        if entry is not None:
            entries.append(entry)
        elif pricing.currencies[code].is_default:
            raise Unpriceable(
                f"The product has no price of its own in {code}, the shop's default currency."
            )
    return tuple(entries)


def _entry(pricing: Pricing, currency: Currency, quantity: int) -> Amount | None:
    own_ladder = next((x for x in pricing.ladders if x.currency == currency.code), None)
    if own_ladder is not None:
        _refuse_lost_percent(pricing, own_ladder)
    governing = [own_ladder] if own_ladder else [*pricing.ladders]
    for ladder in governing:
        step = step_in_force(ladder, quantity)
        if step is None:
            continue
        if step.percent is not None:
            return _reduced(pricing.product, ladder, step, currency)
        if ladder is own_ladder and step.price is not None:
            rate = pricing.product.tax_rate
            return fixed(currency.code, step.price, ladder.basis, rate, currency.decimals)
    before = _in_currency(amounts_at(pricing.before, quantity), currency.code)
    return None if before is None else kept(before)


def _reduced(product: Product, ladder: Ladder, step: Step, currency: Currency) -> Amount | None:
    own = _in_currency(product.prices, currency.code)
    if own is None or step.percent is None:
        return None
    if not 0 <= step.percent <= 100:
        raise Unpriceable(f"{step.percent} % is no discount: it must be between 0 and 100.")
    return reduced(own, step.percent, ladder.basis, product.tax_rate, currency.decimals)


def _refuse_lost_percent(pricing: Pricing, ladder: Ladder) -> None:
    """A currency without a price of its own follows the default one; when that one has other
    steps, the percentage would be lost without a word."""
    percent = any(step.percent is not None for step in ladder.steps)
    if not percent or _in_currency(pricing.product.prices, ladder.currency) is not None:
        return
    if len(pricing.ladders) > 1 or pricing.currencies[ladder.currency].is_default:
        raise Unpriceable(
            f"The product has no price of its own in {ladder.currency} to take a percentage off."
        )


def _in_currency(amounts: Sequence[Amount], code: str) -> Amount | None:
    return next((amount for amount in amounts if amount.currency == code), None)


def _source(ladders: Sequence[Ladder], quantity: int) -> str:
    for ladder in ladders:
        if any(step.quantity == quantity for step in ladder.steps):
            return ladder.source
    return next((x.source for x in ladders if step_in_force(x, quantity)), ladders[0].source)
