"""Lines of a cart with and without tax, the way Magento adds up by default. Pure.

Method *total*: what rounding leaves over is carried to the next line of the same rate, so that
the lines' tax is the tax of their sum (magento2 ``TotalBaseCalculator``, recorded:
orders_composite_and_tax.json #4). Tax is due on what is left after discounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.magento.quoting_prices import cents
from connectors.sales import Money

_NOTHING = Decimal(0)
_A_LITTLE = Decimal("0.000001")
"""What Magento starts its rounding differences with (``roundingDeltas``): half a cent goes up."""


@dataclass(frozen=True, slots=True)
class Untaxed:
    """``worth``: the whole line as the catalogue has it; ``percent``: its tax rate."""

    worth: Decimal
    discount: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Taxed:
    price: Money
    """Before discounts."""
    paid: Money


@dataclass(slots=True)
class _Rounding:
    rest: dict[tuple[str, Decimal], Decimal] = field(default_factory=dict)

    def __call__(self, kind: str, percent: Decimal, value: Decimal) -> Decimal:
        exact = value + self.rest.get((kind, percent), _A_LITTLE)
        rounded = cents(exact)
        self.rest[kind, percent] = exact - rounded
        return rounded


def taxed(lines: Iterable[Untaxed], *, prices_include_tax: bool) -> list[Taxed]:
    rounding = _Rounding()
    work = _from_gross if prices_include_tax else _from_net
    return [work(line, rounding) for line in lines]


def _from_net(line: Untaxed, rounding: _Rounding) -> Taxed:
    rate = line.percent / 100
    before = rounding("before", line.percent, line.worth * rate)
    left = line.worth - line.discount
    after = rounding("after", line.percent, max(left, _NOTHING) * rate)
    return Taxed(Money(line.worth, line.worth + before), Money(left, left + after))


def _from_gross(line: Untaxed, rounding: _Rounding) -> Taxed:
    share = line.percent / (100 + line.percent)
    before = rounding("before", line.percent, line.worth * share)
    left = line.worth - line.discount
    after = rounding("after", line.percent, max(left, _NOTHING) * share)
    return Taxed(Money(line.worth - before, line.worth), Money(left - after, left))
