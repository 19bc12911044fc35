"""What a template's names can stand for in a workspace: what its shops told, and what its own
programme names already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.categories import category_paths
from bridge.catalogue.looking_up import category_names
from bridge.catalogue.models import ShopProduct
from bridge.groups.models import ShopGroup
from bridge.installations import service as installations
from bridge.installations.models import Installation
from bridge.programme.catalogue import fitting, is_pattern, lies_in
from bridge.programme.document import Programme
from bridge.programme_templates.mapping import OWN, KnownNames, lean, names_in
from bridge.programme_templates.places import Kind
from bridge.programme_templates.sections import SECTIONS

_AT_ONCE = 500


def known_names(
    session: Session, workspace_id: int, target: Programme, template: Mapping[str, Any]
) -> KnownNames:
    """For the sections of a template, as JSON has them, in a workspace with this programme."""
    found: defaultdict[Kind, dict[str, None]] = defaultdict(dict)

    def add(kind: Kind, names: Iterable[str]) -> None:
        found[kind].update(dict.fromkeys(names))

    # Of its prices only where there are some to be matched: they may be 100,000.
    own = [name for name in SECTIONS if name != "price_lists" or name in template]
    for kind, name in names_in(lean(target, own)):
        add(Kind.SKU if kind is Kind.PRICED_SKU else kind, [name])
    for kind, section in OWN.items():
        add(kind, getattr(target, section))
    add(Kind.COMPANY, (one.name for one in target.companies.values()))
    shops = installations.installations(session, workspace_id)
    add(Kind.INSTALLATION, (shop.name for shop in shops))
    add(Kind.STORE, _stores(session, workspace_id, shops))
    groups = _groups(session, workspace_id, shops)
    add(Kind.SHOP_GROUP, groups)
    add(Kind.ANY_GROUP, [*target.groups, *groups])
    wanted = names_in(template)
    categories = [name for kind, name in wanted if kind is Kind.CATEGORY]
    add(Kind.CATEGORY, _categories(session, workspace_id, shops, categories))
    add(Kind.CATEGORY, category_names(session, workspace_id))
    skus = {name for kind, name in wanted if kind in (Kind.SKU, Kind.PRICED_SKU)}
    add(Kind.SKU, _skus(session, workspace_id, shops, skus - found[Kind.SKU].keys()))
    return KnownNames({kind: tuple(names) for kind, names in found.items()})


def _stores(session: Session, workspace_id: int, shops: Sequence[Installation]) -> Iterator[str]:
    facts = installations.facts(session, workspace_id)
    for shop in shops:
        yield shop.name
        told = facts.get(shop.id or 0)
        for store in told.stores if told else ():
            yield f"{shop.name}/{store['code']}"


def _groups(session: Session, workspace_id: int, shops: Sequence[Installation]) -> list[str]:
    return list(
        session.execute(
            select(col(ShopGroup.name))
            .where(
                col(ShopGroup.workspace_id) == workspace_id,
                col(ShopGroup.installation_id).in_([shop.id for shop in shops]),
            )
            .distinct()
            .order_by(col(ShopGroup.name))
        ).scalars()
    )


def _categories(
    session: Session, workspace_id: int, shops: Sequence[Installation], wanted: Collection[str]
) -> list[str]:
    """Those that a shop has, by name or the end of the path."""
    if not wanted:
        return []
    paths = [
        path
        for shop in shops
        for path in category_paths(session, workspace_id, shop.id or 0).values()
    ]
    return [name for name in wanted if lies_in(paths, name)]


def _skus(
    session: Session, workspace_id: int, shops: Sequence[Installation], wanted: Collection[str]
) -> list[str]:
    """Those that a shop has, as it writes them, and patterns that one of its SKUs fits."""
    exact = [sku for sku in wanted if not is_pattern(sku)]
    found: list[str] = []
    for start in range(0, len(exact), _AT_ONCE):
        some = exact[start : start + _AT_ONCE]
        found += _products(session, workspace_id, shops, col(ShopProduct.sku).in_(some))
    missing = {sku.casefold() for sku in exact} - {sku.casefold() for sku in found}
    patterns = [sku for sku in wanted if is_pattern(sku)]
    if not missing and not patterns:
        return found
    every = _products(session, workspace_id, shops)
    found += [sku for sku in every if sku.casefold() in missing]
    return found + [one for one in patterns if any(map(fitting((one,)), every))]


def _products(
    session: Session, workspace_id: int, shops: Sequence[Installation], *which: Any
) -> list[str]:
    found: list[str] = []
    for shop in shops:  # apart, so that the index serves each
        query = select(col(ShopProduct.sku)).where(
            col(ShopProduct.workspace_id) == workspace_id,
            col(ShopProduct.installation_id) == shop.id,
            *which,
        )
        found += session.execute(query).scalars()
    return found
