"""What a piece costs a buyer in Shopware, and the tax on what it comes to. Pure.

Of the rules that hold for the buyer, the first by priority that has any row for the product
decides; its rows are walked by quantity (see :mod:`connectors.shopware.shopper`; recorded:
variants_and_prices_seen.json #4, #8, #10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.base import Amount, Audience, PricingFacts, Product, Store, TierPrice
from connectors.quotes import CannotQuote, Wanted
from connectors.sales import Money
from connectors.shopware.shopper import deciding_rows

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class View:
    """How the buyer's group sees prices."""

    store: Store
    is_gross: bool
    step: Decimal
    """The smallest amount of the currency."""

    def rounded(self, value: Decimal) -> Decimal:
        return value.quantize(self.step, ROUND_HALF_UP)

    def tax_of(self, total: Decimal, rate: Decimal) -> Decimal:
        return self.rounded(total * rate / ((100 + rate) if self.is_gross else Decimal(100)))

    def money(self, shown: Decimal, tax: Decimal) -> Money:
        if self.is_gross:
            return Money(shown - tax, shown)
        return Money(shown, shown + tax)

    def shown(self, money: Money) -> Decimal:
        return money.gross if self.is_gross else money.net

    def hidden(self, money: Money) -> Decimal:
        return money.net if self.is_gross else money.gross

    def from_sides(self, shown: Decimal, hidden: Decimal) -> Money:
        return Money(hidden, shown) if self.is_gross else Money(shown, hidden)


def view(store: Store, facts: PricingFacts, *, is_gross: bool) -> View:
    decimals = next((one.decimals for one in facts.currencies if one.code == store.currency), 2)
    return View(store, is_gross, Decimal(1).scaleb(-decimals))


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """As the buyer's group sees it."""

    own: Decimal
    price: Decimal
    row: TierPrice | None


def unit_price(wanted: Wanted, group_id: str, facts: PricingFacts, seen: View) -> UnitPrice:
    """Raises CannotQuote for a product without a price in the store's currency."""
    product = wanted.product
    own = _amount(product, product.prices, seen)
    rows = deciding_rows(rows_for(wanted), facts.audiences, (group_id,))
    row = row_at(rows, wanted.quantity)
    price = own if row is None else _amount(product, row.value.amounts, seen)
    return UnitPrice(own, price, row)


def rows_for(wanted: Wanted) -> tuple[TierPrice, ...]:
    """A variant with rows of its own inherits none of its parent's."""
    own = tuple(row for row in wanted.rows if row.key.product_id == wanted.product_id)
    if own or wanted.parent is None:
        return own
    return tuple(row for row in wanted.rows if row.key.product_id == wanted.parent.id)


def row_at(rows: Iterable[TierPrice], quantity: int) -> TierPrice | None:
    """A row without an end counts as ending where it starts; the last one holds for all the
    rest."""
    found = None
    for row in sorted(rows, key=lambda one: one.key.quantity):
        found = row
        if quantity <= (row.key.quantity if row.value.until is None else row.value.until):
            break
    return found


def unjudged(wanted: Wanted, audiences: Sequence[Audience]) -> list[str]:
    """Names of rules that prices of this product hang on and that are about more than groups."""
    on = {row.key.audience_id for row in rows_for(wanted)}
    return sorted(one.name for one in audiences if one.id in on and not one.group_ids)


def _amount(product: Product, amounts: Iterable[Amount], seen: View) -> Decimal:
    for amount in amounts:
        price = amount.gross if seen.is_gross else amount.net
        if amount.currency == seen.store.currency and price is not None:
            return seen.rounded(price)
    raise CannotQuote(
        f"{product.sku} has no price in {seen.store.currency}: Shopware reckons it by the "
        "currency's factor, which the bridge does not read."
    )


# --- taxes ---------------------------------------------------------------------------------


def shared_tax(total: Decimal, worth_by_rate: Mapping[Decimal, Decimal], seen: View) -> Decimal:
    """The tax in a discount: shared out over the rates of what it is taken off (shopware
    ``PercentageTaxRuleBuilder``)."""
    whole = sum(worth_by_rate.values(), _NOTHING)
    if not whole:
        return _NOTHING
    parts = [[seen.rounded(total * one / whole), rate] for rate, one in worth_by_rate.items()]
    parts[0][0] += total - sum((part for part, _ in parts), _NOTHING)
    return sum((seen.tax_of(part, rate) for part, rate in parts), _NOTHING)
