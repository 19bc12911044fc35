"""What is said of stores: how the checks ended, what a store can do, what became of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.installations.models import AppState
from bridge.installations.webhook_counts import ACCEPTED, REPLAYED
from bridge.users.roles import Role
from bridge.web.speaking import _, lazy, ngettext
from connectors.base import Connector, Severity
from connectors.plugins import HasPlugin
from connectors.sales import HeldByPlugin

SEVERITIES: dict[Severity, tuple[Any, str, str]] = {
    Severity.ERROR: (lazy("must be mended"), "bg-red-lt", "circle-x"),
    Severity.WARNING: (lazy("look at it"), "bg-yellow-lt", "alert-triangle"),
    Severity.NOTE: (lazy("good to know"), "bg-blue-lt", "info-circle"),
    Severity.OK: (lazy("in order"), "bg-green-lt", "circle-check"),
}
"""The word, the badge's colours and the icon; the worst first."""

RESOURCES: dict[str, Any] = {
    "orders": lazy("Orders"),
    "orders_created": lazy("New orders"),
    "orders_updated": lazy("Changed orders"),
    "state_history": lazy("States of orders"),
    "customers": lazy("Customers"),
    "invoices": lazy("Invoices"),
    "transactions": lazy("Payments"),
    "shipments": lazy("Shipments"),
    "deliveries": lazy("Shipments"),
    "creditmemos": lazy("Credit memos"),
    "refunds": lazy("Refunds"),
    "reviews": lazy("Reviews"),
    "newsletter": lazy("Newsletter"),
    "newsletter_recipients": lazy("Newsletter"),
}
"""Of what platforms call it; what is not here is shown as it is called."""

OUTCOMES: dict[str, Any] = {
    ACCEPTED: lazy("Taken"),
    REPLAYED: lazy("Came before, and changed nothing"),
    "forged": lazy("Refused: not signed by the shop"),
    "stale": lazy("Refused: too old"),
    "unreadable": lazy("Refused: cannot be read"),
    "oversized": lazy("Refused: too long"),
    "takeover": lazy("Refused: somebody else wanted to register for the shop"),
    "registered": lazy("The app asked to register"),
    "confirmed": lazy("The app registered"),
}

ROLE_NAMES: dict[Role, Any] = {Role.VIEWER: lazy("Viewer"), Role.SUPPORT: lazy("Support")}
"""Of those that whoever comes from a shop's administration can have."""

_HELD: dict[str, Callable[[int], str]] = {
    "group": lambda n: ngettext("One customer group", "%(number)s customer groups", n),
    "audience": lambda n: ngettext("One price rule", "%(number)s price rules", n),
    "price": lambda n: ngettext("One price", "%(number)s prices", n),
    "customer": lambda n: ngettext(
        "The group of one customer", "The groups of %(number)s customers", n
    ),
    "promotion": lambda n: ngettext("One promotion", "%(number)s promotions", n),
    "balance": lambda n: ngettext(
        "The balance of one customer", "The balances of %(number)s customers", n
    ),
}


def held(kind: str, count: int) -> str:
    """What the bridge made in a shop and would leave there."""
    told = _HELD.get(kind)
    if told is not None:
        return told(count)
    return ngettext("One other thing", "%(number)s other things", count)


@dataclass(frozen=True, slots=True)
class Ability:
    """Something that some stores can do: whether this one can, and how."""

    title: Any
    has: bool
    how: Any


def abilities(
    connector: Connector,
    webhooks: AppState | None,
    plugin: Mapping[str, Any] | None,
    *,
    gives_gifts: bool,
) -> Iterator[Ability]:
    """By what the connector offers, and what was last seen in the shop (``plugin``: as in
    ShopFacts; ``gives_gifts``: it does); asks the shop nothing."""
    yield Ability(
        lazy("Groups and prices"),
        True,
        lazy("Prices hang on customer groups.")
        if connector.capabilities.audience_is_group
        else lazy("Prices hang on rules that the bridge makes, one for each customer group."),
    )
    yield _either(
        lazy("Points for orders"),
        connector.feed,
        lazy("Orders, payments and refunds are read."),
        lazy("Orders are not read: nobody earns points here."),
    )
    yield _either(
        lazy("Vouchers and discounts"),
        connector.promotions,
        lazy("Codes are put into the shop, and taken out when they end."),
        lazy("Points are redeemed in other stores."),
    )
    yield _gifts(connector, by_plugin=gives_gifts)
    is_off = bool(plugin and not plugin["is_active"])
    if isinstance(connector, HasPlugin):
        yield _plugin(plugin)
    yield _points_shown(connector, plugin)
    yield _either(
        lazy("Terms in the shop"),
        connector.content_pages,
        lazy("A page in the shop can tell its customers what the programme does."),
        lazy("Members read the terms on the bridge's own page."),
    )
    yield _either(
        lazy("News at once"),
        webhooks is AppState.ACTIVE and not is_off,
        lazy("The shop tells what happens within seconds."),
        lazy("The shop is asked every minute or so."),
    )


def _points_shown(connector: Connector, plugin: Mapping[str, Any] | None) -> Ability:
    title = lazy("Points shown in the shop")
    if not isinstance(connector.balances, HeldByPlugin):
        return _either(
            title,
            connector.balances,
            lazy("Each customer's balance is written into a field of his account."),
            lazy("Members see their points on the bridge's own page."),
        )
    if plugin and plugin["is_active"]:
        return Ability(title, True, lazy("The plugin in the shop shows each customer his balance."))
    return Ability(
        title,
        False,
        lazy("It takes the plugin in the shop. Members see their points on the bridge's own page."),
    )


def _gifts(connector: Connector, *, by_plugin: bool) -> Ability:
    title = lazy("Gifts in baskets")
    if by_plugin:
        return Ability(title, True, lazy("The plugin in the shop puts them into baskets."))
    return _either(
        title,
        connector.carts,
        lazy("The bridge puts them into open baskets."),
        lazy("They cost nothing once the customer adds them; they do not add themselves."),
    )


def _plugin(plugin: Mapping[str, Any] | None) -> Ability:
    title = lazy("Plugin in the shop")
    if plugin is None:
        return Ability(title, False, lazy("It was not seen there. Everything works without it."))
    version = plugin["version"]
    if plugin["is_active"]:
        how = _("Version %(version)s is switched on.", version=version)
        return Ability(title, True, how)
    return Ability(title, False, _("Version %(version)s is switched off.", version=version))


def _either(title: Any, has: Any, yes: Any, no: Any) -> Ability:
    is_there = has is not None and has is not False
    return Ability(title, is_there, yes if is_there else no)
