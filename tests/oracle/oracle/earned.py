"""What one order earns by each rule, before anything was given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from zoneinfo import ZoneInfo

from oracle.numbers import more, rounded_lines, shared
from oracle.state import SHIPPING, State, counts, goods_kept
from oracle.words import Amount, Bought, Promise, Purchase, Rule

LineRule = tuple[str, str]
_LINES = ("per amount", "per item", "per order", "together")


@dataclass(frozen=True)
class Before:
    """The buyer's orders before this one."""

    orders: int
    spent: Fraction
    points_today: int


def earned(
    promise: Promise, purchase: Purchase, state: State, before: Before | None
) -> dict[LineRule, int]:
    """In the order of the rules, then of the lines. ``before``: ``None`` while it is open what
    came before."""
    if state.cancelled:
        return {}
    rate = Fraction(promise.rates.get(purchase.currency, 1))
    order = _Order(promise, purchase, state, rate)
    found = order.by_lines()
    if before is not None:
        found = [*found, *order.by_history(before)]
    return _capped(promise, found, before)


def _capped(
    promise: Promise, found: Sequence[tuple[LineRule, int]], before: Before | None
) -> dict[LineRule, int]:
    """From the last ones backwards."""
    rooms = [
        promise.most_per_order,
        None
        if promise.most_per_day is None
        else max(promise.most_per_day - (before.points_today if before else 0), 0),
    ]
    room = min((one for one in rooms if one is not None), default=None)
    points = dict(found)
    too_much = sum(points.values()) - room if room is not None else 0
    for key, _ in reversed(found):
        cut = min(points[key], max(too_much, 0))
        points[key] -= cut
        too_much -= cut
    return {key: number for key, number in points.items() if number}


class _Order:
    def __init__(self, promise: Promise, purchase: Purchase, state: State, rate: Fraction) -> None:
        self.promise, self.purchase, self.state, self.rate = promise, purchase, state, rate
        self.lines = [
            line
            for line in state.lines
            if not line.is_gift and line.pieces > 0 and not _begins(line, promise.excluded)
        ]
        self.worth = {line.id: self._amount(line.price, line.off) for line in state.lines}
        day = state.placed.astimezone(ZoneInfo(promise.zone)).date()
        self.rules = [
            rule
            for rule in promise.rules
            if (rule.first_day is None or day >= rule.first_day)
            and (rule.last_day is None or day <= rule.last_day)
            and (not rule.groups or purchase.group in rule.groups)
            and (not rule.shops or purchase.shop in rule.shops)
        ]

    # -- by what the order holds ------------------------------------------------------------

    def by_lines(self) -> list[tuple[LineRule, int]]:
        exact = {rule.key: self._exact(rule) for rule in self.rules if rule.gives in _LINES}
        points = {key: self._rounded(lines) for key, lines in exact.items()}
        points |= self._multiplied(exact)
        places = {line.id: place for place, line in enumerate(self.state.lines)}
        return [
            ((line, rule.key), points[rule.key][line])
            for rule in self.promise.rules
            for line in sorted(points.get(rule.key, ()), key=lambda one: places.get(one, 9999))
            if points[rule.key][line]
        ]

    def _rounded(self, exact: dict[str, Fraction]) -> dict[str, int]:
        promise = self.promise
        return rounded_lines(exact, promise.rounding, whole_order=promise.rounds_whole_orders)

    def _exact(self, rule: Rule) -> dict[str, Fraction]:
        meant = [line for line in self._meant(rule) if not self._earns_nothing(line.id, rule)]
        if rule.gives == "per item":
            return {
                line.id: Fraction(line.pieces) * rule.points for line in meant if line.is_product
            }
        if rule.gives == "per amount":
            return self._per_amount(rule, meant)
        if rule.gives == "together":
            meant = _together(rule, meant)
        return self._spread(rule.points, meant)

    def _per_amount(self, rule: Rule, meant: Sequence[Bought]) -> dict[str, Fraction]:
        gross = self.promise.gross if rule.gross is None else rule.gross
        raw = rule.before_discounts
        raw = self.promise.before_discounts if raw is None else raw
        price = Fraction(rule.points) / Fraction(rule.each)
        found = {
            line.id: self._amount(line.price, line.off, gross=gross, raw=raw) * price
            for line in meant
        }
        ships = self.promise.with_shipping if rule.with_shipping is None else rule.with_shipping
        if ships and self._means_shipping(rule):
            cost = self._amount(self.state.shipping, self.state.shipping_off, gross=gross, raw=raw)
            found[SHIPPING] = cost * price
        return found

    def _spread(self, points: int, lines: Sequence[Bought]) -> dict[str, Fraction]:
        """Points for the order, shared out to its lines."""
        if not lines:
            return {}
        weights = [self.worth[line.id] for line in lines]
        if not any(weights):
            weights = [Fraction(line.pieces) for line in lines]
        shares = shared(points, weights)
        return {line.id: Fraction(share) for line, share in zip(lines, shares, strict=True)}

    def _meant(self, rule: Rule) -> list[Bought]:
        lines = [
            line
            for line in self.lines
            if (not rule.skus or _begins(line, rule.skus)) and not _begins(line, rule.but_not)
        ]
        if rule.worth is not None and sum(self.worth[line.id] for line in lines) < rule.worth:
            return []
        return lines

    def _means_shipping(self, rule: Rule) -> bool:
        if rule.skus or rule.but_not or self._earns_nothing(SHIPPING, rule):
            return False
        return rule.worth is None or bool(self._meant(rule))

    def _earns_nothing(self, line: str, rule: Rule) -> bool:
        return any(
            line in [one.id for one in self._meant(off)]
            or (line == SHIPPING and not off.skus and not off.but_not)
            for off in self.rules
            if off.gives == "nothing" and rule.key in (off.changes or (rule.key,))
        )

    def _multiplied(self, exact: dict[str, dict[str, Fraction]]) -> dict[str, dict[str, int]]:
        rules = [rule for rule in self.rules if rule.gives == "times"]
        gives = {rule.key: rule.gives for rule in self.rules}
        found: dict[str, dict[str, int]] = {rule.key: {} for rule in rules}
        for target, lines in exact.items():
            changing = [
                rule
                for rule in rules
                if (target in rule.changes if rule.changes else gives[target] == "per amount")
            ]
            reached = dict(lines)
            for rule in changing:
                after = {
                    line: amount * self._factor(rule, changing, line)
                    for line, amount in reached.items()
                }
                promise = self.promise
                extra = more(
                    reached, after, promise.rounding, whole_order=promise.rounds_whole_orders
                )
                for line, points in extra.items():
                    found[rule.key][line] = found[rule.key].get(line, 0) + points
                reached = after
        return found

    def _factor(self, rule: Rule, changing: Sequence[Rule], line: str) -> Fraction:
        """The highest counts, and each that stacks on top."""
        if not self._multiplies(rule, line):
            return Fraction(1)
        if not rule.stacks:
            rivals = [one for one in changing if not one.stacks and self._multiplies(one, line)]
            if max(rivals, key=lambda one: one.factor) is not rule:
                return Fraction(1)
        return Fraction(rule.factor)

    def _multiplies(self, rule: Rule, line: str) -> bool:
        if line == SHIPPING:
            return not rule.skus and not rule.but_not
        return any(one.id == line for one in self._meant(rule))

    # -- by what came before ----------------------------------------------------------------

    def by_history(self, before: Before) -> list[tuple[LineRule, int]]:
        if not counts(self.state) or not self.lines:
            return []
        after = before.spent + in_cents(goods_kept(self.state, gross=self.promise.gross), self.rate)
        whole = sum((self.worth[line.id] for line in self.lines), Fraction(0))
        return [
            ((line, rule.key), int(share))
            for rule in self.rules
            if rule.worth is None or whole >= rule.worth
            for points in (_for_history(rule, before, after),)
            if points
            for line, share in self._spread(points, self.lines).items()
            if share
        ]

    def _amount(
        self, price: Amount, off: Amount, *, gross: bool | None = None, raw: bool | None = None
    ) -> Fraction:
        """In the programme's currency."""
        gross = self.promise.gross if gross is None else gross
        raw = self.promise.before_discounts if raw is None else raw
        full, less = (price.gross, off.gross) if gross else (price.net, off.net)
        return (Fraction(full) - (0 if raw else Fraction(less))) * self.rate


def in_cents(amount: Fraction, rate: Fraction) -> Fraction:
    cents = amount * rate * 100
    return Fraction((2 * cents.numerator + cents.denominator) // (2 * cents.denominator), 100)


def _for_history(rule: Rule, before: Before, spent: Fraction) -> int:
    number = before.orders + 1
    if rule.gives == "first order":
        return rule.points if number == 1 else 0
    if rule.gives == "every nth":
        return rule.points if number % rule.nth == 0 else 0
    if rule.gives == "spend steps":
        return sum(points for at, points in rule.steps if before.spent < at <= spent)
    return 0


def _begins(line: Bought, beginnings: Sequence[str]) -> bool:
    return any(line.sku.startswith(beginning) for beginning in beginnings)


def _together(rule: Rule, lines: Sequence[Bought]) -> list[Bought]:
    """The lines that fit one of the things, when each thing can have a line of its own."""
    fitting = [line for line in lines if _begins(line, rule.things)]
    return fitting if any(_assignments(rule, fitting)) else []


def _assignments(rule: Rule, lines: Sequence[Bought]) -> Iterator[bool]:
    for chosen in permutations(lines, len(rule.things)):
        yield all(
            line.sku.startswith(thing) for line, thing in zip(chosen, rule.things, strict=True)
        )
