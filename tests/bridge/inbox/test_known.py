"""Up to when the past is known: what depends on it must not be decided too early, nor never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session
from toyshop import World

from bridge.inbox.codec import encoded
from bridge.inbox.known import GIVEN_UP_AFTER, known_through
from bridge.inbox.models import Cursor, InboxRow, InboxState
from connectors.sales import Order

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


def order(placed: datetime) -> str:
    return encoded(Order("1", "1", "s1", "EUR", placed, NOW))


@pytest.mark.parametrize(
    ("ends", "waiting", "expected"),
    [
        pytest.param({"orders": 8, "refunds": 9}, [], day(8), id="as far as the slowest walk"),
        pytest.param({"orders": 8}, [], None, id="a walk that never began"),
        pytest.param({"orders": 8, "refunds": None}, [], None, id="a walk that got nowhere"),
        pytest.param(
            {"orders": 8, "refunds": 9, "reviews": 2}, [], day(8), id="reviews are no orders"
        ),
        pytest.param(
            {"orders": 8, "refunds": 9},
            [("order", InboxState.QUEUED, 0, order(day(5)))],
            day(5),
            id="an order that waits for its turn",
        ),
        pytest.param(
            {"orders": 8, "refunds": 9},
            [("order", InboxState.FAILED, 3, order(day(5)))],
            day(5),
            id="an order that failed",
        ),
        pytest.param(
            {"orders": 8, "refunds": 9},
            [("order", InboxState.FAILED, GIVEN_UP_AFTER, order(day(5)))],
            day(8),
            id="one that failed for long holds up nobody else",
        ),
        pytest.param(
            {"orders": 8, "refunds": 9},
            [("order", InboxState.UNREAD, 1, "")],
            None,
            id="an order of which nothing is known",
        ),
        pytest.param(
            {"orders": 8, "refunds": 9},
            [
                ("order", InboxState.HANDLED, 0, order(day(5))),
                ("order", InboxState.STALE, 0, order(day(4))),
                ("customer", InboxState.QUEUED, 0, "{}"),
            ],
            day(8),
            id="what was handled, and customers",
        ),
    ],
)
def test_one_shop(
    numbered: World,
    ends: dict[str, int | None],
    waiting: Sequence[tuple[str, InboxState, int, str]],
    expected: datetime | None,
) -> None:
    world, (shop,) = numbered, numbered.installations().values()
    assert shop.id is not None
    with world.app.database.writing() as session:
        cursors(session, world, shop.id, ends)
        for number, (resource, state, attempts, content) in enumerate(waiting):
            session.add(
                InboxRow(
                    workspace_id=world.app.workspace_id,
                    installation_id=shop.id,
                    resource=resource,
                    entity_id=str(number),
                    content_hash="x",
                    content=content,
                    changed_at=NOW,
                    fetched_at=NOW,
                    state=state.value,
                    attempts=attempts,
                )
            )
    assert through(world, {shop.id: ("orders", "refunds")}) == expected


def test_the_slowest_shop_decides_and_without_shops_nothing_can_come(numbered: World) -> None:
    world = numbered
    world.open(world.shop.style, "shop2")
    first, second = (one.id or 0 for one in world.installations().values())
    with world.app.database.writing() as session:
        cursors(session, world, first, {"orders": 8})
        cursors(session, world, second, {"orders": 6})
    assert through(world, {first: ("orders",), second: ("orders",)}) == day(6)
    assert through(world, {first: ("orders",)}) == day(8)
    assert through(world, {}) == NOW


def cursors(session: Session, world: World, shop: int, ends: dict[str, int | None]) -> None:
    for resource, end in ends.items():
        session.add(
            Cursor(
                installation_id=shop,
                resource=resource,
                workspace_id=world.app.workspace_id,
                mark_at=None if end is None else day(end),
                complete_through=None if end is None else day(end) - timedelta(minutes=5),
            )
        )


def through(world: World, walks: dict[int, tuple[str, ...]]) -> datetime | None:
    with world.app.database.reading() as session:
        return known_through(session, world.app.workspace_id, walks, NOW)
