"""What the author of a connector tells the suite about a shop to try it on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from connectors.base import ALL_STORES, Amount, Basis, Connection, Platform, ProductKind
from connectors.sandbox.shopper import Baskets, Sale, Till

Marked = TypeVar("Marked", bound=Callable[..., object])


class Ability(StrEnum):
    """What a platform, or the shop it is tried on, may lack.

    A subclass of the suite that names one in ``cannot`` has no tests for it: they are not
    collected, so a report never shows as passed (or skipped) what was not looked at. The suite
    tests that what is declared is true.
    """

    VARIANTS = "products with variants"
    BUNDLES = "bundles"
    STORE_ROWS = "prices of one store beside those of another"
    OWN_AUDIENCES = "prices that hang on something else than the group itself"
    SHOPPER = "asking what a shopper pays"
    DUMP = "a dump of everything a client can change"
    HAND_MADE_ROWS = "a tier price made by somebody else"
    FAULTS = "misbehaving on demand"
    ORDERS = "telling of orders"
    EDITS = "orders that are edited"
    DRAFTS = "edits of an order that are begun and not finished"
    DISCOUNTS = "discounts on orders"
    PAGES = "lists in pages of a few rows"
    BALANCES = "showing customers their points"
    PROMOTIONS = "promotions and codes"
    OTHER_STORE = "a second store, to which promotions can belong"
    FIRST_ORDERS = "telling by itself whether an order is a buyer's first"
    CARTS = "open baskets that an integration may change"
    CONTENT = "pages of text"
    PLUGIN = "a plugin of the bridge in the shop, which puts gifts into baskets"
    OWNERS = "a plugin that takes a code from its owner alone"
    ADDRESSES = "a plugin that knows an owner by his address"


def needs(*abilities: Ability) -> Callable[[Marked], Marked]:
    """Marks a test, or every test of a class, that has no meaning without these abilities."""

    def mark(marked: Marked) -> Marked:
        if not isinstance(marked, type):
            _add(marked, abilities)
            return marked
        for name, test in vars(marked).items():
            if name.startswith("test_"):
                _add(test, abilities)
        return marked

    return mark


def _add(test: Callable[..., object], abilities: tuple[Ability, ...]) -> None:
    test.__dict__["needs"] = test.__dict__.get("needs", frozenset()) | frozenset(abilities)


class Trouble(StrEnum):
    """What can happen to one call."""

    TOO_MANY_CALLS = "429"
    """Refused with 429, not done."""
    UNAVAILABLE = "503"
    """Refused with 503, not done."""
    DROPPED_UNDONE = "drop_before"
    """The connection closes without an answer; nothing was done."""
    DROPPED_DONE = "drop_after"
    """It was done, and the connection closes without an answer."""
    TRUNCATED = "truncate"
    """It was done; the answer is whole for HTTP, its JSON ends half-way."""
    CUT = "cut"
    """It was done; the connection closes in the middle of the answer."""


class Target(StrEnum):
    """The calls that a trouble is meant for. Two may be the same route of a shop."""

    ANY = "any"
    GROUP_READ = "group read"
    GROUP_CREATE = "group create"
    CUSTOMER_MOVE = "customer move"
    TIER_READ = "tier price read"
    TIER_WRITE = "tier price write"
    TIER_REMOVE = "tier price remove"
    ORDER_WALK = "what changed"
    """Every call that a walk of :attr:`~connectors.sales.Feed.order_resources` makes."""
    ORDER_READ = "order read"
    """The call that reads orders themselves."""
    ORDER_PARTS = "order parts"
    """A call that reads what belongs to them, such as refunds; where an order comes in one
    piece, the same call."""
    BALANCE_READ = "balance read"
    BALANCE_WRITE = "balance write"
    PROMOTION_READ = "promotion read"
    PROMOTION_WRITE = "promotion write"
    """Creating one and changing one."""
    PROMOTION_REMOVE = "promotion remove"
    CODE_READ = "code read"
    CODE_ADD = "code add"
    CODE_REMOVE = "code remove"
    CART_READ = "basket read"
    """Walking over baskets, reading one, and asking what it comes to."""
    CART_CHANGE = "basket change"
    CONTENT_WRITE = "content page write"
    """Creating one and changing one."""


class Faults(Protocol):
    """Makes the shop misbehave. :class:`connectors.conformance.SandboxFaults` does it for every
    shop that is served by :mod:`connectors.sandbox`."""

    def strike(self, target: Target, *troubles: Trouble, retry_after: int | None = None) -> None:
        """The next calls of this kind meet these troubles, one each; all others are spared.

        ``retry_after``: the seconds that a 429 or 503 asks to wait, in its header.
        """
        ...

    def poison(self, *skus: str) -> None:
        """From now on the shop refuses every tier price of these SKUs."""
        ...

    def calls(self, target: Target) -> int:
        """The calls of this kind that arrived since :meth:`clear`, refused ones included."""
        ...

    def clear(self) -> None:
        """No more trouble, and the count of calls starts anew."""
        ...


class Notes(Protocol):
    """What somebody else keeps on a customer, in the very place where the balance is shown."""

    def keep(self, customer_id: str, text: str) -> None: ...

    def kept(self, customer_id: str) -> str: ...


class PromotionDesk(Protocol):
    """A person at the shop's admin who makes promotions there, past the connector; and what
    works off the shop's queues."""

    def make(self, name: str, percent: int, codes: Sequence[str]) -> str:
        """A promotion in force, for everybody, that takes ``percent`` off the basket for who
        enters one of ``codes``, each of them once; its native id."""
        ...

    def seen(self, native_id: str) -> object:
        """All there is to it and to its codes, in a form that can be compared."""
        ...

    def switch_off(self, native_id: str) -> None: ...

    def count_uses(self) -> None:
        """What was ordered is counted, where a queue does that; else nothing is left to do."""
        ...


class PluginDesk(Protocol):
    """A person at the shop's admin who has the bridge's plugin. It is not there at first."""

    def install(self) -> None:
        """In the version of today, switched on."""
        ...

    def switch(self, *, on: bool) -> None: ...

    def uninstall(self) -> None:
        """What it was told stays in the shop, where the shop keeps it."""
        ...


@dataclass(frozen=True, slots=True)
class KnownProduct:
    """What is true of a product in the shop, known from somewhere else than the connector."""

    sku: str
    price: Amount
    """A side that is ``None`` is not looked at."""
    kind: ProductKind = ProductKind.SIMPLE
    parent_sku: str = ""
    tax_rate: Decimal | None = None
    """In percent; ``None``: not looked at."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop in a known state. The fixture ``shop`` gives each test one as good as new."""

    platform: Platform
    connection: Connection
    """With credentials that the shop takes."""
    bad_connection: Connection
    """The same shop with credentials of the right form that it refuses."""

    products: tuple[KnownProduct, ...]
    """At least three simple products; with :attr:`Ability.VARIANTS` one parent and all its
    variants (two to six), with :attr:`Ability.BUNDLES` one bundle. A piece costs
    between 25 and 50 (that of a parent or bundle does not matter), and nobody's tier prices
    hang on them."""
    skus: frozenset[str]
    """Every SKU of the shop."""
    base_group_id: str
    """The group that :attr:`customer_email` is in, without tier prices for the products."""
    customer_email: str
    emails: frozenset[str]
    """The e-mail of every customer of the shop."""
    unknown_product_id: str
    """Of the form of a product id, and of no product."""
    unknown_customer_id: str

    basis: Basis = Basis.NET
    """What :attr:`shopper_price` answers in, and the ladders are given in."""
    store: str = ALL_STORES
    """The store that ladders are meant for."""
    stores: tuple[str, ...] = ()
    """Two values of ``TierKey.store`` that rows of one group and quantity can have side by side,
    with :attr:`Ability.STORE_ROWS`."""
    public_fields: frozenset[str] = frozenset()
    """Credential fields that may be shown: a user name, say."""
    volatile: frozenset[str] = frozenset()
    """Keys in the dump that the shop adds or changes by itself when something is written."""

    faults: Faults | None = field(default=None, repr=False)
    shopper_price: Callable[[str, int], Decimal] | None = field(default=None, repr=False)
    """``(sku, quantity) -> price of one piece``, as the customer sees it in the shop."""
    dump: Callable[[], object] | None = field(default=None, repr=False)
    """Everything a client can change, in JSON types."""
    hand_made: Callable[[str, str, int, Decimal], None] | None = field(default=None, repr=False)
    """``(sku, group id, quantity, price)``: somebody makes a tier price in the shop, past the
    connector."""

    shopping: Till | None = field(default=None, repr=False)
    """The shop's side of shopping, with :attr:`Ability.ORDERS`: goods are bought, paid, sent and
    given back past the connector, and every figure the suite compares with is the till's. Of an
    order of less than 200 nothing is taken off unless a test made it so."""
    unknown_order_id: str = ""
    """Of the form of an order's id, and of no order."""
    edit: Callable[[str, Mapping[str, int]], Sale] | None = field(default=None, repr=False)
    """``(order id, line id -> quantity) -> the order now``: as it is edited in the shop's admin.
    Where an edit cancels the order and places another one, that one."""
    draft: Callable[[str, Mapping[str, int]], None] | None = field(default=None, repr=False)
    """Takes the same: begins such an edit, and leaves it at that."""
    discount: Callable[[int], None] | None = field(default=None, repr=False)
    """``(percent)``: from now on that much is taken off the goods of every order."""
    small_pages: Callable[[int], None] | None = field(default=None, repr=False)
    """``(rows)``: from now on lists come in pages of so many rows."""
    notes: Notes | None = field(default=None, repr=False)
    """With :attr:`Ability.BALANCES`."""

    desk: PromotionDesk | None = field(default=None, repr=False)
    """With :attr:`Ability.PROMOTIONS`, which need :attr:`shopping` too."""
    shown: Basis = Basis.NET
    """In which :attr:`customer_email` is shown prices: what a voucher's face is worth."""
    store_id: str = ""
    """The store that :attr:`shopping` sells in (:attr:`connectors.base.Store.id`)."""
    other_store_id: str = ""
    """With :attr:`Ability.OTHER_STORE`."""
    baskets: Baskets | None = field(default=None, repr=False)
    """With :attr:`Ability.CARTS`."""
    foreign_page: Callable[[str], None] | None = field(default=None, repr=False)
    """``(url key)``: somebody makes a page of text at this address in :attr:`store_id`, past the
    connector; with :attr:`Ability.CONTENT`."""
    plugin: PluginDesk | None = field(default=None, repr=False)
    """With :attr:`Ability.PLUGIN`."""
    unknown_page_id: str = ""
    """Of the form of a page's id, and of no page."""

    @property
    def secrets(self) -> frozenset[str]:
        """The values that must not turn up anywhere."""
        return frozenset(
            value
            for connection in (self.connection, self.bad_connection)
            for name, value in connection.credentials.items()
            if name not in self.public_fields
        )

    @property
    def currency(self) -> str:
        return self.products[0].price.currency

    def of_kind(self, kind: ProductKind) -> list[KnownProduct]:
        return [known for known in self.products if known.kind is kind]
