"""Calls that change nothing and show whether the bridge is let in (``store check``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter, where

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
    Probe("read websites and currencies", _get("store/storeConfigs")),
    Probe("read customer groups", _search("customerGroups/search")),
    Probe(
        "create and rename customer groups",
        # Magento checks the privilege before the input: an empty one is refused, not carried out.
        lambda client: client.post("customerGroups", {}, reading=True),
        empty_input=True,
    ),
    Probe("read customers", _search("customers/search")),
    Probe(
        "move customers to another group",
        lambda client: client.put(f"customers/{_NOBODY}", {}),
        empty_input=True,
    ),
    Probe("read products", _search("products")),
    Probe("read categories", _get("categories", depth=1)),
    Probe(
        "read tier prices",
        lambda client: client.post("products/tier-prices-information", {"skus": []}, reading=True),
    ),
    Probe(
        "write tier prices",
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
    Probe(f"read {what}", _walk(path))
    for path, what in (
        ("orders", "orders"),
        ("invoices", "invoices"),
        ("shipments", "shipments"),
        ("creditmemos", "credit memos"),
    )
)
"""What points need and prices do not: an order is only read with all that belongs to it."""
_SINCE = (Filter("is_active", "1"), Filter("updated_at", "2000-01-01 00:00:00", "gteq"))
REWARD_PROBES = (
    # One resource lets rules and coupons be read, made, changed and deleted alike.
    Probe(
        "make cart price rules",
        lambda client: client.search(
            "salesRules/search", where(size=1), fields="items[rule_id],total_count"
        ),
    ),
    Probe(
        "make coupons",
        lambda client: client.search(
            "coupons/search", where(size=1), fields="items[coupon_id],total_count"
        ),
    ),
    Probe(
        "put gifts into open carts",
        lambda client: client.search(
            "carts/search",
            where(*_SINCE, sort=("updated_at", "entity_id"), size=1),
            "items[id],total_count",
        ),
    ),
)
