"""The lines of one order and what each rule gives for them, exactly. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.earning.amounts import line_amounts
from bridge.earning.conditions import (
    earning_lines,
    fits_sku,
    holds_for,
    is_in_category,
    meant_lines,
)
from bridge.earning.facts import SHIPPING, Buyer, ProductFacts
from bridge.earning.sharing import share_out
from bridge.programme.earning_rules import (
    LINE_KINDS,
    BoughtTogether,
    EarningRule,
    PerAmount,
    PointsBasis,
)
from bridge.programme.points import PointsSettings
from connectors.sales import LineKind, Money, Order, OrderLine

_CHANGING = ("multiply", "nothing")
_NOTHING = Fraction(0)
_LAST = 1_000_000


class Lines:
    """One order under the rules that are in force for its buyer on its day."""

    def __init__(
        self,
        settings: PointsSettings,
        order: Order,
        rate: Decimal,
        buyer: Buyer,
        products: Mapping[str, ProductFacts],
        paid_with_points: Money,
        zone: ZoneInfo,
    ) -> None:
        self.rate = rate
        self._settings = settings
        self._order = order
        self._products = products
        self._paid = paid_with_points
        self._lines = earning_lines(order.lines, settings.exclude, products)
        self._meant: dict[int, frozenset[str]] = {}
        """By the identity of the rule, which the settings keep alive."""
        self._amounts: dict[PointsBasis, dict[str, Fraction]] = {}
        self._positions = {line.id: at for at, line in enumerate(order.lines)}
        day = order.placed_at.astimezone(zone).date()
        rules = {
            key: rule
            for key, rule in settings.rules.items()
            if rule.kind in LINE_KINDS and holds_for(key, rule, buyer, day)
        }
        self.giving = {key: rule for key, rule in rules.items() if rule.kind not in _CHANGING}
        self.multiplying = {key: rule for key, rule in rules.items() if rule.kind == "multiply"}
        self._off = self._switched_off([rule for rule in rules.values() if rule.nothing])

    def position(self, line_id: str) -> int:
        return self._positions.get(line_id, _LAST)

    def amounts(self, basis: PointsBasis) -> dict[str, Fraction]:
        """By line id, in the programme's currency."""
        if basis not in self._amounts:
            amounts = line_amounts(self._order, basis, self._paid)
            if self.rate != 1:
                rate = Fraction(self.rate)
                amounts = {key: amount * rate for key, amount in amounts.items()}
            self._amounts[basis] = amounts
        return self._amounts[basis]

    def meant(self, rule: EarningRule) -> frozenset[str]:
        """Ids of the lines a rule is about, and ``SHIPPING`` when it is about no lines in
        particular; none when they are together worth less than it asks for."""
        found = self._meant.get(id(rule))
        if found is None:
            found = self._meant[id(rule)] = self._find_meant(rule)
        return found

    def _find_meant(self, rule: EarningRule) -> frozenset[str]:
        lines = meant_lines(rule.when, self._lines, self._products)
        if not self._is_worth(rule, lines):
            return frozenset()
        ids = {line.id for line in lines}
        if rule.when is None or not rule.when.is_about_lines:
            ids.add(SHIPPING)
        return frozenset(ids)

    def exact(self, key: str) -> dict[str, Fraction]:
        """Points by line, not yet rounded; points for an order are whole already."""
        rule = self.giving[key]
        meant = self.meant(rule) - self._off.get(key, frozenset())
        lines = [line for line in self._lines if line.id in meant]
        if rule.per_amount is not None:
            return self._per_amount(rule, rule.per_amount, lines, SHIPPING in meant)
        if rule.per_item is not None:
            each = rule.per_item
            goods = (line for line in lines if line.kind is LineKind.PRODUCT)
            return {line.id: Fraction(line.quantity) * each for line in goods}
        if rule.bought_together is not None:
            lines = self._together(rule.bought_together, lines)
            return self._shared(rule.bought_together.points, lines)
        return self._shared(rule.per_order or 0, lines)

    # -- one kind each ----------------------------------------------------------------------

    def _per_amount(
        self, rule: EarningRule, given: PerAmount, lines: Sequence[OrderLine], shipping: bool
    ) -> dict[str, Fraction]:
        basis = self._settings.basis_of(rule)
        amounts = self.amounts(basis)
        ratio = _ratio(given)
        ids = [line.id for line in lines]
        if shipping and SHIPPING in amounts:
            ids.append(SHIPPING)
        return {line: amounts[line] * ratio for line in ids}

    def _shared(self, points: int, lines: Sequence[OrderLine]) -> dict[str, Fraction]:
        if not lines:
            return {}
        weights = order_weights(lines, self.amounts(self._settings.basis_of()))
        shares = share_out(points, weights)
        return {line.id: Fraction(share) for line, share in zip(lines, shares, strict=True)}

    def _together(self, asked: BoughtTogether, lines: Sequence[OrderLine]) -> list[OrderLine]:
        """The lines that count towards it; none when one of the things is missing."""
        candidates = [
            [line for line in lines if fits_sku((sku,), line, self._products)] for sku in asked.sku
        ]
        candidates += [
            [line for line in lines if is_in_category((name,), line, self._products)]
            for name in asked.category
        ]
        if not _has_one_each([[line.id for line in found] for found in candidates]):
            return []
        meant = {line.id for found in candidates for line in found}
        return [line for line in lines if line.id in meant]

    # -- conditions -------------------------------------------------------------------------

    def _is_worth(self, rule: EarningRule, lines: Sequence[OrderLine]) -> bool:
        if rule.when is None or rule.when.worth is None:
            return True
        amounts = self.amounts(self._settings.basis_of())
        return sum((amounts[line.id] for line in lines), _NOTHING) >= rule.when.worth

    def _switched_off(self, rules: Sequence[EarningRule]) -> dict[str, frozenset[str]]:
        off: dict[str, frozenset[str]] = {}
        for rule in rules:
            meant = self.meant(rule)
            for key in rule.rules or self.giving:
                off[key] = off.get(key, frozenset()) | meant
        return off


@lru_cache(maxsize=1024)
def _ratio(given: PerAmount) -> Fraction:
    return Fraction(given.points) / Fraction(given.each)


def order_weights(lines: Sequence[OrderLine], amounts: Mapping[str, Fraction]) -> list[Fraction]:
    """By what points given once an order are shared out: amounts, or pieces when all are 0."""
    weights = [amounts[line.id] for line in lines]
    return weights if any(weights) else [Fraction(line.quantity) for line in lines]


def _has_one_each(candidates: Sequence[Sequence[str]]) -> bool:
    """Whether each thing can have a line of its own (bipartite matching)."""
    taken: dict[str, int] = {}

    def place(thing: int, tried: set[str]) -> bool:
        for line in candidates[thing]:
            if line in tried:
                continue
            tried.add(line)
            if line not in taken or place(taken[line], tried):
                taken[line] = thing
                return True
        return False

    return all(place(thing, set()) for thing in range(len(candidates)))
