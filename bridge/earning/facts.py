"""What earning rules may know of a buyer, his products and his past. Pure records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Calculation = Mapping[str, str | int]
"""How points came about, for people and for JSON: field names to texts and whole numbers."""

SHIPPING = "shipping"
"""The ``line_id`` of what shipping earned."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought, or did something, as he was at that time."""

    installation: str
    """Its name in the programme."""
    store: str
    """The store's code, as the programme names it: ``installation/store``."""
    group_name: str = ""
    """The shop's group."""
    group_key: str = ""
    """The programme's group; empty: none."""
    segments: frozenset[str] = frozenset()
    tier: str = ""
    company: str = ""
    """The company's name; empty: none."""
    member_since: datetime | None = None
    member_number: int = 0
    """The member's id: decides, with the rule's key, whether he is in a rule's share."""
    store_name: str = ""
    """The store's name, where the programme may use that as well."""
    takes_part: bool = True
    """In the programme; who does not earns nothing."""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    category_paths: tuple[tuple[str, ...], ...] = ()
    """One per category it (or its parent) is in: the names from the root down to it."""
    parent_sku: str = ""
    """Of a variant: what it is a variant of; patterns match this too."""


@dataclass(frozen=True, slots=True)
class History:
    """The buyer's earlier orders that count (not cancelled, not returned whole)."""

    orders: int = 0
    spent: Decimal = Decimal(0)
    """Goods after discounts, less what was refunded, in the programme's currency, on the side
    (net, gross) of ``settings.basis_of().price``."""
    items: Decimal = Decimal(0)
    """Pieces bought and kept, without gifts."""
    currency: str = ""
    """The programme's: its smallest unit is what each order's total is rounded to."""


@dataclass(frozen=True, slots=True)
class Earned:
    """Points that one rule gives for one line."""

    line_id: str
    """An order line's id, or :data:`SHIPPING`."""
    rule: str
    """The rule's key in the programme."""
    points: int
    """Above 0; 0 only where :func:`bridge.earning.history.capped` cut everything."""
    why: Calculation


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What occasions depend on."""

    joined_at: datetime
    birthday: date | None = None
    takes_part_since: datetime | None = None
    """Where the programme says who takes part: since then it has been a welcome he can get;
    ``None``: since he registered."""
