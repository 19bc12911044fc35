"""What the programme says of points: the section ``points``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from bridge.programme.earning_rules import EarningRule, PointsBasis
from bridge.programme.kinds import (
    DayOfYear,
    Key,
    Part,
    Text,
    Texts,
    Whole,
    WholeOrNothing,
)
from connectors.base import Basis
from connectors.sentences import sentence

MOST_DAYS = 36_500
MOST_MONTHS = 1_200


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
            raise ValueError(
                sentence('needs one of months, days, yearly: "12-31"; there is %(what)s', what=what)
            )
        if "after_years" in self.model_fields_set and self.yearly is None and self.after_years != 1:
            raise ValueError(sentence("after_years belongs to yearly: leave it out"))
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
