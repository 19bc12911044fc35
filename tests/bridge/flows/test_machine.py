"""Everybody at work at once, in any order: the programme, people in the shop, a shop that fails,
the bridge. Whatever happens, nobody else's price is touched and ours end where they should."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from toyshop import Lost, Raises, Style, World, programme

from bridge.db import Database
from bridge.migrations import migrate
from bridge.outbox.models import DeliveryState
from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from bridge.plans.service import pull_all
from bridge.prices.codec import key_from_text, key_text, value_text
from connectors.base import Amount, TierKey, TierValue
from connectors.errors import AnswerLost, ShopFault, Throttled, Unreachable

SKUS = ["A", "B"]
QUANTITIES = [1, 10]
PRICES = ["5.00", "6.00", "7.00"]
TYPED = ["1.11", "2.22"]
"""Prices that no programme asks for."""
FINAL = {
    DeliveryState.DONE,
    DeliveryState.CONFLICT,
    DeliveryState.DEAD,
    DeliveryState.CANCELLED,
    DeliveryState.QUEUED,
}

TYPED_VALUES = [TierValue(amounts=(Amount("EUR", net=Decimal(price)),)) for price in TYPED]

ladders = st.dictionaries(
    st.sampled_from(SKUS),
    st.dictionaries(st.sampled_from(QUANTITIES), st.sampled_from(PRICES), min_size=1),
    min_size=1,
)


def falling(ladder: dict[int, str]) -> list[dict[str, Any]]:
    """A ladder never gets dearer with the quantity."""
    prices = sorted(ladder.values(), key=Decimal, reverse=True)
    return [
        {"from": quantity, "price": price}
        for quantity, price in zip(sorted(ladder), prices, strict=True)
    ]


class Merchant(RuleBasedStateMachine):
    """The groups "gold" (ours) and "trade" (the shop's) get prices from one list each."""

    style: Style
    template: Path

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "bridge.db"
        shutil.copy(self.template, path)
        self.database = Database(f"sqlite:///{path}")
        self.world = World(self.database, Path(self.folder.name))
        self.shop = self.world.open(self.style)
        self.shop.rows_per_call = 4
        self.random = random.Random(seed)
        self.share = 0.0
        self.shop.mood = self._mood
        self.by_hand: dict[tuple[TierKey, str], Any] = {}
        """Rows of other people."""
        self.typed_over: dict[tuple[TierKey, str], Any] = {}
        """Rows of ours that people changed, as long as nobody decided about them."""
        self.wanted: dict[str, dict[int, str]] = {"A": {1: "6.00"}}
        self.policy = "ask"
        self._load()
        self.world.pull()

    def teardown(self) -> None:
        if hasattr(self, "database"):
            try:
                self.all_troubles_end()
            finally:
                self.database.close()
                self.folder.cleanup()

    def _mood(self, name: str) -> Any:
        if self.random.random() >= self.share:
            return None
        error = self.random.choice(
            [Unreachable("Down"), Throttled("Later"), ShopFault("Broken"), AnswerLost("Cut")]
        )
        return self.random.choice([Raises, Lost])(error)

    # -- the programme -----------------------------------------------------------------------

    def _load(self) -> None:
        lists = {
            name: {
                "groups": [group],
                "prices": {sku: falling(ladder) for sku, ladder in self.wanted.items()},
                "policy": self.policy,
            }
            for name, group in (("ours", "gold"), ("theirs", "trade"))
        }
        groups = {
            "gold": {"name": "Gold", "base": "General"},
            "trade": {"name": "Wholesale", "existing": True},
        }
        self.world.load(programme(groups=groups, price_lists=lists))

    @rule(wanted=ladders, policy=st.sampled_from(["ask", "restore", "adopt"]))
    def the_programme_changes(self, wanted: dict[str, dict[int, str]], policy: str) -> None:
        self.wanted, self.policy = wanted, policy
        if policy != "ask":
            self.typed_over = {}
        self._load()

    # -- people in the shop ------------------------------------------------------------------

    def _audiences(self) -> list[str]:
        if self.style is Style.NUMBERED:
            return [id_ for id_ in self.shop.groups if id_ != "1"]
        return list(self.shop.audiences)

    @rule(data=st.data(), sku=st.sampled_from(SKUS), price=st.sampled_from(TYPED))
    def someone_types_a_price(self, data: st.DataObject, sku: str, price: str) -> None:
        if audiences := self._audiences():
            audience = data.draw(st.sampled_from(audiences))
            key = self.shop.write(sku, audience, data.draw(st.sampled_from(QUANTITIES)), price)
            self._is_by_hand_now()
            rows = {row: value for row, value in self.shop.prices.items() if row[0] == key}
            if self.policy == "ask":
                self.typed_over |= rows

    @rule(data=st.data())
    def someone_removes_a_price(self, data: st.DataObject) -> None:
        if self.shop.prices:
            row = data.draw(st.sampled_from(sorted(self.shop.prices, key=str)))
            del self.shop.prices[row]
            self.by_hand.pop(row, None)
            self.typed_over.pop(row, None)

    def _is_by_hand_now(self) -> None:
        """Rows that are not bound, nor meant by a delivery, are other people's."""
        bound = self.world.bindings("price")
        meant = {one.key for one in self.world.deliveries(kind="price") if one.intended_at}
        self.by_hand = {
            (key, native): value
            for (key, native), value in self.shop.prices.items()
            if key_text(key) not in bound and key_text(key) not in meant
        }

    # -- the bridge --------------------------------------------------------------------------

    @rule(pulls=st.booleans(), share=st.sampled_from([0.0, 0.0, 0.3]))
    def the_bridge_works(self, pulls: bool, share: float) -> None:
        self.share = share
        if pulls:
            pull_all(self.world.app)
        self.world.apply()
        self.share = 0.0

    @rule(choice=st.sampled_from(list(Choice)))
    def a_person_decides(self, choice: Choice) -> None:
        self.typed_over = {}
        self.world.resolve(choice)

    @precondition(lambda self: self.world.deliveries())
    @rule(data=st.data())
    def a_run_is_undone(self, data: st.DataObject) -> None:
        runs = sorted({one.run_id for one in self.world.deliveries()})
        self.world.undo(data.draw(st.sampled_from(runs)))

    def all_troubles_end(self) -> None:
        """With the shop's word heard and the programme's put through, all is as it should be.

        The programme changes every price: what was adopted, or decided for the shop, ends there.
        """
        self.policy = "restore"
        self.wanted = {sku: dict.fromkeys(ladder, "4.00") for sku, ladder in self.wanted.items()}
        self.typed_over = {}
        self._load()
        for _ in range(3):
            self.world.apply()
            self.world.pull()
            self.world.resolve(Choice.PROGRAMME)
        self.world.apply()
        self.world.pull()
        plan = self.world.plan()
        assert (plan.total, plan.agreements, plan.of(RemarkKind.CONFLICT)) == (0, 0, [])
        bound = self.world.bindings("price")
        foreign = {key_text(key) for key, _ in self.by_hand}
        ours = {}
        for (key, _), value in self.shop.prices.items():
            if value in TYPED_VALUES and key_text(key) not in bound:
                foreign.add(key_text(key))  # a person left it to the shop
            elif key_text(key) not in foreign:
                ours[key_text(key)] = value_text(value)
        assert set(ours) == self._compiled() - foreign
        assert {key: one.theirs for key, one in bound.items()} == ours
        assert {key: one.ours for key, one in bound.items()} == ours
        assert not any(one.state in ("queued", "leased") for one in self.world.deliveries())

    def _compiled(self) -> set[str]:
        """Keys that the programme wants to be there."""
        if self.wanted == {}:
            return set()
        audiences = [self.shop.audience_of("Gold"), self.shop.audience_of("Wholesale")]
        return {
            key_text(TierKey(self.shop.product_id(sku), "", audience, Decimal(quantity)))
            for sku, ladder in self.wanted.items()
            for quantity in ladder
            for audience in audiences
        }

    # -- what always holds -------------------------------------------------------------------

    @invariant()
    def nobody_elses_price_is_touched(self) -> None:
        if hasattr(self, "shop"):
            for row, value in (self.by_hand | self.typed_over).items():
                assert self.shop.prices.get(row) == value, row

    @invariant()
    def no_row_is_there_twice(self) -> None:
        if hasattr(self, "shop"):
            keys = Counter(key_text(key) for key, _ in self.shop.prices)
            assert not keys or max(keys.values()) == 1

    @invariant()
    def every_delivery_is_final_or_queued(self) -> None:
        if hasattr(self, "shop"):
            states = {one.state for one in self.world.deliveries()}
            assert states <= {state.value for state in FINAL}

    @invariant()
    def a_row_that_is_bound_is_named_once(self) -> None:
        if hasattr(self, "shop"):
            for key in self.world.bindings("price"):
                assert key_text(key_from_text(key)) == key


@pytest.mark.parametrize("style", list(Style))
def test_whatever_happens(style: Style, tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    database = Database(f"sqlite:///{template}")
    migrate(database)
    database.close()
    many = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
    machine = type("Merchant", (Merchant,), {"style": style, "template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100 if many else 8,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # making an example smaller would outlast the time-out
            suppress_health_check=list(HealthCheck),
        ),
    )
