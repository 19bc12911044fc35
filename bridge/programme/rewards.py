"""What the programme gives beside points: vouchers, gifts, thanks for referrals, a catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import Field, model_validator

from bridge.programme.giving import VALID, Lasting, Offer, Thanks, VoucherOffer, Who
from bridge.programme.kinds import (
    LARGEST,
    Day,
    DayOfYear,
    Email,
    Key,
    Part,
    Positive,
    StoreName,
    Stores,
    Text,
    Texts,
    Whole,
    WholeOrNothing,
)
from bridge.programme.points import MOST_DAYS, MOST_MONTHS
from connectors.sentences import sentence

# --- points become vouchers ----------------------------------------------------------------


class Worth(Part):
    """``points`` are worth ``amount`` of the programme's currency."""

    points: Whole
    amount: Positive


class Returned(StrEnum):
    """What becomes of points spent on an order of which something is given back."""

    SHARE = "share"
    """The returned share of the goods' value gives back that share of the points."""
    WHOLE = "whole"
    """They come back when all of it is returned, and not before."""
    NEVER = "never"


class Automatic(Part):
    """Full ``points`` become a voucher by themselves."""

    points: Whole
    store: StoreName | None = None
    """``installation/store``; ``None``: where the member bought last."""


class Redemption(Offer):
    """The section ``redemption``: how points become vouchers."""

    rate: Worth
    step: Positive | None = None
    """Values are multiples of this one."""
    values: tuple[Positive, ...] = ()
    """Or exactly these, ascending."""
    minimum: Positive | None = None
    """The least a voucher is worth; ``None``: one step."""
    maximum: Positive | None = None
    of_order: Annotated[Positive, Field(le=100)] | None = None
    """The most of an order's value, in percent, that a voucher may pay."""
    valid: Lasting = VALID
    cancelled_gives_back: bool = True
    """Points spent on an order that is cancelled come back."""
    returned: Returned = Returned.SHARE
    automatic: Automatic | None = None

    @model_validator(mode="after")
    def _has_steps(self) -> Redemption:
        if (self.step is None) is (not self.values):
            raise ValueError(sentence("needs step: 5 (any multiple) or values: [5, 10, 25]"))
        if any(a >= b for a, b in zip(self.values, self.values[1:], strict=False)):
            raise ValueError(sentence("values must rise, like [5, 10, 25]"))
        if self.minimum and self.maximum and self.maximum < self.minimum:
            raise ValueError(
                sentence(
                    "maximum %(maximum)s is below minimum %(minimum)s",
                    maximum=self.maximum,
                    minimum=self.minimum,
                )
            )
        for value in (*self.values, *([self.step] if self.step else [])):
            cost = self._cost(value)
            if cost.denominator != 1:
                raise ValueError(
                    sentence(
                        "%(value)s is not a whole number of points at this rate: it would cost "
                        "%(about)s",
                        value=value,
                        about=_about(cost),
                    )
                )
            if cost > LARGEST:
                raise ValueError(
                    sentence(
                        "%(value)s would cost more than %(largest)s points",
                        value=value,
                        largest=f"{LARGEST}",
                    )
                )
        if not self._is_something_left():
            raise ValueError(sentence("no value lies between minimum and maximum"))
        return self

    @model_validator(mode="after")
    def _automatic_fits(self) -> Redemption:
        if self.automatic is None:
            return self
        points = self.automatic.points
        value = Fraction(points) * Fraction(self.rate.amount) / Fraction(self.rate.points)
        if not self._is_value(value):
            raise ValueError(
                sentence(
                    "automatic: %(points)s points are worth %(about)s, which is no value of a "
                    "voucher",
                    points=points,
                    about=_about(value),
                )
            )
        return self

    def points_for(self, value: Decimal) -> int:
        """What a voucher of this value costs."""
        return int(self._cost(value))

    def _cost(self, value: Decimal) -> Fraction:
        return Fraction(value) * self.rate.points / Fraction(self.rate.amount)

    def _is_value(self, value: Fraction) -> bool:
        if self.minimum is not None and value < Fraction(self.minimum):
            return False
        if self.maximum is not None and value > Fraction(self.maximum):
            return False
        if self.step is not None:
            return value > 0 and value % Fraction(self.step) == 0
        return any(value == Fraction(one) for one in self.values)

    def _is_something_left(self) -> bool:
        if self.step is None:
            return any(self._is_value(Fraction(one)) for one in self.values)
        step = Fraction(self.step)
        steps = max(-(-Fraction(self.minimum or 0) // step), 1)
        return self._is_value(steps * step)


def _about(value: Fraction) -> str:
    return format(Decimal(value.numerator) / Decimal(value.denominator), ".6g")


# --- after an order, on an occasion --------------------------------------------------------


class NextPurchase(VoucherOffer):
    """A voucher after an order; with ``give: {share: 3}`` it is cashback."""

    order: Positive | None = None
    """The order is worth at least this, in the programme's currency, on the side that points
    count; ``None``: any order. What other vouchers of this kind took off counts as not paid."""
    after_days: Annotated[WholeOrNothing, Field(le=MOST_DAYS)] = 0
    """So many days after the order was complete: the return period."""

    @model_validator(mode="after")
    def _gives_a_voucher(self) -> NextPurchase:
        if self.give.points is not None:
            raise ValueError(
                sentence("points for an order are a rule of points: write per_order there")
            )
        return self


_AUTOMATIC = ("instant", "together")
OCCASIONS = ("sign_up", "birthday", "calendar", "quiet_days", "on", "instant", "together")


class Campaign(VoucherOffer):
    """Something given on an occasion; exactly one of :data:`OCCASIONS` is set."""

    sign_up: bool = False
    """Once, to who joins."""
    birthday: bool = False
    calendar: DayOfYear | None = None
    """Each year on this day, to every member it is for."""
    quiet_days: Annotated[Whole, Field(le=MOST_DAYS)] | None = None
    """To who bought before and has not for so many days; once until he buys again."""
    on: Day | None = None
    """Once, on this day."""
    instant: bool = False
    """No code: everyone it is for pays less from the first to the last day."""
    together: Texts = ()
    """No code: these SKUs together in a basket cost less."""
    first_order_only: bool = False
    """The voucher is for who has not bought yet."""

    @property
    def occasion(self) -> str:
        """Which of :data:`OCCASIONS` it is."""
        return next(name for name in OCCASIONS if getattr(self, name) not in (None, False, ()))

    @model_validator(mode="after")
    def _is_one_campaign(self) -> Campaign:
        given = [name for name in OCCASIONS if getattr(self, name) not in (None, False, ())]
        if len(given) != 1:
            what = " and ".join(given) or "none of them"
            raise ValueError(
                sentence(
                    "needs one of %(occasions)s; there is %(what)s",
                    occasions=", ".join(OCCASIONS),
                    what=what,
                )
            )
        if self.give.share is not None:
            raise ValueError(sentence("share is a part of an order: write it under next_purchase"))
        if given[0] in _AUTOMATIC and self.give.points is not None:
            raise ValueError(
                sentence("%(given)s makes baskets cheaper: give amount or percent", given=given[0])
            )
        if given[0] == "instant" and (self.starts is None or self.until is None):
            raise ValueError(sentence("instant needs its first and last day: from and until"))
        if self.together and len(self.together) < 2:
            raise ValueError(sentence("together takes at least two SKUs"))
        for problem in self._misplaced(given[0]):
            raise ValueError(problem)
        return self

    def _misplaced(self, occasion: str) -> Iterator[str]:
        if self.give.points is not None:
            for name in ("basket", "label", "stores"):
                if getattr(self, name):
                    yield f"{name} has no meaning for points: leave it out"
        if self.valid != VALID and (self.give.points is not None or occasion in _AUTOMATIC):
            yield "valid is of vouchers, and this gives none: leave it out"
        if self.on is not None and not self.holds_on(self.on):
            yield f"on {self.on} is not between from and until: leave these out"


# --- gifts ---------------------------------------------------------------------------------


class Gift(Offer):
    """From an order value of ``basket`` on, ``quantity`` pieces of ``sku`` come free."""

    basket: Positive
    """In the programme's currency."""
    gross: bool | None = None
    """Whether ``basket`` is meant with tax; ``None``: as the programme's prices."""
    after_discounts: bool = False
    sku: Text
    quantity: Whole = 1


# --- referrals -----------------------------------------------------------------------------


class Referrals(Part):
    """The section ``referrals``."""

    friend: VoucherOffer
    """What the friend gets for his first purchase."""
    order: Positive | None = None
    """His first order is worth this at least, else it brings the referrer nothing."""
    referrer: Thanks
    """What the referrer gets, once that order is complete and its return period over."""
    valid: Lasting = Lasting(days=180)
    """Of a voucher for the referrer."""
    after_days: Annotated[WholeOrNothing, Field(le=MOST_DAYS)] = 14
    """The return period, from the order's completion."""
    most_a_month: Whole = 10
    """More rewards of one referrer in thirty days wait for a person."""
    stores: Stores = ()
    """Where friends' codes hold; empty: in every store."""

    @model_validator(mode="after")
    def _gives_what_can_be(self) -> Referrals:
        if self.friend.give.points is not None or self.friend.give.share is not None:
            raise ValueError(sentence("friend: give amount or percent"))
        if self.referrer.share is not None:
            raise ValueError(sentence("referrer: give points, amount or percent"))
        if self.friend.when is not None:
            raise ValueError(
                sentence("friend: when has no meaning, he is no customer yet: leave it out")
            )
        if self.friend.stores:
            raise ValueError(
                sentence("friend: stores are those of the whole section: write them beside it")
            )
        if self.referrer.points is not None and self.valid != Lasting(days=180):
            raise ValueError(
                sentence("valid is of the referrer's voucher, and he gets points: leave it out")
            )
        return self


class Partner(Offer):
    """Whose code credits its owner for every order of the customers he brings."""

    owner: Email
    points: Positive
    each: Positive
    """``points`` for ``each`` 10 of the order's goods, in the programme's currency."""
    months: Annotated[Whole, Field(le=MOST_MONTHS)] | None = None
    """So long after a customer's first order with the code; ``None``: without end."""
    after_days: Annotated[WholeOrNothing, Field(le=MOST_DAYS)] = 14


# --- the catalogue -------------------------------------------------------------------------


class CatalogueReward(Offer):
    """Something points buy that no shop sells: a ticket, a training, support hours."""

    name: Text
    points: Whole
    stock: WholeOrNothing | None = None
    """Pieces there are in all; ``None``: without end."""
    kind: Text = "reward"
    """The merchant's own word, to sort by."""
    about: Text | None = None
    """What the member gets and how."""

    @model_validator(mode="after")
    def _is_of_no_store(self) -> CatalogueReward:
        if self.stores:
            raise ValueError(sentence("stores has no meaning: a reward is taken in no store"))
        return self


# --- who takes part ------------------------------------------------------------------------


class MembershipProduct(Part):
    sku: Text
    months: Annotated[Whole, Field(le=MOST_MONTHS)] = 12
    """How long one piece lasts; another one renews it from its end."""


class Joining(Part):
    """The section ``joining``: who takes part; absent: every customer."""

    invited: bool = False
    """Only who a person took in (`members join`)."""
    when: Who | None = None
    """Whoever is in one of these groups."""
    product: MembershipProduct | None = None
    """Who bought it, for as long as it lasts."""

    @model_validator(mode="after")
    def _says_something(self) -> Joining:
        if self == Joining.model_construct():
            raise ValueError(
                sentence("needs invited: yes, when or product; leave it out for everyone")
            )
        return self


NextPurchases = dict[Key, NextPurchase]
Campaigns = dict[Key, Campaign]
Gifts = dict[Key, Gift]
Partners = dict[Key, Partner]
Catalogue = dict[Key, CatalogueReward]
