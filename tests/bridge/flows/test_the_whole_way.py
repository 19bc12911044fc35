"""From a programme to the shop and back."""

from __future__ import annotations

from toyshop import World, programme

from bridge.outbox.judging import Verdict


def test_prices_reach_the_shop_and_a_second_apply_sends_nothing(world: World) -> None:
    result = world.set_up(programme())
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "8.00"}
    assert result.outcomes["shop1"].counts[Verdict.DONE] == len(world.deliveries())
    sent = len(world.shop.writes())
    again = world.apply()
    assert again.written.run is None
    assert len(world.shop.writes()) == sent


def test_nothing_is_planned_after_pulling_again(world: World) -> None:
    world.set_up(programme())
    world.pull()
    plan = world.plan()
    assert (plan.total, plan.agreements, plan.remarks) == (0, 0, [])


def test_undo_leaves_the_shop_as_it_was(world: World) -> None:
    before = world.shop.dump()
    members = {
        "gold": {"name": "Gold", "base": "General", "members": {"emails": "mia@example.com"}}
    }
    result = world.set_up(programme(groups=members))
    assert world.shop.group_of("mia@example.com") == "Gold"
    assert result.written.run is not None
    world.undo(result.written.run)
    assert world.shop.dump() == before
    assert not world.bindings("price")
