"""What to do about one row: every cell of the table in :mod:`bridge.plans.three_way`."""

from __future__ import annotations

from itertools import product

import pytest

from bridge.outbox.snapshots import Base
from bridge.plans.three_way import Action, decide
from bridge.programme.document import Policy

ASK, RESTORE, ADOPT = Policy.ASK, Policy.RESTORE, Policy.ADOPT
NOTHING, WRITE, REMOVE, AGREE, FORGET, FOREIGN, CONFLICT = (
    Action.NOTHING,
    Action.WRITE,
    Action.REMOVE,
    Action.AGREE,
    Action.FORGET,
    Action.FOREIGN,
    Action.CONFLICT,
)

UNBOUND = [
    # ours, theirs, left alone, taken over
    (None, None, NOTHING, NOTHING),
    (None, "9", NOTHING, NOTHING),
    ("9", None, WRITE, WRITE),
    ("9", "8", FOREIGN, WRITE),
    ("9", "9", FOREIGN, AGREE),
]


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize(("ours", "theirs", "left", "taken"), UNBOUND)
def test_a_row_that_is_not_ours_is_only_touched_when_it_was_handed_over(
    ours: str | None, theirs: str | None, left: Action, taken: Action, policy: Policy
) -> None:
    assert decide(ours, theirs, None, policy) is left
    assert decide(ours, theirs, None, policy, take_over=True) is taken


BOUND = [
    # ours, theirs, the base's ours and theirs, then by policy: ask, restore, adopt
    # nobody changed anything
    ("9", "9", "9", "9", NOTHING, NOTHING, NOTHING),
    # only the programme changed
    ("8", "9", "9", "9", WRITE, WRITE, WRITE),
    # only the shop changed
    ("9", "7", "9", "9", CONFLICT, WRITE, AGREE),
    ("9", None, "9", "9", CONFLICT, WRITE, AGREE),
    # both changed
    ("8", "7", "9", "9", CONFLICT, CONFLICT, CONFLICT),
    ("8", None, "9", "9", CONFLICT, CONFLICT, CONFLICT),
    # both changed to the same
    ("8", "8", "9", "9", AGREE, AGREE, AGREE),
    # the shop's value was adopted earlier
    ("9", "7", "9", "7", NOTHING, NOTHING, NOTHING),
    ("8", "7", "9", "7", WRITE, WRITE, WRITE),
    ("9", "6", "9", "7", CONFLICT, WRITE, AGREE),
    ("9", "9", "9", "7", AGREE, AGREE, AGREE),
    # its removal was adopted earlier
    ("9", None, "9", None, NOTHING, NOTHING, NOTHING),
    ("8", None, "9", None, WRITE, WRITE, WRITE),
    ("9", "7", "9", None, CONFLICT, WRITE, AGREE),
    # a person decided for the programme
    ("9", "7", None, "7", WRITE, WRITE, WRITE),
    ("9", None, None, None, WRITE, WRITE, WRITE),
    ("9", "6", None, "7", CONFLICT, CONFLICT, CONFLICT),
    # the programme no longer wants it
    (None, "9", "9", "9", REMOVE, REMOVE, REMOVE),
    (None, None, "9", "9", FORGET, FORGET, FORGET),
    (None, "7", "9", "9", CONFLICT, CONFLICT, FORGET),
    (None, "7", "9", "7", REMOVE, REMOVE, REMOVE),
    (None, "7", None, "7", REMOVE, REMOVE, REMOVE),
    (None, None, "9", None, FORGET, FORGET, FORGET),
]


@pytest.mark.parametrize("take_over", [False, True])
@pytest.mark.parametrize(("ours", "theirs", "base", "shown", "ask", "restore", "adopt"), BOUND)
def test_a_row_of_ours(
    ours: str | None,
    theirs: str | None,
    base: str | None,
    shown: str | None,
    ask: Action,
    restore: Action,
    adopt: Action,
    take_over: bool,
) -> None:
    found = [
        decide(ours, theirs, Base(base, shown), policy, take_over=take_over)
        for policy in (ASK, RESTORE, ADOPT)
    ]
    assert found == [ask, restore, adopt]


VALUES = (None, "6", "7", "8")


@pytest.mark.parametrize("policy", Policy)
def test_another_change_is_never_overwritten_unless_the_policy_says_so(policy: Policy) -> None:
    for ours, theirs, base, shown in product(VALUES, repeat=4):
        action = decide(ours, theirs, Base(base, shown), policy)
        if theirs != shown and policy is not RESTORE:
            assert action not in (WRITE, REMOVE)
        if theirs != shown:
            assert action is not REMOVE


@pytest.mark.parametrize("policy", Policy)
def test_what_was_just_written_needs_nothing_more(policy: Policy) -> None:
    for ours in VALUES[1:]:
        assert decide(ours, ours, Base(ours, ours), policy) is NOTHING


@pytest.mark.parametrize("policy", Policy)
def test_what_was_agreed_needs_nothing_more(policy: Policy) -> None:
    for ours, theirs, base, shown in product(VALUES, repeat=4):
        if ours is not None and decide(ours, theirs, Base(base, shown), policy) is AGREE:
            assert decide(ours, theirs, Base(ours, theirs), policy) is NOTHING
