"""What points are worth in money. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from bridge.earning.sharing import share_out
from bridge.kit.money import exponent, from_minor


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    """With the currency's own number of decimals."""
    currency: str
    """ISO 4217."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``points`` are worth ``amount`` of ``currency``: what the programme's redemption says."""

    points: int
    amount: Decimal
    currency: str


def money(minor: int, currency: str) -> Money:
    """Of a total as the database keeps it."""
    return Money(from_minor(minor, currency), currency)


def average(minor: int, count: int, currency: str) -> Money | None:
    """Rounded half up to the currency's smallest unit; ``None``: of nothing."""
    if not count:
        return None
    return money(_half_up(Fraction(minor, count)), currency)


def value(points: int, rate: Rate) -> Money:
    """Rounded half up to the currency's smallest unit."""
    return money(_half_up(_exact(points, rate)), rate.currency)


def shared_values(points: Sequence[int], rate: Rate) -> list[Money]:
    """What each of these amounts of points is worth, so that the parts come to exactly what all
    of them together are worth: the rounding is shared out by largest remainder."""
    total = _half_up(_exact(sum(points), rate))
    shares = share_out(total, [Fraction(one) for one in points])
    return [money(share, rate.currency) for share in shares]


def percent(part: int, whole: int) -> Decimal | None:
    """With one decimal, rounded half up; ``None``: of nothing."""
    if not whole:
        return None
    exact = Decimal(100 * part) / Decimal(whole)
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _exact(points: int, rate: Rate) -> Fraction:
    """In minor units."""
    unit = Fraction(10) ** exponent(rate.currency)
    return Fraction(points) * Fraction(rate.amount) * unit / rate.points


def _half_up(exact: Fraction) -> int:
    """Halves away from nothing, as :func:`bridge.kit.money.to_minor` rounds."""
    sign = -1 if exact < 0 else 1
    return sign * int((abs(exact) + Fraction(1, 2)) // 1)
