"""The port, fifth part: what of the bridge's own is installed inside a shop.

A Shopware app, a Magento module. What it can do is done by the shop itself; without it everything
works by the shop's own means. It comes and goes in the shop, and nobody tells the connector: it
is looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from connectors.errors import ConnectorError

# --- is it there ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plugin:
    """As it is in the shop at this moment."""

    version: str
    is_active: bool
    """Switched on: one that is switched off does nothing."""
    puts_gifts_in: bool
    """Gifts come into baskets by themselves: :meth:`connectors.rewards.Promotions.compile` makes
    gift rules for it."""
    guards_codes: bool = False
    """A code is taken from its owner alone: see :class:`GuardsCodes`."""
    takes_points: bool = False
    """Shoppers can pay with points in the basket."""


def plugin_of(connector: object) -> Plugin | None:
    """``None`` also where there is no such thing for this platform. Raises as
    :meth:`HasPlugin.plugin`."""
    return connector.plugin() if isinstance(connector, HasPlugin) else None


@runtime_checkable
class HasPlugin(Protocol):
    """A connector for whose shops there is such a thing."""

    def plugin(self) -> Plugin | None:
        """``None``: it is not installed, or may not be looked for. Raises
        :class:`~connectors.errors.ConnectorError`."""
        ...


# --- how it comes there --------------------------------------------------------------------


class PluginPackage(Protocol):
    """What a platform has for its shops, and how a merchant puts it there."""

    @property
    def version(self) -> str:
        """Of what would be installed now: three numbers with dots between them."""
        ...

    @property
    def kind(self) -> str:
        """What such a thing is called there: ``app``, ``module``."""
        ...

    @property
    def file_name(self) -> str: ...

    @property
    def steps(self) -> tuple[str, ...]:
        """What to do with the file, one thing each."""
        ...

    @property
    def commands(self) -> tuple[str, ...]:
        """Lines for the shop's server; none: everything is done in its administration."""
        ...

    @property
    def switch(self) -> str:
        """Where in the shop's administration it is switched on and off."""
        ...

    @property
    def takes_points(self) -> bool:
        """Whether its newest version lets customers pay with points in the basket."""
        ...

    def package(self) -> bytes | None:
        """The file, the same for every shop, without a secret in it. ``None``: it is made for each
        shop (:meth:`connectors.webhooks.Registration.package`)."""
        ...

    def gives(self, native: str) -> bool:
        """Whether a gift of this text (see :mod:`connectors.rewards`) is put into baskets by the
        plugin, while it is at work."""
        ...


def is_older(seen: str, offered: str) -> bool:
    """Whether a version in a shop lies behind one that is offered. What is no number counts as
    the oldest."""
    return _numbers(seen) < _numbers(offered)


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split("+")[0].split(".")
    return tuple(int(one) if one.isascii() and one.isdigit() else -1 for one in parts)


# --- what it is told -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """What a plugin has to know of the bridge. An empty text: the bridge has no such thing, and
    the plugin does without. Each plugin takes what it has a use for."""

    events_url: str = ""
    """Where it sends its events."""
    events_secret: str = field(default="", repr=False)
    """What it signs them with; empty: as it was told before."""
    member_url: str = ""
    """What it puts a signed query behind, for links to a member's own pages."""
    link_secret: str = field(default="", repr=False)
    """What it signs these with; empty: as it was told before."""
    sign_in_url: str = ""
    """Where a shop's own token for a shopper opens his pages (Shopware)."""
    redeem_url: str = ""
    """Where points are held back for a basket (Shopware)."""
    points_label: str = ""
    """What shoppers call the points."""
    told: str = ""
    """A name for this state of the settings, without a secret in it."""


@runtime_checkable
class TellsPlugin(Protocol):
    """A connector whose plugin is told by the shop's API."""

    def told(self) -> str:
        """The :attr:`PluginSettings.told` it was told last; empty: nothing, or it is not there.
        Raises :class:`~connectors.errors.ConnectorError`."""
        ...

    def tell(self, settings: PluginSettings) -> None:
        """Makes it so; repeatable. Raises :class:`~connectors.errors.ConnectorError`; NotFound
        where there is no plugin."""
        ...

    def knock(self, nonce: str) -> bool:
        """Asks it to send a signed event of the id ``hello-<nonce>`` (8 to 40 letters, digits,
        ``-``, ``_``) at once. False: this platform's plugin needs no such proof. Raises
        :class:`~connectors.errors.ConnectorError`."""
        ...

    def forget(self) -> None:
        """Takes away what it was told, its gift rules, owners and what else it alone holds: the
        bridge leaves the shop, or the plugin. One that is not there is no error."""
        ...


# --- whose codes ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owner:
    """Who may use a code."""

    customer_ids: tuple[str, ...] = ()
    """Sorted. Empty: whoever has the address."""
    email: str = ""
    """In lower case, where there is no customer yet; empty as well: anybody."""


Former = Mapping[str, Sequence[str]]
"""By code, customers who were told to own it and do not any more."""
NOBODY_ELSE: Former = {}


@runtime_checkable
class GuardsCodes(Protocol):
    """A connector whose plugin, where it is there (:attr:`Plugin.guards_codes`), takes a code from
    its owner alone."""

    @property
    def owners_per_call(self) -> int: ...

    @property
    def knows_addresses(self) -> bool:
        """Whether a code can be that of an address (:attr:`Owner.email`); else such a code is
        anybody's."""
        ...

    def has_to_know(self) -> bool:
        """Whether the shop is told whose a code is before it gets it: what guards codes is there,
        or what it was told still would once it is. Raises
        :class:`~connectors.errors.ConnectorError`; Forbidden where that cannot be seen."""
        ...

    def own(
        self, owners: Mapping[str, Owner], former: Former = NOBODY_ELSE
    ) -> dict[str, ConnectorError]:
        """Says whose codes these are, before or after they are put into the shop; those refused,
        by code. Repeatable. At most ``owners_per_call``. Raises
        :class:`~connectors.errors.ConnectorError`, which leaves every outcome unknown."""
        ...

    def disown(self, codes: Sequence[str], former: Former = NOBODY_ELSE) -> None:
        """Forgets codes that are taken out. One that is not known is no error."""
        ...

    def guard_promotions(self, keys: Collection[str]) -> None:
        """From now on codes of these promotions are guarded: whose they are was told of each that
        is in the shop or on its way there. For shops that guard each code once they know its
        owner, nothing. Repeatable. Raises :class:`~connectors.errors.ConnectorError`."""
        ...

    def release(self) -> None:
        """Guards no code any more, until it is told anew. Repeatable; no error where there is
        nothing. Raises :class:`~connectors.errors.ConnectorError`; Forbidden where it cannot be
        seen whether it still guards."""
        ...


# --- points in the basket ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeldPoints:
    """What a customer's baskets take off by themselves: the bridge holds points back for it."""

    key: str
    """8 to 40 digits and lower-case letters. An order that took it off tells it as a
    :class:`connectors.sales.UsedCode`, with :attr:`~connectors.sales.UsedCode.shown`."""
    worth: Decimal
    """The most that is taken off, as prices are shown to the buyer; in ``currency``."""
    currency: str
    """ISO 4217, the store's own: baskets in another take nothing off."""
    store_id: str
    """Baskets of other stores take nothing off."""
    until: datetime
    """From then on no basket takes it off; whole seconds."""
    share: Decimal | None = None
    """How much of the goods in the basket it may be at most, in percent."""


@runtime_checkable
class TakesPoints(Protocol):
    """A connector whose plugin, where it is there (:attr:`Plugin.takes_points`), takes off baskets
    what is held for a customer. It can be written and taken away without the plugin, too."""

    def hold(self, customer_id: str, held: HeldPoints | None) -> None:
        """In place of what was held before; ``None``: nothing any more. Repeatable. Raises
        :class:`~connectors.errors.ConnectorError`; NotFound where there is no such customer."""
        ...

    def held(self, customer_id: str) -> str:
        """The key of what is held for him now; empty: nothing. Raises as :meth:`hold`."""
        ...
