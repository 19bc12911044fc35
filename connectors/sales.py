"""The port, second part: what was sold, returned and done in a shop, in records no platform owns.

A connector that has something to tell offers a :class:`Feed` as its ``feed``. The feed's walks
say *that* something changed; what is stored is always the whole order, fetched afterwards with
everything that belongs to it (payments, shipments, refunds), so that news may arrive late, twice
or in any order.

Money is :class:`~decimal.Decimal` in the order's own ``currency``, signs as a merchant reads
them: prices, discounts and refunds are all positive. Times are aware and in UTC, and the shop's
own business times, never those of the reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.errors import ConnectorError

NOTHING = Decimal(0)


# --- money ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Money:
    """One amount, net and gross, in the order's currency. Equal sides where no tax is due."""

    net: Decimal = NOTHING
    gross: Decimal = NOTHING

    def __add__(self, other: Money) -> Money:
        return Money(self.net + other.net, self.gross + other.gross)

    def __sub__(self, other: Money) -> Money:
        return Money(self.net - other.net, self.gross - other.gross)


NO_MONEY = Money()


# --- orders --------------------------------------------------------------------------------


class LineKind(StrEnum):
    PRODUCT = "product"
    OTHER = "other"
    """A line without a product of the catalogue: a surcharge, a custom item."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line as the buyer sees it. A configurable, bundle or variant is one line, under the
    SKU that was bought; its children are not listed. Discount lines are none of these: their
    money is in ``discount`` of the lines they lower."""

    id: str
    """The shop's own id of the line; refunds name it."""
    kind: LineKind
    product_id: str
    """As in :class:`connectors.base.Product`; empty for :attr:`LineKind.OTHER`."""
    sku: str
    name: str
    quantity: Decimal
    """As ordered and not cancelled. Returned pieces still count here; refunds name them."""
    price: Money
    """The whole line, before discounts."""
    discount: Money = NO_MONEY
    """What all discounts together take off the line; never more than ``price``."""
    category_ids: tuple[str, ...] = ()
    """Where the order itself tells; empty: look the product up."""
    is_gift: bool = False
    """Given free by a rule: it earns nothing and counts in no volume."""


@dataclass(frozen=True, slots=True)
class UsedCode:
    """A voucher or promotion code on the order."""

    code: str
    discount: Money
    """What it took off, where the shop tells per code; else all discounts of the order."""
    line_id: str = ""
    """The promotion line, where there is one (Shopware)."""
    shown: Decimal | None = None
    """Of points that were held for the basket (:class:`connectors.plugins.HeldPoints`): what was
    taken off as the buyer's prices were shown to him. ``None``: it is another code."""


@dataclass(frozen=True, slots=True)
class RefundLine:
    line_id: str
    quantity: Decimal
    """May be zero: money back for the line without a return."""
    amount: Money


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back. Lines, shipping and the rest together are its whole amount."""

    id: str
    at: datetime
    lines: tuple[RefundLine, ...] = ()
    shipping: Money = NO_MONEY
    unnamed: Money | None = NO_MONEY
    """What is given back without naming a line (Magento's adjustments, may be negative: a fee
    that was kept); ``None``: the shop does not tell how much it was (Shopware's
    ``refunded_partially`` without captures)."""
    is_whole: bool = False
    """All of the order, or all that was left of it, without a list of lines (Shopware's
    ``refunded``)."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order with all that belongs to it, as the shop told it at one moment."""

    id: str
    number: str
    """What people call it: Magento's increment id, Shopware's order number."""
    store_id: str
    """A :class:`connectors.base.Store` id."""
    currency: str
    """Of every amount here: Magento's base currency, Shopware's order currency."""
    placed_at: datetime
    changed_at: datetime
    """The newest change time of the order and of all that belongs to it."""
    customer_id: str = ""
    """Empty for a guest without an account."""
    email: str = ""
    is_guest: bool = False
    group_id: str = ""
    """The customer group he bought as, where the order tells."""
    company: str = ""
    vat_id: str = ""
    lines: tuple[OrderLine, ...] = ()
    shipping: Money = NO_MONEY
    """Before discounts on shipping."""
    shipping_discount: Money = NO_MONEY
    paid_at: datetime | None = None
    """When it was paid in full; ``None``: it is not, or no longer."""
    completed_at: datetime | None = None
    """When the last shipment or invoice made it complete; ``None``: it is not."""
    cancelled_at: datetime | None = None
    refunds: tuple[Refund, ...] = ()
    """Completed ones, oldest first."""
    codes: tuple[UsedCode, ...] = ()
    state: str = ""
    """The shop's own word, for people."""
    referral_code: str = ""
    """Affiliate or campaign code the order carries, where the platform has such a thing."""

    @property
    def charged(self) -> Money:
        """What the lines and the shipping cost after all discounts: what the shop calls the
        order's total, as long as nothing of it was cancelled."""
        goods = sum((line.price - line.discount for line in self.lines), NO_MONEY)
        return goods + self.shipping - self.shipping_discount


# --- activities ----------------------------------------------------------------------------


class ActivityKind(StrEnum):
    REVIEW = "review"
    NEWSLETTER = "newsletter"


@dataclass(frozen=True, slots=True)
class Activity:
    """Something a customer did that can earn points."""

    id: str
    """Stable: the review's id, or the customer's or recipient's for the newsletter."""
    kind: ActivityKind
    at: datetime
    is_valid: bool
    """Published (review), confirmed and not withdrawn (newsletter)."""
    customer_id: str = ""
    email: str = ""
    """Where the shop knows an address but no customer."""
    store_id: str = ""
    subject: str = ""
    """The product's id, for a review."""


# --- what changed --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """How far a walk got: a change time on the shop's clock, and the id among equal times."""

    at: datetime
    id: str = ""


class Entity(StrEnum):
    CUSTOMER = "customer"
    ORDER = "order"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a walk: this entity has changed, or belongs to something that has."""

    entity: Entity
    id: str
    """What to fetch: for an invoice or a transaction, the id of its order."""
    mark: Mark
    activity: Activity | None = None
    """The whole of it, when ``entity`` is an activity."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What a webhook says, once its signature was found good. A hint, never the truth."""

    event_id: str
    """The same for every repetition of one event."""
    event: str
    sent_at: datetime
    entity: Entity | None = None
    """``None``: a life-cycle event, or nothing the bridge follows."""
    ids: tuple[str, ...] = ()


class Feed(Protocol):
    """What one installation tells of sales. Safe to share between threads. Every method may
    raise :class:`~connectors.errors.ConnectorError`."""

    @property
    def resources(self) -> tuple[str, ...]:
        """Names of the walks, for cursors and messages: ``orders``, ``creditmemos``…"""
        ...

    @property
    def order_resources(self) -> tuple[str, ...]:
        """Those that tell of orders. Once all of them have passed a time, every order that was
        placed before it is known."""
        ...

    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        """Rows changed after ``since``, oldest change first, by keyset over (time, id).

        Rows that change while it walks may come again. A resource the platform can only list
        by creation is walked so, under a name of its own.
        """
        ...

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        """The orders with these ids, complete, at most 100; one that is not there is left out."""
        ...

    def orders_by_number(self, numbers: Sequence[str]) -> list[Order]:
        """The same, by what people call them; for gaps in the numbers."""
        ...


# --- balances ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """What a shop shows its customer. Points are whole."""

    available: int
    pending: int
    tier: str = ""
    """The tier's name; empty: none."""
    tier_key: str = ""
    expiring: int = 0
    """How many of the available ones expire next, at the end of ``expires_on``."""
    expires_on: str = ""
    """ISO date in the programme's time zone; empty: none expires."""


class Balances(Protocol):
    """Where a shop can hold its customers' points. Only offered where it can."""

    def prepare(self) -> None:
        """Makes what the shop needs to hold them (a field set). Repeatable."""
        ...

    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        """What the shop holds; ``None``: the customer has none yet; a customer who is not
        there is left out. At most 100."""
        ...

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        """Sets them; those the shop refused, by customer id. At most 100.

        A ConnectorError that is raised leaves every outcome unknown: read before trying again.
        """
        ...

    def remove(self) -> None:
        """Takes the fields and every value away, when the bridge leaves the shop."""
        ...


@runtime_checkable
class HeldByPlugin(Protocol):
    """:class:`Balances` that only a plugin in the shop can hold. It comes and goes, and takes what
    it was told with it."""

    def can_hold(self) -> bool:
        """Whether it is there now, and may be told. Asks the shop; raises
        :class:`~connectors.errors.ConnectorError`."""
        ...

    def as_held(self, balance: Balance) -> Balance:
        """What is read once this was written: a shop may lack some characters. Asks nothing."""
        ...


def as_held(balances: Balances, balance: Balance) -> Balance:
    """What the shop can hold of it."""
    return balances.as_held(balance) if isinstance(balances, HeldByPlugin) else balance


def can_hold(balances: Balances) -> bool:
    """Whether they can be told now: the shop is asked where that depends on a plugin. Raises as
    :meth:`HeldByPlugin.can_hold`."""
    return not isinstance(balances, HeldByPlugin) or balances.can_hold()
