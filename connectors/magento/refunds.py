"""Magento's credit memos as refunds. Pure.

A refund's lines, its shipping and its adjustment add up to the memo's ``base_grand_total``: cents
that Magento rounds away between a memo's rows and its totals go to the largest line. What else
can be missing from the total is money given back in another form (store credit, gift cards),
which belongs to the lines as it stands there, or a fixed product tax (FPT).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.magento.amounts import CENT, Row, memo_parts, number, tidy, total
from connectors.magento.baskets import Item
from connectors.magento.mapping import moment
from connectors.sales import NO_MONEY, NOTHING, Money, Refund, RefundLine

MEMO_FIELDS = (
    "entity_id,order_id,state,created_at,updated_at,base_grand_total,base_tax_amount,"
    "base_discount_amount,base_discount_tax_compensation_amount,base_shipping_amount,"
    "base_shipping_tax_amount,base_adjustment_positive,base_adjustment_negative,"
    "items[order_item_id,qty,base_row_total,base_tax_amount,base_discount_amount,"
    "base_discount_tax_compensation_amount]"
)
_REFUNDED = 2
"""A memo's state: 1 is open, 3 cancelled (magento2 ``Sales\\Model\\Order\\Creditmemo``)."""


def refunds(memos: Sequence[Row], items: Sequence[Item]) -> tuple[Refund, ...]:
    """The memos that were carried out, oldest first; ``items``: the lines of their order."""
    done = [memo for memo in memos if int(memo.get("state") or 0) == _REFUNDED]
    done.sort(key=lambda memo: (str(memo["created_at"]), int(memo["entity_id"])))
    return tuple(_refund(memo, items) for memo in done)


def _refund(memo: Row, items: Sequence[Item]) -> Refund:
    given = _settled(
        _Given(
            lines=_lines(memo, items),
            shipping=_shipping(memo),
            adjustment=_adjustment(memo),
        ),
        whole=Money(
            number(memo, "base_grand_total") - number(memo, "base_tax_amount"),
            number(memo, "base_grand_total"),
        ),
    )
    return Refund(
        id=str(memo["entity_id"]),
        at=moment(memo["created_at"]),
        lines=tuple(replace(line, amount=tidy(line.amount)) for line in given.lines),
        shipping=tidy(given.shipping),
        unnamed=tidy(given.adjustment),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    lines: tuple[RefundLine, ...]
    shipping: Money
    adjustment: Money

    @property
    def amount(self) -> Money:
        return total(line.amount for line in self.lines) + self.shipping + self.adjustment


def _lines(memo: Row, items: Sequence[Item]) -> tuple[RefundLine, ...]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in memo.get("items") or ():
        rows[str(row["order_item_id"])].append(row)
    counts = {
        id_: sum((number(row, "qty") for row in found), NOTHING) for id_, found in rows.items()
    }
    lines = (_line(item, rows, counts) for item in items)
    return tuple(line for line in lines if line.quantity or line.amount != NO_MONEY)


def _line(
    item: Item, rows: Mapping[str, Sequence[Row]], counts: Mapping[str, Decimal]
) -> RefundLine:
    bearing = (row for bearer in item.bearers for row in rows.get(str(bearer["item_id"]), ()))
    amount = total(memo_parts(row).paid for row in bearing)
    return RefundLine(item.id, item.returned(counts), amount)


def _shipping(memo: Row) -> Money:
    """Its discount and that discount's tax are in the memo's totals only."""
    net, tax = number(memo, "base_shipping_amount"), number(memo, "base_shipping_tax_amount")
    if not net:
        return Money(NOTHING, tax)
    rows = [memo_parts(row) for row in memo.get("items") or ()]
    discount = abs(number(memo, "base_discount_amount")) - sum(row.discount for row in rows)
    compensation = number(memo, "base_discount_tax_compensation_amount") - sum(
        row.compensation for row in rows
    )
    net -= discount - compensation
    return Money(max(net, NOTHING), max(net + tax, NOTHING))


def _adjustment(memo: Row) -> Money:
    """What is added or kept without naming a line; no tax is told of it."""
    value = number(memo, "base_adjustment_positive") - number(memo, "base_adjustment_negative")
    return Money(value, value)


def _settled(given: _Given, whole: Money) -> _Given:
    """With the cents that are missing to ``whole``, if it is cents that are missing."""
    missing = whole - given.amount
    most = CENT * (len(given.lines) + 2)
    if missing == NO_MONEY or max(abs(missing.net), abs(missing.gross)) > most:
        return given
    if given.lines:
        largest = max(given.lines, key=lambda line: line.amount.gross)
        corrected = replace(largest, amount=largest.amount + missing)
        lines = tuple(corrected if line is largest else line for line in given.lines)
        return replace(given, lines=lines)
    return replace(given, shipping=given.shipping + missing)
