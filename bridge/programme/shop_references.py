"""Products and groups that vouchers, gifts and campaigns name, against what the shops have. Pure.

All of these are warnings: a shop may get the product tomorrow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from bridge.programme.catalogue import ProductIndex
from bridge.programme.document import Programme
from bridge.programme.giving import Offer
from bridge.programme.issues import Fault, did_you_mean, listed
from bridge.programme.rewards_references import conditions, skus_named
from connectors.base import Severity
from connectors.sentences import sentence


def sku_faults(programme: Programme, products: Mapping[str, ProductIndex]) -> list[Fault]:
    """SKUs that a shop does not have. ``products``: by installation, of those that were read."""
    return [
        Fault(loc, message, Severity.WARNING)
        for loc, sku, offer in skus_named(programme)
        for message in _missing(sku, offer, products)
    ]


def _missing(sku: str, offer: Offer | None, products: Mapping[str, ProductIndex]) -> Iterator[str]:
    meant = {name: index for name, index in products.items() if _is_meant(offer, name)}
    without = [name for name, index in meant.items() if index.find(sku) is None]
    # A membership need be sold in one shop only; what is given, wherever it is given.
    if not without or (offer is None and len(without) < len(meant)):
        return
    hint = next((near for name in without if (near := meant[name].nearest(sku))), "")
    yield f'there is no product "{sku}" in {listed(without)}.{hint}'


def _is_meant(offer: Offer | None, installation: str) -> bool:
    if offer is None or not offer.stores:
        return True
    return any(name.partition("/")[0] == installation for name in offer.stores)


def group_name_faults(programme: Programme, groups: Mapping[str, Collection[str]]) -> list[Fault]:
    """Groups in conditions that neither the programme nor any shop has. ``groups``: names by
    installation, of shops that were read."""
    if not groups:
        return []
    known = {name: None for names in groups.values() for name in sorted(names)}
    plain = {_plain(name) for name in known}
    return [
        Fault(
            (*loc, "group", position),
            sentence(
                'there is no group "%(name)s", neither in the programme nor in a '
                "shop.%(did_you_mean)s",
                name=name,
                did_you_mean=did_you_mean(name, [*programme.groups, *known]),
            ),
            Severity.WARNING,
        )
        for loc, who in conditions(programme)
        for position, name in enumerate(who.group)
        if name not in programme.groups and _plain(name) not in plain
    ]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
