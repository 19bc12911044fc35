"""Somebody who was brought is erased: who brought him keeps what that is worth, and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from referral_world import ReferralWorld
from sqlmodel import select

from bridge.audit.service import Actor
from bridge.inbox import erased
from bridge.orders.models import HandledOrder
from bridge.privacy.erasing import erase
from connectors.sales import Order

FRIEND = "friend@example.com"


def tells(world: ReferralWorld, one: Order, **changes: object) -> None:
    """As it comes in after he was erased."""
    told = replace(one, changed_at=world.now, **changes)  # type: ignore[arg-type]
    with world.database.writing() as session:
        [kept] = erased.let_in(session, world.workspace, world.shops["north"], [told])
    assert isinstance(kept, Order)
    assert kept.email == ""
    world.arrive(kept)


def is_erased(world: ReferralWorld, member: int) -> None:
    erase(world.database, world.workspace, member, Actor("Ann"), lambda: world.now)


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "returned"])
def test_what_becomes_of_his_first_order_is_still_followed(
    world: ReferralWorld, is_kept: bool, check_book: Callable[[ReferralWorld], None]
) -> None:
    ada = world.member("ada@example.com")
    world.invite(world.code(ada).code, FRIEND)
    friend = world.member(FRIEND)
    bought = world.order("o1", FRIEND, member=friend, completed_at=None)
    is_erased(world, friend)
    world.later(days=1)
    tells(world, bought, completed_at=world.now)
    if not is_kept:
        world.later(days=3)
        back = world.given_back(bought, "returned")
        tells(world, bought, completed_at=world.now, refunds=back.refunds)
    world.later(days=15)
    world.later(days=1)
    assert world.points(ada) == (500 if is_kept else 0)
    check_book(world)


def test_a_guest_who_was_erased_still_was_brought_by_the_partner(world: ReferralWorld) -> None:
    world.now += timedelta(hours=2)
    agreement = {"owner": "club@example.com", "points": 2, "each": 10, "after_days": 14}
    world.programme(partners={"club": agreement})
    club = world.member("club@example.com")
    bought = world.order("o1", FRIEND, codes=[world.code(club, "club", "Club-10").code])
    world.later(days=1)
    with world.database.writing() as session:
        erased.remember(session, world.workspace, [], [FRIEND], world.now)
        for order in session.exec(select(HandledOrder)):
            order.email = ""
            session.add(order)
    tells(world, bought)
    world.later(days=15)
    assert world.points(club) == 20
