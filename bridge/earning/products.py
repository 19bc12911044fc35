"""The categories of what was bought, as the last pull saw them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.categories import category_paths
from bridge.catalogue.models import ShopProduct
from bridge.earning.facts import ProductFacts
from bridge.programme.points import PointsSettings

NO_PRODUCTS: Mapping[str, ProductFacts] = {}


def asks_for_products(settings: PointsSettings) -> bool:
    """Whether any rule is about categories, or about SKUs that may be those of a parent."""
    if settings.exclude.category or settings.exclude.sku:
        return True
    return any(
        (rule.when is not None and rule.when.is_about_lines) or rule.bought_together is not None
        for rule in settings.rules.values()
    )


@dataclass
class Products:
    """The products of one unit of work: each is read once, together with others where they are
    asked for ahead."""

    session: Session
    workspace_id: int
    _rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By installation and product id; ``None``: there is none."""
    _parents: dict[int, dict[str, Any]] = field(default_factory=dict)
    _paths: dict[int, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def read(self, installation_id: int, product_ids: Iterable[str]) -> None:
        rows = self._rows.setdefault(installation_id, {})
        missing = {one for one in product_ids if one not in rows}
        if not missing:
            return
        found = self._ask(installation_id, missing)
        rows.update({one: found.get(one) for one in missing})
        parents = self._parents.setdefault(installation_id, {})
        wanted = {row.parent_id for row in found.values() if row.parent_id} - parents.keys()
        if wanted:
            parents.update(self._ask(installation_id, wanted))
        if installation_id not in self._paths:
            self._paths[installation_id] = category_paths(
                self.session, self.workspace_id, installation_id
            )

    def facts(
        self, installation_id: int, bought: Mapping[str, Iterable[str]]
    ) -> dict[str, ProductFacts]:
        """``bought``: by product id, the category ids that the order itself tells (else the
        product's are taken, and its parent's)."""
        if not bought:
            return {}
        self.read(installation_id, bought)
        return {one: self._facts(installation_id, one, told) for one, told in bought.items()}

    def _facts(self, installation_id: int, product_id: str, told: Iterable[str]) -> ProductFacts:
        row = self._rows[installation_id][product_id]
        paths = self._paths[installation_id]
        ids = set(told)
        parent_sku = ""
        if row is not None:
            ids.update(_ids(row.category_ids))
            parent = self._parents.get(installation_id, {}).get(row.parent_id)
            if parent is not None:
                parent_sku = parent.sku
                ids.update(_ids(parent.category_ids))
        return ProductFacts(
            tuple(path for one in sorted(ids) if (path := paths.get(one))), parent_sku
        )

    def _ask(self, installation_id: int, product_ids: Iterable[str]) -> dict[str, Any]:
        found = self.session.execute(
            select(
                col(ShopProduct.product_id),
                col(ShopProduct.sku),
                col(ShopProduct.parent_id),
                col(ShopProduct.category_ids),
            ).where(
                col(ShopProduct.workspace_id) == self.workspace_id,
                col(ShopProduct.installation_id) == installation_id,
                col(ShopProduct.product_id).in_(sorted(product_ids)),
            )
        )
        return {row.product_id: row for row in found}


def product_facts(
    session: Session,
    workspace_id: int,
    installation_id: int,
    bought: Mapping[str, Iterable[str]],
) -> dict[str, ProductFacts]:
    """As :meth:`Products.facts`, for once."""
    return Products(session, workspace_id).facts(installation_id, bought)


@lru_cache(maxsize=10_000)
def _ids(listed: str) -> tuple[str, ...]:
    return tuple(json.loads(listed))
