"""Where a programme names things that another workspace calls otherwise. Pure.

A programme is walked as JSON has it, by a tree of its fields. ``KEYS`` stands for the names of a
section's entries, ``ANY`` for each of its entries, ``ITEMS`` for what stands in a list; ``EMPTY``
says what goes with a list's last item, where that is more than the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bridge.programme.issues import Loc
from bridge.programme.kinds import EVERYWHERE

ANY, ITEMS, KEYS, EMPTY = "*", "[]", "@", "!"


class Kind(StrEnum):
    INSTALLATION = "installation"
    STORE = "store"
    """``installation/store``, or an installation with all its stores."""
    SHOP_GROUP = "shop-group"
    """A customer group of a shop, by name."""
    ANY_GROUP = "any-group"
    """A shop's, by name, or the programme's, by key."""
    GROUP = "group"
    """The programme's, by key; so are the next two."""
    TIER = "tier"
    SEGMENT = "segment"
    CATEGORY = "category"
    SKU = "sku"
    """Or a pattern of SKUs."""
    PRICED_SKU = "priced-sku"
    """With a price of its own: there may be 100,000, so nobody is asked about each."""
    COMPANY = "company"
    """By name, or a pattern."""
    EMAIL_DOMAIN = "email-domain"
    AMOUNT = "amount"
    """Of the programme's currency,"""
    FACE = "face"
    """in whole units of it."""


@dataclass(frozen=True, slots=True)
class Place:
    kind: Kind
    unit: int
    """What goes when nothing is left here: the part of the programme that so many names from its
    root lead to. A condition that lost its last store would hold in every store."""
    is_whole: bool = False
    """Of a list: nothing is left once one of it is not there. A set lacks a part."""


Node = Place | Mapping[str, "Node"]
Leaf = Callable[[Place, str, Loc], str | None]
"""What to write instead of a name; ``None``: it goes."""


class TwoBecomeOne(ValueError):
    """Two entries are given one name."""

    def __init__(self, loc: Loc, name: str) -> None:
        super().__init__(name)
        self.loc, self.name = loc, name


class _Gone(Exception):
    def __init__(self, unit: int) -> None:
        self.unit = unit


def _who(depth: int, rest: Mapping[str, Node] | None = None) -> Node:
    """Conditions on a member, ``when`` at this depth; without one of them the entry would be for
    more people than was meant."""
    entry = depth - 1
    return {
        "group": Place(Kind.ANY_GROUP, entry),
        "segment": Place(Kind.SEGMENT, entry),
        "tier": Place(Kind.TIER, entry),
        "company": Place(Kind.COMPANY, entry),
        **(rest or {}),
    }


def _offer(depth: int, rest: Mapping[str, Node] | None = None) -> Node:
    return {"when": _who(depth + 1), "stores": Place(Kind.STORE, depth), **(rest or {})}


_GROUP: dict[str, Node] = {
    "names": {KEYS: Place(Kind.INSTALLATION, 3)},
    "base": {KEYS: Place(Kind.INSTALLATION, 2), ANY: Place(Kind.SHOP_GROUP, 4)},
    "members": {
        "rule": {"group": Place(Kind.SHOP_GROUP, 4), "email_domain": Place(Kind.EMAIL_DOMAIN, 4)}
    },
    "move_from": {KEYS: Place(Kind.INSTALLATION, 3), ANY: Place(Kind.SHOP_GROUP, 4)},
}
_EXISTING: dict[str, Node] = {
    **_GROUP,
    "name": Place(Kind.SHOP_GROUP, 2),
    "names": {KEYS: Place(Kind.INSTALLATION, 3), ANY: Place(Kind.SHOP_GROUP, 4)},
}
_RULE_OF_PRICES: dict[str, Node] = {
    "category": Place(Kind.CATEGORY, 4),
    "sku": Place(Kind.SKU, 4),
    "exclude": Place(Kind.SKU, 5),
    "tiers": {ITEMS: {"group": Place(Kind.GROUP, 6)}, EMPTY: Place(Kind.GROUP, 4)},
}
_EARNING_RULE: dict[str, Node] = {
    "when": _who(
        4,
        {
            "store": Place(Kind.STORE, 3),
            "category": Place(Kind.CATEGORY, 3),
            "sku": Place(Kind.SKU, 3),
            "exclude": Place(Kind.SKU, 5),
        },
    ),
    "bought_together": {
        "sku": Place(Kind.SKU, 3, is_whole=True),
        "category": Place(Kind.CATEGORY, 3, is_whole=True),
    },
}
NAMES: Mapping[str, Node] = {
    "groups": {ANY: _GROUP},
    "price_lists": {
        ANY: {
            "groups": Place(Kind.GROUP, 2),
            "stores": Place(Kind.STORE, 2),
            "prices": {
                KEYS: Place(Kind.PRICED_SKU, 3),
                ANY: {ITEMS: {"group": Place(Kind.GROUP, 5)}},
            },
            "hold": {ITEMS: {"sku": Place(Kind.PRICED_SKU, 4), "group": Place(Kind.GROUP, 4)}},
            "rules": {ITEMS: _RULE_OF_PRICES},
        }
    },
    "points": {
        "exclude": {
            "group": Place(Kind.ANY_GROUP, 3),
            "sku": Place(Kind.SKU, 3),
            "category": Place(Kind.CATEGORY, 3),
        },
        "rules": {ANY: _EARNING_RULE},
    },
    "tiers": {ANY: {"group": Place(Kind.GROUP, 3)}},
    "redemption": _offer(1, {"automatic": {"store": Place(Kind.STORE, 2)}}),
    "next_purchase": {ANY: _offer(2)},
    "campaigns": {ANY: _offer(2, {"together": Place(Kind.SKU, 2, is_whole=True)})},
    "gifts": {ANY: _offer(2, {"sku": Place(Kind.SKU, 2)})},
    "referrals": {"friend": _offer(2), "stores": Place(Kind.STORE, 1)},
    "rewards": {ANY: _offer(2)},
    "joining": {"when": _who(2), "product": {"sku": Place(Kind.SKU, 1)}},
}

_AMOUNT, _FACE = Place(Kind.AMOUNT, 0), Place(Kind.FACE, 0)
_GIVE: Mapping[str, Node] = {"amount": _FACE, "maximum": _FACE}
_VOUCHER: Mapping[str, Node] = {"give": _GIVE, "basket": _FACE}
_REACH: Mapping[str, Node] = {ITEMS: {"spend": _AMOUNT}}
AMOUNTS: Mapping[str, Node] = {
    "points": {
        "rules": {
            ANY: {
                "per_amount": {"each": _AMOUNT},
                "spend_steps": {ITEMS: {"at": _AMOUNT}},
                "when": {"worth": _AMOUNT},
            }
        }
    },
    "segments": {ANY: {"rfm": {"spend": _AMOUNT}}},
    "tiers": {ANY: {"reach": _REACH, "keep": _REACH}},
    "redemption": {
        "rate": {"amount": _AMOUNT},
        **dict.fromkeys(("step", "values", "minimum", "maximum"), _FACE),
    },
    "next_purchase": {ANY: {**_VOUCHER, "order": _AMOUNT}},
    "campaigns": {ANY: _VOUCHER},
    "gifts": {ANY: {"basket": _FACE}},
    "referrals": {"friend": _VOUCHER, "order": _AMOUNT, "referrer": _GIVE},
}


# --- the walk ------------------------------------------------------------------------------


def rewritten(fields: Mapping[str, Any], tree: Mapping[str, Node], leaf: Leaf) -> dict[str, Any]:
    """A programme's fields with other names or amounts in the places of ``tree``.

    Raises :class:`TwoBecomeOne`.
    """
    found: dict[str, Any] = {}
    for section, value in fields.items():
        try:
            found[section] = _walked(value, tree.get(section), (section,), leaf)
        except _Gone:
            continue
    return found


def _walked(value: Any, node: Node | None, loc: Loc, leaf: Leaf) -> Any:
    if node is None:
        return value
    if isinstance(node, Place):
        return _placed(value, node, loc, leaf)
    if node is _GROUP and value.get("existing"):
        node = _EXISTING
    if isinstance(value, Mapping):
        return _entries(value, node, loc, leaf)
    if isinstance(value, list):
        return _items(value, node, loc, leaf)
    return value


def _placed(value: Any, place: Place, loc: Loc, leaf: Leaf) -> Any:
    if not isinstance(value, list):
        return _renamed(value, place, loc, leaf)
    found: list[Any] = []
    for position, item in enumerate(value):
        name = leaf(place, str(item), (*loc, position))
        if name is None and place.is_whole:
            raise _Gone(place.unit)
        if name is not None and name not in found:
            found.append(name)
    if value and not found:
        raise _Gone(place.unit)
    return found


def _renamed(value: Any, place: Place, loc: Loc, leaf: Leaf) -> str:
    name = leaf(place, str(value), loc)
    if name is None:
        raise _Gone(place.unit)
    return name


def _entries(
    value: Mapping[str, Any], node: Mapping[str, Node], loc: Loc, leaf: Leaf
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    keys = node.get(KEYS)
    for key, item in value.items():
        name: str | None = key
        if isinstance(keys, Place) and key != EVERYWHERE:
            name = leaf(keys, key, (*loc, key))
        if name is None:
            continue
        if name in found:
            raise TwoBecomeOne(loc, name)
        try:
            found[name] = _walked(item, node.get(key, node.get(ANY)), (*loc, key), leaf)
        except _Gone as gone:
            if gone.unit != len(loc) + 1:
                raise
    if value and not found:
        raise _Gone(keys.unit if isinstance(keys, Place) else len(loc))
    return found


def _items(value: list[Any], node: Mapping[str, Node], loc: Loc, leaf: Leaf) -> list[Any]:
    found = []
    for position, item in enumerate(value):
        try:
            found.append(_walked(item, node.get(ITEMS), (*loc, position), leaf))
        except _Gone as gone:
            if gone.unit != len(loc) + 1:
                raise
    if value and not found:
        more = node.get(EMPTY)
        raise _Gone(more.unit if isinstance(more, Place) else len(loc))
    return found
