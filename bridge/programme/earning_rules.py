"""Earning rules as the programme says them: one way each to earn points."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from bridge.programme.kinds import (
    Day,
    DayOfYear,
    Key,
    Keys,
    Part,
    Positive,
    Stores,
    Texts,
    Whole,
)
from connectors.base import Basis
from connectors.sentences import sentence

LINE_KINDS = ("per_amount", "per_item", "per_order", "bought_together", "multiply", "nothing")
"""What a rule can be about: the lines of one order,"""
HISTORY_KINDS = ("first_order", "nth_order", "order_steps", "item_steps", "spend_steps")
"""an order among the buyer's earlier ones,"""
ACTIVITY_KINDS = ("review", "newsletter", "activity")
"""something he did,"""
OCCASION_KINDS = ("sign_up", "membership_years", "birthday", "calendar")
"""or a day that came."""
KINDS = (*LINE_KINDS, *HISTORY_KINDS, *ACTIVITY_KINDS, *OCCASION_KINDS)


# --- how much an amount is worth -----------------------------------------------------------


class Discounts(StrEnum):
    AFTER = "after"
    BEFORE = "before"


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
            raise ValueError(
                sentence("has no condition: leave it out to mean everyone and everything")
            )
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
            raise ValueError(sentence("takes at least two SKUs or categories"))
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
            raise ValueError(
                sentence("needs n (only that order) or every (each time so many are full)")
            )
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
            raise ValueError(
                sentence(
                    "%(at)s is not above the step before, %(before)s", at=step.at, before=before.at
                )
            )
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
            raise ValueError(
                sentence("shops tell of these: write %(name)s: 20 in place of activity", name=name)
            )
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
                sentence(
                    "%(factor)s is not above 1: to give less, write a rule of its own for these "
                    "products and leave them out of the other with exclude",
                    factor=factor,
                )
            )
        return factor

    @model_validator(mode="after")
    def _is_one_rule(self) -> EarningRule:
        given = list(self._given())
        if not given:
            raise ValueError(
                sentence("gives no points: write one of %(kinds)s", kinds=", ".join(KINDS))
            )
        if len(given) > 1:
            raise ValueError(
                sentence(
                    "has %(given)s: write a rule of its own for each", given=" and ".join(given)
                )
            )
        for problem in self._misplaced(given[0]):
            raise ValueError(problem)
        if self.starts and self.until and self.until < self.starts:
            raise ValueError(
                sentence(
                    "ends on %(until)s, before it begins on %(starts)s",
                    until=self.until,
                    starts=self.starts,
                )
            )
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
