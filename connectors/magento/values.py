"""What one step of a ladder is worth on one product. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from connectors.base import Basis, Product, Step, TierValue
from connectors.magento.mapping import PERCENT_STEP, PRICE_STEP, amount, exact, plain
from connectors.magento.settings import Settings


class Unsayable(Exception):
    """This ladder cannot be said in this shop; the text is for the merchant."""


def value_of(
    step: Step, product: Product, basis: Basis, currency: str, settings: Settings
) -> TierValue:
    """Raises Unsayable. ``currency`` is the base currency of where the row goes."""
    if step.percent is not None:
        if not 0 <= step.percent <= 100:
            raise Unsayable(f"{step.percent} % off cannot be: it must be from 0 to 100.")
        return TierValue(percent=exact(step.percent, PERCENT_STEP))
    if step.price is None or step.price < 0:
        raise Unsayable(f"The step from {step.quantity} on has no usable price.")
    price = converted(step.price, basis, product, settings)
    return TierValue(amounts=(amount(price, currency, settings.basis),))


def converted(price: Decimal, basis: Basis, product: Product, settings: Settings) -> Decimal:
    """The price on the side the shop keeps, rounded to what it stores (6 decimals)."""
    if basis is settings.basis:
        return exact(price, PRICE_STEP)
    rate = settings.tax_rate(product.tax_class)
    if rate is None:
        raise Unsayable(
            f"The shop keeps {settings.basis.value} prices and the price list says "
            f"{basis.value} ones: state them {settings.basis.value}, or {_rate_advice(product)}."
        )
    factor = 1 + rate / 100
    worth = price * factor if settings.basis is Basis.GROSS else price / factor
    return plain(worth.quantize(PRICE_STEP, ROUND_HALF_UP))


def _rate_advice(product: Product) -> str:
    if not product.tax_class:
        return f"give {product.sku} a tax class in the shop (it has none)"
    return f"give the rate of {product.sku}'s tax class {product.tax_class} in tax_rates"


def dearer_than_own(value: TierValue, product: Product) -> bool:
    """A tier price cannot raise a price (PLATFORM_FACTS Magento 4): compared on one side and in
    one currency only."""
    for tier in value.amounts:
        for own in product.prices:
            if own.currency != tier.currency:
                continue
            for ours, theirs in ((tier.net, own.net), (tier.gross, own.gross)):
                if ours is not None and theirs is not None and ours > theirs:
                    return True
    return False


def worth(value: TierValue, product: Product) -> Decimal | None:
    """What one piece costs with this row, on the side the row or the product is kept in; ``None``
    where the product's own price is not known."""
    sides = value.amounts or product.prices
    price = next((side.net if side.net is not None else side.gross for side in sides), None)
    if price is None or value.percent is None:
        return price
    return price * (100 - value.percent) / 100


def rounded_percent(step: Step, value: TierValue) -> bool:
    return step.percent is not None and value.percent != step.percent
