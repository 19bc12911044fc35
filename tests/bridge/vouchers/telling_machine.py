"""What the machines that play any mix have in common: orders live on in the shop, and the bridge
is told of them late, twice, in another order, or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any, Generic, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from ledger_world import refund
from sound_book import assert_sound

from bridge.db import Database
from connectors.sales import Order

LIVES = ("standing", "cancelled", "third", "whole")


@dataclass
class Sold:
    """An order in a shop, which the bridge may have been told of, or not yet."""

    order: Order
    versions: list[Order] = field(init=False)
    told: Order | None = field(default=None, init=False)
    """The newest version that the bridge was told."""

    def __post_init__(self) -> None:
        self.versions = [self.order]

    def given_back(self, third: Fraction) -> Fraction:
        """How much of it, as far as was told; ``third``: of one that was refunded in part."""
        assert self.told is not None
        if self.told.cancelled_at or any(some.is_whole for some in self.told.refunds):
            return Fraction(1)
        return third if self.told.refunds else Fraction(0)


S = TypeVar("S", bound=Sold)


class TellingMachine(RuleBasedStateMachine, Generic[S]):
    database: Database
    world: Any
    third: int
    """What is given back of line b for a third of the order."""

    def __init__(self) -> None:
        super().__init__()
        self.sold: list[S] = []

    def sells(self, sold: S, version: Order) -> None:
        """Tells the bridge."""
        raise NotImplementedError

    def sell(self, sold: S, told: bool) -> None:
        self.sold.append(sold)
        if told:
            self.tell(sold, 0)

    @precondition(lambda self: self.sold)
    @rule(data=st.data(), life=st.sampled_from(LIVES), told=st.booleans())
    def change(self, data: st.DataObject, life: str, told: bool) -> None:
        sold = data.draw(st.sampled_from(self.sold))
        changed_at = sold.versions[-1].changed_at + timedelta(seconds=1)
        now = replace(sold.order, changed_at=changed_at)
        if life == "cancelled":
            now = replace(now, cancelled_at=changed_at)
        elif life == "third" and len(now.lines) > 1:
            now = replace(now, refunds=(refund("r", ("b", 1, self.third)),))
        elif life == "whole":
            now = replace(now, refunds=(replace(refund("w"), is_whole=True),))
        sold.versions.append(now)
        if told:
            self.tell(sold, len(sold.versions) - 1)

    @precondition(lambda self: self.sold)
    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        """Late, twice, or in another order."""
        sold = data.draw(st.sampled_from(self.sold))
        self.tell(sold, data.draw(st.integers(0, len(sold.versions) - 1)))

    def tell(self, sold: S, number: int) -> None:
        version = sold.versions[number]
        self.sells(sold, version)
        if sold.told is None or version.changed_at > sold.told.changed_at:
            sold.told = version

    def tell_newest(self) -> None:
        for sold in self.sold:
            self.tell(sold, len(sold.versions) - 1)

    @invariant()
    def the_book_is_sound(self) -> None:
        assert_sound(self.database, self.world.workspace)

    def reserved(self) -> int:
        [(points,)] = self.world.rows(
            "SELECT coalesce(sum(reserved), 0) FROM accounts WHERE workspace_id = :w"
        )
        return int(points)


def play(machine: type[TellingMachine[Any]], mixes: int) -> None:
    many = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
    chosen = settings(max_examples=200 if many else mixes, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(machine, settings=chosen)  # type: ignore[no-untyped-call]
