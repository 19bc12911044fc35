"""The port, third part: vouchers, gifts and discounts in baskets, by the shop's own means.

A :class:`Promotion` is what a shop hangs a discount on: Magento's cart price rule, Shopware's
promotion. The bridge names each by a key of its own; the connector finds it again by the mark it
put on it, so that a lost database adopts its own and never touches another's.

What a promotion shall be travels as *native text*: canonical JSON that the connector made with
:meth:`Promotions.compile` and reads back with :meth:`Promotions.read`. Two promotions are the
same when their texts are equal. The bridge compares and keeps these texts, and never looks in.

Money is :class:`~decimal.Decimal` in the store's currency; times are aware and in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.errors import ConnectorError
from connectors.sales import NO_MONEY, Mark, Money

# --- promotions ----------------------------------------------------------------------------


GIFT_KEYS = "gift"
"""Keys of gifts begin so, and no others: a shop may hold gifts elsewhere than its promotions."""


class PromotionKind(StrEnum):
    CODES = "codes"
    """It holds single-use codes: vouchers."""
    GIFT = "gift"
    """It makes a product free once it is in the basket."""
    AUTOMATIC = "automatic"
    """It applies by itself: a discount for a time, for two products together."""


@dataclass(frozen=True, slots=True)
class Discount:
    """Exactly one of ``percent`` and ``amount`` is set."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    """The face: what it is worth in the display mode (net, gross) of the buyer's group."""
    maximum: Decimal | None = None
    """The most a percentage takes off; ``None``: no end."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The goods in the basket are worth at least ``amount``."""

    amount: Decimal
    is_gross: bool = False
    after_discounts: bool = False


@dataclass(frozen=True, slots=True)
class Promotion:
    """What the bridge wants in one store."""

    key: str
    """The bridge's name for it, unique in its installation; marks and ids derive from it."""
    kind: PromotionKind
    name: str
    """For the shop's admin."""
    label: str
    """For the buyer: what his basket and his order show."""
    store_id: str
    currency: str
    discount: Discount
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """Not valid from then on. Where a shop keeps days only, it is valid to the end of that day
    in the store's time zone, and the bridge takes it away in time."""
    group_ids: tuple[str, ...] = ()
    """Who may use it; empty: everyone, guests too. Sorted."""
    audience_ids: tuple[str, ...] = ()
    """The audiences of those groups (see :class:`connectors.base.Audience`), where prices hang
    on audiences. Sorted."""
    threshold: Threshold | None = None
    product_ids: tuple[str, ...] = ()
    """What it is about, as in :class:`connectors.base.Product`; empty: the whole basket. Sorted."""
    needs_product_ids: tuple[str, ...] = ()
    """All of these must be in the basket. Sorted."""
    most_pieces: int | None = None
    """So many pieces of each of ``product_ids`` at most; ``None``: all there are."""
    first_order_only: bool = False
    """Only for buyers without an earlier order, where the shop itself can tell."""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class HeldPromotion:
    """A promotion of ours as the shop holds it."""

    key: str
    native_id: str
    native: str
    """Comparable with what :meth:`Promotions.compile` returns."""
    name: str = ""
    is_active: bool = True
    by_plugin: bool = False
    """A gift that a plugin in the shop puts into baskets: nobody else is to put it there."""


HALFWAY = "halfway"
"""At the top of a native text: something of the bridge's own is missing beside it. A plugin went,
or a write broke off. Nobody changed anything, and what is wanted is written over it."""


def is_halfway(native: str | None) -> bool:
    try:
        said = json.loads(native or "null")
    except ValueError:
        return False
    return isinstance(said, dict) and HALFWAY in said


# --- codes ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeldCode:
    """A code as the shop holds it. Codes differ in more than case."""

    code: str
    native_id: str
    promotion_id: str
    """The native id of what it hangs on, whoever made that."""
    is_used: bool = False
    """The shop says so. Magento counts in a queue, and may say it late or never: orders tell."""
    order_id: str = ""
    """The order it was used in, where the shop tells."""


class Promotions(Protocol):
    """The bridge's own promotions in one installation. Safe to share between threads. Every
    method may raise :class:`~connectors.errors.ConnectorError`; a promotion or code that does
    not carry this installation's mark is never changed, whatever its name."""

    @property
    def codes_per_promotion(self) -> int:
        """So many at most: beyond, the shop's own pages and carts get slow."""
        ...

    @property
    def codes_per_call(self) -> int: ...

    @property
    def keeps_used_codes(self) -> bool:
        """Whether a used code can never be used again, so that it may stay. Where not
        (Magento: usage is counted by a queue), it is removed at first sight."""
        ...

    def compile(self, promotion: Promotion) -> str:
        """The native text. Where a plugin in the shop can give the gift (see
        :mod:`connectors.plugins`), the text is for that: the shop is asked, and nothing is
        changed. Raises :class:`~connectors.errors.Rejected` naming what this shop cannot say."""
        ...

    def all(self) -> Iterator[HeldPromotion]:
        """Every promotion that carries this installation's mark."""
        ...

    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        """Those of these keys that are there, by key. At most 100."""
        ...

    def write(self, key: str, native: str) -> HeldPromotion:
        """Makes the shop hold this text under this key, creating it or changing what is there;
        reads back. Looks by the mark first, so that it may be repeated. A gift that moves to a
        plugin, or back, is taken away where it was, and seen gone, before it is given anew.

        Raises :class:`~connectors.errors.Mismatch` when the shop made something else of it.
        """
        ...

    def remove(self, key: str) -> None:
        """Takes it away with all its codes; one that is gone is no error."""
        ...

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """Hangs codes on the promotion with this key; those refused, by code. One that hangs on
        it already is no refusal; one that hangs on another is
        (:class:`~connectors.errors.AlreadyExists`). At most ``codes_per_call``.

        A ConnectorError that is raised leaves every outcome unknown; repeating is safe.
        """
        ...

    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        """Those of these codes that are there, whatever they hang on, by code as asked for. At
        most ``codes_per_call``."""
        ...

    def codes_of(self, key: str) -> Iterator[HeldCode]:
        """All codes that hang on the promotion with this key."""
        ...

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """Takes codes of ours away; those refused, by code. One that is gone is no refusal; one
        that hangs on a promotion without our mark is (:class:`~connectors.errors.Unsafe`)."""
        ...


@runtime_checkable
class GivenByPlugin(Protocol):
    """Promotions of a platform whose plugin can give gifts (see :mod:`connectors.plugins`)."""

    def without_plugin(self) -> Promotions:
        """The same, for a plugin that is to be told nothing, whatever it could do: texts are
        compiled for the shop alone, and one for the plugin is refused
        (:class:`~connectors.errors.Rejected`). What the plugin holds is read and taken away as
        ever."""
        ...


def without_plugin(promotions: Promotions) -> Promotions:
    return promotions.without_plugin() if isinstance(promotions, GivenByPlugin) else promotions


# --- open baskets --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CartItem:
    id: str
    product_id: str
    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Cart:
    """A basket that is not ordered yet, without what a checkout began."""

    id: str
    store_id: str
    changed_at: datetime
    customer_id: str = ""
    email: str = ""
    group_id: str = ""
    items: tuple[CartItem, ...] = ()
    is_open: bool = True
    """Neither ordered nor given up."""
    in_checkout: bool = False
    """A shipping method or payment was chosen: nothing may be changed any more."""


@dataclass(frozen=True, slots=True)
class CartTotals:
    """What the shop itself computes for a basket."""

    goods: Money
    """All lines before discounts."""
    discount: Money = NO_MONEY
    """What all discounts take off the goods."""
    by_item: Mapping[str, Money] | None = None
    """The lines before discounts, by item id, where the shop tells."""
    discount_by_item: Mapping[str, Money] | None = None
    """What all discounts take off each line, by item id, where the shop tells: what a basket
    costs without a gift that is free in it already."""


class Carts(Protocol):
    """Baskets of shoppers, where an integration may change them (Magento)."""

    def changed(self, since: Mark) -> Iterator[Cart]:
        """Open baskets changed after ``since``, oldest change first, by keyset."""
        ...

    def cart(self, cart_id: str) -> Cart | None:
        """As it is now; ``None``: it is gone."""
        ...

    def totals(self, cart_id: str, store_id: str) -> CartTotals: ...

    def add(self, cart_id: str, store_id: str, product_id: str, quantity: int) -> CartItem:
        """Raises :class:`~connectors.errors.Rejected` with the shop's reason (sold out). Never
        retried: after a lost answer look into the basket."""
        ...

    def remove(self, cart_id: str, store_id: str, item_id: str) -> None:
        """One that is gone is no error."""
        ...
