"""What rewards have in common: who gets them, where, how long, and what they are worth."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from bridge.programme.kinds import Day, Keys, Part, Positive, Stores, Text, Texts, Whole
from bridge.programme.points import MOST_DAYS, MOST_MONTHS
from connectors.sentences import sentence


class Lasting(Part):
    """To the end of a day in the programme's time zone."""

    days: Annotated[Whole, Field(le=MOST_DAYS)] | None = None
    months: Annotated[Whole, Field(le=MOST_MONTHS)] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Lasting:
        if (self.months is None) is (self.days is None):
            raise ValueError(sentence("needs days or months"))
        return self


VALID = Lasting(days=90)
"""How long vouchers are valid where nothing else is said."""


class Who(Part):
    """Conditions on a member; all that are given must hold."""

    group: Texts = ()
    """He is in one of these: the shop's groups by name, or the programme's by key."""
    segment: Keys = ()
    tier: Keys = ()
    company: Texts = ()
    """He buys for one of these: names, or patterns; ``"*"`` is any company."""

    @model_validator(mode="after")
    def _says_something(self) -> Who:
        if self == Who.model_construct():
            raise ValueError(sentence("has no condition: leave it out to mean everyone"))
        return self


class Give(Part):
    """What is given; exactly one of ``amount``, ``percent``, ``share`` and ``points``."""

    OFFERED: ClassVar[tuple[str, ...]] = ("amount", "percent", "share", "points")
    """What an error names, to choose from."""

    amount: Positive | None = None
    """A voucher of this value, in the programme's currency."""
    percent: Annotated[Positive, Field(le=100)] | None = None
    """A voucher of this discount."""
    maximum: Positive | None = None
    """Of ``percent`` and ``share``: the most it is worth."""
    share: Annotated[Positive, Field(le=100)] | None = None
    """A voucher of this percentage of the order that gives it (cashback)."""
    points: Whole | None = None
    """Points, and no voucher."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Give:
        names = ("amount", "percent", "share", "points")
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            what = " and ".join(given) or "none of them"
            raise ValueError(
                sentence(
                    "needs one of %(offered)s; there is %(what)s",
                    offered=", ".join(self.OFFERED),
                    what=what,
                )
            )
        if self.maximum is not None and given[0] not in ("percent", "share"):
            raise ValueError(
                sentence("maximum has no meaning for %(given)s: leave it out", given=given[0])
            )
        return self


class Thanks(Give):
    """What a referrer gets: no ``share``, as nobody has said of which order."""

    OFFERED = ("points", "amount", "percent")


class Offer(Part):
    """What holds for everything that is given under conditions and for a time."""

    when: Who | None = None
    stores: Stores = ()
    """``installation`` or ``installation/store``; empty: every store."""
    starts: Annotated[Day | None, Field(alias="from")] = None
    """The first day, in the programme's time zone."""
    until: Day | None = None
    """The last day."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Offer:
        if self.starts and self.until and self.until < self.starts:
            raise ValueError(
                sentence(
                    "ends on %(until)s, before it begins on %(starts)s",
                    until=self.until,
                    starts=self.starts,
                )
            )
        return self

    def holds_on(self, day: date) -> bool:
        """Whether ``day``, in the programme's time zone, is one of its days."""
        if self.starts is not None and day < self.starts:
            return False
        return self.until is None or day <= self.until

    def holds_in(self, installation: str, store: str) -> bool:
        """Whether the store with this code is one of its stores."""
        return not self.stores or bool({installation, f"{installation}/{store}"} & {*self.stores})

    def is_for(self, installation: str) -> bool:
        """Whether any of its stores is in this installation."""
        return not self.stores or any(one.partition("/")[0] == installation for one in self.stores)


class VoucherOffer(Offer):
    """A voucher under conditions."""

    give: Give
    label: Text | None = None
    """What the buyer's basket and order show; ``None``: a word of the bridge's own."""
    basket: Positive | None = None
    """It can be used from this order value on, in the programme's currency."""
    valid: Lasting = VALID
