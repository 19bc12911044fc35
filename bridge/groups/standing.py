"""How the programme's groups stand in each shop, as last pulled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.groups.models import ShopGroup
from bridge.installations.models import Installation
from bridge.outbox.models import Binding
from bridge.programme.document import Group


class Standing(StrEnum):
    THERE = "there"
    MISSING = "missing"
    """It is to be there already, and is not; or it was deleted."""
    TO_COME = "to-come"
    """The next plan makes it."""
    UNKNOWN = "unknown"
    """The shop was never read."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One group in one shop."""

    shop: str
    name: str
    """By the programme."""
    shop_name: str
    """By the shop; empty when it is not there."""
    standing: Standing


@dataclass(frozen=True, slots=True)
class ShopGroups:
    """What all shops have."""

    names: dict[str, tuple[str, ...]]
    """By store, in the order of the alphabet."""
    by_id: dict[tuple[str, str], str]
    bound: dict[tuple[str, str], str]
    """The shop's id of a group of the programme, by store and key."""


def shop_groups(session: Session, workspace_id: int, shops: Sequence[Installation]) -> ShopGroups:
    names = {shop.id: shop.name for shop in shops}
    found: dict[str, list[str]] = {shop.name: [] for shop in shops}
    by_id = {}
    for shop_id, group_id, name in session.execute(
        select(col(ShopGroup.installation_id), col(ShopGroup.group_id), col(ShopGroup.name)).where(
            col(ShopGroup.workspace_id) == workspace_id,
            col(ShopGroup.installation_id).in_(list(names)),
        )
    ):
        found[names[shop_id]].append(name)
        by_id[names[shop_id], group_id] = name
    bound = {
        (names[shop_id], key): native_id
        for shop_id, key, native_id in session.execute(
            select(col(Binding.installation_id), col(Binding.key), col(Binding.native_id)).where(
                col(Binding.workspace_id) == workspace_id,
                col(Binding.installation_id).in_(list(names)),
                col(Binding.kind) == "group",
            )
        )
    }
    told = {shop: tuple(sorted(set(some), key=str.casefold)) for shop, some in found.items()}
    return ShopGroups(told, by_id, bound)


def mapped(key: str, group: Group, shop: Installation, there: ShopGroups) -> Mapped:
    """Pure."""
    name = group.name_in(shop.name)
    native_id = there.bound.get((shop.name, key))
    shop_name = "" if native_id is None else there.by_id.get((shop.name, native_id), "")
    if not shop_name and group.existing:
        same = [one for one in there.names[shop.name] if one.casefold() == name.casefold()]
        shop_name = same[0] if same else ""
    if shop_name:
        standing = Standing.THERE
    elif shop.pulled_at is None:
        standing = Standing.UNKNOWN
    elif group.existing or native_id is not None:
        standing = Standing.MISSING
    else:
        standing = Standing.TO_COME
    return Mapped(shop.name, name, shop_name, standing)
