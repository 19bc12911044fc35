"""What a discount of a promotion takes off: which pieces, how much, and whose taxes.

Shopware PromotionCalculator with its packagers, filters and calculators, for the scope of the
whole cart; recorded: promotions.json #13 to #32. Sets and deliveries are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import pricing
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.pricing import Buyer, Struct

Meant = Callable[[str, Struct], bool]
"""Whether a rule holds for a line alone."""
_ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Taken:
    """``off`` is not rounded (recorded: promotions.json #18, ``composition``)."""

    off: Decimal
    prices: list[Struct]
    """What the pieces cost that it is taken off, for its taxes."""
    composition: list[Struct]


class Discount:
    def __init__(self, database: Database, values: Struct, buyer: Buyer) -> None:
        self._database = database
        self._buyer = buyer
        self.values = values

    @property
    def is_percentage(self) -> bool:
        return bool(self.values["type"] == "percentage")

    @property
    def is_known(self) -> bool:
        """A type the shop does not know fails its cart; here it takes nothing off."""
        return self.values["scope"] == "cart" and self.values["type"] in ("percentage", "absolute")

    @property
    def rule_ids(self) -> list[str]:
        """What the lines must be like; none: any."""
        if not self.values.get("considerAdvancedRules"):
            return []
        table = self._database["promotion_discount_rule"]
        keys = table.where("discountId", self.values["id"])
        return [str(table.rows[key].values["ruleId"]) for key in keys]

    @property
    def amount(self) -> Decimal:
        """Of an absolute discount, in the shopper's currency."""
        return self._in_currency(self.values["value"])

    @property
    def most(self) -> Decimal | None:
        value = self.values.get("maxValue")
        return None if value is None or not self.is_percentage else self._in_currency(value)

    def _in_currency(self, value: Any) -> Decimal:
        """What is kept for this currency, else the default one's by its factor (Shopware
        PromotionItemBuilder)."""
        prices = self._database["promotion_discount_prices"]
        for key in prices.where("discountId", self.values["id"]):
            if prices.rows[key].values["currencyId"] == self._buyer.currency_id:
                return _decimal(prices.rows[key].values["price"])
        return _decimal(value) * self._buyer.currency_factor

    def taken(self, goods: list[Struct], meant: Meant, left: Decimal) -> Taken | None:
        """``left``: what the cart still costs; no discount takes more."""
        pieces = self._pieces(goods, meant)
        total = sum((count * _unit(line) for line, count in pieces), Decimal(0))
        if not total:
            return None
        off = min(self._off(total), left)
        if off <= 0:
            return None
        return Taken(
            off,
            [
                {**line["price"], "totalPrice": pricing.shown(count * _unit(line))}
                for line, count in pieces
            ],
            [
                {
                    "id": line["id"],
                    "quantity": count,
                    "discount": pricing.shown(off * count * _unit(line) / total),
                }
                for line, count in pieces
            ],
        )

    def _off(self, total: Decimal) -> Decimal:
        if not self.is_percentage:
            return min(self.amount, total)
        off = total * min(_decimal(self.values["value"]), Decimal(100)) / 100
        return off if self.most is None else min(off, self.most)

    def _pieces(self, goods: list[Struct], meant: Meant) -> list[tuple[Struct, int]]:
        """Lines with how many pieces of each, in the cart's order."""
        rules = self.rule_ids
        lines = [line for line in goods if not rules or any(meant(rule, line) for rule in rules)]
        pieces = [line["id"] for line in self._sorted(lines) for _ in range(line["quantity"])]
        chosen = pieces[self._chosen(len(pieces))]
        counts = {line["id"]: chosen.count(line["id"]) for line in lines}
        return [(line, counts[line["id"]]) for line in lines if counts[line["id"]]]

    def _sorted(self, lines: list[Struct]) -> list[Struct]:
        key = self.values.get("sorterKey")
        return sorted(lines, key=_unit, reverse=key == "PRICE_DESC") if key else lines

    def _chosen(self, count: int) -> slice:
        """Shopware MaxUsage and Applier, for the one package that a cart is: ``applierKey`` is
        the first piece, ``usageKey`` how many; one alone when only the first is said."""
        names = ("sorterKey", "applierKey", "usageKey")
        sorter, applier, usage = (self.values.get(name) for name in names)
        if not (self.values.get("considerAdvancedRules") and sorter and applier and usage):
            return slice(0, count)
        if applier == usage == _ALL:
            return slice(0, count)
        most = 1 if usage == _ALL else int(usage)
        start = 0 if applier == _ALL else int(applier) - 1
        return slice(start, start + most)


def _unit(line: Struct) -> Decimal:
    return _decimal(line["price"]["unitPrice"])


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))
