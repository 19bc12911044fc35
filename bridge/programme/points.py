"""What the programme says of points: the section ``points`` and its earning rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from bridge.programme.kinds import (
    Day,
    DayOfYear,
    Key,
    Keys,
    Part,
    Positive,
    Stores,
    Text,
    Texts,
    Whole,
    WholeOrNothing,
)
from connectors.base import Basis

LINE_KINDS = ("per_amount", "per_item", "per_order", "bought_together", "multiply", "nothing")
"""What a rule can be about: the lines of one order,"""
HISTORY_KINDS = ("first_order", "nth_order", "order_steps", "item_steps", "spend_steps")
"""an order among the buyer's earlier ones,"""
ACTIVITY_KINDS = ("review", "newsletter", "activity")
"""something he did,"""
OCCASION_KINDS = ("sign_up", "membership_years", "birthday", "calendar")
"""or a day that came."""
KINDS = (*LINE_KINDS, *HISTORY_KINDS, *ACTIVITY_KINDS, *OCCASION_KINDS)

MOST_DAYS = 36_500
MOST_MONTHS = 1_200


class Discounts(StrEnum):
    AFTER = "after"
    BEFORE = "before"


class RoundTo(StrEnum):
    DOWN = "down"
    NEAREST = "nearest"
    """Halves up."""
    UP = "up"


class RoundPer(StrEnum):
    LINE = "line"
    ORDER = "order"


class After(StrEnum):
    PLACED = "placed"
    PAID = "paid"
    COMPLETED = "completed"


class CountedFrom(StrEnum):
    AVAILABLE = "available"
    EARNED = "earned"


class Guests(StrEnum):
    IGNORE = "ignore"
    COLLECT = "collect"
    """Their orders earn; the points join the member who later confirms the address."""


class Debt(StrEnum):
    CARRY = "carry"
    """What a refund takes back beyond what is there is taken from later points."""
    FORGIVE = "forgive"


class UnknownRefund(StrEnum):
    """What holds for an order's points while a shop does not tell how much was refunded."""

    FREEZE = "freeze"
    WAIT = "wait"
    """They can be spent until a person says the amount; then it is taken back pro rata."""


# --- how much an amount is worth -----------------------------------------------------------


class PointsBasis(Part):
    """What amounts count with."""

    price: Basis | None = None
    """Net or gross; ``None`` only outside a programme: there it is what its prices are."""
    shipping: bool = False
    discounts: Discounts = Discounts.AFTER

    @property
    def side(self) -> Basis:
        return self.price or Basis.NET


class OwnBasis(Part):
    """What a rule counts differently; ``None``: as the section says."""

    price: Basis | None = None
    shipping: bool | None = None
    discounts: Discounts | None = None

    def over(self, section: PointsBasis) -> PointsBasis:
        own = {name: value for name, value in self if value is not None}
        return section.model_copy(update=own)


class Rounding(Part):
    to: RoundTo = RoundTo.DOWN
    per: RoundPer = RoundPer.LINE


class Ripening(Part):
    """When earned points can be spent."""

    after: After = After.COMPLETED
    days: Annotated[WholeOrNothing, Field(le=MOST_DAYS)] = 14
    """Whole days after the day it happened, in the programme's time zone; 0: at once."""


class Expiry(Part):
    """When points are lost: at the end of a day in the programme's time zone."""

    months: Annotated[Whole, Field(le=MOST_MONTHS)] | None = None
    days: Annotated[Whole, Field(le=MOST_DAYS)] | None = None
    yearly: DayOfYear | None = None
    after_years: Annotated[WholeOrNothing, Field(le=100)] = 1
    """With ``yearly``: that many of these days are let pass."""
    counted_from: Annotated[CountedFrom, Field(alias="from")] = CountedFrom.AVAILABLE

    @model_validator(mode="after")
    def _says_one_thing(self) -> Expiry:
        given = [name for name in ("months", "days", "yearly") if getattr(self, name) is not None]
        if len(given) != 1:
            what = " and ".join(given) or "none of them"
            raise ValueError(f'needs one of months, days, yearly: "12-31"; there is {what}')
        if "after_years" in self.model_fields_set and self.yearly is None and self.after_years != 1:
            raise ValueError("after_years belongs to yearly: leave it out")
        return self


class Exclusions(Part):
    """Who and what never earns; any of these."""

    group: Texts = ()
    """Names of the shop's groups, or keys of the programme's."""
    sku: Texts = ()
    """Patterns with ``*`` and ``?``."""
    category: Texts = ()


class Caps(Part):
    """The most points from orders and activities; ``None``: no end."""

    order: Whole | None = None
    day: Whole | None = None
    """Of one member, by the day of the order or activity in the programme's time zone."""
    member: Whole | None = None
    """Of one member, ever; what was taken back makes room again."""


# --- rules ---------------------------------------------------------------------------------


class When(Part):
    """Conditions of a rule; all that are given must hold."""

    group: Texts = ()
    """The buyer is in one of these: the shop's groups by name, or the programme's by key."""
    segment: Keys = ()
    tier: Keys = ()
    company: Texts = ()
    """He buys for one of these: names, or patterns; ``"*"`` is any company."""
    store: Stores = ()
    """``installation`` or ``installation/store``."""
    category: Texts = ()
    """Lines in one of these categories or below: names or ends of paths."""
    sku: Texts = ()
    """Lines with a SKU that fits one of these patterns."""
    exclude: Texts = ()
    """But not lines with one of these SKUs."""
    worth: Positive | None = None
    """The lines meant are together worth this at least, in the programme's currency."""

    @property
    def is_about_lines(self) -> bool:
        return bool(self.category or self.sku or self.exclude)

    @model_validator(mode="after")
    def _says_something(self) -> When:
        if self == When.model_construct():
            raise ValueError("has no condition: leave it out to mean everyone and everything")
        return self


class PerAmount(Part):
    """``points`` for ``each`` 10 of the programme's currency."""

    points: Positive
    each: Positive


class BoughtTogether(Part):
    """Points once an order that has a line of its own for each of these."""

    sku: Texts = ()
    category: Texts = ()
    points: Whole

    @model_validator(mode="after")
    def _takes_two(self) -> BoughtTogether:
        if len(self.sku) + len(self.category) < 2:
            raise ValueError("takes at least two SKUs or categories")
        return self


class NthOrder(Part):
    n: Whole | None = None
    """Only this one."""
    every: Whole | None = None
    """The fifth, the tenth, the fifteenth…"""
    points: Whole

    @model_validator(mode="after")
    def _says_which(self) -> NthOrder:
        if (self.n is None) is (self.every is None):
            raise ValueError("needs n (only that order) or every (each time so many are full)")
        return self


class StepUp(Part):
    """Points once, when what was bought in all reaches ``at``."""

    at: Positive
    points: Whole


def _one_step(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _ascending(steps: tuple[StepUp, ...]) -> tuple[StepUp, ...]:
    for before, step in pairwise(steps):
        if step.at <= before.at:
            raise ValueError(f"{step.at} is not above the step before, {before.at}")
    return steps


class MembershipYears(Part):
    points: Whole
    every: Annotated[Whole, Field(le=100)] = 1
    """Years from one time to the next."""


class CalendarDay(Part):
    day: DayOfYear
    points: Whole


class OwnActivity(Part):
    """What the merchant reports himself, by name (`activities record`)."""

    name: Key
    points: Whole

    @field_validator("name")
    @classmethod
    def _is_his_own(cls, name: str) -> str:
        if name in ("review", "newsletter"):
            raise ValueError(f"shops tell of these: write {name}: 20 in place of activity")
        return name


Steps = Annotated[tuple[StepUp, ...], BeforeValidator(_one_step)]


class EarningRule(Part):
    """One way to earn; exactly one of :data:`KINDS` is given."""

    per_amount: PerAmount | None = None
    per_item: Whole | None = None
    """For each piece."""
    per_order: Whole | None = None
    """Once an order that has a line the rule means."""
    bought_together: BoughtTogether | None = None
    multiply: Positive | None = None
    """What rules give for the lines it means, so many times; the extra is this rule's."""
    nothing: bool = False
    """The lines it means earn nothing."""
    rules: Keys = ()
    """Of ``multiply`` and ``nothing``: the rules they change. By default ``multiply`` changes
    the rules per amount, ``nothing`` all that give points for an order's lines."""
    stack: bool = False
    """Several that multiply the same line: the highest counts, and on top each that stacks."""

    first_order: Whole | None = None
    nth_order: NthOrder | None = None
    order_steps: Steps = ()
    item_steps: Steps = ()
    spend_steps: Steps = ()

    review: Whole | None = None
    newsletter: Whole | None = None
    activity: OwnActivity | None = None

    sign_up: Whole | None = None
    membership_years: MembershipYears | None = None
    birthday: Whole | None = None
    calendar: CalendarDay | None = None

    when: When | None = None
    starts: Annotated[Day | None, Field(alias="from")] = None
    """The first day, in the programme's time zone."""
    until: Day | None = None
    """The last day."""
    share: Annotated[Whole, Field(le=100)] = 100
    """Percent of the members it holds for; always the same ones."""
    basis: OwnBasis | None = None
    """Of ``per_amount``: what differs from the section's."""

    @cached_property
    def kind(self) -> str:
        """Which of :data:`KINDS` it is."""
        return next(self._given())

    def _given(self) -> Iterator[str]:
        return (kind for kind in KINDS if getattr(self, kind) not in (None, False, ()))

    @field_validator("order_steps", "item_steps", "spend_steps")
    @classmethod
    def _steps_rise(cls, steps: tuple[StepUp, ...]) -> tuple[StepUp, ...]:
        return _ascending(steps)

    @field_validator("multiply")
    @classmethod
    def _multiplies_up(cls, factor: Decimal | None) -> Decimal | None:
        if factor is not None and factor <= 1:
            raise ValueError(
                f"{factor} is not above 1: to give less, write a rule of its own for these "
                "products and leave them out of the other with exclude"
            )
        return factor

    @model_validator(mode="after")
    def _is_one_rule(self) -> EarningRule:
        given = list(self._given())
        if not given:
            raise ValueError(f"gives no points: write one of {', '.join(KINDS)}")
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}: write a rule of its own for each")
        for problem in self._misplaced(given[0]):
            raise ValueError(problem)
        if self.starts and self.until and self.until < self.starts:
            raise ValueError(f"ends on {self.until}, before it begins on {self.starts}")
        return self

    def _misplaced(self, kind: str) -> Iterator[str]:
        when = self.when or When.model_construct()
        if self.rules and kind not in ("multiply", "nothing"):
            yield "rules belongs to multiply and nothing: leave it out"
        if self.stack and kind != "multiply":
            yield "stack belongs to multiply: leave it out"
        if self.basis is not None and kind != "per_amount":
            yield "basis belongs to per_amount: leave it out"
        if when.is_about_lines and kind not in set(LINE_KINDS) - {"bought_together"}:
            yield f"when: category, sku and exclude have no meaning for {kind}: leave them out"
        if when.worth is not None and kind not in (*LINE_KINDS, *HISTORY_KINDS):
            yield f"when: worth has no meaning for {kind}: leave it out"
        if when.store and kind in OCCASION_KINDS:
            yield f"when: store has no meaning for {kind}: it happens in no store"
        if kind == "nothing" and self.when is None and not self.rules:
            yield "takes every point away: say for what, like when: {category: Sale}"

    def holds_on(self, day: date) -> bool:
        """Whether ``day``, in the programme's time zone, is one of its days."""
        if self.starts is not None and day < self.starts:
            return False
        return self.until is None or day <= self.until


# --- the section ---------------------------------------------------------------------------


class PointsSettings(Part):
    """The section ``points``."""

    name: Text = "points"
    basis: PointsBasis = PointsBasis()
    rounding: Rounding = Rounding()
    ripen: Ripening = Ripening()
    expire: Expiry | None = None
    """``None``: never."""
    guests: Guests = Guests.IGNORE
    debt: Debt = Debt.CARRY
    unknown_refund: UnknownRefund = UnknownRefund.FREEZE
    exclude: Exclusions = Exclusions()
    caps: Caps = Caps()
    rules: dict[Key, EarningRule] = Field(default_factory=dict)

    def basis_of(self, rule: EarningRule | None = None) -> PointsBasis:
        """What amounts count with for a rule, or for the section as a whole."""
        return rule.basis.over(self.basis) if rule and rule.basis else self.basis

    def with_price(self, price: Basis) -> PointsSettings:
        """The same, with net or gross filled in where it was left open."""
        if self.basis.price is not None:
            return self
        basis = self.basis.model_copy(update={"price": price})
        return self.model_copy(update={"basis": basis})


def price_filled_in(fields: dict[str, Any], default: Basis) -> dict[str, Any]:
    """A programme's fields, with net or gross of the points spelled out: a stored version
    keeps its meaning, and what computes points needs this section alone."""
    points = fields.get("points")
    price = fields.get("prices_are") or default
    if isinstance(points, PointsSettings):
        return {**fields, "points": points.with_price(Basis(price))}
    if not isinstance(points, dict):
        return fields
    basis = points.get("basis") or {}
    if not isinstance(basis, dict) or basis.get("price") is not None:
        return fields
    return {**fields, "points": {**points, "basis": {**basis, "price": price}}}
