"""Tax of lines and totals, the way Magento adds up ("total" method): without any state.

After magento2 ``Tax/Model/Calculation/TotalBaseCalculator``: rounding differences are carried
from line to line, so that the lines' tax sums to the tax of their sum; tax is on what is left
after discounts (recorded: orders_composite_and_tax.json #4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.magento.sandbox.values import cents

ZERO = Decimal(0)
_A_LITTLE = Decimal("0.000001")
"""What the shop starts its rounding differences with, so that half a cent goes up."""


@dataclass(frozen=True, slots=True)
class Untaxed:
    """``price``: of one piece, as the catalogue has it; ``discount``: of the whole line;
    ``percent``: the tax rate."""

    price: Decimal
    qty: Decimal
    discount: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Taxed:
    """``tax``: due after the discount; ``compensation``: the tax hidden in the discount, only
    where catalogue prices hold tax. ``row_total`` plus both less the discount is to be paid."""

    price: Decimal
    price_incl_tax: Decimal
    row_total: Decimal
    row_total_incl_tax: Decimal
    tax: Decimal
    compensation: Decimal


@dataclass(slots=True)
class _Rounding:
    """Carries what rounding left over to the next line of the same rate."""

    rest: dict[tuple[str, Decimal], Decimal] = field(default_factory=dict)

    def __call__(self, kind: str, percent: Decimal, value: Decimal) -> Decimal:
        exact = value + self.rest.get((kind, percent), _A_LITTLE)
        rounded = cents(exact)
        self.rest[(kind, percent)] = exact - rounded
        return rounded


def taxed(lines: Iterable[Untaxed], *, prices_include_tax: bool) -> list[Taxed]:
    rounding = _Rounding()
    work = _from_gross if prices_include_tax else _from_net
    return [work(line, rounding) for line in lines]


def _from_net(line: Untaxed, rounding: _Rounding) -> Taxed:
    row = cents(line.price * line.qty)
    rate = line.percent / 100
    before = rounding("before", line.percent, row * rate)
    after = rounding("after", line.percent, max(row - line.discount, ZERO) * rate)
    return Taxed(line.price, cents((row + before) / line.qty), row, row + before, after, ZERO)


def _from_gross(line: Untaxed, rounding: _Rounding) -> Taxed:
    gross = cents(line.price * line.qty)
    share = line.percent / (100 + line.percent)
    before = rounding("before", line.percent, gross * share)
    after = rounding("after", line.percent, max(gross - line.discount, ZERO) * share)
    row = gross - before
    return Taxed(cents(row / line.qty), line.price, row, gross, after, before - after)
