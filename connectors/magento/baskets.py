"""An order's rows as the lines its buyer saw. Pure.

A configurable or a bundle is one line: its own row, whose children are not listed. The children
of a bundle with a dynamic price bear its money, its discounts and its cancellations themselves
(magento2 ``Sales\\Model\\Order\\Item::isDummy``); they are added up into its line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.magento.amounts import Row, Worth, kept, number, order_worths, quantity, remaining
from connectors.magento.applied_rules import Bearer
from connectors.sales import NOTHING


@dataclass(frozen=True, slots=True)
class Item:
    """A line: its row, the rows below it, and those of them that bear its money."""

    row: Row
    children: tuple[Row, ...]
    bearers: tuple[Row, ...]

    @property
    def id(self) -> str:
        return str(self.row["item_id"])

    @property
    def is_split(self) -> bool:
        """Its money is in its children's rows."""
        return self.bearers != (self.row,)

    @property
    def catalogue_row(self) -> Row:
        """The row of the product that was taken from the shelf: of a configurable, its child."""
        is_configurable = self.row.get("product_type") == "configurable"
        return self.children[0] if is_configurable and self.children else self.row

    def quantity(self) -> Decimal:
        """Pieces that were not cancelled; of a bundle, while any of its parts were not."""
        rest = remaining(self.row)
        if self.is_split:
            rest *= max((_part(child, remaining(child)) for child in self.bearers), default=NOTHING)
        return quantity(rest)

    def returned(self, counts: Mapping[str, Decimal]) -> Decimal:
        """Pieces among ``counts`` (by row id); of a bundle whose parts are refunded, the share
        of its parts, as its own count is not kept (magento2 ``CreditmemoFactory``)."""
        if not self.is_split:
            return quantity(counts.get(self.id, NOTHING))
        parts = sum((number(child, "qty_ordered") for child in self.bearers), NOTHING)
        back = sum((counts.get(str(child["item_id"]), NOTHING) for child in self.bearers), NOTHING)
        return quantity(number(self.row, "qty_ordered") * back / parts) if parts else NOTHING


def items_of(order: Row) -> list[Item]:
    rows: Sequence[Row] = order.get("items") or ()
    known = {str(row["item_id"]) for row in rows}
    children: dict[str, list[Row]] = defaultdict(list)
    tops: list[Row] = []
    for row in rows:
        parent = str(row.get("parent_item_id") or "")
        if parent in known:
            children[parent].append(row)
        else:
            tops.append(row)
    return [_item(row, children[str(row["item_id"])]) for row in tops]


def worths(items: Sequence[Item], order: Row) -> list[Worth]:
    """What each line is worth without its cancelled pieces."""
    whole = iter(bearers(items, order))
    return [sum((next(whole).worth for _ in item.bearers), Worth()) for item in items]


def bearers(items: Sequence[Item], order: Row) -> list[Bearer]:
    """The rows that bear the lines' money, each with its worth without cancelled pieces."""
    rows = [row for item in items for row in item.bearers]
    told = order_worths(rows, order)
    return [Bearer(row, kept(row, worth)) for row, worth in zip(rows, told, strict=True)]


def _item(row: Row, children: Sequence[Row]) -> Item:
    bearing = tuple(children) if row.get("product_type") == "bundle" and _paid(children) else (row,)
    return Item(row, tuple(children), bearing)


def _paid(children: Sequence[Row]) -> bool:
    return any(
        number(child, "base_row_total") or number(child, "base_discount_amount")
        for child in children
    )


def _part(row: Row, pieces: Decimal) -> Decimal:
    ordered = number(row, "qty_ordered")
    return pieces / ordered if ordered else NOTHING
