"""What a tier price makes one piece cost. Pure."""

from __future__ import annotations

from decimal import Decimal

from connectors.base import Amount, Basis, TierValue

HUNDRED = Decimal(100)


def side(amount: Amount, basis: Basis) -> Decimal | None:
    """The side of a price that is meant; the other one where the shop keeps only that."""
    wanted, other = (amount.net, amount.gross) if basis is Basis.NET else (amount.gross, amount.net)
    return other if wanted is None else wanted


def own_price(prices: tuple[Amount, ...], currency: str, basis: Basis) -> Decimal | None:
    """A product's own unit price; ``None``: it has none in this currency."""
    for amount in prices:
        if amount.currency == currency:
            return side(amount, basis)
    return None


def unit_price(
    value: TierValue, prices: tuple[Amount, ...], currency: str, basis: Basis
) -> Decimal | None:
    """What one piece costs under this tier price; ``None`` when it says nothing about it."""
    if value.percent is None:
        return own_price(value.amounts, currency, basis)
    price = own_price(prices, currency, basis)
    return None if price is None else price * (HUNDRED - value.percent) / HUNDRED
