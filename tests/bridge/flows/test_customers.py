"""Which customers are moved, and which are left where they are."""

from __future__ import annotations

from typing import Any

from toyshop import Instead, Lost, World, programme

from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from connectors.errors import AnswerLost

MIA = "mia@example.com"


def members(emails: Any = MIA, **more: Any) -> dict[str, Any]:
    gold = {"name": "Gold", "base": "General", "members": {"emails": emails}, **more}
    return programme(groups={"gold": gold})


def nobody() -> dict[str, Any]:
    return programme(groups={"gold": {"name": "Gold", "base": "General"}})


def test_a_member_is_moved_and_goes_back_when_he_is_none_any_more(world: World) -> None:
    world.set_up(members())
    assert world.shop.group_of(MIA) == "Gold"
    world.pull()
    assert world.plan().total == 0
    world.load(nobody())
    world.apply()
    assert world.shop.group_of(MIA) == "General"
    assert not world.bindings("customer")


def test_members_are_moved_only_from_groups_that_were_named(world: World) -> None:
    world.shop.move(MIA, "2")
    world.load(members())
    world.pull()
    (said,) = world.said(RemarkKind.FOREIGN)
    assert 'is in "Wholesale", which members are not moved from' in said
    assert "move_from" in said
    world.apply()
    assert world.shop.group_of(MIA) == "Wholesale"
    world.load(members(move_from=["Wholesale"]))
    world.apply()
    assert world.shop.group_of(MIA) == "Gold"


def test_who_is_in_the_group_already_is_not_ours_to_move_back(world: World) -> None:
    world.set_up(nobody())
    world.shop.move(MIA, world.shop.group_named("Gold").id)
    world.pull()
    world.load(members())
    world.apply()
    world.load(nobody())
    world.apply()
    assert world.shop.group_of(MIA) == "Gold"
    assert world.shop.count("move_customer") == 0


def test_a_customer_whom_a_person_moved_is_asked_about(world: World) -> None:
    world.set_up(members())
    world.clock.pause(60)
    world.shop.move(MIA, "2")
    world.pull()
    (said,) = world.said(RemarkKind.CONFLICT)
    assert 'Someone moved the customer to "Wholesale"; the programme says "Gold"' in said
    world.apply()
    assert world.shop.group_of(MIA) == "Wholesale"
    world.resolve(Choice.PROGRAMME)
    world.apply()
    assert world.shop.group_of(MIA) == "Gold"


def test_he_may_stay_where_the_person_put_him(world: World) -> None:
    world.set_up(members())
    world.clock.pause(60)
    world.shop.move(MIA, "2")
    world.pull()
    world.resolve(Choice.SHOP)
    plan = world.plan()
    assert (plan.total, plan.remarks) == (0, [])


def test_whom_a_person_moved_is_not_moved_back_later(world: World) -> None:
    world.set_up(members())
    world.clock.pause(60)
    world.shop.move(MIA, "2")
    world.pull()
    world.load(nobody())
    world.apply()
    assert world.shop.group_of(MIA) == "Wholesale"
    assert not world.bindings("customer")


def test_a_move_by_hand_between_plan_and_delivery_stays(world: World) -> None:
    world.load(members())
    world.pull()
    world.shop.move(MIA, "2")
    world.apply()
    assert world.shop.group_of(MIA) == "Wholesale"
    assert world.states()["conflict"] == 1


def test_a_customer_who_deleted_his_account_does_not_come_up_again(world: World) -> None:
    """A walk over changed customers does not tell that one is gone."""
    world.load(members())
    world.pull()
    world.shop.customers.clear()
    world.apply()
    assert world.states()["conflict"] == 1
    world.pull()
    plan = world.plan()
    assert (plan.total, plan.remarks) == (0, [])


def test_a_member_who_deleted_his_account_is_forgotten(world: World) -> None:
    world.set_up(members())
    world.shop.customers.clear()
    world.load(nobody())
    world.apply()
    world.apply()
    assert not world.bindings("customer")
    assert world.plan().total == 0


def test_guests_and_unconfirmed_addresses_are_left_alone(world: World) -> None:
    """Anybody can type somebody else's address."""
    world.shop.register("guest@example.com", is_guest=True)
    world.shop.register("typed@example.com", is_confirmed=False)
    world.set_up(members(["guest@example.com", "typed@example.com"]))
    assert world.shop.count("move_customer") == 0


def test_a_lost_answer_does_not_lose_where_he_came_from(world: World) -> None:
    """It was moved; then nothing more could be learnt, and the run was given up."""
    world.load(members())
    world.pull()
    shop = world.shop

    def act() -> None:
        shop.move(MIA, shop.group_named("Gold").id)

    shop.events["move_customer"] = [Lost(AnswerLost("Cut off"))]
    shop.events["customer"] = [None, Instead(act)]
    world.apply()
    assert shop.group_of(MIA) == "Gold"
    world.pull()
    world.apply()
    (bound,) = world.bindings("customer").values()
    assert bound.original == "1"
    world.load(nobody())
    world.apply()
    assert shop.group_of(MIA) == "General"


def test_a_member_who_changes_his_group_keeps_his_first_origin(world: World) -> None:
    def both(gold: Any, silver: Any) -> dict[str, Any]:
        return programme(
            groups={
                "gold": {"name": "Gold", "base": "General", "members": {"emails": gold}},
                "silver": {"name": "Silver", "base": "General", "members": {"emails": silver}},
            }
        )

    other = ["other@example.com"]
    world.set_up(both([MIA], other))
    world.load(both(other, [MIA]))
    world.apply()
    assert world.shop.group_of(MIA) == "Silver"
    world.load(both(other, other))
    world.apply()
    assert world.shop.group_of(MIA) == "General"
