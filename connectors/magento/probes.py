"""Calls that change nothing and show whether the bridge is let in (``store check``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter, where
from connectors.sentences import sentence

_NOBODY = 2147483647
"""An entity id no shop has: the largest Magento can store."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A call that changes nothing, and what the bridge needs it for."""

    purpose: str
    call: Callable[[MagentoClient], Any]
    empty_input: bool = False
    """It sends what cannot be carried out: whatever is said about that, we were let in."""


def _search(path: str) -> Callable[[MagentoClient], Any]:
    return lambda client: client.search(path, where(size=1), fields="items[id],total_count")


def _get(path: str, **params: int) -> Callable[[MagentoClient], Any]:
    return lambda client: client.get(path, list(params.items()))


PROBES = (
    Probe(sentence("read websites and currencies"), _get("store/storeConfigs")),
    Probe(sentence("read customer groups"), _search("customerGroups/search")),
    Probe(
        sentence("create and rename customer groups"),
        # Magento checks the privilege before the input: an empty one is refused, not carried out.
        lambda client: client.post("customerGroups", {}, reading=True),
        empty_input=True,
    ),
    Probe(sentence("read customers"), _search("customers/search")),
    Probe(
        sentence("move customers to another group"),
        lambda client: client.put(f"customers/{_NOBODY}", {}),
        empty_input=True,
    ),
    Probe(sentence("read products"), _search("products")),
    Probe(sentence("read categories"), _get("categories", depth=1)),
    Probe(
        sentence("read tier prices"),
        lambda client: client.post("products/tier-prices-information", {"skus": []}, reading=True),
    ),
    Probe(
        sentence("write tier prices"),
        # Recorded: tier_prices.json #19, an empty list writes nothing.
        lambda client: client.post("products/tier-prices", {"prices": []}, reading=True),
    ),
)


def _walk(path: str) -> Callable[[MagentoClient], Any]:
    """The very call that polling makes: filtered and sorted by change time."""
    ever = Filter("updated_at", "2000-01-01 00:00:00", "gteq")
    criteria = where(ever, sort=("updated_at", "entity_id"), size=1)
    fields = "items[entity_id,updated_at],total_count"
    return lambda client: client.search(path, criteria, fields=fields)


SALES_PROBES = tuple(
    Probe(purpose, _walk(path))
    for path, purpose in (
        ("orders", sentence("read orders")),
        ("invoices", sentence("read invoices")),
        ("shipments", sentence("read shipments")),
        ("creditmemos", sentence("read credit memos")),
    )
)
"""What points need and prices do not: an order is only read with all that belongs to it."""
_SINCE = (Filter("is_active", "1"), Filter("updated_at", "2000-01-01 00:00:00", "gteq"))
REWARD_PROBES = (
    # One resource lets rules and coupons be read, made, changed and deleted alike.
    Probe(
        sentence("make cart price rules"),
        lambda client: client.search(
            "salesRules/search", where(size=1), fields="items[rule_id],total_count"
        ),
    ),
    Probe(
        sentence("make coupons"),
        lambda client: client.search(
            "coupons/search", where(size=1), fields="items[coupon_id],total_count"
        ),
    ),
    Probe(
        sentence("put gifts into open carts"),
        lambda client: client.search(
            "carts/search",
            where(*_SINCE, sort=("updated_at", "entity_id"), size=1),
            "items[id],total_count",
        ),
    ),
)
CONTENT_PROBES = (
    # One resource lets pages be read, made and changed alike (magento2 Cms/etc/webapi.xml).
    Probe(
        sentence("make pages with the terms"),
        lambda client: client.search("cmsPage/search", where(size=1), "items[id],total_count"),
    ),
)
