"""Amounts of a Shopware order, net and gross. Pure.

Everything an order is made of is kept in the mode its buyer was shown (``taxStatus``): the
``totalPrice`` of a line, of a discount, of the shipping is gross in a gross order, net in a net
one, and its ``calculatedTaxes`` lead to the other side (recorded: promotions.json #18, net:
variants_and_prices_seen.json #8). What was *paid* is another matter: the amount of a transaction
is the order's grand total, taxes included, in every mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from connectors.errors import Rejected
from connectors.sales import NO_MONEY, Money
from connectors.shopware.mapping import number
from connectors.shopware.paging import Row

GROSS = "gross"
NET = "net"
ZERO = Decimal(0)


FINEST = Decimal("1E-8")
"""What is smaller is what a sum of floats left behind in the shop: 146.44000000000003."""


def amount(value: object) -> Decimal:
    """A JSON number, written in one way only: equal amounts have equal text."""
    return plain((number(value) or ZERO).quantize(FINEST, ROUND_HALF_UP))


def plain(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent: 10.50 → 10.5, 1E+2 → 100."""
    if value == value.to_integral_value():
        return Decimal(int(value))
    return value.normalize()


def money(net: Decimal, gross: Decimal) -> Money:
    return Money(plain(net), plain(gross))


def total(amounts: Iterable[Money]) -> Money:
    sum_ = sum(amounts, NO_MONEY)
    return money(sum_.net, sum_.gross)


def negated(given: Money) -> Money:
    return money(-given.net, -given.gross)


def tax_of(price: Row) -> Decimal | None:
    """All taxes of a ``CalculatedPrice``; ``None`` where it lists none."""
    taxes = price.get("calculatedTaxes")
    if isinstance(taxes, dict):
        taxes = list(taxes.values())
    if not isinstance(taxes, list) or not taxes:
        return None
    return sum((amount(tax.get("tax")) for tax in taxes if isinstance(tax, dict)), ZERO)


def shown_price(price: object, tax_status: str) -> Money:
    """A ``CalculatedPrice`` in the order's mode. Raises Rejected when it is none."""
    if not isinstance(price, dict) or number(price.get("totalPrice")) is None:
        raise Rejected("A part of it has no price")
    shown, tax = amount(price["totalPrice"]), tax_of(price) or ZERO
    if tax_status == GROSS:
        return money(shown - tax, shown)
    if tax_status == NET:
        return money(shown, shown + tax)
    return money(shown, shown)


def paid_price(price: object, of: Money, unit: Decimal) -> Money:
    """Money that changed hands: gross, whatever the buyer was shown. Where it lists no taxes
    (recorded: changes_a_poller_sees.json #8), its net is in proportion to ``of``."""
    if not isinstance(price, dict):
        return NO_MONEY
    gross, tax = amount(price.get("totalPrice")), tax_of(price)
    if tax is None:
        return by_gross(gross, of, unit)
    return money(gross - tax, gross)


def by_gross(gross: Decimal, of: Money, unit: Decimal) -> Money:
    return money(_scaled(gross, of.net, of.gross, unit), gross)


def by_net(net: Decimal, of: Money, unit: Decimal) -> Money:
    return money(net, _scaled(net, of.gross, of.net, unit))


def _scaled(value: Decimal, part: Decimal, whole: Decimal, unit: Decimal) -> Decimal:
    if not whole:
        return value
    return (value * part / whole).quantize(unit, rounding=ROUND_HALF_UP)


def shown_side(given: Money, tax_status: str) -> Decimal:
    return given.gross if tax_status == GROSS else given.net


def hidden_side(given: Money, tax_status: str) -> Decimal:
    return given.net if tax_status == GROSS else given.gross


def from_sides(shown: Decimal, hidden: Decimal, tax_status: str) -> Money:
    return money(hidden, shown) if tax_status == GROSS else money(shown, hidden)


def unit_of(amounts: Iterable[Money], decimals: int) -> Decimal:
    """The smallest amount that is shared out: one of the currency's, or finer where an amount
    itself is finer, so that sums come out even in any case."""
    sides = (side for one in amounts for side in (one.net, one.gross))
    finest = max((-int(side.as_tuple().exponent) for side in sides), default=0)
    return Decimal(1).scaleb(-max(decimals, finest))


def shared_out(
    whole: Decimal, weights: Sequence[Decimal], rooms: Sequence[Decimal], unit: Decimal
) -> list[Decimal]:
    """``whole`` in parts proportional to ``weights``, none above its room, each a multiple of
    ``unit`` (largest remainder; of equal ones the first). The parts sum up to ``whole`` as long
    as there is room for it: what does not fit in one goes to the others, at last without regard
    to weights."""
    room = [max(0, int(space / unit)) for space in rooms]
    given = [0] * len(room)
    left = int(whole / unit)
    while left > 0:
        open_ = [i for i in range(len(room)) if given[i] < room[i]]
        if not open_:
            break
        ideal = _ideal(left, open_, weights, [room[i] - given[i] for i in range(len(room))])
        full = [i for i in ideal if ideal[i] > room[i] - given[i]]
        if not full:
            _give(ideal, given, left)
            break
        for i in full:
            left -= room[i] - given[i]
            given[i] = room[i]
    return [plain(count * unit) for count in given]


def _ideal(
    left: int, open_: Sequence[int], weights: Sequence[Decimal], space: Sequence[int]
) -> dict[int, Fraction]:
    by_weight = {i: Fraction(weights[i]) for i in open_ if weights[i] > 0}
    by_weight = by_weight or {i: Fraction(space[i]) for i in open_}
    sum_ = sum(by_weight.values())
    return {i: left * weight / sum_ for i, weight in by_weight.items()}


def _give(ideal: dict[int, Fraction], given: list[int], left: int) -> None:
    for i, share in ideal.items():
        given[i] += int(share)
        left -= int(share)
    by_remainder = sorted(ideal, key=lambda i: (int(ideal[i]) - ideal[i], i))
    for i in by_remainder[:left]:
        given[i] += 1
