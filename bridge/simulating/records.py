"""What is asked, and what is told. Pure records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge.vouchers.stores import StorePlace
from connectors.quotes import Outcome, Quote, QuotedLine
from connectors.sales import NO_MONEY, Money


@dataclass(frozen=True, slots=True)
class Item:
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Request:
    items: tuple[Item, ...]
    """Each SKU once."""
    store: StorePlace | None = None
    """``None``: each store that sells all of them."""
    email: str = ""
    """Empty: a guest whom nobody knows."""
    code: str = ""


@dataclass(frozen=True, slots=True)
class BuyerTold:
    """As whom he buys in one store."""

    group_id: str
    group: str
    customer_id: str = ""
    """Empty: he has no account there, and buys as a guest."""


@dataclass(frozen=True, slots=True)
class LineTold:
    sku: str
    name: str
    quoted: QuotedLine
    why: str
    """Where the unit price comes from, for people."""
    source: str = ""
    """The price list; empty: the shop's own price, or somebody else's row."""


@dataclass(frozen=True, slots=True)
class OfferTold:
    """A gift, or a discount that needs no code."""

    rule: str
    """As the programme names it: ``gifts.mug``, ``campaigns.summer``."""
    text: str
    outcome: Outcome | None
    """``None``: it is not in the shop."""
    off: Money = NO_MONEY
    why: str = ""


@dataclass(frozen=True, slots=True)
class CodeTold:
    code: str
    works: bool
    worth: str = ""
    """Empty: it is no code of the bridge."""
    off: Money = NO_MONEY
    why: str = ""
    """Why it does not work."""
    points: int = 0
    """What it was bought with."""


@dataclass(frozen=True, slots=True)
class EarnedTold:
    line_id: str
    """The place of the line, from 1."""
    sku: str
    rule: str
    points: int
    why: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class PointsTold:
    entries: tuple[EarnedTold, ...] = ()
    paid_with_points: Money = NO_MONEY
    """What the voucher paid: that part earns none."""
    ripens_at: datetime | None = None
    """When they can be spent, were the order paid and complete today."""
    why_none: str = ""

    @property
    def total(self) -> int:
        return sum(one.points for one in self.entries)


@dataclass(frozen=True, slots=True)
class TierTold:
    now: str
    """Key; empty: none."""
    then: str
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """One store."""

    place: StorePlace
    problem: str = ""
    """Why nothing can be told; then there is no quote."""
    buyer: BuyerTold | None = None
    quote: Quote | None = None
    lines: tuple[LineTold, ...] = ()
    offers: tuple[OfferTold, ...] = ()
    code: CodeTold | None = None
    points: PointsTold = PointsTold()
    tier: TierTold | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulation:
    member_id: int | None
    """``None``: nobody known goes by the address."""
    stores: tuple[Told, ...]
    without: tuple[str, ...] = ()
    """Stores that do not sell all of it."""
