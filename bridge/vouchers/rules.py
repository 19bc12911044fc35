"""What points can become: values, costs, how long, in whose currency. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_end, day_of, months_later
from bridge.kit.errors import BridgeError
from bridge.kit.money import exponent
from bridge.programme.giving import Lasting
from bridge.programme.loyalty import ExchangeRate, rate_on
from bridge.programme.rewards import Redemption

_FIRST = 5
"""Values that follow each other where people choose one."""


class NotRedeemable(BridgeError):
    """The programme does not turn these points into a voucher, and says what it does."""


class MissingVoucherRate(BridgeError):
    def __init__(self, currency: str, of: str, day: date) -> None:
        super().__init__(
            f"Vouchers of this store are in {of}, and the programme knows no rate to {currency} "
            f"for {day}. Add one under `rates` and load the programme."
        )


# -- values ---------------------------------------------------------------------------------


def value_of(redemption: Redemption, points: int, currency: str) -> Decimal:
    """What a voucher for so many points is worth, in the programme's currency.

    Raises :class:`NotRedeemable`, naming the nearest points that can be redeemed.
    """
    exact = _exactly(redemption, points)
    if points > 0 and _is_allowed(redemption, exact):
        return worth_of(redemption, points)
    raise NotRedeemable(_refusal(redemption, points, exact, currency))


def worth_of(redemption: Redemption, points: int) -> Decimal:
    """The same for points that were redeemed before, whatever is allowed now."""
    exact = _exactly(redemption, points)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def least_value(redemption: Redemption) -> Decimal | None:
    """The smallest voucher there is; ``None``: no value lies between minimum and maximum."""
    return _at_least(redemption, Fraction(0))


def largest_value(redemption: Redemption, points: int) -> Decimal | None:
    """The best voucher for at most so many points; ``None``: there is none for so few."""
    return _below(redemption, _exactly(redemption, points))


def nearest_values(redemption: Redemption, points: int) -> list[Decimal]:
    """The vouchers next to so many points, below and above: one where they meet."""
    value = _exactly(redemption, points)
    return sorted({one for one in (_below(redemption, value), _at_least(redemption, value)) if one})


def some_values(redemption: Redemption, points: int) -> list[Decimal]:
    """Vouchers for at most so many points, to choose from: all, or the first few, each twice the
    one before from there on, and the best."""
    best, least = largest_value(redemption, points), least_value(redemption)
    if best is None or least is None:
        return []
    if redemption.step is None:
        return [one for one in redemption.values if least <= one <= best]
    found = [least + redemption.step * count for count in range(_FIRST)]
    while found[-1] * 2 < best:
        found.append(found[-1] * 2)
    return [*(one for one in found if one < best), best]


def _exactly(redemption: Redemption, points: int) -> Fraction:
    rate = redemption.rate
    return Fraction(points) * Fraction(rate.amount) / Fraction(rate.points)


def _is_allowed(redemption: Redemption, value: Fraction) -> bool:
    if redemption.minimum is not None and value < Fraction(redemption.minimum):
        return False
    if redemption.maximum is not None and value > Fraction(redemption.maximum):
        return False
    if redemption.step is not None:
        return value % Fraction(redemption.step) == 0
    return any(value == Fraction(one) for one in redemption.values)


def _refusal(redemption: Redemption, points: int, value: Fraction, currency: str) -> str:
    near = sorted({one for one in (_below(redemption, value), _at_least(redemption, value)) if one})
    worth = f"{points:,} points would be worth {_money(value)} {currency}"
    if not near:
        return f"{worth}, and the programme has no voucher that anybody could get."
    ways = " or ".join(
        f"{redemption.points_for(one):,} points ({_money(Fraction(one))} {currency})"
        for one in near
    )
    return f"{worth}, which is no voucher of the programme. Redeem {ways}."


def _at_least(redemption: Redemption, value: Fraction) -> Decimal | None:
    floor = max(value, Fraction(redemption.minimum or 0))
    if redemption.step is not None:
        step = Fraction(redemption.step)
        steps = max(-(-floor // step), 1)
        found: Decimal | None = redemption.step * int(steps)
    else:
        found = next((one for one in redemption.values if Fraction(one) >= floor), None)
    return found if found is not None and _is_allowed(redemption, Fraction(found)) else None


def _below(redemption: Redemption, value: Fraction) -> Decimal | None:
    ceiling = value if redemption.maximum is None else min(value, Fraction(redemption.maximum))
    if redemption.step is not None:
        found: Decimal | None = redemption.step * int(ceiling // Fraction(redemption.step))
    else:
        fitting = [one for one in redemption.values if Fraction(one) <= ceiling]
        found = fitting[-1] if fitting else None
    return found if found and found > 0 and _is_allowed(redemption, Fraction(found)) else None


def _money(value: Fraction) -> str:
    return format(round(Decimal(value.numerator) / Decimal(value.denominator), 2), "f")


# -- money ----------------------------------------------------------------------------------


def in_currency(
    value: Decimal,
    programme_currency: str,
    currency: str,
    rates: Iterable[ExchangeRate],
    day: date,
) -> Decimal:
    """``value`` of the programme's currency in the store's, rounded down to its smallest unit:
    a voucher is never worth more than was paid for it. ``day``: in the programme's time zone.

    Raises :class:`MissingVoucherRate`, and :class:`NotRedeemable` where nothing is left of it.
    """
    rate = Decimal(1)
    if currency != programme_currency:
        known = rate_on(rates, currency, day)
        if known is None:
            raise MissingVoucherRate(programme_currency, currency, day)
        rate = known
    face = _rounded(Fraction(value) / Fraction(rate), currency, down=True)
    if face <= 0:
        raise NotRedeemable(f"{value} {programme_currency} is worth nothing in {currency}.")
    return face


def smallest_basket(face: Decimal, of_order: Decimal | None, currency: str) -> Decimal | None:
    """The order value from which a voucher pays no more than ``of_order`` percent of it."""
    if of_order is None or of_order >= 100:
        # It never pays more than the whole order anyway.
        return None
    return _rounded(Fraction(face) * 100 / Fraction(of_order), currency, down=False)


def _rounded(value: Fraction, currency: str, *, down: bool) -> Decimal:
    unit = Decimal(1).scaleb(-exponent(currency))
    units = value / Fraction(unit)
    whole = units.numerator // units.denominator
    if not down and units != whole:
        whole += 1
    return (whole * unit).quantize(unit, rounding=ROUND_FLOOR if down else ROUND_CEILING)


# -- time -----------------------------------------------------------------------------------


def valid_until(lasting: Lasting, now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the voucher is not valid any more: the end of a day."""
    today = day_of(now, zone)
    if lasting.months is not None:
        return day_end(months_later(today, lasting.months), zone)
    return day_end(today + timedelta(days=lasting.days or 0), zone)
