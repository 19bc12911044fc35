"""Where a plugin in the shop holds the balances: everybody is told once it came, nobody while it
is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ledger_world import LedgerWorld
from pushing_scene import POINTS, Scene, ShowingShop
from sqlalchemy import select, update
from sqlmodel import col

from bridge.balances import queue
from bridge.balances.models import ShownBalance
from bridge.balances.places import everybody_due, places
from bridge.balances.pushing import Pushed
from bridge.installations import plugin_states
from bridge.installations.models import Installation
from bridge.members.models import Member
from connectors.errors import ConnectorError, Unreachable
from connectors.sales import Balance

NOTHING = Balance(0, 0)


class PluginShop(ShowingShop):
    def __init__(self, *customers: str) -> None:
        super().__init__(*customers)
        self.is_there: bool | Exception = False

    def can_hold(self) -> bool:
        if isinstance(self.is_there, Exception):
            raise self.is_there
        return self.is_there

    def as_held(self, balance: Balance) -> Balance:
        return replace(balance, tier=balance.tier.removesuffix(" 🥇"))

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        return super().write({one: self.as_held(what) for one, what in balances.items()})

    def is_reinstalled(self) -> None:
        self.remove()
        self.is_there = True


class PluginScene(Scene):
    shop: PluginShop

    def __init__(self, ledger: LedgerWorld) -> None:
        super().__init__(ledger)
        self.shop = PluginShop("c1", "c2")

    def work(self) -> Pushed:
        connector: Any = SimpleNamespace(balances=self.shop)
        self.pusher.enqueue({self.ledger.shops[0]: connector})
        done: Pushed = self.pusher.push(self.ledger.shops[0], connector)
        return done

    def rows(self) -> dict[str, tuple[bool, str | None]]:
        """By customer: whether he is due, and what he was shown."""
        with self.ledger.database.reading() as session:
            found = session.scalars(
                select(ShownBalance).where(col(ShownBalance.workspace_id) == self.ledger.workspace)
            )
            return {row.customer_id: (row.is_due, row.shown) for row in found}


@pytest.fixture
def scene(ledger: LedgerWorld) -> PluginScene:
    return PluginScene(ledger)


def test_without_it_nobody_waits(scene: PluginScene) -> None:
    scene.buys("1", 10)
    for _ in range(2):
        assert scene.work() == Pushed()
    assert (scene.rows(), scene.shop.calls) == ({}, [])


def test_who_was_noted_all_the_same_waits_no_longer(scene: PluginScene) -> None:
    """By a worker who could not tell at that moment whether the shop shows balances."""
    scene.buys("1", 10)
    with scene.ledger.database.writing() as session:
        queue.enqueue(session, scene.ledger.workspace, scene.ledger.shops[:1])
    assert scene.rows() == {"c1": (True, None)}
    scene.work()
    assert scene.rows() == {}


def test_once_it_is_there_everybody_is_told_and_then_what_changes(scene: PluginScene) -> None:
    """Also who never had a point."""
    scene.buys("1", 10)
    scene.work()
    scene.shop.is_there = True
    assert scene.work().sent == 2
    assert scene.shop.held["c2"] == NOTHING
    told = scene.shop.held["c1"]
    assert told is not None and told.available == 10
    assert scene.work() == Pushed()
    scene.buys("2", 5)
    assert scene.work().sent == 1
    assert scene.shop.calls == [["c1", "c2"], ["c1"]]


def test_one_that_comes_back_is_told_all_of_it(scene: PluginScene) -> None:
    """What it showed went with it; whom it refused before is tried anew."""
    scene.buys("1", 10)
    scene.shop.is_there = True
    scene.work()
    scene.shop.is_there = False
    scene.buys("2", 5)
    scene.work()
    assert scene.rows() == {}
    scene.shop.is_reinstalled()
    assert scene.work().sent == 2
    told = scene.shop.held["c1"]
    assert told is not None and told.available == 15


def test_a_shop_that_cannot_be_asked_keeps_what_is_known(scene: PluginScene) -> None:
    scene.shop.is_there = True
    scene.work()
    before = scene.rows()
    scene.shop.is_there = Unreachable("down")
    assert scene.work() == Pushed(), "nobody waits for it"
    scene.buys("1", 10)
    with pytest.raises(Unreachable):
        scene.work()
    assert scene.rows() == {**before, "c1": (True, before["c1"][1])}
    scene.shop.is_there = True
    assert scene.work().sent == 1


def test_one_that_was_made_to_forget_is_told_nothing_until_it_is_wanted_again(
    scene: PluginScene,
) -> None:
    scene.buys("1", 10)
    scene.shop.is_there = True
    scene.work()
    scene.shop.remove()
    for is_forgotten, sent in ((True, 0), (False, 2)):
        scene.buys(f"more {sent}", 5)
        with scene.ledger.database.writing() as session:
            place = (scene.ledger.workspace, scene.ledger.shops[0])
            plugin_states.change(session, *place, is_forgotten=is_forgotten)
        assert scene.work().sent == sent
        assert len(scene.rows()) == sent


def test_everybody_is_everybody_of_this_shop(scene: PluginScene) -> None:
    """With a new version: whoever tells somebody now finds that it is to be told again."""
    scene.shop.is_there = True
    scene.work()
    here = (scene.ledger.workspace, scene.ledger.shops[0])
    with scene.ledger.database.writing() as session:
        everybody_due(session, here[0] + 1, here[1])
    assert all(shown for _, shown in scene.rows().values())
    with scene.ledger.database.writing() as session:
        everybody_due(session, *here)
    assert scene.rows() == {"c1": (True, None), "c2": (True, None)}
    assert scene.row().version == 2


def test_a_shop_that_was_removed_is_no_place(scene: PluginScene) -> None:
    scene.shop.is_there = True
    scene.work()
    with scene.ledger.database.writing() as session:
        assert places(session, scene.ledger.workspace) == [scene.ledger.shops[0]]
        found = session.get(Installation, scene.ledger.shops[0])
        assert found is not None
        found.removed_at = scene.ledger.now
        session.add(found)
        session.flush()
        assert places(session, scene.ledger.workspace) == []


def test_a_name_that_the_shop_cannot_hold_whole_is_told_once(scene: PluginScene) -> None:
    gold = {"name": "Gold 🥇", "group": "gold", "reach": {"spend": 1}, "window": {"months": 12}}
    scene.ledger.programme(POINTS, tiers={"gold": gold})
    with scene.ledger.database.writing() as session:
        session.execute(update(Member).values(tier="gold"))
    scene.shop.is_there = True
    assert scene.work().sent == 2
    told = scene.shop.held["c1"]
    assert told is not None and told.tier == "Gold"
    assert scene.work() == Pushed()
