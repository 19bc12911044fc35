"""Unit prices with both sides, net and gross, rounded as a merchant would write them.

Shopware keeps net and gross of every price (recorded: products_and_advanced_prices.json #7) and
does not check that they agree: the bridge derives one from the other by the product's tax rate.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from connectors.base import Amount, Basis

FINEST = 6
"""Decimals of a price at most. What is finer in a shop is what a division left behind (a net
price that was derived from a round gross one), not a price that someone meant."""

_HUNDRED = Decimal(100)


class Unpriceable(Exception):
    """A price that cannot be said; ``str()`` tells the merchant why."""


def decimals_of(value: Decimal) -> int:
    """Decimals a number really uses: 10 has none, 11.90 has one."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def fixed(
    currency: str, price: Decimal, basis: Basis, tax_rate: Decimal | None, decimals: int
) -> Amount:
    """A price as given on its side, the other side by the tax rate (in percent).

    The given side keeps its decimals, the derived one is rounded half up to the currency's
    ``decimals`` or to those of the given price, whichever are more.
    """
    given = rounded(price, min(FINEST, decimals_of(price)))
    derived = _other_side(given, basis, tax_rate)
    derived = rounded(derived, _places(decimals, given))
    if basis is Basis.NET:
        return Amount(currency=currency, net=given, gross=derived)
    return Amount(currency=currency, net=derived, gross=given)


def reduced(
    own: Amount, percent: Decimal, basis: Basis, tax_rate: Decimal | None, decimals: int
) -> Amount:
    """The product's own price less ``percent``, computed on the side of ``basis``."""
    source = own.net if basis is Basis.NET else own.gross
    if source is None:
        raise Unpriceable(f"The product has no {basis.value} price in {own.currency}.")
    price = rounded(source * (_HUNDRED - percent) / _HUNDRED, _places(decimals, source))
    return fixed(own.currency, price, basis, tax_rate, decimals)


def kept(own: Amount) -> Amount:
    """A price that stays what it is, without what a division left behind."""
    return Amount(
        currency=own.currency,
        net=None if own.net is None else _trimmed(own.net),
        gross=None if own.gross is None else _trimmed(own.gross),
    )


def _trimmed(value: Decimal) -> Decimal:
    return rounded(value, min(FINEST, decimals_of(value)))


def _places(decimals: int, given: Decimal) -> int:
    return min(FINEST, max(decimals, decimals_of(given)))


def _other_side(given: Decimal, basis: Basis, tax_rate: Decimal | None) -> Decimal:
    if tax_rate is None:
        raise Unpriceable(
            "The product's tax rate is not known, so net and gross cannot be told from each other."
        )
    factor = (_HUNDRED + tax_rate) / _HUNDRED
    return given * factor if basis is Basis.NET else given / factor
