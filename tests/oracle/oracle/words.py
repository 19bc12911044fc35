"""What shoppers did, and what a programme promises them. Plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Amount:
    net: Decimal = ZERO
    gross: Decimal = ZERO


NO_AMOUNT = Amount()


# --- what happened -------------------------------------------------------------------------


@dataclass(frozen=True)
class Bought:
    """A line: whole amounts, in the order's currency."""

    id: str
    sku: str
    pieces: Decimal
    price: Amount
    off: Amount = NO_AMOUNT
    """All discounts on it."""
    is_gift: bool = False
    is_product: bool = True


@dataclass(frozen=True)
class Back:
    """What one refund gave back."""

    id: str
    pieces: Mapping[str, Decimal] = field(default_factory=dict)
    """By line."""
    money: Mapping[str, Amount] = field(default_factory=dict)
    """By line; for the same lines, and for lines of which no piece came back."""
    shipping: Amount = NO_AMOUNT
    rest: Amount | None = NO_AMOUNT
    """For no line in particular; negative: a fee was kept. ``None``: the shop does not tell."""
    everything: bool = False


@dataclass(frozen=True)
class Deed:
    at: datetime


@dataclass(frozen=True)
class Placed(Deed):
    lines: tuple[Bought, ...]
    shipping: Amount = NO_AMOUNT
    shipping_off: Amount = NO_AMOUNT


@dataclass(frozen=True)
class Edited(Deed):
    lines: tuple[Bought, ...]


@dataclass(frozen=True)
class Paid(Deed):
    pass


@dataclass(frozen=True)
class Completed(Deed):
    pass


@dataclass(frozen=True)
class Cancelled(Deed):
    pass


@dataclass(frozen=True)
class GaveBack(Deed):
    back: Back


@dataclass(frozen=True)
class Told(Deed):
    """A person says what a refund came to of which the shop does not tell."""

    refund: str
    amount: Amount


@dataclass(frozen=True)
class Purchase:
    """One order and its life, oldest deed first; the first is :class:`Placed`."""

    shop: str
    id: str
    person: str
    """Empty: a guest nobody collects for."""
    group: str
    currency: str
    deeds: tuple[Deed, ...]

    @property
    def placed_at(self) -> datetime:
        return self.deeds[0].at


# --- what is promised ----------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """``gives`` is one of: ``per amount``, ``per item``, ``per order``, ``together``, ``times``,
    ``nothing``, ``first order``, ``every nth``, ``spend steps``."""

    key: str
    gives: str
    points: int = 0
    each: Decimal = Decimal(1)
    """Of ``per amount``: the amount."""
    nth: int = 0
    factor: Decimal = Decimal(1)
    stacks: bool = False
    changes: tuple[str, ...] = ()
    """Of ``times`` and ``nothing``; none: all per amount, all of them."""
    steps: tuple[tuple[Decimal, int], ...] = ()
    things: tuple[str, ...] = ()
    """Of ``together``: beginnings of SKUs."""
    skus: tuple[str, ...] = ()
    """Only lines whose SKU begins so."""
    but_not: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    worth: Decimal | None = None
    first_day: date | None = None
    last_day: date | None = None
    gross: bool | None = None
    """Of ``per amount``: what amount counts, where it is another than the programme's."""
    with_shipping: bool | None = None
    before_discounts: bool | None = None


@dataclass(frozen=True)
class Promise:
    """The programme."""

    rules: tuple[Rule, ...]
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Units of the programme's currency for one of the other."""
    gross: bool = False
    with_shipping: bool = False
    before_discounts: bool = False
    rounding: str = "down"
    """``down``, ``nearest``, ``up``."""
    rounds_whole_orders: bool = False
    waits_for: str = "completed"
    """``placed``, ``paid``, ``completed``."""
    waits_days: int = 14
    lasts_months: int | None = None
    lasts_from_order: bool = False
    excluded: tuple[str, ...] = ()
    """Beginnings of SKUs."""
    most_per_order: int | None = None
    most_per_day: int | None = None
