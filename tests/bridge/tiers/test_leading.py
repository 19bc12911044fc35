"""What a member bought decides his tier; the tier leads him into a group, in every shop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col
from toyshop import Style, World, programme

from bridge.members.models import Member, MemberCustomer, ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.plans import service
from bridge.tiers.service import (
    UnknownTier,
    decide_by_rules,
    give_by_hand,
    review,
    standings,
)

MIA = "mia@example.com"
TIERS: dict[str, Any] = {
    "silver": {
        "name": "Silver",
        "group": "silver",
        "reach": {"items": 100},
        "window": {"months": 12},
        "grace": {"days": 30},
    },
    "gold": {"name": "Gold", "group": "gold", "reach": {"spend": 5000}, "window": {"months": 12}},
}
GROUPS = {
    "silver": {"name": "Silver", "base": "General"},
    "gold": {"name": "Gold", "base": "General", "move_from": ["General", "Silver"]},
}


@pytest.fixture
def two_shops(worlds: Callable[..., World]) -> World:
    world = worlds(Style.NUMBERED, Style.RULED)
    world.set_up(programme(groups=GROUPS, price_lists={}, tiers=TIERS))
    with world.app.database.writing() as session:
        member = Member(workspace_id=world.app.workspace_id, joined_at=world.clock())
        session.add(member)
        session.flush()
        for customer in session.scalars(select(ShopCustomer)).all():
            assert member.id is not None
            session.add(
                MemberCustomer(
                    installation_id=customer.installation_id,
                    customer_id=customer.customer_id,
                    workspace_id=world.app.workspace_id,
                    member_id=member.id,
                    email=MIA,
                    linked_at=world.clock(),
                    linked_by="test",
                )
            )
    return world


def member_of(world: World) -> Member:
    with world.app.database.reading() as session:
        return session.scalars(
            select(Member).where(col(Member.workspace_id) == world.app.workspace_id)
        ).one()


def buys(world: World, items: int, net: int, id_: str = "1") -> None:
    """An order in the first shop, as handling left it."""
    with world.app.database.writing() as session:
        place = min(one.id or 0 for one in world.installations().values())
        session.add(
            HandledOrder(
                installation_id=place,
                order_id=id_,
                workspace_id=world.app.workspace_id,
                number=id_,
                store_id="1",
                member_id=member_of(world).id,
                placed_at=world.clock(),
                changed_at=world.clock(),
                fetched_at=world.clock(),
                currency="EUR",
                net_total=net * 100,
                gross_total=net * 119,
                items=items * 1000,
                content="{}",
            )
        )


def decided(world: World) -> str:
    review(world.app.database, world.app.workspace_id, world.clock)
    return member_of(world).tier


def groups(world: World) -> list[str]:
    service.move_members(world.app, pause=world.clock.pause)
    return [shop.group_of(MIA) for shop in world.addresses.values()]


def test_a_thousand_pieces_in_one_shop_lower_prices_in_the_other(two_shops: World) -> None:
    assert decided(two_shops) == ""
    assert groups(two_shops) == ["General", "General"]
    buys(two_shops, 1000, 400)
    assert decided(two_shops) == "silver"
    assert groups(two_shops) == ["Silver", "Silver"]
    buys(two_shops, 1, 4600, "2")
    assert decided(two_shops) == "gold"
    assert groups(two_shops) == ["Gold", "Gold"]
    assert two_shops.plan().total == 0


def test_a_lost_tier_stays_for_its_grace_and_leads_back(two_shops: World) -> None:
    buys(two_shops, 1000, 400)
    assert decided(two_shops) == "silver"
    assert groups(two_shops) == ["Silver", "Silver"]
    two_shops.clock.now += timedelta(days=370)
    assert decided(two_shops) == "silver"
    ends = member_of(two_shops).tier_until
    assert ends is not None and ends > two_shops.clock.now + timedelta(days=29)
    two_shops.clock.now = ends
    assert decided(two_shops) == ""
    assert groups(two_shops) == ["General", "General"]


def test_reviewing_again_changes_nothing(two_shops: World) -> None:
    buys(two_shops, 1000, 400)
    first = review(two_shops.app.database, two_shops.app.workspace_id, two_shops.clock)
    assert [one.decision.tier for one in first] == ["silver"]
    assert review(two_shops.app.database, two_shops.app.workspace_id, two_shops.clock) == []
    with two_shops.app.database.reading() as session:
        found = standings(session, two_shops.app.workspace_id, two_shops.clock())
    assert found.changed == []
    assert found.standings[0].volumes["silver"].items == Decimal(1000)


def test_what_a_person_gave_holds_to_its_end(two_shops: World) -> None:
    member = member_of(two_shops).id or 0
    until = two_shops.clock.now + timedelta(days=10)
    with two_shops.app.database.writing() as session:
        give_by_hand(session, two_shops.app.workspace_id, member, "gold", until)
    assert decided(two_shops) == "gold"
    two_shops.clock.now = until
    assert decided(two_shops) == ""
    with two_shops.app.database.writing() as session:
        give_by_hand(session, two_shops.app.workspace_id, member, "silver", None)
    assert decided(two_shops) == "silver"
    with two_shops.app.database.writing() as session:
        decide_by_rules(session, two_shops.app.workspace_id, member, two_shops.clock())
    assert decided(two_shops) == ""


def test_a_tier_that_is_not_there_is_refused(two_shops: World) -> None:
    with (
        two_shops.app.database.writing() as session,
        pytest.raises(UnknownTier, match='no tier "platin"; it has silver, gold'),
    ):
        give_by_hand(session, two_shops.app.workspace_id, 1, "platin", None)


def test_moving_members_leaves_prices_to_the_plan(two_shops: World) -> None:
    """Only who belongs where is sent by itself; everything else waits for a person."""
    buys(two_shops, 1000, 400)
    assert decided(two_shops) == "silver"
    prices = {"list": {"groups": ["silver"], "prices": {"A": [{"from": 1, "price": "9.00"}]}}}
    fresh = {**GROUPS, "later": {"name": "Later", "base": "General"}}
    two_shops.load(programme(groups=fresh, price_lists=prices, tiers=TIERS))
    assert groups(two_shops) == ["Silver", "Silver"]
    assert {one.kind for one in two_shops.deliveries(run_id=2)} <= {"customer"}
    assert two_shops.plan().total > 0


def test_nobody_moves_into_a_group_that_is_still_to_be_made(two_shops: World) -> None:
    tiers = {"silver": {**TIERS["silver"], "group": "later"}}
    fresh = {**GROUPS, "later": {"name": "Later", "base": "General"}}
    two_shops.load(programme(groups=fresh, price_lists={}, tiers=tiers))
    buys(two_shops, 1000, 400)
    assert decided(two_shops) == "silver"
    assert groups(two_shops) == ["General", "General"]
    two_shops.apply()
    assert groups(two_shops) == ["Later", "Later"]


def test_two_members_of_one_shop_are_told_apart(two_shops: World) -> None:
    with two_shops.app.database.writing() as session:
        session.execute(
            update(Member)
            .where(col(Member.workspace_id) == two_shops.app.workspace_id)
            .values(tier="gold")
        )
        session.add(Member(workspace_id=two_shops.app.workspace_id, joined_at=two_shops.clock()))
    assert groups(two_shops) == ["Gold", "Gold"]
