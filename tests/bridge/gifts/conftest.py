"""A shop whose baskets may be changed, with a gift rule, and the bridge that polls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from toyshop import Style, ToyShop, World

from bridge.gifts.models import CartGift
from bridge.gifts.working import GiftDesk, GiftsDone, gifts_for_shop

RULES = {"mug": {"basket": "50.00", "sku": "C"}}


class Gifts:
    """Products A, B and C cost 10.00 each; C is free from 50.00 on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.workers = 0

    @property
    def shop(self) -> ToyShop:
        return self.world.shop

    def apply(self, rules: Mapping[str, Any] = RULES, **parts: Any) -> None:
        raw = {"programme": "Acme", "currency": "EUR", "gifts": dict(rules), **parts}
        self.world.set_up(raw)

    def poll(self, **desk: Any) -> GiftsDone:
        app = self.world.app
        (installation,) = self.world.installations().values()
        assert installation.id is not None
        self.workers += 1
        given = {"owner": f"nowhere/{self.workers}", "lease": timedelta(seconds=60), **desk}
        with closing(app.connect(installation)) as connector:
            return gifts_for_shop(
                GiftDesk(app.database, app.settings.home, clock=self.world.clock, **given),
                app.workspace_id,
                installation.id,
                connector,
            )

    def wait(self, **time: float) -> None:
        self.world.clock.pause(timedelta(**time).total_seconds())

    def inside(self, basket_id: str) -> dict[str, int]:
        """Pieces by SKU."""
        found: dict[str, int] = {}
        for product_id, pieces in self.shop.baskets[basket_id].items.values():
            sku = self.shop.products[product_id].sku
            found[sku] = found.get(sku, 0) + pieces
        return found

    def line(self, basket_id: str, sku: str) -> str:
        items = self.shop.baskets[basket_id].items
        return next(id_ for id_, (what, _) in items.items() if what == self.shop.product_id(sku))

    def remembered(self) -> dict[tuple[str, str], CartGift]:
        """By basket and rule."""
        with self.world.app.database.reading() as session:
            rows = session.execute(
                select(CartGift).where(col(CartGift.workspace_id) == self.world.app.workspace_id)
            ).scalars()
            return {(row.cart_id, row.rule): row for row in rows}

    def state(self, basket_id: str, rule: str = "mug") -> str:
        return self.remembered()[basket_id, rule].state


@pytest.fixture
def gifts(worlds: Callable[..., World]) -> Gifts:
    return Gifts(worlds(Style.NUMBERED))


@pytest.fixture
def gifts_of() -> type[Gifts]:
    return Gifts
