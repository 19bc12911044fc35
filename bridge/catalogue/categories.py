"""The tree of categories of an installation, as the last pull saw it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopCategory


def category_paths(
    session: Session, workspace_id: int, installation_id: int
) -> dict[str, tuple[str, ...]]:
    """The names from the root down, by category id."""
    rows = session.execute(
        select(
            col(ShopCategory.category_id), col(ShopCategory.name), col(ShopCategory.parent_id)
        ).where(
            col(ShopCategory.workspace_id) == workspace_id,
            col(ShopCategory.installation_id) == installation_id,
        )
    ).all()
    return paths_of({id_: (name, parent) for id_, name, parent in rows})


def paths_of(tree: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """From ``{id: (name, parent id)}`` to the names from the root down, by id."""
    paths: dict[str, tuple[str, ...]] = {}

    def path(id_: str, below: frozenset[str]) -> tuple[str, ...]:
        if id_ not in tree or id_ in below:
            return ()
        if id_ not in paths:
            name, parent = tree[id_]
            paths[id_] = (*path(parent, below | {id_}), name)
        return paths[id_]

    for id_ in tree:
        path(id_, frozenset())
    return paths
