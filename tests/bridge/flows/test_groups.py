"""Customer groups, from the programme to the shop and back."""

from __future__ import annotations

from typing import Any

from toyshop import Raises, ToyShop, World, programme

from bridge.outbox.review import retry
from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from bridge.plans.summary import PlanSummary
from connectors.errors import Rejected

GOLD = {"name": "Gold", "base": "General"}


def groups(**found: Any) -> dict[str, Any]:
    """A programme with these groups; ``gold`` keeps its prices."""
    lists = programme()["price_lists"] if "gold" in found else {}
    return programme(groups=found, price_lists=lists)


def kinds(plan: PlanSummary) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, kind, operation), count in plan.counts.items():
        found[f"{operation} {kind}"] = found.get(f"{operation} {kind}", 0) + count
    return found


def test_a_new_group_copies_the_tax_of_its_base(world: World) -> None:
    world.set_up(groups(gold=GOLD, dealer={"name": "Dealer", "base": "Wholesale"}))
    assert world.shop.group_named("Gold").tax == "net"
    assert world.shop.group_named("Dealer").tax == "gross"


def test_a_group_made_a_moment_ago_has_its_tax_before_the_next_pull(world: World) -> None:
    """Else it could not be made again should its removal be undone."""
    world.set_up(groups(gold=GOLD, dealer={"name": "Dealer", "base": "Wholesale"}))
    world.load(groups(gold=GOLD))
    world.apply()
    world.undo(2)
    assert world.shop.group_named("Dealer").tax == "gross"
    assert "dead" not in world.states()


def test_a_base_the_shop_lacks_is_said_and_the_rest_goes_on(world: World) -> None:
    world.load(groups(gold=GOLD, dealer={"name": "Dealer", "base": "Nobody"}))
    world.pull()
    (said,) = world.said(RemarkKind.PROBLEM)
    assert 'no group "Nobody" to copy the tax setting from' in said
    assert "General, Wholesale" in said
    world.apply()
    assert world.shop.ladder("A", "Gold")


def test_a_name_that_is_taken_is_said_and_nothing_is_touched(world: World) -> None:
    world.shop.add_group("gold")
    world.load(groups(gold=GOLD))
    world.pull()
    before = world.shop.dump()
    (said,) = world.said(RemarkKind.PROBLEM)
    assert 'has a group "gold" already that the bridge did not make' in said
    world.apply()
    assert world.shop.dump() == before


# -- groups the shop has already ------------------------------------------------------------


def existing(name: str) -> dict[str, Any]:
    return groups(gold={"name": name, "existing": True})


def test_an_existing_group_gets_prices_and_is_never_changed(world: World) -> None:
    world.set_up(existing("wholesale"))
    assert world.shop.groups["2"].name == "Wholesale"
    assert world.shop.ladder("A", "Wholesale") == {1: "9.00", 10: "8.00"}
    world.load(programme(groups={}, price_lists={}))
    world.apply()
    assert world.shop.groups["2"].name == "Wholesale"
    assert not world.shop.prices
    assert not world.bindings("group")


def test_an_existing_group_may_be_renamed_in_the_shop(world: World) -> None:
    world.set_up(existing("Wholesale"))
    (wholesale, name) = (world.shop.groups["2"], "Big customers")
    world.shop.groups["2"] = type(wholesale)("2", name, wholesale.tax)
    world.pull()
    plan = world.plan()
    assert (plan.total, plan.of(RemarkKind.PROBLEM)) == (0, [])


def test_another_name_in_the_programme_means_another_group(world: World) -> None:
    world.shop.add_group("Retailers")
    world.set_up(existing("Wholesale"))
    world.load(existing("Retailers"))
    world.apply()
    assert world.shop.ladder("A", "Retailers") == {1: "9.00", 10: "8.00"}
    world.apply()
    audiences = {key.audience_id for key, _ in world.shop.prices}
    assert audiences == {world.shop.audience_of("Retailers")}


def test_an_existing_group_that_is_not_there_takes_no_prices_away(world: World) -> None:
    world.set_up(existing("Wholesale"))
    sent = len(world.shop.writes())
    world.load(existing("Wholesail"))
    (said,) = world.said(RemarkKind.PROBLEM)
    assert 'no group "Wholesail"' in said
    assert "General, Wholesale" in said
    world.apply()
    assert len(world.shop.writes()) == sent
    assert world.shop.ladder("A", "Wholesale") == {1: "9.00", 10: "8.00"}


def test_two_groups_of_one_name_are_nobodys_guess(world: World) -> None:
    world.shop.add_group("Wholesale")
    world.load(existing("Wholesale"))
    world.pull()
    (said,) = world.said(RemarkKind.PROBLEM)
    assert 'has 2 groups "Wholesale"' in said
    assert world.plan().total == 0


def test_a_group_handed_over_to_the_shop_is_no_longer_deleted(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    world.load(existing("Gold"))
    world.apply()
    world.load(programme(groups={}, price_lists={}))
    world.apply()
    assert world.shop.group_named("Gold")
    assert not world.shop.prices


# -- names ----------------------------------------------------------------------------------


def test_a_new_name_reaches_the_shop(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    id_ = world.shop.group_named("Gold").id
    world.load(groups(gold={**GOLD, "name": "Gold partners"}))
    assert kinds(world.plan()) == {"change group": 1}
    world.apply()
    assert world.shop.groups[id_].name == "Gold partners"


def rename(shop: ToyShop, old: str, new: str) -> None:
    group = shop.group_named(old)
    shop.groups[group.id] = type(group)(group.id, new, group.tax)


def test_a_group_renamed_in_the_shop_is_asked_about_and_keeps_its_prices(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    rename(world.shop, "Gold", "VIP")
    world.pull()
    (said,) = world.said(RemarkKind.CONFLICT)
    assert 'renamed the group to "VIP"; the programme says "Gold"' in said
    assert world.plan().total == 0


def test_the_shops_name_may_stay(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    rename(world.shop, "Gold", "VIP")
    world.pull()
    assert world.resolve(Choice.SHOP) == 1
    assert (world.plan().total, world.plan().remarks) == (0, [])
    world.load(groups(gold={**GOLD, "name": "Golden"}))
    world.apply()
    assert world.shop.group_named("Golden")


def test_the_programmes_name_may_come_back(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    rename(world.shop, "Gold", "VIP")
    world.pull()
    assert world.resolve(Choice.PROGRAMME) == 1
    world.apply()
    assert world.shop.group_named("Gold")
    assert world.plan().total == 0


def test_renamed_on_both_sides_to_the_same_is_agreed(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    rename(world.shop, "Gold", "VIP")
    world.pull()
    world.load(groups(gold={**GOLD, "name": "VIP"}))
    sent = len(world.shop.writes())
    world.apply()
    assert len(world.shop.writes()) == sent
    world.load(groups(gold={**GOLD, "name": "VIP 2"}))
    assert kinds(world.plan()) == {"change group": 1}


# -- removal --------------------------------------------------------------------------------


def with_member() -> dict[str, Any]:
    return groups(gold={**GOLD, "members": {"emails": "mia@example.com"}})


def test_a_group_that_leaves_the_programme_is_taken_down_in_order(world: World) -> None:
    before = world.shop.dump()
    world.set_up(with_member())
    sent = len(world.shop.writes())
    world.load(programme(groups={}, price_lists={}))
    world.apply()
    assert world.shop.dump() == before
    order = ["move_customer", "remove_tier_prices", "delete_audience", "delete_group"]
    if "create_audience" not in [call.name for call in world.shop.writes()]:
        order.remove("delete_audience")
    assert [call.name for call in world.shop.writes()[sent:]] == order
    assert not any(world.bindings(kind) for kind in ("group", "audience", "price", "customer"))


def test_a_group_with_other_peoples_customers_stays_and_says_why(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    world.shop.register("tom@example.com", world.shop.group_named("Gold").id)
    world.load(programme(groups={}, price_lists={}))
    world.apply()
    assert world.shop.group_of("tom@example.com") == "Gold"
    (dead,) = world.deliveries(state="dead")
    assert (dead.kind, dead.error[:17]) == ("group", "Customers are in ")


def test_a_rule_that_someone_elses_price_hangs_on_stays(ruled: World) -> None:
    ruled.set_up(groups(gold=GOLD))
    ruled.shop.write("C", ruled.shop.audience_of("Gold"), 5, "3.33")
    ruled.pull()
    ruled.load(programme(price_lists={}))
    assert any("stays as long as a price hangs" in said for said in ruled.said(RemarkKind.NOTE))
    ruled.apply()
    assert ruled.shop.ladder("C", "Gold") == {5: "3.33"}
    assert ruled.states() == {"done": len(ruled.deliveries())}


def test_the_removal_of_a_group_can_be_undone(world: World) -> None:
    world.set_up(with_member())
    full = world.shop
    prices = full.ladder("A", "Gold")
    world.load(programme(groups={}, price_lists={}))
    world.apply()
    sent = len(full.writes())
    world.undo(2)
    assert full.ladder("A", "Gold") == prices
    assert full.group_of("mia@example.com") == "Gold"
    assert [call.name for call in full.writes()[sent:]][-1] == "move_customer", "prices come first"
    assert world.states() == {"done": len(world.deliveries())}
    world.load(with_member())
    world.pull()
    plan = world.plan()
    assert (plan.total, plan.of(RemarkKind.CONFLICT), plan.of(RemarkKind.FOREIGN)) == (0, [], [])


# -- deleted by hand ------------------------------------------------------------------------


def delete(shop: ToyShop, name: str) -> None:
    """As Magento does it: customers fall back, prices go with the group."""
    group = shop.group_named(name)
    audience = shop.audience_of(name)
    for customer in list(shop.customers.values()):
        if customer.group_id == group.id:
            shop.move(customer.email, "1")
    shop.prices = {
        (key, native): value
        for (key, native), value in shop.prices.items()
        if key.audience_id != audience
    }
    shop.audiences.pop(audience, None)
    del shop.groups[group.id]


def test_a_group_deleted_in_the_shop_waits_for_a_decision(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    delete(world.shop, "Gold")
    world.pull()
    said = world.said(RemarkKind.CONFLICT)
    assert len(said) == 1
    assert 'Someone deleted the group "Gold"' in said[0]
    world.apply()
    assert not world.shop.prices
    assert "dead" not in world.states()


def test_a_deleted_group_can_come_back_with_its_prices(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    delete(world.shop, "Gold")
    world.pull()
    world.resolve(Choice.PROGRAMME)
    world.apply()
    world.pull()
    world.resolve(Choice.PROGRAMME)  # their removal was somebody's doing too
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "8.00"}
    world.pull()
    assert (world.plan().total, world.said(RemarkKind.CONFLICT)) == (0, [])


def test_a_deleted_group_may_stay_deleted(world: World) -> None:
    world.set_up(groups(gold=GOLD))
    delete(world.shop, "Gold")
    world.pull()
    world.resolve(Choice.SHOP)
    world.apply()
    plan = world.plan()
    assert (plan.total, plan.of(RemarkKind.CONFLICT)) == (0, [])
    assert not world.shop.prices


# -- a group that cannot be made ------------------------------------------------------------


def test_what_hangs_on_a_group_that_was_not_made_says_so(numbered: World) -> None:
    numbered.load(with_member())
    numbered.pull()
    refusal = Raises(Rejected("Too many groups"))
    numbered.shop.always["create_group"] = refusal
    numbered.apply()
    dead = {one.kind: one.error for one in numbered.deliveries(state="dead")}
    assert numbered.states() == {"dead": 4}
    assert "Too many groups" in dead["group"]
    assert "customer group was not made" in dead["price"]
    assert "was not made" in dead["customer"]
    assert not numbered.shop.prices


def test_it_all_comes_together_when_the_group_is_made_at_last(numbered: World) -> None:
    numbered.load(with_member())
    numbered.pull()
    numbered.shop.always["create_group"] = Raises(Rejected("Too many groups"))
    numbered.apply()
    numbered.shop.always.clear()
    ids = [one.id or 0 for one in numbered.deliveries(state="dead")]
    with numbered.app.database.writing() as session:
        retry(session, numbered.app.workspace_id, ids)
    numbered.apply()
    assert numbered.states() == {"done": 4}
    assert numbered.shop.ladder("A", "Gold") == {1: "9.00", 10: "8.00"}
    assert numbered.shop.group_of("mia@example.com") == "Gold"


def test_after_the_group_was_retried_alone_the_next_run_takes_over_the_rest(
    numbered: World,
) -> None:
    numbered.load(with_member())
    numbered.pull()
    numbered.shop.always["create_group"] = Raises(Rejected("Too many groups"))
    numbered.apply()
    numbered.shop.always.clear()
    (group,) = numbered.deliveries(kind="group")
    with numbered.app.database.writing() as session:
        retry(session, numbered.app.workspace_id, [group.id or 0])
    numbered.apply()
    assert numbered.shop.ladder("A", "Gold") == {1: "9.00", 10: "8.00"}
    assert numbered.states() == {"done": 4, "cancelled": 3}, "no dead letter is left behind"


def test_prices_know_the_number_the_shop_gave(numbered: World) -> None:
    numbered.set_up(groups(gold=GOLD))
    id_ = numbered.shop.group_named("Gold").id
    assert {one.key.split("\t")[2] for one in numbered.deliveries(kind="price")} == {id_}
    assert {key.split("\t")[2] for key in numbered.bindings("price")} == {id_}
