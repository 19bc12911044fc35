"""A person's decision about a conflict, and what the next plan makes of it."""

from __future__ import annotations

from itertools import product

import pytest

from bridge.outbox.snapshots import Snapshot
from bridge.plans.resolving import Choice, decided
from bridge.plans.three_way import Action, decide
from bridge.programme.document import Policy

BASE = Snapshot("9", "9", "hand-made", owned=True, native_id="id-1", source="list")
CONFLICTS = [("9", "7"), ("9", None), ("8", "7"), ("8", None), (None, "7")]


@pytest.mark.parametrize(("ours", "theirs"), CONFLICTS)
def test_these_are_conflicts(ours: str | None, theirs: str | None) -> None:
    assert decide(ours, theirs, BASE.base, Policy.ASK) is Action.CONFLICT


@pytest.mark.parametrize(("ours", "theirs"), CONFLICTS)
def test_for_the_programme_the_next_plan_writes_it(ours: str | None, theirs: str | None) -> None:
    base = decided(BASE, ours, theirs, Choice.PROGRAMME)
    assert base is not None
    action = decide(ours, theirs, base.base, Policy.ASK)
    assert action is (Action.WRITE if ours is not None else Action.REMOVE)
    assert base.original == "hand-made"


@pytest.mark.parametrize(("ours", "theirs"), CONFLICTS)
def test_for_the_shop_it_stays_until_the_programme_changes(
    ours: str | None, theirs: str | None
) -> None:
    base = decided(BASE, ours, theirs, Choice.SHOP)
    if ours is None:
        assert base is None
        return
    assert base is not None
    assert decide(ours, theirs, base.base, Policy.ASK) is Action.NOTHING
    assert decide("5", theirs, base.base, Policy.ASK) is Action.WRITE


def test_a_decision_ends_the_conflict_whatever_the_policy() -> None:
    for (ours, theirs), choice, policy in product(CONFLICTS, Choice, Policy):
        base = decided(BASE, ours, theirs, choice)
        action = decide(ours, theirs, base.base if base else None, policy)
        assert action is not Action.CONFLICT
