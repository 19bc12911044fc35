"""What to do about one row, from three versions of it: what the programme wants (*ours*), what
the shop holds (*theirs*), and what both said when they last agreed (the *base*). Pure.

Values are texts of which equal ones mean equal things; ``None`` is "not there". The outcomes
and their examples stand as a table in ``tests/bridge/plans/test_three_way.py``.
"""

from __future__ import annotations

from enum import StrEnum

from bridge.outbox.snapshots import Base
from bridge.programme.document import Policy


class Action(StrEnum):
    NOTHING = "nothing"
    WRITE = "write"
    REMOVE = "remove"
    AGREE = "agree"
    """Nothing to send: only the base moves."""
    FORGET = "forget"
    """Nothing to send: the row is no longer ours."""
    FOREIGN = "foreign"
    """Someone else's row is there: shown, never touched."""
    CONFLICT = "conflict"


def decide(
    ours: str | None,
    theirs: str | None,
    base: Base | None,
    policy: Policy,
    *,
    take_over: bool = False,
) -> Action:
    if base is None:
        return _decide_unbound(ours, theirs, take_over)
    if ours is None:
        return _decide_unwanted(theirs, base, policy)
    return _decide_bound(ours, theirs, base, policy)


def _decide_unbound(ours: str | None, theirs: str | None, take_over: bool) -> Action:
    if ours is None:
        return Action.NOTHING
    if theirs is None:
        return Action.WRITE
    if not take_over:
        return Action.FOREIGN
    return Action.AGREE if ours == theirs else Action.WRITE


def _decide_unwanted(theirs: str | None, base: Base, policy: Policy) -> Action:
    if theirs is None:
        return Action.FORGET
    if theirs == base.theirs:
        return Action.REMOVE
    return Action.FORGET if policy is Policy.ADOPT else Action.CONFLICT


def _decide_bound(ours: str, theirs: str | None, base: Base, policy: Policy) -> Action:
    if ours == theirs:
        return Action.NOTHING if base == Base(ours, theirs) else Action.AGREE
    ours_changed = ours != base.ours
    theirs_changed = theirs != base.theirs
    if not ours_changed and not theirs_changed:
        return Action.NOTHING  # adopted earlier, and neither side moved since
    if not theirs_changed:
        return Action.WRITE
    if ours_changed:
        return Action.CONFLICT
    return {
        Policy.ASK: Action.CONFLICT,
        Policy.RESTORE: Action.WRITE,
        Policy.ADOPT: Action.AGREE,
    }[policy]
