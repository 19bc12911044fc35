"""What is bought in a toy shop, and how the shop tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.sales import (
    Activity,
    Change,
    Entity,
    Feed,
    LineKind,
    Mark,
    Money,
    Order,
    OrderLine,
    Refund,
)
from toyshop.shop import ToyShop


def shop_now(shop: ToyShop) -> datetime:
    """On the shop's clock."""
    return shop.clock() + (shop.clock_offset or timedelta(0))


def place(shop: ToyShop, net: str = "10.00", number: str = "", **fields: Any) -> str:
    """Somebody buys one piece of A; the order's id. ``fields``: others of the order."""
    id_ = shop.number()
    now = shop_now(shop)
    price = Money(Decimal(net), Decimal(net))
    line = OrderLine(
        f"{id_}-1", LineKind.PRODUCT, shop.product_id("A"), "A", "A", Decimal(1), price
    )
    usual = {"store_id": "s1", "placed_at": now, "changed_at": now, "lines": (line,)}
    given: dict[str, Any] = {**usual, **fields}
    order = Order(id=id_, number=number or id_, currency="EUR", **given)
    shop.orders[id_] = order
    tell(shop, "orders", id_, at=order.changed_at)
    return id_


def edit(shop: ToyShop, order_id: str, *, quietly: bool = False, **fields: Any) -> None:
    """Something about the order changes; ``quietly``: without its time."""
    order = replace(shop.orders[order_id], **fields)
    if not quietly:
        order = replace(order, changed_at=fields.get("changed_at", shop_now(shop)))
        tell(shop, "orders", order_id, at=order.changed_at)
    shop.orders[order_id] = order


def give_back(shop: ToyShop, order_id: str) -> str:
    """The whole order is refunded, which only the walk over refunds tells; the refund's id."""
    now = shop_now(shop)
    refund = Refund(shop.number(), now, is_whole=True)
    order = shop.orders[order_id]
    shop.orders[order_id] = replace(order, refunds=(*order.refunds, refund), changed_at=now)
    tell(shop, "refunds", refund.id, entity_id=order_id, at=now)
    return refund.id


def do(shop: ToyShop, activity: Activity, at: datetime | None = None) -> None:
    at = at or shop_now(shop)
    change = Change(Entity.ACTIVITY, activity.id, Mark(at, activity.id), activity)
    shop.told["activities", activity.id] = change


def tell(
    shop: ToyShop, resource: str, row_id: str, *, entity_id: str = "", at: datetime | None = None
) -> None:
    """A row of a resource has changed, and with it an order."""
    mark = Mark(at or shop_now(shop), row_id)
    shop.told[resource, row_id] = Change(Entity.ORDER, entity_id or row_id, mark)


class ToyFeed(Feed):
    """Calls are ``changes orders``, ``changes refunds``…, ``orders``, ``orders_by_number``."""

    def __init__(self, shop: ToyShop) -> None:
        self._shop = shop

    @property
    def resources(self) -> tuple[str, ...]:
        return self._shop.resources

    @property
    def order_resources(self) -> tuple[str, ...]:
        return tuple(name for name in self._shop.resources if name != "activities")

    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        """Page by page, each asked for when it is needed."""
        found = self._shop.arranged(
            [
                change
                for (of, _), change in self._shop.told.items()
                if of == resource and change.mark > since
            ]
        )
        size = self._shop.per_page
        for start in range(0, max(len(found), 1), size):
            page = found[start : start + size]
            yield from self._shop.asked(f"changes {resource}", lambda page=page: page, (since,))

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        assert len(order_ids) <= 100
        assert len(set(order_ids)) == len(order_ids)
        answer: list[Order] = self._shop.asked(
            "orders",
            lambda: [self._shop.orders[id_] for id_ in order_ids if id_ in self._shop.orders],
            tuple(order_ids),
        )
        return answer

    def orders_by_number(self, numbers: Sequence[str]) -> list[Order]:
        assert len(numbers) <= 100
        answer: list[Order] = self._shop.asked(
            "orders_by_number",
            lambda: [one for one in self._shop.orders.values() if one.number in numbers],
            tuple(numbers),
        )
        return answer
