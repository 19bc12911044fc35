"""What rows of orders and credit memos are worth, in the base currency. Pure.

A row's own arithmetic (magento2 ``Sales\\Model\\Order``, recorded: orders_composite_and_tax.json
#5, #8), with *R* the row's total without tax, *D* its discount and *H* its discount tax
compensation (the tax that lay in a discount on prices with tax)::

    net paid = R - D + H        gross paid = R - D + H + tax

Order rows do not tell *R*: since 2.3, ``base_row_total`` of an **order's** row is told as R - D, in
2.4 never below 0, and ``base_row_total_incl_tax`` as what was paid (magento2
``Sales\\Model\\Order\\Webapi\\ChangeOutputArray``; recorded: cart_price_rules.json #38, a row of
4 x 34 less 5 is told as 131). Rows of invoices and credit memos are told as they are. A fixed
product tax (FPT) is in none of these amounts and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.magento.mapping import QUANTITY_STEP, exact, plain
from connectors.sales import NO_MONEY, NOTHING, Money

Row = Mapping[str, Any]

MONEY_STEP = Decimal("0.0001")
"""What Magento's columns of sales hold; floats on the shop's side add noise behind it."""
CENT = Decimal("0.01")


def number(row: Row, name: str) -> Decimal:
    """An amount or quantity of the row; what is missing is nothing."""
    value = row.get(name)
    return NOTHING if value is None else exact(value, MONEY_STEP) or NOTHING


def tidy(money: Money) -> Money:
    """Without idle zeros, so that equal money is told in equal words."""
    return Money(_tidy(money.net), _tidy(money.gross))


def total(amounts: Iterable[Money]) -> Money:
    return sum(amounts, NO_MONEY)


@dataclass(frozen=True, slots=True)
class Worth:
    """A row's price before discounts and what was paid for it; 0 ≤ paid ≤ price on each side."""

    price: Money = NO_MONEY
    paid: Money = NO_MONEY

    @property
    def discount(self) -> Money:
        return self.price - self.paid

    def __add__(self, other: Worth) -> Worth:
        return Worth(self.price + other.price, self.paid + other.paid)

    def share(self, part: Decimal, whole: Decimal) -> Worth:
        return Worth(_share(self.price, part, whole), _share(self.paid, part, whole))


@dataclass(frozen=True, slots=True)
class Parts:
    """R, D, H and tax of a row (see above)."""

    row: Decimal
    discount: Decimal
    compensation: Decimal
    tax: Decimal

    @property
    def paid(self) -> Money:
        net = self.row - self.discount + self.compensation
        return Money(net, net + self.tax)


def memo_parts(row: Row) -> Parts:
    """Of a row of a credit memo."""
    return _parts(row, number(row, "base_row_total"))


# -- rows of orders ---------------------------------------------------------------------------


def order_worths(rows: Sequence[Row], order: Row) -> list[Worth]:
    """What each row was worth as ordered; ``rows`` are those of the order that bear money."""
    lowered = told_lowered(rows, number(order, "base_subtotal"))
    parts = [_parts(row, _row_total(row, lowered=lowered)) for row in rows]
    if lowered:
        grosses = _gross_prices(rows, parts, number(order, "base_subtotal_incl_tax"))
    else:
        grosses = [_told_gross(row, part) for row, part in zip(rows, parts, strict=True)]
    return [_worth(part, gross) for part, gross in zip(parts, grosses, strict=True)]


def remaining(row: Row) -> Decimal:
    """Pieces that were not cancelled."""
    return max(NOTHING, number(row, "qty_ordered") - number(row, "qty_canceled"))


def kept(row: Row, worth: Worth) -> Worth:
    """The row's worth without its cancelled pieces: what was invoiced where that is just the
    rest (to the cent), else pro rata."""
    ordered, rest = number(row, "qty_ordered"), remaining(row)
    if rest == ordered:
        return worth
    if not rest:
        return Worth()
    shared = worth.share(rest, ordered)
    if number(row, "qty_invoiced") != rest or "base_row_invoiced" not in row:
        return shared
    invoiced = Parts(
        number(row, "base_row_invoiced"),
        number(row, "base_discount_invoiced"),
        number(row, "base_discount_tax_compensation_invoiced"),
        number(row, "base_tax_invoiced"),
    )
    gross = shared.price.gross if invoiced.discount else invoiced.row + invoiced.tax
    return _worth(invoiced, gross)


def told_lowered(rows: Sequence[Row], subtotal: Decimal) -> bool:
    """Whether this shop tells R - D as a row's total: what adds up to the order's subtotal, or
    else (rows told as 0, FPT) what lies nearer to unit price x quantity."""
    told = sum((number(row, "base_row_total") for row in rows), NOTHING)
    discounts = sum((number(row, "base_discount_amount") for row in rows), NOTHING)
    if subtotal in {told, told + discounts}:
        return subtotal != told
    as_told = lifted = NOTHING
    for row in rows:
        discount = number(row, "base_discount_amount")
        missed = number(row, "base_row_total") - _price_times_quantity(row, "base_price")
        if discount:
            as_told += abs(missed)
            lifted += abs(missed + discount)
    return lifted < as_told


def _row_total(row: Row, *, lowered: bool) -> Decimal:
    """R. A row told as 0 may be one below it: then what was paid with tax tells R, as long as it
    comes near unit price x quantity; in versions that tell neither so, R is D."""
    told, discount = number(row, "base_row_total"), number(row, "base_discount_amount")
    if not lowered or not discount:
        return told
    if told:
        return told + discount
    part = _parts(row, NOTHING)
    from_gross = number(row, "base_row_total_incl_tax") - part.paid.gross
    missed = abs(from_gross - _price_times_quantity(row, "base_price"))
    return from_gross if missed <= _slack([row]) else discount


def _told_gross(row: Row, part: Parts) -> Decimal:
    """The row with tax, before its discount, from a shop that tells it."""
    if part.discount and "base_row_total_incl_tax" in row:
        return number(row, "base_row_total_incl_tax")
    return _with_tax(row, part)


def _gross_prices(rows: Sequence[Row], parts: Sequence[Parts], told: Decimal) -> list[Decimal]:
    """The rows with tax, before their discounts, from a shop that does not tell: the tax on the
    row, or the unit price with tax, whichever adds up to what the order tells of all rows. A
    cent that is still missing goes to the largest row with a discount: where tax is rounded on
    totals, nothing tells which row it belongs to."""
    pairs = list(zip(rows, parts, strict=True))
    by_rate = [_with_tax(row, part) for row, part in pairs]
    by_unit = [_with_tax(row, part, by_unit=True) for row, part in pairs]
    found = min((by_rate, by_unit), key=lambda one: abs(told - sum(one, NOTHING)))
    unsure = [place for place, part in enumerate(parts) if part.discount]
    missed = told - sum(found, NOTHING)
    if unsure and missed and abs(missed) <= _slack(rows[place] for place in unsure):
        found[max(unsure, key=lambda place: found[place])] += missed
    return found


def _with_tax(row: Row, part: Parts, *, by_unit: bool = False) -> Decimal:
    if not part.discount:
        return part.row + part.tax
    if by_unit and "base_price_incl_tax" in row:
        return _price_times_quantity(row, "base_price_incl_tax")
    return part.row + (part.row * number(row, "tax_percent") / 100).quantize(CENT, ROUND_HALF_UP)


def _worth(part: Parts, gross: Decimal) -> Worth:
    paid = part.paid
    price = Money(max(part.row, NOTHING), max(gross, paid.gross, NOTHING))
    return Worth(price, Money(_within(paid.net, price.net), _within(paid.gross, price.gross)))


def _parts(row: Row, row_total: Decimal) -> Parts:
    return Parts(
        row_total,
        number(row, "base_discount_amount"),
        number(row, "base_discount_tax_compensation_amount"),
        number(row, "base_tax_amount"),
    )


def _price_times_quantity(row: Row, price: str) -> Decimal:
    return number(row, price) * number(row, "qty_ordered")


def _slack(rows: Iterable[Row]) -> Decimal:
    """How far a rounded unit price times its quantity can miss."""
    return CENT * sum((number(row, "qty_ordered") + 1 for row in rows), NOTHING)


def _within(value: Decimal, most: Decimal) -> Decimal:
    return min(max(value, NOTHING), most)


def _share(money: Money, part: Decimal, whole: Decimal) -> Money:
    return Money(*(exact(side * part / whole, MONEY_STEP) for side in (money.net, money.gross)))


def _tidy(value: Decimal) -> Decimal:
    return plain(value) or NOTHING


def quantity(value: Decimal) -> Decimal:
    return exact(value, QUANTITY_STEP) or NOTHING
