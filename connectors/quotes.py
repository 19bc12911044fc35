"""The port, fourth part: what a basket would cost, told without asking the shop.

A platform that can tell offers a :data:`Quoting` as its ``quote``: a pure function of what the
bridge has read (products, tier prices, its own promotions) and what the admin said at set-up. It
reckons in the platform's own order and with its rounding, so that a cart with the same goods
comes to the same. What it cannot know, it says in :attr:`Quote.notes`.

Money is :class:`~decimal.Decimal` in the store's currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from connectors.sales import NO_MONEY, Money

if TYPE_CHECKING:
    from connectors.base import (
        Basis,
        CustomerGroup,
        Family,
        PricingFacts,
        Product,
        Store,
        TierPrice,
    )


class CannotQuote(Exception):
    """Nothing can be told of this basket in this store; the text is for people."""


# --- what is asked -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many pieces of one product."""

    product_id: str
    quantity: int
    """At least 1."""
    family: Family
    """The product with its parent, where it has one."""
    rows: tuple[TierPrice, ...] = ()
    """Tier prices of the product and of its parent, whoever made them."""

    @property
    def product(self) -> Product:
        """Raises KeyError when the family does not have it."""
        for one in (self.family.head, *self.family.variants):
            if one.id == self.product_id:
                return one
        raise KeyError(self.product_id)

    @property
    def parent(self) -> Product | None:
        """What it is a variant of, where that is known."""
        head = self.family.head
        return None if head.id == self.product_id else head


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion of the bridge, as the shop holds it."""

    key: str
    """As in :class:`connectors.rewards.Promotion`."""
    native: str
    """See :mod:`connectors.rewards`."""
    native_id: str = ""
    code: str = ""
    """The code that was entered and hangs on it; empty: it applies by itself."""


@dataclass(frozen=True, slots=True)
class Basket:
    store: Store
    wanted: tuple[Wanted, ...]
    at: datetime
    groups: Mapping[str, CustomerGroup]
    """The shop's customer groups, by id."""
    group_id: str = ""
    """The buyer's; empty: he has no account, or is not signed in."""
    offers: tuple[Offer, ...] = ()
    """What applies by itself, and what hangs on the code that was entered."""
    has_plugin: bool = True
    """A plugin in the shop puts in the gifts that it was told."""
    earlier_orders: int = 0
    """Of this customer, in this shop."""
    tax_rates: tuple[Decimal, ...] = ()
    """Every rate, in percent, that products of this shop bear."""


# --- what is told --------------------------------------------------------------------------


class Outcome(StrEnum):
    """What becomes of an offer in this basket."""

    APPLIES = "applies"
    IS_OFF = "switched off"
    """Also a gift of a plugin that is."""
    NOT_YET = "not yet"
    IS_OVER = "over"
    OTHER_STORE = "another store"
    OTHER_GROUP = "another customer group"
    BELOW_BASKET = "basket too small"
    NEEDS_PRODUCTS = "lacks products it needs"
    NOT_IN_BASKET = "its product is not in the basket"
    """Everything else holds: put in, it would be cheaper, or free."""
    PUT_IN = "put in by the plugin in the shop"
    """It comes into the basket by itself, free, beside what is there."""
    NOT_FIRST_ORDER = "not the first order"
    NOTHING_LEFT = "nothing is left to take off"
    UNREADABLE = "says what the bridge did not write"


@dataclass(frozen=True, slots=True)
class QuotedOffer:
    key: str
    outcome: Outcome
    off: Money = NO_MONEY
    why: str = ""
    """For people, where there is more to say than the outcome: what the basket lacks."""
    missing: tuple[str, ...] = ()
    """Ids of all products that it needs and the basket lacks."""


@dataclass(frozen=True, slots=True)
class QuotedLine:
    product_id: str
    quantity: int
    own_price: Decimal
    """Of one piece, without any tier price, on :attr:`Quote.shown`."""
    unit_price: Decimal
    """What one piece costs in this quantity, likewise."""
    price: Money
    """The whole line, before discounts."""
    row: TierPrice | None = None
    """The tier price it comes from; ``None``: the product's own price."""
    discount: Money = NO_MONEY
    taken: Mapping[str, Money] = field(default_factory=dict)
    """What each offer took off this line, by key."""
    is_gift: bool = False
    """Wholly taken off by what needs no code: it is given, and earns nothing."""


@dataclass(frozen=True, slots=True)
class Quote:
    lines: tuple[QuotedLine, ...]
    offers: tuple[QuotedOffer, ...]
    shown: Basis
    """The side of unit prices, and of what this buyer sees where the shop tells."""
    group_id: str
    """The group he counts as."""
    is_tax_known: bool = True
    """``False``: both sides of all money are that of :attr:`shown`."""
    notes: tuple[str, ...] = ()
    """What was left out because the bridge does not read it, for people."""

    @property
    def goods(self) -> Money:
        """All lines before discounts."""
        return sum((line.price for line in self.lines), NO_MONEY)

    @property
    def discount(self) -> Money:
        """What all offers take off. Of a basket that is wholly paid for, a cent of rounding may
        be on no line."""
        return sum((offer.off for offer in self.offers), NO_MONEY)

    @property
    def total(self) -> Money:
        """To be paid, without shipping."""
        return self.goods - self.discount


Quoting: TypeAlias = "Callable[[Basket, PricingFacts], Quote]"
"""Pure. Raises :class:`CannotQuote`."""


# --- for those who quote -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an offer does not apply."""

    outcome: Outcome
    why: str = ""
    missing: tuple[str, ...] = ()

    def of(self, key: str) -> QuotedOffer:
        return QuotedOffer(key, self.outcome, why=self.why, missing=self.missing)


def below(there: Decimal, needed: Decimal, currency: str, side: str) -> Refused:
    """The basket is worth too little."""
    why = (
        f"{needed:f} {currency} {side} are needed, {there:f} are there, {needed - there:f} missing"
    )
    return Refused(Outcome.BELOW_BASKET, why)


def sold_alone(wanted: Wanted) -> Product:
    """The product, if one can buy it. Raises :class:`CannotQuote`."""
    product = wanted.product
    if str(product.kind) == "parent":
        raise CannotQuote(f"{product.sku} is sold through its variants: name the SKU of one.")
    if str(product.kind) in ("bundle", "other"):
        raise CannotQuote(
            f"{product.sku} is put together by its buyer (a bundle, a set): what that costs is not "
            "known to the bridge."
        )
    if not product.is_active:
        raise CannotQuote(f"{product.sku} is switched off in the shop.")
    if wanted.quantity < 1:
        raise CannotQuote(f"{product.sku}: at least one piece.")
    return product
