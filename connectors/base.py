"""The port: what the bridge may ask of a shop, in records that no platform owns.

A connector is a package with an entry point in the group ``loyalty_bridge.connectors`` that
names a :class:`Platform`. Everything the bridge reads from or writes to a shop passes through
the :class:`Connector` that ``Platform.connect`` returns. Records are frozen; money is
:class:`~decimal.Decimal`; times are aware and in UTC; ids are the shop's own, as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from connectors.content import ContentPages
from connectors.errors import ConnectorError
from connectors.plugins import PluginPackage
from connectors.quotes import Quoting
from connectors.rewards import Carts, Promotions
from connectors.sales import Balances, Feed
from connectors.shop_pages import ShopPages
from connectors.webhooks import Registration, Webhooks

ALL_STORES = ""
"""The ``store`` of a row that holds in every store of its installation."""


# --- the shop ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Store:
    """A website (Magento) or sales channel (Shopware)."""

    id: str
    code: str
    name: str
    currency: str
    """ISO 4217 code of the currency that prices of this store are kept in."""
    url: str = ""
    default_group_id: str = ""
    more_urls: str = ""
    """Other addresses that its pages have, with a space between them."""


@dataclass(frozen=True, slots=True)
class Currency:
    code: str
    id: str
    is_default: bool
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class ShopInfo:
    platform: str
    version: str
    stores: tuple[Store, ...]
    currencies: tuple[Currency, ...]
    clock_offset: timedelta | None = None
    """The shop's clock minus ours, from the ``Date`` header; ``None`` when it sent none."""


class Severity(StrEnum):
    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``store check``: what was looked at, what was found, how to mend it."""

    severity: Severity
    topic: str
    """A stable word for scripts: ``credentials``, ``privileges``, ``version``, ``clock``…"""
    found: str
    mend: str = ""


# --- groups and audiences ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomerGroup:
    id: str
    name: str
    tax: str = ""
    """What a new group copies from its base: Magento's tax class id, Shopware's net/gross."""


@dataclass(frozen=True, slots=True)
class GroupDraft:
    key: str
    """The programme's key of the group; ids of platforms that let us choose derive from it."""
    name: str
    base_group_id: str


@dataclass(frozen=True, slots=True)
class Audience:
    """What the platform hangs prices on: the group itself (Magento) or a rule (Shopware)."""

    id: str
    name: str
    group_ids: tuple[str, ...]
    """The groups it holds for; empty when its conditions are not about groups alone."""
    priority: int = 0
    ours: bool = False


# --- customers -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    email: str
    group_id: str
    store_id: str
    created_at: datetime
    updated_at: datetime
    company: str = ""
    vat_id: str = ""
    is_guest: bool = False
    is_active: bool = True
    is_confirmed: bool = True


# --- catalogue -----------------------------------------------------------------------------


class ProductKind(StrEnum):
    SIMPLE = "simple"
    PARENT = "parent"
    """Sold through its variants: a Magento configurable, a Shopware product with children."""
    VARIANT = "variant"
    BUNDLE = "bundle"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Amount:
    """A unit price. A side the shop does not keep is ``None``; at least one is given."""

    currency: str
    net: Decimal | None = None
    gross: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product with what it really uses: a variant's inherited price and tax are filled in."""

    id: str
    """What tier prices hang on: the SKU (Magento), the product's UUID (Shopware)."""
    sku: str
    name: str
    kind: ProductKind
    parent_id: str = ""
    prices: tuple[Amount, ...] = ()
    tax_rate: Decimal | None = None
    """In percent; ``None`` where the shop does not tell."""
    tax_class: str = ""
    category_ids: tuple[str, ...] = ()
    is_active: bool = True
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    name: str
    parent_id: str = ""


# --- tier prices ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class TierKey:
    product_id: str
    store: str
    """A store id, or :data:`ALL_STORES`."""
    audience_id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class TierValue:
    """What a tier price says. Equal values are equal after rounding to what the shop stores."""

    percent: Decimal | None = None
    """Percent off the product's own price; then ``amounts`` is empty."""
    amounts: tuple[Amount, ...] = ()
    """One unit price per currency, sorted by currency."""
    until: int | None = None
    """The last quantity it holds for, where the platform keeps one."""


@dataclass(frozen=True, slots=True)
class TierPrice:
    key: TierKey
    value: TierValue
    native_id: str = ""
    """The shop's own id of the row, where it has one."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row the shop did not take, with the shop's own reason; the batch went on."""

    key: TierKey
    error: ConnectorError


# --- from price list to native rows --------------------------------------------------------


class Basis(StrEnum):
    NET = "net"
    GROSS = "gross"


@dataclass(frozen=True, slots=True)
class Step:
    """At least ``quantity`` pieces cost ``price``, or ``percent`` less. Exactly one is set."""

    quantity: int
    price: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps one group gets for one product, as the merchant's price list says."""

    product_id: str
    store: str
    audience_id: str
    group_id: str
    """The group, as the shop knows it, or a placeholder for one that is still to be made."""
    base_group_id: str
    """The group its members paid like before, for quantities below the first step."""
    currency: str
    basis: Basis
    steps: tuple[Step, ...]
    """Ascending, quantities distinct and at least 1."""
    source: str
    """Where the merchant wrote it: the price list's key, for messages and policies."""


@dataclass(frozen=True, slots=True)
class Family:
    """A product and its variants; prices of one can depend on rows of another."""

    head: Product
    variants: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True)
class PricingFacts:
    """What a compiler must know besides the family; read once per plan."""

    currencies: tuple[Currency, ...]
    stores: tuple[Store, ...]
    audiences: tuple[Audience, ...]
    settings: Mapping[str, str]
    """The answers given at set-up (see :attr:`Platform.questions`)."""


@dataclass(frozen=True, slots=True)
class CompiledRow:
    key: TierKey
    value: TierValue
    source: str
    """The ``source`` of the ladder it comes from."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A ladder that cannot be said in this shop; the rest is written all the same."""

    product_id: str
    source: str
    message: str


@dataclass(frozen=True, slots=True)
class Compiled:
    rows: tuple[CompiledRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    """True but worth knowing: the rows are written."""


# --- the connector -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    audience_is_group: bool
    """Prices hang on the group itself; no audience has to be made first."""
    tier_rows_per_call: int
    """Rows of one write call at most; fewer when the shop says so."""
    tier_products_per_call: int
    """Distinct products of one write call at most."""
    tier_products_per_read: int
    parallel_calls: int
    """Calls at once that a stock shop answers faster than one after another."""


class Connector(Protocol):
    """One installation. Safe to share between threads. Every method may raise
    :class:`~connectors.errors.ConnectorError`; none retries what may have been done already.
    """

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def feed(self) -> Feed | None:
        """What the shop tells of orders; ``None`` where the connector does not follow them."""
        ...

    @property
    def balances(self) -> Balances | None:
        """Where the shop can show its customers their points; ``None`` where it cannot."""
        ...

    @property
    def promotions(self) -> Promotions | None:
        """What vouchers and gifts hang on; ``None`` where the connector makes none."""
        ...

    @property
    def carts(self) -> Carts | None:
        """Open baskets that may be changed from outside; ``None`` where they may not."""
        ...

    @property
    def content_pages(self) -> ContentPages | None:
        """Pages of text in the shop; ``None`` where the connector makes none."""
        ...

    def shop(self) -> ShopInfo: ...

    def check(self) -> list[Finding]:
        """Probes what the bridge needs; a failing probe is a finding, not an error."""
        ...

    def groups(self) -> list[CustomerGroup]: ...

    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        """Creates a group that copies its base's tax setting.

        Raises :class:`~connectors.errors.AlreadyExists` when a group of that name (or of the
        id derived from the key) is there; raises without a second try when the outcome is
        unknown. Look with :meth:`groups` before trying again.
        """
        ...

    def rename_group(self, group_id: str, name: str) -> CustomerGroup: ...

    def delete_group(self, group_id: str) -> None:
        """Raises :class:`~connectors.errors.InUse` while customers or prices hang on it."""
        ...

    def audiences(self) -> list[Audience]: ...

    def audience_id(self, group_id: str) -> str:
        """The id of the audience that :meth:`create_audience` makes for this group. Pure."""
        ...

    def create_audience(self, group_id: str, group_name: str) -> Audience:
        """Makes the audience, or returns it when it is there. Repeatable."""
        ...

    def delete_audience(self, audience_id: str) -> None:
        """Removes an audience of ours; raises InUse while prices hang on it."""
        ...

    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        """Walks customers changed at or after ``since``, oldest change first where the shop can
        sort so. May yield one twice; the caller keeps the newest."""
        ...

    def customer(self, customer_id: str) -> Customer: ...

    def move_customer(self, customer_id: str, group_id: str) -> Customer:
        """Moves a customer to a group and reads back; nothing else of him changes.

        Raises :class:`~connectors.errors.Mismatch` when the shop changed something else too.
        """
        ...

    def products(self) -> Iterator[Product]:
        """Walks the whole catalogue; parents come before or after their variants."""
        ...

    def categories(self) -> list[Category]: ...

    def tier_prices(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        """Every row of these products, whoever made it, or those of the given audiences.

        An inherited row is listed at the product that owns it, never at its variants. At most
        ``capabilities.tier_products_per_read`` products.
        """
        ...

    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        """Sets each row to its value, creating it where it is not there (set-semantics).

        Rows the shop refuses come back; all others are written. A ConnectorError that is
        raised leaves every row's outcome unknown: read before trying again.
        """
        ...

    def remove_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        """Removes rows as they were last read (``value`` and ``native_id`` must be given).

        A row whose removal could take another row with it is refused with
        :class:`~connectors.errors.Unsafe`, unsent. A row that is already gone is no refusal.
        """
        ...

    def close(self) -> None: ...


# --- the platform --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """What the shop does not tell through its API and the admin has to say at set-up."""

    name: str
    text: str
    choices: tuple[str, ...] = ()
    """Allowed answers; empty: free text."""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Credential:
    """One accepted set of credential fields, for example an integration's bearer token."""

    kind: str
    fields: tuple[str, ...]
    text: str
    labels: tuple[str, ...] = ()
    """What the shop's own admin calls each field; empty: as they are named."""
    steps: tuple[str, ...] = ()
    """How to get them in the shop's admin, one thing to do each."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything a connector is built from. ``repr`` never shows a secret."""

    url: str
    credentials: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, str]
    mark: str
    """``workspace/installation``: what the bridge's own things in the shop are marked with,
    and the name from which deterministic ids derive."""
    public_only: bool = False
    """Refuse to connect to an address that is not public (:mod:`connectors.addresses`), each time
    anew: a person who may not reach this network told the ``url``."""


@dataclass(frozen=True, slots=True)
class Platform:
    name: str
    label: str
    credentials: tuple[Credential, ...]
    questions: tuple[Question, ...]
    connect: Callable[[Connection], Connector]
    """Builds a connector; sends nothing. Raises ValueError naming what is missing or wrong."""
    compile: Callable[[Family, Sequence[Ladder], Sequence[TierPrice], PricingFacts], Compiled]
    """Turns ladders of one family into native rows, given the rows that are in the shop now.
    Pure and deterministic."""
    audience_id: Callable[[str, str], str]
    """``(mark, group id) -> audience id``; pure, so that a plan can name rows of an audience
    that is still to be made."""
    new_group_id: Callable[[str, str], str | None]
    """``(mark, group key) -> id`` the group will get, or ``None`` where the shop chooses."""
    webhooks: Webhooks | None = None
    """Reads what shops of this platform send by themselves; ``None``: they send nothing."""
    registration: Registration | None = None
    """How such a shop gets the secret it signs with; ``None``: the admin tells it."""
    pages: ShopPages | None = None
    """What people in a registered shop open, press and come with; ``None``: nothing."""
    quote: Quoting | None = None
    """What a basket would cost, told without asking the shop; ``None``: it cannot be told."""
    plugin: PluginPackage | None = None
    """What of the bridge's own can be installed in shops of this platform; ``None``: nothing."""
