"""What the author of a connector tells the suite about a shop to try it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from connectors.base import ALL_STORES, Amount, Basis, Connection, Platform, ProductKind

Method = TypeVar("Method", bound=Callable[..., object])


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


def needs(*abilities: Ability) -> Callable[[Method], Method]:
    """Marks a test that has no meaning without these abilities."""

    def mark(test: Method) -> Method:
        test.__dict__["needs"] = frozenset(abilities)
        return test

    return mark


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
